"""The only way a translation sees files.

The front door gives one that reads the disk below its roots; tests give a dict.
"""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol

    from bakelift.translator.diagnostics import Span

    class Files(Protocol):
        """Paths are as written in the template: absolute, or relative.

        Every method raises TemplateError at ``span``: ``files/missing``, ``files/outside-root`` (names the smallest
        sufficient ``-root``), ``files/too-large``, ``files/unreadable``.
        """

        @property
        def cwd(self) -> str:
            """path.cwd: absolute, forward slashes."""

        def find(self, path: str, span: Span | None = None) -> Found | None:
            """Where a path that a step names is: tried from the cwd, then the template's folder, then the roots.

            None: it is not there. A hit other than the first place is said in ``Found.note``.
            """

        def read(self, path: str, span: Span | None = None) -> bytes:
            """The bytes of a regular file (found as :meth:`find` does)."""

        def tree(self, path: str, span: Span | None = None) -> list[Entry]:
            """All below a directory, sorted by name, parents before children; links that leave the root are errors."""

        def template_read(self, path: str, span: Span | None = None) -> bytes:
            """For functions of the language (``file()``): relative to the template's folder only."""

        def template_glob(self, directory: str, span: Span | None = None) -> list[str]:
            """Paths of all regular files below a directory, relative to it, for ``fileset()``."""


class Found(Record):
    """A file or directory that a step names. ``path``: where it is, for display and reading."""

    path: str
    directory: bool
    executable: bool = False
    note: str | None = None


class Entry(Record):
    """One member of a tree. ``name``: relative, forward slashes. ``link``: target of a symbolic link."""

    name: str
    data: bytes | None
    mode: int
    link: str | None = None


class NoFiles:
    """A world without files: every look-up says that nothing is there."""

    cwd = "/"

    def find(self, path: str, span: Span | None = None) -> Found | None:
        return None

    def read(self, path: str, span: Span | None = None) -> bytes:
        from bakelift.translator.diagnostics import fail

        raise fail("files/missing", f"no such file: {path}", span=span)

    def tree(self, path: str, span: Span | None = None) -> list[Entry]:
        self.read(path, span)
        return []

    def template_read(self, path: str, span: Span | None = None) -> bytes:
        return self.read(path, span)

    def template_glob(self, directory: str, span: Span | None = None) -> list[str]:
        return []


class DictFiles(NoFiles):
    """Files from a mapping of paths to bytes; for tests and for callers that hold the texts.

    ``folders``: folders whose entries are known with their modes; ``executable``: paths of files that have the mode.
    """

    def __init__(
        self,
        files: Mapping[str, bytes],
        cwd: str = "/",
        folders: Mapping[str, Sequence[Entry]] | None = None,
        executable: frozenset[str] = frozenset(),
    ) -> None:
        self.files = dict(files)
        self.cwd = cwd
        self.folders = {path.rstrip("/"): list(entries) for path, entries in (folders or {}).items()}
        self.executable = executable

    def find(self, path: str, span: Span | None = None) -> Found | None:
        name = path.removeprefix("./")
        if name in self.files:
            return Found(name, directory=False, executable=name in self.executable)
        if name.rstrip("/") in self.folders or any(f.startswith(name.rstrip("/") + "/") for f in self.files):
            return Found(name.rstrip("/"), directory=True)
        return None

    def read(self, path: str, span: Span | None = None) -> bytes:
        found = self.find(path, span)
        if found is None or found.directory:
            return super().read(path, span)
        return self.files[found.path]

    def tree(self, path: str, span: Span | None = None) -> list[Entry]:
        name = path.removeprefix("./").rstrip("/")
        if name in self.folders:
            return list(self.folders[name])
        top = f"{name}/"
        return [
            Entry(name[len(top) :], data, 0o644) for name, data in sorted(self.files.items()) if name.startswith(top)
        ]

    def template_glob(self, directory: str, span: Span | None = None) -> list[str]:
        return [entry.name for entry in self.tree(directory, span)]
