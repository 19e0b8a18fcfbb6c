# Prints what is on this machine as JSON: programs, files with their sha256, services, users, groups, registry values.
# It needs Windows PowerShell 5.1 or newer, and changes nothing. Run it as an administrator:
#
#     powershell -ExecutionPolicy Bypass -File inventory.ps1 > image.json
#
# -Paths and -Keys say which folders and registry keys to look at.
param(
    [string[]]$Paths = @("$env:SystemDrive\"),
    [string[]]$Keys = @(
        'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Run',
        'HKLM:\SOFTWARE\Policies',
        'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
    )
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 2
[Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false

# Made at each boot or by the system's own upkeep, and not of the image.
$skipped = '^[A-Za-z]:\\(Windows\\(WinSxS|Temp|Logs|Prefetch|SoftwareDistribution|ServiceState|System32\\(winevt|LogFiles|sru|config))|System Volume Information|\$Recycle\.Bin|Recovery|PerfLogs)(\\|$)'

function Get-Programs {
    $found = @{}
    foreach ($place in 'HKLM:\SOFTWARE', 'HKLM:\SOFTWARE\WOW6432Node') {
        $keys = Get-ChildItem "$place\Microsoft\Windows\CurrentVersion\Uninstall" -ErrorAction SilentlyContinue
        foreach ($key in $keys) {
            $name = $key.GetValue('DisplayName')
            if ($name) { $found["$name"] = "$($key.GetValue('DisplayVersion'))" }
        }
    }
    foreach ($fix in Get-HotFix -ErrorAction SilentlyContinue) { $found["$($fix.HotFixID)"] = 'update' }
    foreach ($feature in Get-WindowsOptionalFeature -Online -ErrorAction SilentlyContinue) {
        if ($feature.State -eq 'Enabled') { $found["feature $($feature.FeatureName)"] = 'enabled' }
    }
    $found
}

function Get-Files {
    $found = @{}
    $waiting = New-Object 'System.Collections.Generic.Stack[string]'
    foreach ($path in $Paths) { $waiting.Push($path) }
    while ($waiting.Count) {
        $folder = $waiting.Pop()
        foreach ($item in Get-ChildItem -LiteralPath $folder -Force -ErrorAction SilentlyContinue) {
            $path = $item.FullName
            if ($path -match $skipped) { continue }
            if ($item.Attributes -band [IO.FileAttributes]::ReparsePoint) {
                $found[$path] = @('link', '', 0, 0, 0, "$($item.Target)")
            } elseif ($item.PSIsContainer) {
                $found[$path] = @('folder', '', 0, 0, 0, '')
                $waiting.Push($path)
            } else {
                $hash = Get-FileHash -LiteralPath $path -Algorithm SHA256 -ErrorAction SilentlyContinue
                $sum = if ($hash) { $hash.Hash.ToLowerInvariant() } else { '' }
                $found[$path] = @('file', '', 0, 0, $item.Length, $sum)
            }
        }
    }
    $found
}

function Get-Registry {
    $found = @{}
    foreach ($top in $Keys) {
        $keys = @(Get-Item $top -ErrorAction SilentlyContinue) + @(Get-ChildItem $top -Recurse -ErrorAction SilentlyContinue)
        foreach ($key in $keys) {
            if ($null -eq $key) { continue }
            foreach ($name in $key.GetValueNames()) {
                $value = $key.GetValue($name, $null, 'DoNotExpandEnvironmentNames')
                $found["$($key.Name)\$name"] = "$($key.GetValueKind($name)) $($value -join ' ')"
            }
        }
    }
    $found
}

$services = @{}
foreach ($service in Get-CimInstance Win32_Service) { $services[$service.Name] = "$($service.StartMode) as $($service.StartName)" }
$users = @{}
foreach ($user in Get-CimInstance Win32_UserAccount -Filter 'LocalAccount=true') {
    $users[$user.Name] = $(if ($user.Disabled) { 'disabled' } else { 'enabled' })
}
$groups = @{}
foreach ($group in Get-LocalGroup -ErrorAction SilentlyContinue) {
    $members = Get-LocalGroupMember $group -ErrorAction SilentlyContinue | ForEach-Object { $_.Name -replace '^[^\\]*\\', '' }
    $groups[$group.Name] = (@($members) | Sort-Object) -join ','
}

@{
    bakelift_inventory = 1
    system = 'windows'
    packages = Get-Programs
    services = $services
    users = $users
    groups = $groups
    registry = Get-Registry
    files = Get-Files
} | ConvertTo-Json -Depth 4 -Compress
