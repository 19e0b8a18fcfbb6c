"""Files on disk, as a translation may see them: below its roots and nowhere else.

Roots: those of ``-root``; else the git work tree that holds the template; else the template's own folder. A symbolic
link that leads out of them is as much outside as a path with too many ``..``.
"""

from __future__ import annotations

import os
import stat

from bakelift.translator.diagnostics import fail
from bakelift.translator.files import Entry, Found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bakelift.translator.diagnostics import Span

#: One file may have this many bytes, and a tree this many in all: far more than a template can carry.
MAX_FILE = 256 * 1024 * 1024
MAX_TREE_ENTRIES = 100_000


class DiskFiles:
    """See :class:`bakelift.translator.files.Files`. ``directory``: the template's folder (path.root)."""

    def __init__(self, directory: str, roots: Sequence[str] = (), cwd: str | None = None) -> None:
        self.cwd = (cwd or os.getcwd()).replace(os.sep, "/")
        self.directory = os.path.abspath(os.path.join(self.cwd, directory))
        given = [os.path.realpath(os.path.join(self.cwd, root)) for root in roots]
        self.roots = given or [default_root(self.directory)]

    # -- where a path is --------------------------------------------------------------------------------------

    def find(self, path: str, span: Span | None = None) -> Found | None:
        outside: str | None = None
        for number, (place, candidate) in enumerate(self._candidates(path)):
            if not os.path.lexists(candidate):
                continue
            if not self._inside(candidate):
                outside = outside or candidate
                continue
            if not os.path.exists(candidate):
                continue
            note = None
            if number:
                note = f"{path} was found in the {place}, as {os.path.relpath(candidate, self.cwd)}"
            directory = os.path.isdir(candidate)
            return Found(candidate, directory, not directory and os.access(candidate, os.X_OK), note)
        if outside is not None:
            raise self._outside(path, outside, span)
        return None

    def _candidates(self, path: str) -> Iterator[tuple[str, str]]:
        """Absolute places to try, each once, with what to call them."""
        seen = set()
        places = [("current folder", self.cwd), ("template's folder", self.directory)]
        places += [("root", root) for root in self.roots]
        for name, base in places:
            candidate = os.path.normpath(os.path.join(base, path))
            if candidate not in seen:
                seen.add(candidate)
                yield name, candidate

    def _inside(self, path: str) -> bool:
        real = os.path.realpath(path)
        return any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in self.roots)

    def _outside(self, path: str, place: str, span: Span | None) -> Exception:
        real = os.path.realpath(place)
        need = os.path.relpath(os.path.commonpath([os.path.dirname(real), *self.roots]), self.cwd)
        return fail(
            "files/outside-root",
            f"{path} is outside the root",
            "Templates may name only files below their root, because they come from others. If this file belongs to "
            f"the template, say so: -root {need}",
            span,
        )

    # -- reading ----------------------------------------------------------------------------------------------

    def read(self, path: str, span: Span | None = None) -> bytes:
        found = self.find(path, span)
        if found is None:
            raise _missing(path, span)
        return _read(found.path, path, span)

    def template_read(self, path: str, span: Span | None = None) -> bytes:
        return _read(self._template_path(path, span), path, span)

    def _template_path(self, path: str, span: Span | None) -> str:
        place = os.path.normpath(os.path.join(self.directory, path))
        if not os.path.lexists(place):
            raise _missing(path, span)
        if not self._inside(place):
            raise self._outside(path, place, span)
        return place

    def template_glob(self, directory: str, span: Span | None = None) -> list[str]:
        top = self._template_path(directory, span)
        return [entry for entry, place in self._walk(top, span) if os.path.isfile(place)]

    def tree(self, path: str, span: Span | None = None) -> list[Entry]:
        found = self.find(path, span)
        if found is None:
            raise _missing(path, span)
        entries: list[Entry] = []
        for name, place in self._walk(found.path, span):
            info = os.lstat(place)
            mode = stat.S_IMODE(info.st_mode)
            if stat.S_ISLNK(info.st_mode):
                entries.append(Entry(name, None, mode, os.readlink(place)))
            elif stat.S_ISDIR(info.st_mode):
                entries.append(Entry(name, None, mode))
            elif stat.S_ISREG(info.st_mode):
                entries.append(Entry(name, _read(place, name, span), mode))
            else:
                raise fail("files/unreadable", f"{place} is neither a file, a folder nor a link", span=span)
        return entries

    def _walk(self, top: str, span: Span | None) -> Iterator[tuple[str, str]]:
        """(relative name, place) of all below a folder, parents first, sorted; links are not followed but checked."""
        count = 0
        stack = [(name, os.path.join(top, name)) for name in sorted(os.listdir(top), reverse=True)]
        while stack:
            name, place = stack.pop()
            count += 1
            if count > MAX_TREE_ENTRIES:
                raise fail("files/too-large", f"{top} holds more than {MAX_TREE_ENTRIES} files", span=span)
            if os.path.islink(place) and not self._inside(place):
                raise self._outside(name, place, span)
            yield name, place
            if os.path.isdir(place) and not os.path.islink(place):
                below = sorted(os.listdir(place), reverse=True)
                stack += [(f"{name}/{child}", os.path.join(place, child)) for child in below]


def default_root(directory: str) -> str:
    """The git work tree that holds a folder, else the folder itself."""
    real = os.path.realpath(directory)
    at = real
    while True:
        if os.path.exists(os.path.join(at, ".git")):
            return at
        parent = os.path.dirname(at)
        if parent == at:
            return real
        at = parent


def _read(place: str, path: str, span: Span | None) -> bytes:
    try:
        info = os.stat(place)
        if not stat.S_ISREG(info.st_mode):
            # A fifo or a device would make reading hang.
            raise fail("files/unreadable", f"{path} is not a regular file", span=span)
        if info.st_size > MAX_FILE:
            raise fail("files/too-large", f"{path} has {info.st_size} bytes; the limit is {MAX_FILE}", span=span)
        with open(place, "rb") as file:
            return file.read()
    except OSError as problem:
        raise fail("files/unreadable", f"{path} cannot be read: {problem.strerror}", span=span) from problem


def _missing(path: str, span: Span | None) -> Exception:
    return fail(
        "files/missing",
        f"no such file: {path}",
        "It was looked for from the current folder, the template's folder and the root. "
        "-missing-files placeholder translates all the same, with a step that fails in its place.",
        span,
    )
