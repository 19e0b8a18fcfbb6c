"""Law 7: files are read below the roots and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bakelift.disk import DiskFiles
from bakelift.translator.diagnostics import TemplateError


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("s")
    repo = tmp_path / "repo"
    (repo / ".git").mkdir(parents=True)
    (repo / "images" / "scripts").mkdir(parents=True)
    (repo / "images" / "scripts" / "a.sh").write_text("echo a\n")
    (repo / "images" / "scripts" / "a.sh").chmod(0o755)
    (repo / "common").mkdir()
    (repo / "common" / "b.sh").write_text("echo b\n")
    return tmp_path


def code(caught: pytest.ExceptionInfo[TemplateError]) -> str:
    return caught.value.diagnostics[0].code


def test_the_git_work_tree_is_the_root(tree: Path) -> None:
    files = DiskFiles(str(tree / "repo" / "images"), cwd=str(tree / "repo" / "images"))
    assert files.read("../common/b.sh") == b"echo b\n"
    with pytest.raises(TemplateError) as caught:
        files.read("../../outside/secret")
    assert code(caught) == "files/outside-root"
    assert "-root ../.." in caught.value.diagnostics[0].detail


def test_without_git_the_template_folder_is_the_root(tree: Path) -> None:
    files = DiskFiles(str(tree / "outside"), cwd=str(tree))
    assert files.read("outside/secret") == b"s"
    with pytest.raises(TemplateError) as caught:
        files.read("repo/common/b.sh")
    assert code(caught) == "files/outside-root"


def test_roots_that_are_given_replace_the_default(tree: Path) -> None:
    files = DiskFiles(str(tree / "repo" / "images"), [str(tree / "repo" / "images")], cwd=str(tree))
    with pytest.raises(TemplateError):
        files.read("repo/common/b.sh")
    wider = DiskFiles(str(tree / "repo" / "images"), [str(tree)], cwd=str(tree))
    assert wider.read("outside/secret") == b"s"


def test_a_link_that_leaves_the_root_is_outside(tree: Path) -> None:
    os.symlink(tree / "outside" / "secret", tree / "repo" / "images" / "link")
    os.symlink(tree / "outside", tree / "repo" / "images" / "scripts" / "dir")
    files = DiskFiles(str(tree / "repo" / "images"), cwd=str(tree / "repo" / "images"))
    for attempt in (
        lambda: files.read("link"),
        lambda: files.read("scripts/dir/secret"),
        lambda: files.tree("scripts"),
    ):
        with pytest.raises(TemplateError) as caught:
            attempt()
        assert code(caught) == "files/outside-root"


def test_places_are_tried_in_order_and_the_other_place_is_said(tree: Path) -> None:
    files = DiskFiles(str(tree / "repo" / "images"), cwd=str(tree / "repo"))
    found = files.find("scripts/a.sh")
    assert found is not None and found.executable
    assert found.note is not None and "template's folder" in found.note
    first = files.find("images/scripts/a.sh")
    assert first is not None and first.note is None


def test_missing_and_odd_files(tree: Path) -> None:
    files = DiskFiles(str(tree / "repo"), cwd=str(tree / "repo"))
    assert files.find("nosuch") is None
    with pytest.raises(TemplateError) as caught:
        files.read("nosuch")
    assert code(caught) == "files/missing"
    os.mkfifo(tree / "repo" / "fifo")
    with pytest.raises(TemplateError) as caught:
        files.read("fifo")
    assert code(caught) == "files/unreadable"


def test_a_tree_is_listed_parents_first_with_links_kept(tree: Path) -> None:
    os.symlink("a.sh", tree / "repo" / "images" / "scripts" / "inner")
    files = DiskFiles(str(tree / "repo"), cwd=str(tree / "repo"))
    names = [(e.name, e.link) for e in files.tree("images")]
    assert names == [("scripts", None), ("scripts/a.sh", None), ("scripts/inner", "a.sh")]
    assert files.template_glob("images") == ["scripts/a.sh", "scripts/inner"]
