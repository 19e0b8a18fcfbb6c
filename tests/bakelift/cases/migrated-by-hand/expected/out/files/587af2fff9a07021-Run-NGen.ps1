Write-Output 'Run-NGen'
