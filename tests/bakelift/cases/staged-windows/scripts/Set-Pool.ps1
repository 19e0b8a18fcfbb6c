Write-Output $env:POOL
