Write-Output 'Install-Git'
