"""The windows-update step: installs updates until none is left, restarting Windows as they ask for it.

What Image Builder calls WindowsUpdate and the community's provisioner windows-update: a search, filters that take or
leave each update, and a limit on how many are installed before a restart. The work is done by a script of ours as a
task of the system, since Windows lets no remote login install updates.
"""

from __future__ import annotations

import uuid

from bakelift.runner.communicators import DISCONNECTED
from bakelift.runner.errors import BuildError
from bakelift.runner.steps import powershell_elevated, remote, windows_restart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.settings import Settings
    from bakelift.runner.steps import StepContext

_SEARCH = "BrowseOnly=0 and IsInstalled=0"
_LIMIT = 1000
_RETRIES = 5
_RESTART_TIMEOUT = 4 * 3600.0

#: The script's exit status when it has installed something and there may be more after a restart.
_AGAIN = 101

_SCRIPT = r"""$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$filters = @({filters})
function Take($update) {{
    foreach ($filter in $filters) {{
        if ($update | Where-Object $filter.If) {{ return $filter.Take }}
    }}
    return $filters.Count -eq 0
}}
$session = New-Object -ComObject Microsoft.Update.Session
$wanted = New-Object -ComObject Microsoft.Update.UpdateColl
foreach ($update in $session.CreateUpdateSearcher().Search({search}).Updates) {{
    if ($wanted.Count -ge {limit}) {{ break }}
    if ($update.InstallationBehavior.CanRequestUserInput -or -not (Take $update)) {{ continue }}
    Write-Output "Found update ($($update.LastDeploymentChangeTime.ToString('yyyy-MM-dd'))): $($update.Title)"
    $update.AcceptEula()
    $null = $wanted.Add($update)
}}
if ($wanted.Count -eq 0) {{
    Write-Output 'No updates are left.'
    if ((New-Object -ComObject Microsoft.Update.SystemInfo).RebootRequired) {{ exit {again} }}
    exit 0
}}
$downloader = $session.CreateUpdateDownloader()
$downloader.Updates = $wanted
Write-Output "Downloading $($wanted.Count) updates..."
$null = $downloader.Download()
$installer = $session.CreateUpdateInstaller()
$installer.Updates = $wanted
Write-Output "Installing $($wanted.Count) updates..."
$result = $installer.Install()
if ($result.ResultCode -notin 2, 3) {{ Write-Error "The updates were not installed: result $($result.ResultCode)" }}
exit {again}
"""


def check(settings: Settings, _context: StepContext) -> None:
    settings.integer("update_limit", _LIMIT)
    settings.duration("restart_timeout")
    for text in settings.texts("filters"):
        _filter(text, settings)


async def run(settings: Settings, context: StepContext) -> None:
    machine = context.machine()
    if not getattr(machine, "windows", False):
        raise BuildError("windows-update needs a machine with Windows")
    tries = settings.integer("update_max_retries", _RETRIES) + 1
    failed = 0
    context.ui.say("Uploading the Windows update script...")
    while True:
        run_id = str(uuid.uuid4())
        path = f"c:/Windows/Temp/packer-windows-update-{run_id}.ps1"
        command = f"powershell -executionpolicy bypass -file {path}"
        task = powershell_elevated.wrapped(settings, command, run_id, "username", "password")
        uploads = [(script(settings).encode("utf-8-sig"), path, 0o600), (task.script, task.path, 0o600)]
        context.ui.say("Running Windows update...")
        status = await remote.start(settings, context, uploads, task.command)
        for _, uploaded, _ in uploads:
            await remote.remove(machine, uploaded)
        if status == 0:
            return
        if status not in (_AGAIN, DISCONNECTED):
            failed += 1
            if failed >= tries:
                raise BuildError(f"Windows update exited with status {status}")
        context.ui.say("Restarting the machine...")
        await windows_restart.restart(context, settings.duration("restart_timeout") or _RESTART_TIMEOUT)


def script(settings: Settings) -> str:
    """The PowerShell text that installs what is wanted, once."""
    filters = ", ".join(_filter(text, settings) for text in settings.texts("filters"))
    return _SCRIPT.format(
        filters=filters,
        search=_quoted(settings.text("search_criteria") or _SEARCH),
        limit=settings.integer("update_limit") or _LIMIT,
        again=_AGAIN,
    ).replace("\n", "\r\n")


def _filter(text: str, settings: Settings) -> str:
    """``include:EXPRESSION`` or ``exclude:EXPRESSION``, of PowerShell, on ``$_``; the first that is true decides."""
    action, colon, expression = text.partition(":")
    if not colon or action not in ("include", "exclude"):
        raise settings.failure(
            "build/bad-filter",
            f"a filter of windows-update is include:EXPRESSION or exclude:EXPRESSION, not {text!r}",
            name="filters",
        )
    take = "$true" if action == "include" else "$false"
    return f"@{{ Take = {take}; If = {{ {expression} }} }}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
