"""powershell steps from the customizers that hold their text."""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.customizers import PowerShell
from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.elevation import BUILD_USER, ELEVATED_USER
from bakelift.translator.imagebuilder.lowering.gotext import parse_path
from bakelift.translator.imagebuilder.lowering.powershell_process import PROCESS
from bakelift.translator.imagebuilder.lowering.script_text import encoded
from bakelift.translator.imagebuilder.lowering.vault import read_facts
from bakelift.translator.imagebuilder.raising.candidates import Candidate, settings, vault_of
from bakelift.translator.imagebuilder.raising.facts import (
    Unreadable,
    environment,
    facts_of,
    generalization,
    inline_of,
    literal,
    options,
    prelude,
)
from bakelift.translator.imagebuilder.raising.plain import elevation
from bakelift.translator.imagebuilder.raising.powershell_process import left_behind, process_lines, process_scripts
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, Ref
from bakelift.translator.plan.model import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.raising.facts import Facts, Generalization


def powershell_candidate(group: Sequence[Customizer], facts: Facts) -> Candidate:
    """The powershell step whose texts these customizers are."""
    values = options(facts)
    values.pop("valid_exit_codes", None)
    files: dict[str, bytes] = {}
    variables: dict[str, Expr] = {}
    build: dict[str, str] = {}
    bodies = []
    scripts: list[tuple[str, str, Facts]] = []
    for item in group:
        own = facts_of(item)
        if set(own) == {"pause_after"} and item is not group[0]:
            values["pause_after"] = literal(own["pause_after"])
            continue
        before, shown = prelude(item, own)
        for name, value in _assigned(*before).items():
            variables[name] = value
            if name in ("PACKER_BUILD_NAME", "PACKER_BUILDER_TYPE") and isinstance(value, Literal):
                build[name] = str(value.value)
        held, lines = _body(shown, own)
        scripts += held
        bodies.append(lines)
    taken = generalization(facts)
    if scripts:
        if taken is not None:
            scripts = _whole(scripts, taken)
        files = {path: encoded(text, own) for path, text, own in scripts}
        parsed = tuple(parse_path(path) for path, _, _ in scripts)
        listed = "part" in facts or "scripts" in facts or len(scripts) > 1
        values["scripts" if listed else "script"] = ListExpr(parsed) if listed else parsed[0]
    else:
        values["inline"] = inline_of(bodies[0], facts)
    variables.update(read_facts(facts.get("secrets")))
    values.update(environment(variables, facts))
    by_user = facts.get(ELEVATED_USER) == BUILD_USER
    values.update(_elevated(group[0], by_user))
    return Candidate(
        Step("powershell", settings(values)),
        files,
        build_name=build.get("PACKER_BUILD_NAME", ""),
        builder_type=build.get("PACKER_BUILDER_TYPE", ""),
        last=taken is not None,
        number=left_behind(group[0]),
        own=not by_user,
        **vault_of(facts),
    )


def _body(shown: Sequence[Expr], facts: Facts) -> tuple[list[tuple[str, str, Facts]], Sequence[Expr]]:
    """The scripts that a customizer runs: path, text, what is said of its bytes; or the lines of its inline."""
    if facts.get("block"):
        shown = shown[1:-1]
    read = t.from_lines(shown)
    if read is None:
        raise Unreadable
    if facts.get(PROCESS):
        scripts = process_scripts(read[0], facts)
        return scripts, () if scripts else [Literal(line) for line in process_lines(read[0], facts)]
    if isinstance(facts.get("script"), str):
        return [(str(facts["script"]), read[0], facts)], ()
    return [], shown


def _elevated(customizer: Customizer, by_user: bool) -> dict[str, Expr]:
    """Who runs it. ``by_user``: the build's user does, in Packer."""
    assert isinstance(customizer, PowerShell)
    found = {k: v for k, v in elevation(customizer).items() if v is not None}
    user = {"elevated_user": Ref("build", "User"), "elevated_password": Ref("build", "Password")} if by_user else {}
    return {**found, **user}


def _whole(scripts: Sequence[tuple[str, str, Facts]], taken: Generalization) -> list[tuple[str, str, Facts]]:
    """The scripts of a step with the lines that generalize, which are the end of the last one, or one of their own."""
    lines = "\n".join(taken.lines)
    if taken.script is not None:
        return [*scripts, (taken.script, lines, taken.facts)]
    path, text, own = scripts[-1]
    return [*scripts[:-1], (path, f"{text}\n{lines}", {**own, **taken.facts})]


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
