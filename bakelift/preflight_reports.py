"""A preflight as text, JSON and Markdown."""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from bakelift.runner.azure.preflight.findings import Finding
    from bakelift.runner.azure.preflight.offline import Preflight

_TITLES = {"error": "In the way", "warning": "To look at", "note": "To know"}
_PER = {"hour": "an hour of building", "month": "a month of keeping"}


def as_json(found: Preflight) -> str:
    """By ``preflight.schema.json``."""
    estimate = found.estimate
    first, last = estimate.dates()
    counts = {severity: _count(found, severity) for severity in _TITLES}
    data = {
        "version": 1,
        "on": found.way,
        "live": found.live,
        "blocked": found.blocked,
        "counts": counts,
        "images": [_image(facts) for facts in found.every],
        "findings": [finding.as_json() for finding in found.findings],
        "roles": [
            {
                "for": role.who,
                "definition": role.definition(),
                "assigned_at": list(role.assigned),
                "evidence": dict(role.evidence),
                "commands": list(role.commands(_identity(found))),
            }
            for role in found.roles
        ],
        "built_in_roles": [
            {"for": one.who, "role": one.role, "scope": one.scope, "why": one.why, "source": one.evidence}
            for one in found.built_in
        ],
        "cost": {
            "currency": "USD",
            "prices_from": first,
            "prices_to": last,
            "build_hour": estimate.total("hour"),
            "month": estimate.total("month"),
            "rows": [cost.as_json() for cost in estimate.costs],
            "not_estimated": list(estimate.missing),
        },
        "leftovers": [item.as_json() for item in found.leftovers],
    }
    return json.dumps(data, indent=2) + "\n"


def _image(facts: Any) -> dict[str, Any]:
    return {
        "name": facts.image,
        "subscription": facts.subscription,
        "resource_group": facts.group,
        "location": facts.location,
        "os": facts.os,
        "vm_size": facts.vm_size,
    }


def _identity(found: Preflight) -> str:
    return next((facts.identity for facts in found.every if facts.identity), "")


def _count(found: Preflight, severity: str) -> int:
    return sum(finding.severity == severity for finding in found.findings)


def _headline(found: Preflight) -> str:
    names = ", ".join(facts.image for facts in found.every) or "no image"
    way = "Image Builder" if found.way == "imagebuilder" else "Azure, directly"
    errors, warnings, notes = (_count(found, severity) for severity in _TITLES)
    verdict = (
        "Nothing stands in the way"
        if not errors
        else f"{errors} {_of(errors, 'thing stands', 'things stand')} in the way"
    )
    asked = "asked of Azure" if found.live else "found in the template alone; -live asks Azure"
    return f"{names} by {way}: {verdict}; {warnings} to look at, {notes} to know ({asked})."


def _of(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def as_text(found: Preflight) -> str:
    """For people: what is in the way first, each with its source and its way out."""
    lines = [_headline(found), ""]
    for severity, title in _TITLES.items():
        mine = [finding for finding in found.findings if finding.severity == severity]
        if mine:
            lines += [f"{title}:", ""]
        for finding in mine:
            lines += _finding(finding)
    if found.roles:
        lines += ["Role definitions (-roles DIR writes them into files):", ""]
    for role in found.roles:
        lines += [f"  {role.file()}", *_indented(json.dumps(role.definition(), indent=2), 4), ""]
    lines += ["Cost, an estimate:", "", *_costs(found), ""]
    return "\n".join(_printable(line) for line in lines).rstrip() + "\n"


def _printable(line: str) -> str:
    """Without what would mean something to a terminal; templates are not trusted."""
    return "".join(c if c.isprintable() else "?" for c in line).rstrip()


def _finding(finding: Finding) -> Iterator[str]:
    from bakelift.terminal import wrapped

    title = f"{finding.image}: {finding.summary}" if finding.image else finding.summary
    first, *rest = wrapped(f"{title} [{finding.code}]", 110)
    yield f"  * {first}"
    yield from (f"    {line}" for line in rest)
    yield from (f"    {line}" for line in wrapped(finding.way_out, 110))
    yield from (f"      {line}" for line in finding.commands)
    yield f"    ({'Azure said so; ' if finding.asked else ''}{finding.source})"
    yield ""


def _indented(text: str, by: int) -> list[str]:
    return [" " * by + line for line in text.split("\n")]


def _costs(found: Preflight) -> Iterator[str]:
    estimate = found.estimate
    for cost in estimate.costs:
        other = f", price of {cost.priced_in}" if cost.priced_in != cost.region else ""
        amount = f"{cost.amount:g} x ${cost.price:g}"
        yield f"  {cost.image:<20} {cost.what:<62} {amount:>18} = ${cost.usd:.4f} {cost.per}{other} ({cost.date})"
    for per, words in _PER.items():
        yield f"  {words}: about ${estimate.total(per):.3f}"
    yield f"  Not counted: {'; '.join(estimate.missing)}."
    sources = dict.fromkeys(cost.source for cost in estimate.costs)
    yield from (f"  Prices: {source}" for source in sources)


def as_markdown(found: Preflight) -> str:
    """For a pull request or a wiki."""
    lines = ["# Preflight", "", _headline(found), ""]
    for severity, title in _TITLES.items():
        mine = [finding for finding in found.findings if finding.severity == severity]
        if mine:
            lines += [f"## {title}", ""]
        for finding in mine:
            image = f"**{_cell(finding.image)}**: " if finding.image else ""
            lines += [f"- {image}{_cell(finding.summary)} (`{finding.code}`)", ""]
            lines += [f"  {_cell(finding.way_out)} Source: {_cell(finding.source)}", ""]
            lines += _fenced(finding.commands, "sh", "  ")
    if found.roles:
        lines += ["## Role definitions", ""]
    for role in found.roles:
        lines += [f"`{role.file()}`", "", *_fenced(json.dumps(role.definition(), indent=2).split("\n"), "json", "")]
    lines += [
        "## Cost, an estimate",
        "",
        "| image | what | amount | price | USD | for | of |",
        "|---|---|---|---|---|---|---|",
    ]
    for cost in found.estimate.costs:
        place = f"{cost.priced_in}, {cost.date}"
        cells = (
            cost.image,
            cost.what,
            f"{cost.amount:g} {cost.unit}",
            f"{cost.price:g}",
            f"{cost.usd:.4f}",
            cost.per,
            place,
        )
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    totals = ", ".join(f"{words} about ${found.estimate.total(per):.3f}" for per, words in _PER.items())
    lines += ["", f"{totals[:1].upper()}{totals[1:]}. Not counted: {'; '.join(found.estimate.missing)}."]
    return "\n".join(lines) + "\n"


def _cell(text: object) -> str:
    """Text that stays text in Markdown, in a table too."""
    return (
        str(text)
        .replace("\\", "\\\\")
        .replace("|", "\\|")
        .replace("<", "&lt;")
        .replace("*", "\\*")
        .replace("`", "'")
        .replace("\n", " ")
    )


def _fenced(lines: Iterable[str], language: str, indent: str) -> list[str]:
    listed = list(lines)
    if not listed:
        return []
    fence = "`" * (max(2, *(line.count("`") for line in listed)) + 1)
    return [f"{indent}{line}" for line in (f"{fence}{language}", *listed, fence)] + [""]


def write_roles(found: Preflight, folder: str) -> None:
    """Each role definition in a file of its own."""
    from bakelift.output import write_file

    os.makedirs(folder, exist_ok=True)
    for role in found.roles:
        write_file(os.path.join(folder, role.file()), json.dumps(role.definition(), indent=2) + "\n")


FORMATS: dict[str, Callable[[Preflight], str]] = {"text": as_text, "json": as_json, "markdown": as_markdown}
