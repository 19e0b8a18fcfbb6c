"""The lock of a translation (``-lock FILE``): which inputs, with which values, gave which outputs."""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.translation import Result
    from bakelift.translator.diagnostics import Span
    from bakelift.translator.files import Entry, Files, Found
    from bakelift.translator.plan.model import Plan


class Recorder:
    """Files as a translation sees them, with a note of each that was read."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.cwd = files.cwd
        self.seen: dict[str, bytes] = {}

    def find(self, path: str, span: Span | None = None) -> Found | None:
        return self.files.find(path, span)

    def read(self, path: str, span: Span | None = None) -> bytes:
        data = self.files.read(path, span)
        found = self.files.find(path, span)
        self.seen[found.path if found is not None else path] = data
        return data

    def tree(self, path: str, span: Span | None = None) -> list[Entry]:
        entries = self.files.tree(path, span)
        found = self.files.find(path, span)
        top = found.path if found is not None else path
        self.seen.update({f"{top}/{entry.name}": entry.data for entry in entries if entry.data is not None})
        return entries

    def template_read(self, path: str, span: Span | None = None) -> bytes:
        data = self.files.template_read(path, span)
        self.seen[path] = data
        return data

    def template_glob(self, directory: str, span: Span | None = None) -> list[str]:
        return self.files.template_glob(directory, span)


def lock_text(path: str, plan: Plan, recorder: Recorder, result: Result, beside: Iterable[str] = ()) -> str:
    """The text of a lock file that is to stand at ``path``, from whose folder its paths are.

    ``beside``: files that decide too: those of variables, and the team's configuration.
    """
    from bakelift import __version__

    at = os.path.dirname(os.path.abspath(path))
    inputs = {**{os.path.abspath(name): data for name, data in _sources(plan)}, **recorder.seen}
    for name in beside:
        with open(name, "rb") as file:
            inputs[os.path.abspath(name)] = file.read()
    outputs = [(name, text.encode()) for name, text in result.files or ()]
    outputs += [(file.path, file.data) for file in result.beside]
    data = {
        "version": 1,
        "tool": f"bakelift {__version__}",
        "inputs": _hashes(inputs.items(), at),
        "frozen": [
            {"name": entry.name, "value": None if entry.sensitive else entry.value, "from": entry.came_from}
            for entry in result.report.frozen
        ],
        "outputs": _hashes(outputs, at),
    }
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"


def changes(before: str | None, after: str) -> list[str]:
    """What a lock says otherwise than the one that stands there, a line each; nothing when they are the same."""
    if before is None:
        return ["it is not there"]
    if before == after:
        return []
    try:
        old, new = json.loads(before), json.loads(after)
        found = [] if old["tool"] == new["tool"] else [f"{old['tool']} wrote it, this is {new['tool']}"]
        for part, key in (("inputs", "path"), ("frozen", "name"), ("outputs", "path")):
            was = {item[key]: item for item in old[part]}
            now = {item[key]: item for item in new[part]}
            found += [f"{name} changed" for name in now if name in was and was[name] != now[name]]
            found += [f"{name} is new" for name in now if name not in was]
            found += [f"{name} is gone" for name in was if name not in now]
    except (ValueError, KeyError, TypeError):
        return ["it is no lock file"]
    return found or ["it was edited"]


def _sources(plan: Plan) -> list[tuple[str, bytes]]:
    """The files of the template itself."""
    leaves = plan.origin.leaves if plan.origin is not None else ()
    files = {id(leaf.span.file): leaf.span.file for leaf in leaves if leaf.span is not None}
    return [(file.path, file.text.encode()) for file in files.values()]


def _hashes(files: Iterable[tuple[str, bytes]], at: str) -> list[dict[str, str]]:
    from bakelift.translator.imagebuilder.lowering.staging import sha256

    named = {os.path.relpath(os.path.abspath(path), at).replace(os.sep, "/"): data for path, data in files}
    return [{"path": path, "sha256": sha256(data)} for path, data in sorted(named.items())]
