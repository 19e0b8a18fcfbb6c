"""powershell steps from the customizers that hold their text."""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.customizers import PowerShell
from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.elevation import BUILD_USER, ELEVATED_USER
from bakelift.translator.imagebuilder.lowering.gotext import parse_path
from bakelift.translator.imagebuilder.lowering.script_text import encoded
from bakelift.translator.imagebuilder.lowering.vault import read_facts
from bakelift.translator.imagebuilder.raising.candidates import (
    Candidate,
    Unreadable,
    environment,
    facts_of,
    items_of,
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
            files[paths[-1]] = encoded(*_with_generalization(rest[0], own))
        bodies.append(shown if "items" not in own else tuple(Literal(item) for item in items_of(rest[0], own)))
    if paths:
        parsed = tuple(parse_path(path) for path in paths)
        values["scripts" if "part" in facts else "script"] = ListExpr(parsed) if "part" in facts else parsed[0]
    else:
        values["inline"] = ListExpr(tuple(bodies[0]))
    variables.update(read_facts(facts.get("secrets")))
    values.update(environment(variables, facts))
    lines = facts.get("deprovision")
    if isinstance(lines, list) and not paths:
        restore(lines, values, files)
    elif lines and not isinstance(lines, list):
        raise Unreadable
    by_user = facts.get(ELEVATED_USER) == BUILD_USER
    values.update(_elevated(group[0], by_user))
    return Candidate(
        Step("powershell", settings(values)),
        files,
        build_name=build.get("PACKER_BUILD_NAME", ""),
        builder_type=build.get("PACKER_BUILDER_TYPE", ""),
        last=bool(lines),
        own=not by_user,
        **vault_of(facts),
    )


def _elevated(customizer: Customizer, by_user: bool) -> dict[str, Expr]:
    """Who runs it. ``by_user``: the build's user does, in Packer."""
    assert isinstance(customizer, PowerShell)
    found = {k: v for k, v in elevation(customizer).items() if v is not None}
    user = {"elevated_user": Ref("build", "User"), "elevated_password": Ref("build", "Password")} if by_user else {}
    return {**found, **user}


def _with_generalization(text: str, facts: Facts) -> tuple[str, Facts]:
    """The text of a script with the lines at its end that Image Builder does itself, and what is said of its bytes."""
    taken = facts.get("deprovision")
    number, _, last = str(facts.get("part", "1/1")).partition("/")
    if not isinstance(taken, list) or number != last:
        return text, facts
    whole = "\n".join([text, *(str(line) for line in taken)])
    return (whole[:-1], facts) if whole.endswith("\n") else (whole, {**facts, "final_newline": False})


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
