Set-Content C:\built.txt "done"
