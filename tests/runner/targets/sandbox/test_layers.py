"""What steps did stays, layer over layer, whatever is merged."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from bakelift.runner.targets.sandbox import overlays
from bakelift.runner.targets.sandbox.base import Mount
from bakelift.runner.targets.sandbox.cache import BuildFolder
from bakelift.runner.targets.sandbox.layers import Kept, LayerStore
from bakelift.runner.targets.sandbox.stack import FAN, MOST_OPTIONS, Stack
from bakelift.runner.targets.sandbox.trees import BaseView


def test_deleting_and_making_again(each_lab: Any) -> None:
    results = each_lab.shell(
        "mkdir -p /opt/tree/a; echo 1 >/opt/tree/a/f; echo 1 >/opt/tree/g",
        "rm -r /opt/tree/a; rm /opt/tree/g",
        "mkdir /opt/tree/a; echo 3 >/opt/tree/a/new; ls -R /opt/tree",
        "ls -R /opt/tree; rm -r /opt/tree; echo file >/opt/tree",
        "cat /opt/tree; rm /opt/tree; mkdir /opt/tree; ls -A /opt/tree",
    )
    assert [said for _, said in results] == [
        "",
        "",
        "/opt/tree:\na\n\n/opt/tree/a:\nnew\n",
        "/opt/tree:\na\n\n/opt/tree/a:\nnew\n",
        "file\n",
    ]


def test_a_folder_of_the_base_deleted_and_made_again_is_empty(each_lab: Any) -> None:
    assert os.listdir("/usr/share/misc")
    results = each_lab.shell("rm -r /usr/share/misc", "mkdir /usr/share/misc", "ls -A /usr/share/misc; echo end")
    assert results[-1] == (0, "end\n")


def test_links_modes_and_times_are_kept(each_lab: Any) -> None:
    results = each_lab.shell(
        "cd /opt; mkdir d; chmod 2750 d; echo x >d/f; chmod 4711 d/f; ln d/f hard; ln -s d/f soft; mkfifo p;"
        "touch -d @1000 d/f",
        "echo y >/opt/other",
        "cd /opt; stat -c '%a %h %Y' d/f hard; stat -c %a d; readlink soft; cat soft; test -p p;"
        "stat -c %i d/f hard | uniq | wc -l",
    )
    assert results[-1] == (0, "4711 2 1000\n4711 2 1000\n2750\nd/f\nx\n1\n")


def test_owners_are_kept(lab: Any) -> None:
    if os.geteuid() != 0:
        pytest.skip("an ordinary user's sandbox has one user")
    results = lab.shell(
        "useradd -m baker && touch /home/baker/f && chown -R baker: /home/baker && chown 12:34 /opt",
        "sudo -u baker sh -c 'id -un; stat -c %U /home/baker/f'; stat -c '%u %g' /opt",
    )
    assert results == [(0, ""), (0, "baker\nbaker\n12 34\n")]


def test_three_hundred_small_layers(each_lab: Any) -> None:
    count = 300

    async def work(sandbox: Any) -> tuple[str, int, int]:
        longest = 0
        for number in range(count):
            script = f"echo {number} >>/opt/all; echo {number} >/opt/n{number}; rm -f /opt/n{number - 2}"
            assert await sandbox.communicator.run(script) == 0
            await sandbox.checkpoint()
            longest = max(longest, len(sandbox.stack.sealed))
        output = bytearray()
        await sandbox.communicator.run("cat /opt/all | wc -l; ls /opt | grep ^n", output.extend)
        flat = sandbox.stack.flatten()
        return output.decode(), longest, len(os.listdir(flat["opt"]))

    said, longest, entries = each_lab.sandbox(work)
    assert said.split() == [str(count), "n298", "n299"]
    assert longest <= 4 * FAN
    assert entries == 1 + count


class View:
    """The stack's mounts, read without mounting."""

    def __init__(self, stack: Stack) -> None:
        layers = [f"{layer.path}/0" for layer in stack.sealed]
        self.view = BaseView([Mount("", (*stack.mounts[0].lowers, *layers))])

    def names(self, path: str = "") -> list[str]:
        return self.view.names(path)


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    base = tmp_path / "base"
    (base / "d" / "e").mkdir(parents=True)
    (base / "d" / "old").write_text("old")
    (base / "f").write_text("f")
    build = BuildFolder.make()
    yield Stack(build, [Mount("", (str(base),))])
    build.remove()


def test_merged_layers_show_the_same(stack: Stack) -> None:
    top = Path(stack.top, "0")
    (top / "d").mkdir()
    overlays.delete(str(top / "d" / "old"))
    (top / "d" / "new").write_text("1")
    overlays.delete(str(top / "f"))
    stack.seal()
    top = Path(stack.top, "0")
    (top / "f").mkdir(mode=0o711)
    (top / "f" / "x").write_text("x")
    os.link(top / "f" / "x", top / "f" / "y")
    (top / "d").mkdir()
    overlays.delete(str(top / "d" / "new"))
    stack.seal()
    before = [View(stack).names(path) for path in ("", "d", "f")]
    assert before == [["d", "f"], ["e"], ["x", "y"]]
    assert set(stack.flatten()) == {""}
    assert [View(stack).names(path) for path in ("", "d", "f")] == before
    (merged,) = stack.sealed
    folder = Path(merged.path, "0")
    assert overlays.node(str(folder / "f")).opaque  # type: ignore[union-attr]
    assert not overlays.node(str(folder / "d")).opaque  # type: ignore[union-attr]
    assert overlays.node(str(folder / "d" / "old")).deleted  # type: ignore[union-attr]
    assert overlays.node(str(folder / "d" / "new")).deleted  # type: ignore[union-attr]
    assert stat.S_IMODE((folder / "f").stat().st_mode) == 0o711
    assert (folder / "f" / "x").stat().st_ino == (folder / "f" / "y").stat().st_ino


def test_an_untouched_layer_is_dropped(stack: Stack) -> None:
    first = stack.top
    stack.seal()
    assert stack.sealed == [] and stack.top == first


def test_stacks_stay_short_and_layers_are_merged_by_height(stack: Stack) -> None:
    for number in range(100):
        Path(stack.top, "0", f"file{number}").write_text(str(number))
        stack.seal()
    assert [layer.height for layer in stack.sealed] == [2, 1, 1, 1, 1, 0, 0, 0, 0]
    assert len(View(stack).names()) == 102
    assert max(len(option) for option in stack.options()) < MOST_OPTIONS
    assert len(os.listdir(Path(stack.top).parent)) == len(stack.sealed) + 1


def test_layers_of_no_use_for_long_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store = LayerStore()

    def make(parent: str | None) -> Kept:
        folder = tmp_path / "made"
        (folder / "0").mkdir(parents=True)
        return store.keep(parent, str(folder), frozenset({0}), "shell")

    def age(layer: Kept, days: float) -> None:
        then = time.time() - days * 86_400
        os.utime(f"{layer.path}/meta", (then, then))

    below, old, new = make(None), make(None), make(None)
    above = make(below.id)
    for key, layer in (("a" * 64, above), ("b" * 64, old), ("c" * 64, new), ("d" * 64, None)):
        store.lead(key, layer.id if layer else None)
    for layer in (below, old, above):
        age(layer, 40)
    found = store.find("a" * 64)
    assert found is not None and [layer.id for layer in found] == [below.id, above.id]
    store.used(found)
    assert store.prune() == 1
    assert store.find("a" * 64) == found and store.find("b" * 64) is None
    assert store.find("c" * 64) and store.find("d" * 64) == []
    age(new, 40)
    assert store.prune() == 0  # not again on the same day
    os.utime(tmp_path / "cache" / "bakelift" / "k" / "pruned", (0, 0))
    assert store.prune() == 1 and store.find("c" * 64) is None


def test_a_step_that_is_made_again_leads_elsewhere_and_what_lay_on_it_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store = LayerStore()
    made = []
    for parent in (None, None):
        (tmp_path / "made" / "0").mkdir(parents=True)
        made.append(store.keep(parent, str(tmp_path / "made"), frozenset({0}), "shell"))
    first, second = made
    (tmp_path / "made" / "0").mkdir(parents=True)
    above = store.keep(first.id, str(tmp_path / "made"), frozenset({0}), "shell")
    store.lead("a" * 64, first.id)
    store.lead("b" * 64, above.id)
    store.lead("a" * 64, second.id)
    assert store.find("a" * 64) == [second] and store.find("b" * 64) == [first, above]
