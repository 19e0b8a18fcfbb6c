"""The windows-restart provisioner: restarts Windows and waits until it can be logged into again."""

from __future__ import annotations

import asyncio
import base64

from bakelift.runner.communicators import DISCONNECTED
from bakelift.runner.errors import BuildError, CommunicatorError
from bakelift.translator.packer import checks, checks_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.settings import Settings
    from bakelift.runner.steps import StepContext

_RESTART = 'shutdown /r /f /t 0 /c "packer restart"'
#: Asks for a restart that is far away: refused with 1115 or 1190 as long as Windows is still going down.
_PROBE = 'shutdown /r /f /t 60 /c "packer restart test"'
_CANCEL = "shutdown /a"
_GOING_DOWN = (1115, 1190)

#: Where Windows notes that it wants another restart.
_KEYS = (
    r"HKLM:SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending",
    r"HKLM:SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\PackagesPending",
    r"HKLM:Software\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootInProgress",
)
_CHECK = 'echo ("{0} restarted." -f [System.Net.Dns]::GetHostName())'

#: Seconds between two looks, that one look may take (a communicator that is slower says so: ``look``), and that a
#: restart may take in such looks.
PAUSE = 5.0
_LOOK = 30.0
_LOOKS = 10


def check(settings: Settings, context: StepContext) -> None:
    checks.refuse(checks_steps.RULES.get("windows-restart", ()), settings, context.files)
    settings.duration("restart_timeout")
    settings.boolean("check_registry")


async def run(settings: Settings, context: StepContext) -> None:
    machine = context.machine()
    if not getattr(machine, "windows", False):
        raise BuildError("windows-restart needs a machine with Windows")
    context.ui.say("Restarting Machine")
    await _order(context, settings.text("restart_command") or _RESTART)
    context.ui.say("Waiting for machine to restart...")
    keys = (settings.texts("registry_keys") or list(_KEYS)) if settings.boolean("check_registry") else []
    timeout = settings.duration("restart_timeout") or _LOOKS * getattr(machine, "look", _LOOK)
    await _wait(context, timeout, settings.text("restart_check_command"), keys)
    context.ui.say("Machine successfully restarted, moving on")


async def restart(context: StepContext, timeout: float) -> None:
    """Restarts Windows for a step of its own, and waits until it wants no further restart; ``timeout`` in seconds."""
    await _order(context, _RESTART)
    context.ui.say("Waiting for machine to become available...")
    await _wait(context, timeout, "", list(_KEYS[2:]))
    context.ui.say("Restart complete")


async def _order(context: StepContext, command: str) -> None:
    out, err = context.output()
    try:
        status = await context.machine().run(command, out, err)
    finally:
        out.close()
        err.close()
    if status not in (0, DISCONNECTED, *_GOING_DOWN):
        raise BuildError(f"Restart script exited with non-zero exit status: {status}")


async def _wait(context: StepContext, timeout: float, own: str, keys: list[str]) -> None:
    """Waits for the way down and back; ``own``: a command to be heard, ``keys``: of the registry, to be gone."""
    try:
        async with asyncio.timeout(timeout):
            await _down(context)
            await _back(context, own, keys)
    except TimeoutError:
        context.ui.error("Timeout waiting for machine to restart.")
        raise BuildError("Timeout waiting for machine to restart.") from None


async def _down(context: StepContext) -> None:
    """Waits until Windows does not refuse a further restart any more: then it is up again, or gone."""
    while True:
        status = await _look(context, _PROBE)
        if status == 0:
            await _look(context, _CANCEL)
            return
        if status is not None and status not in _GOING_DOWN:
            return
        await asyncio.sleep(PAUSE)


async def _back(context: StepContext, own: str, keys: list[str]) -> None:
    while True:
        heard = not own or await _look(context, own) is not None
        if heard and await _look(context, _encoded(_CHECK), said=True) == 0:
            if not keys or not await _pending(context, keys):
                return
            context.ui.say("Restart is still pending...")
        await asyncio.sleep(PAUSE)


async def _pending(context: StepContext, keys: list[str]) -> bool:
    listed = ", ".join("'" + key.replace("'", "''") + "'" for key in keys)
    return await _look(context, _encoded(f"if (@({listed}) | Where-Object {{ Test-Path $_ }}) {{ exit 1 }}")) != 0


async def _look(context: StepContext, command: str, said: bool = False) -> int | None:
    """The status of a command; None as long as the machine cannot be reached."""
    out, err = context.output()
    try:
        async with asyncio.timeout(getattr(context.machine(), "look", _LOOK)):
            status = await context.machine().run(command, out if said else None, err if said else None)
        return None if status == DISCONNECTED else status
    except (CommunicatorError, TimeoutError):
        return None
    finally:
        out.close()
        err.close()


def _encoded(script: str) -> str:
    """A PowerShell script as one word: quoting is cmd's or PowerShell's, whichever the login shell is."""
    return f"powershell -noprofile -encodedcommand {base64.b64encode(script.encode('utf-16-le')).decode('ascii')}"
