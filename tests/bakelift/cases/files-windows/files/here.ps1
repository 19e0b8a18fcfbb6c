Write-Output @'
the end
'@
