"""Packer's file builder: its image is a file of this machine, written from text or copied. It runs no steps."""

from __future__ import annotations

import os

from bakelift.runner.errors import BuildError
from bakelift.runner.targets import Artifact, Machine
from bakelift.translator.diagnostics import TemplateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.targets import TargetContext
    from bakelift.runner.ui import Ui


class FileTarget:
    """Writes ``target``."""

    steps: tuple[str, ...] = ()
    cancelled = None

    def __init__(self, context: TargetContext, path: str) -> None:
        self._context = context
        self._path = path

    def preview(self, ui: Ui) -> Machine:
        return Machine(None, {"ID": "File"}, runs_steps=False)

    async def prepare(self, ui: Ui) -> Machine:
        """Without a communicator the hook of provisioners has nothing to do: Packer's file builder never calls it."""
        return Machine(None, {"ID": "File"}, runs_steps=False)

    async def finish(self, ui: Ui) -> tuple[Artifact, ...]:
        settings = self._context.settings
        try:
            folder = os.path.dirname(self._path)
            if folder:
                os.makedirs(folder, 0o755, exist_ok=True)
            if settings.given("source"):
                data = self._context.files.read(settings.text("source"))
            else:
                data = settings.text("content").encode("utf-8", "surrogateescape")
            with open(self._path, "wb") as file:
                file.write(data)
        except OSError as error:
            raise BuildError(f"open {self._path}: {(error.strerror or str(error)).lower()}") from error
        except TemplateError as error:
            raise BuildError("; ".join(item.summary for item in error.diagnostics)) from error
        return (Artifact("packer.file", "File", f"Stored file: {self._path}", (self._path,)),)

    async def cleanup(self, ui: Ui) -> None:
        """Nothing but the file was made."""


def target(context: TargetContext) -> FileTarget:
    settings = context.settings
    if settings.given("source") and settings.given("content"):
        raise settings.failure("build/several-contents", "You cannot specify source AND content", name="content")
    if not settings.given("target"):
        raise settings.failure("build/no-target", "Target required")
    if settings.given("source") and context.files.find(settings.text("source")) is None:
        source = settings.text("source")
        raise settings.failure("build/bad-source", f"stat {source}: no such file or directory", name="source")
    return FileTarget(context, settings.text("target"))
