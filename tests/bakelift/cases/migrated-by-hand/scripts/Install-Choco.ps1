Write-Output 'Install-Choco'
