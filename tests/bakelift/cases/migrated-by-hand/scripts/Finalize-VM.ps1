Write-Output 'Finalize-VM'
