"""Golden folders: a template, and the Image Builder template, parameters file and report that come of it.

``UPDATE_CASES=1 pytest …`` writes what is expected anew; look at it before you commit it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parent / "cases"


def folders() -> list[Path]:
    return sorted(path for path in CASES.iterdir() if path.is_dir())


def expected(path: Path, text: str | None) -> None:
    """The file holds the text; it is not there when there is none."""
    if os.environ.get("UPDATE_CASES"):
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)
    assert (path.read_text() if path.exists() else None) == text


@pytest.mark.parametrize("folder", folders(), ids=lambda path: path.name)
def test_case(folder: Path, case: Callable[..., Any], translated: Callable[..., Any]) -> None:
    found = case(folder, translated)
    for index, output in enumerate(found.outputs):
        number = "" if index == 0 else f".{index + 1}"
        expected(folder / f"expected{number}.json", None if output.template is None else output.text())
        expected(folder / f"expected{number}.parameters.json", output.parameters_text())
    expected(folder / "report.json", json.dumps(found.report.as_json(), indent=2) + "\n")


@pytest.mark.parametrize("folder", folders(), ids=lambda path: path.name)
def test_expected_is_valid_and_accounted(folder: Path, judge: Callable[[dict[str, Any]], list[str]]) -> None:
    for path in sorted(folder.glob("expected*.json")):
        if "parameters" in path.name:
            continue
        text = path.read_text()
        assert text.isascii() and "\r" not in text
        template = json.loads(text)
        listed = template.get("resources", [template])
        for resource in [each for each in listed if each["type"] != "Microsoft.Compute/images"]:
            assert judge(resource) == []
    report = json.loads((folder / "report.json").read_text())
    assert [i["path"] for i in report["items"] if i["code"] == "report/unaccounted"] == []
    counts = report["counts"]
    assert sum(n for kind, n in counts.items() if kind != "total") == counts["total"] == len(report["items"])
