"""Elevated PowerShell: a command as a scheduled task of another user, whose output is passed on until it has ended.

A remote login, as ssh and WinRM give it, may not do everything that an administrator may; a task with the highest run
level may. The password stands in a file that only lives while the step runs, never in arguments.
"""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.settings import Settings

_SERVICES = {"SYSTEM", "LOCAL SERVICE", "NETWORK SERVICE", "NT AUTHORITY\\SYSTEM"}

_SCRIPT = r"""$ErrorActionPreference = 'Stop'
$name = {name}
$log = "$env:SystemRoot\Temp\$name.out"
$ended = "$env:SystemRoot\Temp\$name.status"
$inner = "$env:SystemRoot\Temp\$name.cmd"
Set-Content -Path $inner -Encoding Ascii -Value @(
    '@echo off'
    ({command} + ' > "' + $log + '" 2>&1')
    ('echo %ERRORLEVEL%> "' + $ended + '"')
)
$action = New-ScheduledTaskAction -Execute 'cmd.exe' -Argument ('/c "' + $inner + '"')
$settings = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -ExecutionTimeLimit 0
{register}
$shown = 0
try {{
    Start-ScheduledTask -TaskName $name
    do {{
        Start-Sleep -Milliseconds 250
        $over = Test-Path $ended
        if (Test-Path $log) {{
            $file = [IO.File]::Open($log, 'Open', 'Read', 'ReadWrite')
            $null = $file.Seek($shown, 'Begin')
            $text = (New-Object IO.StreamReader($file)).ReadToEnd()
            $shown = $file.Position
            $file.Dispose()
            [Console]::Out.Write($text)
        }}
    }} until ($over)
    $status = [int](Get-Content $ended)
}} finally {{
    Unregister-ScheduledTask -TaskName $name -Confirm:$false
    Remove-Item -Force -ErrorAction SilentlyContinue $log, $ended, $inner
}}
exit $status
"""
_AS_SERVICE = (
    "$principal = New-ScheduledTaskPrincipal -UserId {user} -LogonType ServiceAccount -RunLevel Highest\n"
    "$null = Register-ScheduledTask -TaskName $name -Action $action -Settings $settings -Principal $principal"
)
_AS_USER = (
    "$null = Register-ScheduledTask -TaskName $name -Action $action -Settings $settings -User {user} "
    "-Password {password} -RunLevel Highest"
)


class Task(Record):
    """``script``: what runs the task, to be uploaded to ``path``; ``command`` runs that."""

    script: bytes
    path: str
    command: str


def wrapped(
    settings: Settings, command: str, run_id: str, user: str = "elevated_user", password: str = "elevated_password"
) -> Task:
    """A command as a task of the user that the options ``user`` and ``password`` name (default: the system's own).

    Without a password the user has to be an account of a service.
    """
    user, password = settings.text(user) or "SYSTEM", settings.text(password)
    service = not password or user.upper() in _SERVICES
    register = _AS_SERVICE if service else _AS_USER
    text = _SCRIPT.format(
        name=_quoted(f"packer-{run_id}"),
        command=_quoted(command.replace("%", "%%")),  # a batch file reads % twice
        register=register.format(user=_quoted(user), password=_quoted(password)),
    )
    path = f"c:/Windows/Temp/packer-elevated-shell-{run_id}.ps1"
    return Task(
        text.replace("\n", "\r\n").encode("utf-8-sig", "surrogateescape"),
        path,
        f'powershell -executionpolicy bypass -file "{path}"',
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
