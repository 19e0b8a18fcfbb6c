"""What makes a base another one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bakelift.runner.targets.sandbox import fingerprint
from bakelift.runner.targets.sandbox.base import Base, Mount


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "base" / "a" / "b").mkdir(parents=True)
    (tmp_path / "base" / "a" / "b" / "file").write_text("1")
    return tmp_path / "base"


def key(folder: Path, network: bool = True) -> str:
    return fingerprint.key_of(Base("folder", str(folder), (Mount("", (str(folder),)),)), network)


def test_the_same_folder_has_the_same_key(folder: Path) -> None:
    assert key(folder) == key(folder) and len(key(folder)) == 64
    assert key(folder) != key(folder, network=False)


@pytest.mark.parametrize("change", ["text", "mode", "name", "more", "link"])
def test_every_change_in_a_folder_counts(folder: Path, change: str) -> None:
    before = key(folder)
    file = folder / "a" / "b" / "file"
    if change == "text":
        file.write_text("2")
    elif change == "mode":
        file.chmod(0o600)
    elif change == "name":
        file.rename(folder / "a" / "b" / "other")
    elif change == "more":
        (folder / "a" / "b" / "new").mkdir()
    else:
        os.symlink("b", folder / "a" / "link")
    assert key(folder) != before


def test_other_caches_have_other_keys(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are made with a secret of the cache."""
    before = key(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another"))
    assert key(folder) != before
    assert (tmp_path / "another" / "bakelift" / "key").stat().st_mode & 0o777 == 0o600


def test_levels_below_are_told_by_their_folders(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint, "WHOLE", {str(folder): 0})
    monkeypatch.setattr(fingerprint, "PACKAGES", ())
    monkeypatch.setattr(fingerprint, "TOPS", ())
    before = fingerprint._host()
    (folder / "a" / "b" / "file").write_text("deeper than it looks")
    assert fingerprint._host() == before
    os.utime(folder / "a", (1, 1))
    assert fingerprint._host() != before
