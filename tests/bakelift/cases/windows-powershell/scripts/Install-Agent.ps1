param([string]$Path = "C:\agent")

New-Item -ItemType Directory -Force $Path
exit 3010
