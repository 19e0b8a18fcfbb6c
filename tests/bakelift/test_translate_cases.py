"""Golden folders of the command line, found by folder: ``cases/NAME/``.

``command`` holds the arguments, one line; the folder is the current one, and what is written goes to ``out``. The
folder ``expected`` holds ``stdout``, ``stderr``, ``status`` and what stands in ``out`` afterwards.
``BAKELIFT_UPDATE=1 pytest …`` writes what is expected anew; look at it before you commit it.
"""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

import pytest

from bakelift.__main__ import main

CASES = Path(__file__).parent / "cases"


def folders() -> list[Path]:
    return sorted(path.parent for path in CASES.glob("*/command"))


def outcome(case: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, bytes]:
    """What a run leaves: its streams, its status, its files."""
    shutil.copytree(case, here, ignore=shutil.ignore_patterns("expected"))
    before = os.getcwd()
    os.chdir(here)
    try:
        status = main(shlex.split((case / "command").read_text()))
    finally:
        os.chdir(before)
    said = capsys.readouterr()
    found = {"status": f"{status}\n".encode(), "stdout": said.out.encode(), "stderr": said.err.encode()}
    for path in sorted((here / "out").rglob("*")):
        if path.is_file():
            found[f"out/{path.relative_to(here / 'out')}"] = path.read_bytes()
    return {name: data for name, data in found.items() if data}


def shown(files: dict[str, bytes]) -> dict[str, str]:
    """Texts as they are, bytes of other files escaped."""
    return {name: data.decode(errors="backslashreplace") for name, data in files.items()}


@pytest.mark.parametrize("case", folders(), ids=lambda path: path.name)
def test_case(case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    found = outcome(case, tmp_path / "here", capsys)
    expected = case / "expected"
    if os.environ.get("BAKELIFT_UPDATE"):
        shutil.rmtree(expected, ignore_errors=True)
        for name, data in found.items():
            (expected / name).parent.mkdir(parents=True, exist_ok=True)
            (expected / name).write_bytes(data)
    known = {str(p.relative_to(expected)): p.read_bytes() for p in sorted(expected.rglob("*")) if p.is_file()}
    assert shown(found) == shown(known)
    for name, data in found.items():
        if name.endswith((".json", ".hcl")):
            assert data.isascii() and b"\r" not in data
