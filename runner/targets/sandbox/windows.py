"""Images of Windows where there is only Linux: their scripts are read as far as that goes, and nothing is run."""

from __future__ import annotations

from bakelift.runner.errors import BuildError
from bakelift.runner.settings import Settings
from bakelift.runner.targets import Machine
from bakelift.translator.diagnostics import TemplateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.runner.targets import Artifact, TargetContext
    from bakelift.runner.ui import Ui

#: Where it can be run.
ELSEWHERE = (
    "The sandbox cannot run an image of Windows: -on ssh -host USER@HOST runs its steps on a Windows machine with "
    "OpenSSH, -dry-run lists them."
)


class WindowsTarget:
    """See :class:`bakelift.runner.targets.Target`. It never has a machine."""

    steps: tuple[str, ...] = ("StepSandbox",)
    cancelled: str | None = None

    def __init__(self, context: TargetContext) -> None:
        self._context = context

    def preview(self, ui: Ui) -> Machine:
        ui.say(ELSEWHERE)
        self._check(ui)
        return Machine(None, {"ConnType": "winrm"})

    async def prepare(self, ui: Ui) -> Machine:
        import asyncio

        wrong = await asyncio.to_thread(self._check, ui)
        raise BuildError(f"{ELSEWHERE} {wrong} of its PowerShell steps would not even start." if wrong else ELSEWHERE)

    async def finish(self, ui: Ui) -> tuple[Artifact, ...]:
        return ()

    async def cleanup(self, ui: Ui) -> None:
        """Nothing was made."""

    def _check(self, ui: Ui) -> int:
        """Says what is wrong with the PowerShell of the steps; how many have errors."""
        from bakelift.runner import powershell_syntax

        texts = list(self._texts())
        if not texts:
            return 0
        if not powershell_syntax.available():
            ui.say("Its PowerShell was not checked: there is no pwsh on this machine.")
            return 0
        wrong = 0
        for where, text in texts:
            try:
                found = powershell_syntax.problems(text)
            except OSError as error:
                ui.say(f"Its PowerShell was not checked: {error}.")
                return wrong
            for problem in found:
                ui.error(f"{where}:{problem}")
            wrong += bool(found)
        if not wrong:
            ui.say("Its PowerShell is well-formed.")
        return wrong

    def _texts(self) -> Iterator[tuple[str, bytes]]:
        """The scripts of PowerShell steps, and where they stand."""
        context = self._context
        for number, step in enumerate(context.image.steps, 1):
            if step.type != "powershell":
                continue
            settings = Settings(step.settings, context.settings.scope, "powershell provisioner", step.span)
            try:
                if settings.given("inline"):
                    yield f"step {number}", "\n".join(settings.texts("inline")).encode("utf-8", "surrogateescape")
                for path in (settings.text("script"), *settings.texts("scripts")):
                    if path:
                        yield path, context.files.read(path)
            except TemplateError:
                continue  # told where the step is prepared
