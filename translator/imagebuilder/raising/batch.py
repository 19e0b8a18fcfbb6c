"""windows-shell steps from the customizers that write and run their batch files."""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.customizers import PowerShell
from bakelift.translator.imagebuilder.lowering.gotext import parse_path
from bakelift.translator.imagebuilder.raising.candidates import Candidate, settings
from bakelift.translator.imagebuilder.raising.facts import (
    Unreadable,
    as_list,
    environment,
    facts_of,
    items,
    lines_of,
    options,
    read,
    written,
)
from bakelift.translator.plan.expressions import ListExpr, Literal
from bakelift.translator.plan.model import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.plan.expressions import Expr


def batch_candidate(group: Sequence[Customizer]) -> Candidate:
    """The windows-shell step whose batch files these customizers write and run."""
    values: dict[str, Expr] = {}
    files: dict[str, bytes] = {}
    paths: list[str] = []
    build: dict[str, str] = {}
    for item in group:
        facts = facts_of(item)
        if set(facts) == {"pause_before"}:
            values["pause_before"] = Literal(str(facts["pause_before"]))
            continue
        values.update(options(facts))
        values.update(environment({}, facts))
        text = read(item)[0]
        bodies = written(text)
        own = [str(path) for path in as_list(facts.get("scripts"))] or [str(facts["windows-shell"])]
        if len(bodies) != len(own):
            raise Unreadable
        for name in ("PACKER_BUILD_NAME", "PACKER_BUILDER_TYPE"):
            said = re.search(rf'"{name}=([^"\n]*)"|{name}=([^"\s&]*)', text)
            build[name] = (said[1] or said[2] or "") if said else ""
        if facts["windows-shell"] == "inline":
            values["inline"] = ListExpr(tuple(Literal(item) for item in items(lines_of(bodies[0]), facts)))
        else:
            paths += own
            files.update(zip(own, bodies, strict=True))
        if isinstance(item, PowerShell) and item.valid_exit_codes is not None:
            values["valid_exit_codes"] = item.valid_exit_codes
        if "part" in facts or "scripts" in facts:
            values["scripts"] = ListExpr(tuple(parse_path(path) for path in paths))
        elif paths:
            values["script"] = parse_path(paths[0])
    return Candidate(
        Step("windows-shell", settings(values)),
        files,
        build_name=build.get("PACKER_BUILD_NAME", ""),
        builder_type=build.get("PACKER_BUILDER_TYPE", ""),
    )
