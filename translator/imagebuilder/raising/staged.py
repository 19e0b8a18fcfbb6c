"""Customizers that fetch their files, as those that hold them: what raising then reads like any other.

Only where the files are at hand: what an address stands for is not asked of the network.
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.customizers import File, PowerShell, Shell
from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.staging import Staged
from bakelift.translator.plan.expressions import Literal
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Protocol

    from bakelift.translator.diagnostics import Diagnostics, Span
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.plan.expressions import Expr

    class StagedFiles(Protocol):
        """What stands at addresses, as far as it is at hand."""

        def find(self, uri: str, sha256: str) -> StagedFile | None: ...


class StagedFile(Record):
    """``source``: the path of the file as the template of which it was staged says it."""

    data: bytes
    source: str


class Held(Record):
    """A customizer that holds its files, and the customizers that it was before."""

    customizer: Customizer
    given: tuple[Customizer, ...]


class SamePlaces:
    """Puts each file where it was fetched from, for lowering again."""

    def __init__(self, given: Iterable[Customizer]) -> None:
        self.places: dict[str, Staged] = {}
        for item in given:
            staged = fetched(item) or _script(item)
            if staged is not None:
                self.places[staged.file] = staged

    def place(self, data: bytes, name: str, origin: str | None, source: str, span: Span | None) -> Staged | None:
        from bakelift.translator.imagebuilder.lowering.staging import sha256

        return self.places.get(Staged("", sha256(data), name).file)


_FETCHED = re.compile(r"(?:/tmp/|C:\\Windows\\Temp\\)([0-9a-f]{16})-([A-Za-z0-9._-]+)")


def fetched(customizer: Customizer) -> Staged | None:
    """What a File customizer of ours brings to the build VM; None for any other."""
    if not isinstance(customizer, File):
        return None
    texts = [_text(getattr(customizer, name)) for name in ("source_uri", "destination", "sha256_checksum")]
    uri, destination, digest = texts
    if uri is None or destination is None or digest is None:
        return None
    found = _FETCHED.fullmatch(destination)
    return Staged(uri, digest, found[2]) if found is not None and digest.startswith(found[1]) else None


def _script(customizer: Customizer) -> Staged | None:
    """What a PowerShell customizer runs from its address."""
    if not isinstance(customizer, PowerShell):
        return None
    uri, digest = _text(customizer.script_uri), _text(customizer.sha256_checksum)
    if uri is None or digest is None:
        return None
    from urllib.parse import unquote

    return Staged(uri, digest, unquote(uri.rsplit("/", 1)[-1]))


def _text(expr: Expr | None) -> str | None:
    return expr.value if isinstance(expr, Literal) and isinstance(expr.value, str) else None


def held(customizers: Sequence[Customizer], files: StagedFiles | None, diagnostics: Diagnostics) -> list[Held]:
    """Each customizer, or for those that fetch files that are at hand, one that holds them."""
    found: list[Held] = []
    parts = _parts(customizers)
    at = 0
    while at < len(customizers):
        after = at
        while after < len(customizers) and fetched(customizers[after]) is not None:
            after += 1
        made = _held(customizers[at : after + 1], files, parts.get(at)) if after < len(customizers) else None
        if made is not None:
            found.append(Held(made, tuple(customizers[at : after + 1])))
            at = after + 1
            continue
        if after > at:
            staged = fetched(customizers[at])
            assert staged is not None
            diagnostics.note(
                "aib/staged-missing",
                f"{staged.uri} is not at hand, so the step that uses it reads as one that downloads",
                "The files of a staged template are found by staging.json, beside the template.",
                customizers[at].name.span if customizers[at].name is not None else None,  # type: ignore[union-attr]
            )
        found += [Held(item, (item,)) for item in customizers[at : max(after, at + 1)]]
        at = max(after, at + 1)
    return found


def _parts(customizers: Sequence[Customizer]) -> dict[int, str]:
    """Which scripts of one step customizers run from their addresses, by place: ``2/3``, as their names end."""
    said: dict[int, tuple[int, int]] = {}
    for index, item in enumerate(customizers):
        end = re.search(r" \((\d+)/(\d+)\)\Z", _text(item.name) or "") if _script(item) is not None else None
        if end is not None:
            said[index] = (int(end[1]), int(end[2]))
    found = {}
    for index, (number, total) in said.items():
        first = index - number + 1
        if all(said.get(first + other) == (other + 1, total) for other in range(total)):
            found[index] = f"{number}/{total}"
    return found


def _held(group: Sequence[Customizer], files: StagedFiles | None, part: str | None) -> Customizer | None:
    """The last of a group without what the others fetch; None when not all of that is at hand."""
    if files is None:
        return None
    *fetching, last = group
    if not fetching:
        return _held_script(last, files, part)
    inline = last.inline or () if isinstance(last, (Shell, PowerShell)) else ()
    first = _text(inline[0]) if inline else None
    facts = t.read_marker(first) if first is not None else None
    if facts is None or facts.pop("staged", None) != len(fetching):
        return None
    windows = isinstance(last, PowerShell)
    contents: dict[str, bytes] = {}
    for item in fetching:
        staged = fetched(item)
        file = files.find(staged.uri, staged.sha256) if staged is not None else None
        if staged is None or file is None:
            return None
        contents[staged.path(windows)] = file.data
    lines: list[Expr] = [Literal(t.marker(facts))]
    for line in inline[1:]:
        text = _text(line)
        lines += [line] if text is None else [Literal(own) for own in _without(text, contents, facts)]
    return last.but(inline=tuple(lines))


_USES = re.compile(
    r"cat (?P<cat>\S+) > (?P<to>.+)"
    r"|tar -C \"\$into\" -xzm --no-same-owner --no-overwrite-dir -f (?P<tar>\S+)"
    r"|\[IO\.File\]::WriteAllBytes\(\$path, \[IO\.File\]::ReadAllBytes\('(?P<bytes>[^']+)'\)\)"
    r"|& '(?P<run>[^']+)'"
    r"|rm -f (?P<rm>\S+)|Remove-Item -Force '(?P<remove>[^']+)'"
)


def _without(line: str, contents: Mapping[str, bytes], facts: Mapping[str, object]) -> list[str]:
    """A line, or what stands for it in a text that holds its files."""
    use = _USES.fullmatch(line)
    if use is None:
        return [] if line == "exit $LASTEXITCODE" and isinstance(facts.get("script"), str) else [line]
    kind = use.lastgroup if use["to"] is None else "cat"
    path = use[kind or "cat"]
    if path not in contents:
        return [line]
    if kind == "cat":
        return t.upload(contents[path], use["to"])
    if kind in ("tar", "bytes"):
        from bakelift.translator.imagebuilder.lowering.upload import encoded_tree

        data = contents[path]
        return encoded_tree(data) if kind == "tar" else t.written_text(data) or t.written_bytes(data)
    return _script_lines(contents[path]) if kind == "run" else []


def _script_lines(data: bytes) -> list[str]:
    """The lines of a PowerShell script, as a customizer has them that holds it."""
    text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig", "replace")
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def _held_script(customizer: Customizer, files: StagedFiles, part: str | None) -> Customizer | None:
    """A PowerShell customizer with a scriptUri, with the script in it."""
    from bakelift.translator.imagebuilder.lowering.script_text import facts_of_bytes

    staged = _script(customizer)
    file = files.find(staged.uri, staged.sha256) if staged is not None else None
    if file is None or not isinstance(customizer, PowerShell):
        return None
    numbered = {"part": part} if part is not None else {}
    facts = {"script": file.source, **numbered, **facts_of_bytes(file.data), "prelude": 0}
    lines = (t.marker(facts), *_script_lines(file.data))
    return customizer.but(inline=tuple(Literal(line) for line in lines), script_uri=None, sha256_checksum=None)
