"""The file provisioner: moves files and folders to the machine, or back."""

from __future__ import annotations

import os
import posixpath

from bakelift.runner.errors import BuildError, CommunicatorError
from bakelift.translator.packer import checks, checks_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.settings import Settings
    from bakelift.runner.steps import StepContext
    from bakelift.translator.files import Entry


def check(settings: Settings, context: StepContext) -> None:
    """Refuses what Packer refuses when it prepares."""
    checks.refuse(checks_steps.FILE, settings, context.files)


async def run(settings: Settings, context: StepContext) -> None:
    destination = settings.text("destination")
    download = settings.text("direction", "upload") == "download"
    if settings.has("content"):
        await _upload_content(settings, context, destination)
    for source in _sources(settings):
        if download:
            await _download(context, source, destination)
        else:
            await _upload(context, source, destination)


def _sources(settings: Settings) -> list[str]:
    own = [settings.text("source")] if settings.given("source") else []
    return own + settings.texts("sources")


async def _upload_content(settings: Settings, context: StepContext, destination: str) -> None:
    from bakelift.runner.steps.temporary import temporary_name

    name = temporary_name()
    context.ui.say(f"Uploading {name} => {destination}")
    path = destination + posixpath.basename(name) if destination.endswith("/") else destination
    data = settings.text("content").encode("utf-8", "surrogateescape")
    try:
        await context.machine().upload(data, path, 0o644)
    except CommunicatorError as error:
        raise _said(context, "Upload", error) from error


async def _upload(context: StepContext, source: str, destination: str) -> None:
    """A folder named with a final slash lends its contents, without it itself; the destination must be there."""
    context.ui.say(f"Uploading {source} => {destination}")
    found = context.files.find(source)
    if found is None:
        raise BuildError(f"stat {source}: no such file or directory")
    machine = context.machine()
    try:
        if found.directory:
            entries = context.files.tree(source)
            if not source.endswith("/"):
                entries = _below(posixpath.basename(posixpath.normpath(source)), _mode(found.path, 0o755), entries)
            await machine.upload_tree(entries, destination)
            return
        path = destination + posixpath.basename(source) if destination.endswith("/") else destination
        mode = _mode(found.path, 0o755 if found.executable else 0o644)
        await machine.upload(context.files.read(source), path, mode)
    except CommunicatorError as error:
        raise _said(context, "Upload", error) from error


def _below(name: str, mode: int, entries: list[Entry]) -> list[Entry]:
    from bakelift.translator.files import Entry

    return [Entry(name, None, mode), *(entry.but(name=f"{name}/{entry.name}") for entry in entries)]


def _mode(path: str, otherwise: int) -> int:
    """The permission bits of a file of this machine."""
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        return otherwise


async def _download(context: StepContext, source: str, destination: str) -> None:
    """Local folders are made as needed; a source that ends in a slash is a folder."""
    context.ui.say(f"Downloading {source} => {destination}")
    machine = context.machine()
    path = destination
    if destination.endswith("/") and not source.endswith("/"):
        path = os.path.join(destination, posixpath.basename(source))
    try:
        if source.endswith("/"):
            # Packer says nothing of a folder that it cannot get, but ends with why.
            try:
                entries = await machine.download_tree(source)
            except CommunicatorError as error:
                raise BuildError(str(error)) from error
            _write_tree(destination, entries)
            return
        folder = os.path.dirname(path)
        if folder:
            os.makedirs(folder, 0o755, exist_ok=True)
        data, _ = await machine.download(source)
        with open(path, "wb") as file:
            file.write(data)
    except CommunicatorError as error:
        raise _said(context, "Download", error) from error
    except OSError as error:
        raise BuildError(f"open {error.filename}: {(error.strerror or '').lower()}") from error


def _write_tree(folder: str, entries: list[Entry]) -> None:
    os.makedirs(folder, 0o755, exist_ok=True)
    for entry in entries:
        path = os.path.join(folder, entry.name)
        if os.path.relpath(os.path.realpath(path), os.path.realpath(folder)).startswith(".."):
            raise BuildError(f"{entry.name} would be written outside {folder}")
        if entry.link is not None:
            os.symlink(entry.link, path)
        elif entry.data is None:
            os.makedirs(path, entry.mode & 0o777, exist_ok=True)
        else:
            with open(path, "wb") as file:
                file.write(entry.data)
            os.chmod(path, entry.mode & 0o777)


def _said(context: StepContext, what: str, error: CommunicatorError) -> BuildError:
    """The failure, after the log has said what it was that failed."""
    context.ui.error(f"{what} failed: {error}")
    return BuildError(str(error))
