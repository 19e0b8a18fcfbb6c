"""shell steps from the customizers that hold their text."""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.gotext import parse_path
from bakelift.translator.imagebuilder.lowering.vault import read_facts
from bakelift.translator.imagebuilder.raising.candidates import Candidate, settings, vault_of
from bakelift.translator.imagebuilder.raising.facts import (
    Unreadable,
    as_list,
    environment,
    facts_of,
    from_base64,
    generalization,
    inline_of,
    lines_of,
    options,
    prelude,
    read,
)
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal
from bakelift.translator.plan.model import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.raising.facts import Facts


def shell_candidate(group: Sequence[Customizer], facts: Facts) -> Candidate:
    """The shell step whose texts these customizers are."""
    text, holes = read(group[0])
    shown = t.from_double(text)
    build = {
        name: _first(rf"\b{name}=[\"']([^\"'\n]*)", shown) for name in ("PACKER_BUILD_NAME", "PACKER_BUILDER_TYPE")
    }
    values = options(facts)
    files: dict[str, bytes] = {}
    if "prelude" in facts:
        before, inline = prelude(group[0], facts)
        variables = _exported(*before)
        values["inline"] = inline_of(inline, facts)
    elif any(name in facts for name in ("script", "scripts")):
        scripts = _scripts(group, facts)
        files = dict(scripts)
        if any(files[path] != data for path, data in scripts):
            raise Unreadable
        if isinstance(facts.get("script"), str) and "part" not in facts and len(scripts) == 1:
            values["script"] = parse_path(str(facts["script"]))
        else:
            values["scripts"] = ListExpr(tuple(parse_path(path) for path, _ in scripts))
        variables = _passed(text, holes, facts)
    else:
        values["inline"] = inline_of([Literal(line) for line in _inline_lines(text, facts)], facts)
        variables = _passed(text, holes, facts)
    variables.update(read_facts(facts.get("secrets")))
    values.update(environment(variables, facts))
    left = _first(r"/(?:script|varfile)_1(\d{4})\.sh", text)
    return Candidate(
        Step("shell", settings(values)),
        files,
        build_name=build["PACKER_BUILD_NAME"],
        builder_type=build["PACKER_BUILDER_TYPE"],
        last=generalization(facts) is not None,
        number=int(left or 0),
        **vault_of(facts),
    )


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else ""


def _exported(text: str, holes: Sequence[Expr]) -> dict[str, Expr]:
    """The variables of ``export K='…'`` lines."""
    found: dict[str, Expr] = {}
    for name, value in re.findall(r"^export (\w+)='((?:[^']|'\"'\"')*)'$", text, re.MULTILINE):
        found[name] = _unquoted(value, holes, 1)
    return found


def _unquoted(value: str, holes: Sequence[Expr], times: int) -> Expr:
    """A value from between single quotes: text, or one symbolic value."""
    hole = re.fullmatch("\0([0-9]+)\0", value)
    if hole is not None:
        inner = t.unquoted_at_deployment(holes[int(hole[1])], times)
        if inner is None:
            raise Unreadable
        return t.bare(inner)
    if "\0" in value:
        raise Unreadable
    for _ in range(times):
        value = value.replace(t.APOSTROPHE, "'")
    return Literal(value)


def _passed(text: str, holes: Sequence[Expr], facts: Facts) -> dict[str, Expr]:
    """The variables in an execute command or an environment file, by the names of the marker line."""
    quoted = dict(re.findall(r"^(quoted_[0-9]+)='(\0[0-9]+\0)'$", text, re.MULTILINE))
    names = [str(n).partition("=")[0] for option in ("environment_vars", "env") for n in as_list(facts.get(option))]
    found: dict[str, Expr] = {}
    shown = t.from_double(re.sub(r"(?<!\\)\$\{(quoted_[0-9]+)\}", "\1\\1\2", text))
    for name in names:
        match = re.search(rf"(?<![\w]){re.escape(name)}='((?:[^']|'\"'\"')*)'(?: |\n)", shown)
        if match is None:
            continue
        by_name = re.fullmatch("\1(quoted_[0-9]+)\2", match[1])
        if by_name is not None:
            found[name] = _unquoted(quoted.get(by_name[1], ""), holes, 2)
        else:
            found[name] = _unquoted(match[1], holes, 1)
    return found


_UPLOAD = re.compile(
    r"^(?:(?P<tool>cat|base64 -d|head -c -1) > (?P<path>\S+|'[^\n]*') <<'(?P<end>BAKELIFT(?:_\d+)?)'\n"
    r"(?P<body>.*?)^(?P=end)"
    r"|: > (?P<empty>\S+|'[^\n]*'))\nchmod 0755 ",
    re.MULTILINE | re.DOTALL,
)


def _uploads(text: str) -> list[bytes]:
    """The bytes of the scripts that a text writes, in order."""
    found = []
    for match in _UPLOAD.finditer(text):
        body = match["body"] or ""
        if match["tool"] == "base64 -d":
            found.append(from_base64(body))
        elif match["tool"] == "head -c -1":
            found.append(body.removesuffix("\n").encode())
        else:
            found.append(body.encode())
    return found


def _scripts(group: Sequence[Customizer], facts: Facts) -> list[tuple[str, bytes]]:
    """The scripts of a step: path and bytes."""
    named = as_list(facts.get("scripts"))
    bodies: list[bytes] = []
    for item in group:
        bodies += _uploads(read(item)[0])
    paths = named or [facts_of(item).get("script") for item in group]
    if len(paths) != len(bodies) or not bodies:
        raise Unreadable
    taken = generalization(facts)
    if taken is not None:
        lines = "".join(line + "\n" for line in taken.lines).encode()
        if taken.script is not None:
            paths, bodies = [*paths, taken.script], [*bodies, lines]
        else:
            bodies[-1] += lines
    found = []
    ends, kinds = as_list(facts.get("final_newline")), as_list(facts.get("line_ends"))
    for index, (path, data) in enumerate(zip(paths, bodies, strict=True)):
        whole = data
        crlf = index < len(kinds) and kinds[index] == "CRLF"
        if crlf:
            whole = whole.replace(b"\n", b"\r\n")
        if index < len(ends) and ends[index] is False:
            whole = whole.removesuffix(b"\r\n" if crlf else b"\n")
        found.append((str(path), whole))
    return found


def _inline_lines(text: str, facts: Facts) -> list[str]:
    """The inline lines of a file that was made for them."""
    bodies = _uploads(text)
    if len(bodies) != 1:
        raise Unreadable
    lines = lines_of(bodies[0])
    if "inline_shebang" in facts or (lines and lines[0] == "#!/bin/sh -e"):
        lines = lines[1:]
    return lines
