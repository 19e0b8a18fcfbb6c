"""The way into the machine: ssh, or Run Command where nothing listens or no network leads there."""

from __future__ import annotations

from bakelift.runner.errors import BuildError, CommunicatorError
from bakelift.runner.targets.azure.calls import COMPUTE
from bakelift.runner.targets.azure.undoing import remove_resource
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.runner.communicators import Communicator
    from bakelift.runner.communicators.run_command import RunCommand
    from bakelift.runner.communicators.sessions import Opened
    from bakelift.runner.targets.azure.calls import Azure
    from bakelift.runner.targets.azure.config import AzureConfig
    from bakelift.runner.targets.azure.undoing import Undoing
    from bakelift.runner.ui import Ui

NO_WINRM = "WinRM is not spoken here: steps go over Azure's Run Command, which runs them as SYSTEM."
OVER_RUN_COMMAND = "Steps go over Azure's Run Command."
SHOWN = "It shows what a command has said when it has ended, and of each stream the last 4 KB."

#: Packer's: takes the build's key out of the image again.
_CLEAN_KEYS = (
    ("~/.ssh/authorized_keys", "sed -i.bak '/ bakelift$/d' {file}; rm {file}.bak"),
    ("/root/.ssh/authorized_keys", "sudo sed -i.bak '/ bakelift$/d' {file}; sudo rm {file}.bak"),
)


class Way(Record):
    """How steps reach the machine. ``opened``: an ssh connection, to be closed."""

    communicator: Communicator | None
    kind: str
    opened: Opened | None = None


def kind_of(config: AzureConfig, run_command: bool) -> str:
    """``ssh``, ``run-command`` or ``none``."""
    if config.communicator == "none":
        return "none"
    return "run-command" if run_command or config.communicator == "winrm" else "ssh"


async def connect(azure: Azure, config: AzureConfig, kind: str, host: str, undoing: Undoing, ui: Ui) -> Way:
    """Raises BuildError."""
    if kind == "none":
        return Way(None, kind)
    if kind == "run-command":
        ui.say(f"{NO_WINRM if config.communicator == 'winrm' else OVER_RUN_COMMAND} {SHOWN}")
        return Way(_run_command(azure, config, undoing), kind)
    from bakelift.runner.targets.ssh import connected

    options = config.ssh.but(login=config.ssh.login.but(host=config.ssh.login.host or host))
    opened = await connected(options, ui)
    return Way(opened.communicator, kind, opened)


def _run_command(azure: Azure, config: AzureConfig, undoing: Undoing) -> RunCommand:
    from bakelift.runner.communicators.run_command import LIMIT, RunCommand

    group, machine = config.resource_group, config.names.compute

    async def run(name: str, body: dict[str, Any]) -> dict[str, Any]:
        """A command is a resource; it goes again, with what stands in it."""
        id = azure.id(group, "Microsoft.Compute/virtualMachines/runCommands", f"{machine}/{name}")

        async def remove(_ui: Ui) -> None:
            await azure.delete(id, COMPUTE)

        made = undoing.add(f"command {name}", remove_resource(id), remove)
        await azure.put(id, COMPUTE, body, LIMIT + azure.patience)
        found = await azure.get(id, COMPUTE, **{"$expand": "instanceView"})
        try:
            await azure.delete(id, COMPUTE)
            undoing.drop(made)
        except BuildError:
            pass  # it goes with the machine
        return dict((found.get("properties") or {}).get("instanceView") or {})

    windows = config.os_type == "Windows"
    return RunCommand(run, config.location, windows, "" if windows else config.user)


async def clean_keys(communicator: Communicator, ui: Ui) -> None:
    """Takes the build's own key out of the image; a failure is said."""
    ui.say("Trying to remove ephemeral keys from authorized_keys files")
    for file, command in _CLEAN_KEYS:
        try:
            status = await communicator.run(command.format(file=file), None, None)
            problem = f"exit status {status}" if status else ""
        except CommunicatorError as error:
            problem = str(error)
        if problem:
            ui.error(f"Error cleaning up {file}; please clean up keys manually: {problem}")
