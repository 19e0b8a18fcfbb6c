Write-Output 'Initialize-VM'
