"""Diagnostics for other programs: JSON, the annotations of GitHub's workflows, SARIF."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bakelift.translator.diagnostics import Diagnostic

    Format = Callable[[Sequence[Diagnostic]], str]

_LEVELS = ("error", "warning", "note")
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_json(diagnostics: Sequence[Diagnostic]) -> str:
    """``{"version": 1, "valid", "counts": {"error", "warning", "note"}, "diagnostics": […]}``."""
    counts = {level: sum(d.severity == level for d in diagnostics) for level in _LEVELS}
    data = {
        "version": 1,
        "valid": not counts["error"],
        "counts": counts,
        "diagnostics": [d.as_json() for d in diagnostics],
    }
    return json.dumps(data, indent=2) + "\n"


def as_github(diagnostics: Sequence[Diagnostic]) -> str:
    """Workflow commands: ``::error file=…,line=…,col=…,title=…::text``, which GitHub shows beside the lines."""
    return "".join(_annotation(d) for d in diagnostics)


def _annotation(diagnostic: Diagnostic) -> str:
    command = "notice" if diagnostic.severity == "note" else diagnostic.severity
    properties = []
    if diagnostic.span is not None:
        place = diagnostic.span.as_json()
        names = (("file", "file"), ("line", "line"), ("endLine", "end_line"), ("col", "column"))
        properties = [f"{name}={_property(str(place[key]))}" for name, key in names]
        if place["line"] == place["end_line"]:
            properties.append(f"endColumn={place['end_column']}")
    properties.append(f"title={_property(f'{diagnostic.summary} [{diagnostic.code}]')}")
    return f"::{command} {','.join(properties)}::{_data(diagnostic.detail or diagnostic.summary)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(diagnostics: Sequence[Diagnostic]) -> str:
    """A SARIF 2.1.0 log with one run; a rule for each code."""
    from bakelift import __version__

    codes = sorted({d.code for d in diagnostics})
    driver = {
        "name": "bakelift",
        "version": __version__,
        "rules": [{"id": code, "name": code.replace("/", "-")} for code in codes],
    }
    results = []
    for diagnostic in diagnostics:
        text = f"{diagnostic.summary}\n\n{diagnostic.detail}" if diagnostic.detail else diagnostic.summary
        result: dict[str, object] = {
            "ruleId": diagnostic.code,
            "ruleIndex": codes.index(diagnostic.code),
            "level": diagnostic.severity,
            "message": {"text": text},
        }
        if diagnostic.span is not None:
            result["locations"] = [{"physicalLocation": _location(diagnostic)}]
        results.append(result)
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _location(diagnostic: Diagnostic) -> dict[str, object]:
    from urllib.parse import quote

    assert diagnostic.span is not None
    place = diagnostic.span.as_json()
    region = {
        "startLine": place["line"],
        "startColumn": place["column"],
        "endLine": place["end_line"],
        "endColumn": place["end_column"],
    }
    return {"artifactLocation": {"uri": quote(str(place["file"]))}, "region": region}


FORMATS: Mapping[str, Format] = {"json": as_json, "github": as_github, "sarif": as_sarif}
