Write-Output 'Install-PowerShellModules'
