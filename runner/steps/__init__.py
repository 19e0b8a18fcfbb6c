"""What each step of a build does, given a communicator.

A module of this package is one provisioner. It has two functions: ``check(settings, context)``, which is pure and
refuses what cannot work (:class:`~bakelift.translator.diagnostics.TemplateError`), and the coroutine
``run(settings, context)``, which does it and raises :class:`~bakelift.runner.errors.BuildError`. Both get the same
settings: the first time with placeholders for what only a running machine can tell.
"""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from bakelift.runner.communicators import Communicator
    from bakelift.runner.lines import Lines
    from bakelift.runner.log import Style
    from bakelift.runner.redaction import Redactor
    from bakelift.runner.ui import Ui
    from bakelift.translator.files import Files

#: The module of each type of step.
STEPS = {
    "shell": "shell",
    "shell-local": "shell_local",
    "file": "file",
    "powershell": "powershell",
    "windows-shell": "windows_shell",
    "windows-restart": "windows_restart",
    "windows-update": "windows_update",
    "breakpoint": "breakpoint",
    "sleep": "sleep",
}


class StepContext(Record):
    """What a step works with. ``environment``: Packer's own variables for scripts (PACKER_BUILD_NAME …).

    ``local``: where shell-local runs: ``here``, or on the ``machine``; ``""``: nowhere, as nobody allowed it.
    """

    ui: Ui
    style: Style
    files: Files
    environment: Mapping[str, str]
    communicator: Communicator | None = None
    redactor: Redactor | None = None
    local: str = "here"

    def output(self) -> tuple[Lines, Lines]:
        """What hears of a script's stdout and stderr, and says them in lines. To be closed."""
        from bakelift.runner.lines import Lines

        return Lines(self.ui.message, self.redactor), Lines(self.ui.error, self.redactor)

    def machine(self) -> Communicator:
        """The way into the machine; an error for a step that needs one where there is none."""
        if self.communicator is None:
            from bakelift.runner.errors import BuildError

            raise BuildError(
                "No communicator found for provisioners! This is usually because the\n"
                '`communicator` config was set to "none". If you have any provisioners\n'
                "then a communicator is required. Please fix this to continue."
            )
        return self.communicator


def module(type: str) -> ModuleType | None:
    """The module of a type of step; None when no module does it."""
    name = STEPS.get(type)
    if name is None:
        return None
    from importlib import import_module

    return import_module(f"bakelift.runner.steps.{name}")
