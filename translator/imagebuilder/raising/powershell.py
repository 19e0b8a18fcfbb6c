"""powershell steps from the customizers that hold their text."""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.customizers import PowerShell
from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.elevation import BUILD_USER, ELEVATED_USER
from bakelift.translator.imagebuilder.lowering.gotext import parse_path
from bakelift.translator.imagebuilder.lowering.vault import read_facts
from bakelift.translator.imagebuilder.raising.candidates import (
    Candidate,
    Unreadable,
    environment,
    facts_of,
    literal,
    options,
    restore,
    settings,
    vault_of,
)
from bakelift.translator.imagebuilder.raising.plain import elevation
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, Ref
from bakelift.translator.plan.model import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.raising.candidates import Facts


def powershell_candidate(group: Sequence[Customizer], facts: Facts) -> Candidate:
    """The powershell step whose texts these customizers are."""
    values = options(facts)
    values.pop("valid_exit_codes", None)
    files: dict[str, bytes] = {}
    variables: dict[str, Expr] = {}
    build: dict[str, str] = {}
    bodies = []
    paths = []
    for item in group:
        own = facts_of(item)
        if set(own) == {"pause_after"} and item is not group[0]:
            values["pause_after"] = literal(own["pause_after"])
            continue
        inline = getattr(item, "inline", None) or ()
        count = own.get("prelude")
        if not isinstance(count, int) or len(inline) < count + 1:
            raise Unreadable
        prelude = t.from_lines(inline[1 : count + 1])
        if prelude is None:
            raise Unreadable
        for name, value in _assigned(*prelude).items():
            variables[name] = value
            if name in ("PACKER_BUILD_NAME", "PACKER_BUILDER_TYPE") and isinstance(value, Literal):
                build[name] = str(value.value)
        shown = inline[count + 1 :]
        if own.get("block"):
            shown = shown[1:-1]
        rest = t.from_lines(shown)
        if rest is None:
            raise Unreadable
        if isinstance(own.get("script"), str):
            paths.append(str(own["script"]))
            files[paths[-1]] = _encoded(rest[0], own)
        bodies.append(shown)
    if paths:
        parsed = tuple(parse_path(path) for path in paths)
        values["scripts" if "part" in facts else "script"] = ListExpr(parsed) if "part" in facts else parsed[0]
    else:
        values["inline"] = ListExpr(tuple(bodies[0]))
    variables.update(read_facts(facts.get("secrets")))
    values.update(environment(variables, facts))
    lines = facts.get("deprovision")
    if isinstance(lines, list):
        restore(lines, values, files)
    elif lines:
        raise Unreadable
    first = group[0]
    assert isinstance(first, PowerShell)
    values.update({k: v for k, v in elevation(first).items() if v is not None})
    by_user = facts.get(ELEVATED_USER) == BUILD_USER
    if by_user:
        values.update(elevated_user=Ref("build", "User"), elevated_password=Ref("build", "Password"))
    return Candidate(
        Step("powershell", settings(values)),
        files,
        build_name=build.get("PACKER_BUILD_NAME", ""),
        builder_type=build.get("PACKER_BUILDER_TYPE", ""),
        last=bool(lines),
        own=not by_user,
        **vault_of(facts),
    )


def _assigned(text: str, holes: Sequence[Expr]) -> dict[str, Expr]:
    """The variables of ``$env:X = '…'`` lines."""
    found: dict[str, Expr] = {}
    pattern = r"^(?:\$env:(\w+)|\$\{env:([^}\n]+)\}) = '((?:[^']|'')*)'$"
    for plain, braced, value in re.findall(pattern, text, re.MULTILINE):
        hole = re.fullmatch("\0([0-9]+)\0", value)
        if hole is None:
            found[plain or braced] = Literal(t.from_powershell(value))
            continue
        inner = t.powershell_unquoted(holes[int(hole[1])])
        if inner is None:
            raise Unreadable
        found[plain or braced] = t.bare(inner)
    return found


def _encoded(text: str, facts: Facts) -> bytes:
    """The bytes of a script file from its text and what the marker line says of them."""
    if facts.get("final_newline") is not False:
        text += "\n"
    if facts.get("line_ends") == "CRLF":
        text = text.replace("\n", "\r\n")
    if facts.get("encoding") == "UTF-16":
        return text.encode("utf-16")
    return (b"\xef\xbb\xbf" if facts.get("bom") else b"") + text.encode()
