"""file steps from the customizers that write their files."""

from __future__ import annotations

import re

from bakelift.translator.files import Entry
from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.gotext import parse_path
from bakelift.translator.imagebuilder.lowering.upload import members_of
from bakelift.translator.imagebuilder.raising.candidates import Candidate, settings
from bakelift.translator.imagebuilder.raising.facts import Unreadable, from_base64, options, read
from bakelift.translator.plan.expressions import ListExpr, Literal
from bakelift.translator.plan.model import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.plan.expressions import Expr

_TEXT = re.compile(r"^(?:cat|(head -c -1)) > [^\n]* <<'(BAKELIFT(?:_\d+)?)'\n(.*)^\2\Z", re.MULTILINE | re.DOTALL)
_BYTES = re.compile(r"^base64 -d(?: > [^\n]*)? <<'BAKELIFT'(?: \|[^\n]*)?\n(.*)^BAKELIFT\Z", re.MULTILINE | re.DOTALL)
_WINDOWS = re.compile(
    r"^\$path = \[IO\.Path\]::GetFullPath\((?:'((?:[^']|'')*)'|\"([^\n]*)\")\)\n"
    r"(?:(\[void\]\[IO\.Directory\]::CreateDirectory\(\$path\))"
    rf"|\[void\][^\n]*\n\[IO\.File\]::WriteAll(?:Bytes{t.WRITTEN_BYTES}|Text\(\$path, {t.WRITTEN_TEXT}))$",
    re.MULTILINE | re.DOTALL,
)


def upload_candidate(group: Sequence[Customizer], facts: Mapping[str, object], windows: bool) -> Candidate:
    """The file step whose uploads these customizers are."""
    values: dict[str, Expr] = {"destination": Literal(str(facts["destination"])), **options(facts)}
    files: dict[str, bytes] = {}
    folders: dict[str, tuple[Entry, ...]] = {}
    executable: set[str] = set()
    sources: list[str] = []
    for item in group:
        text = read(item)[0]
        own = _source(text)
        if own is None:
            data = _one(text, windows)
            try:
                values["content"] = Literal(data.decode())
            except UnicodeDecodeError:
                raise Unreadable from None
            break
        sources.append(own)
        if _is_tree(text, own, windows):
            folders[own] = _tree(text, own, str(facts["destination"]), windows)
            for entry in folders[own]:
                if entry.data is not None:
                    files[f"{own.rstrip('/')}/{entry.name}"] = entry.data
            continue
        files[own] = _one(text, windows)
        if re.search(r"^\[ -e .*chmod \+x ", text, re.MULTILINE):
            executable.add(own)
    if "part" in facts:
        values["sources"] = ListExpr(tuple(parse_path(path) for path in sources))
    elif sources:
        values["source"] = parse_path(sources[0])
    return Candidate(Step("file", settings(values)), files, folders, frozenset(executable))


def _source(text: str) -> str | None:
    from bakelift.translator.imagebuilder.lowering.text import read_marker

    found = (read_marker(text.split("\n", 1)[0]) or {}).get("source")
    return found if isinstance(found, str) else None


def _is_tree(text: str, source: str, windows: bool) -> bool:
    if not windows:
        return re.search(r"^base64 -d <<'BAKELIFT' \| tar ", text, re.MULTILINE) is not None
    return source.endswith("/") or len(_WINDOWS.findall(text)) != 1 or "CreateDirectory($path)" in text


def _one(text: str, windows: bool) -> bytes:
    """The bytes of the one file that a text writes."""
    if windows:
        blocks = _WINDOWS.findall(text)
        if len(blocks) != 1:
            raise Unreadable
        return _written(*blocks[0][3:])
    found = _TEXT.search(text)
    if found is not None:
        return (found[3].removesuffix("\n") if found[1] else found[3]).encode()
    encoded = _BYTES.search(text)
    if encoded is not None:
        return from_base64(encoded[1])
    if text.rsplit("\n", 1)[-1].startswith(": > "):
        return b""
    raise Unreadable


def _written(encoded: str, lines: str, end: str, last: str) -> bytes:
    """The bytes that a text writes on Windows, as base64 or as lines."""
    return t.from_written_text(lines, end, last) if end else from_base64(encoded)


def _tree(text: str, source: str, destination: str, windows: bool) -> tuple[Entry, ...]:
    found = []
    if windows:
        base = "" if source.endswith("/") else source.replace("\\", "/").rsplit("/", 1)[-1] + "\\"
        start = destination.rstrip("/\\").replace("/", "\\") + "\\" + base
        for single, double, folder, *body in _WINDOWS.findall(text):
            path = (t.from_powershell(single) or double).removeprefix(start).replace("\\", "/")
            data = None if folder else _written(*body)
            if (path + "/").replace("/", "\\") != start:
                found.append(Entry(path, data, 0o644 if data is not None else 0o755))
        return tuple(found)
    encoded = _BYTES.search(text)
    if encoded is None:
        raise Unreadable
    try:
        members = members_of(from_base64(encoded[1]))
    except ValueError:
        raise Unreadable from None
    for member in members:
        found.append(Entry(member.path, member.data, member.mode))
    return tuple(found)
