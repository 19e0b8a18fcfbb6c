"""The layer as a tar and its manifest."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any


def manifest(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((folder / "null.x.manifest.json").read_text())
    return data


def test_what_was_added_changed_and_deleted(each_lab: Any) -> None:
    out = each_lab.artifact(
        "echo hi >/etc/hosts; mkdir -p /opt/a; printf data >/opt/a/f; chmod 4750 /opt/a/f; ln -s f /opt/a/l;"
        "echo >/tmp/x",
        "rm -r /usr/share/misc; touch /etc/passwd; ln /opt/a/f /opt/a/g",
    )
    found = manifest(out)
    by_path = {kind: {entry["path"]: entry for entry in found[kind]} for kind in ("added", "changed", "deleted")}
    assert found["counts"] == {kind: len(entries) for kind, entries in by_path.items()}
    assert set(by_path["added"]) == {"/opt/a", "/opt/a/f", "/opt/a/g", "/opt/a/l"}
    assert set(by_path["changed"]) == {"/etc/hosts"}
    assert by_path["deleted"] == {"/usr/share/misc": {"path": "/usr/share/misc", "type": "folder"}}
    file = by_path["added"]["/opt/a/f"]
    assert file["sha256"] == hashlib.sha256(b"data").hexdigest() and file["size"] == 4 and file["mode"] == "4750"
    assert file["uid"] == file["gid"] == 0
    assert by_path["added"]["/opt/a/l"]["target"] == "f"
    host = Path("/etc/hosts").read_bytes()
    assert by_path["changed"]["/etc/hosts"]["before"]["sha256"] == hashlib.sha256(host).hexdigest()
    with tarfile.open(out / "null.x.tar") as archive:
        members = {member.name: member for member in archive}
        assert archive.extractfile("etc/hosts").read() == b"hi\n"  # type: ignore[union-attr]
    assert list(members) == sorted(members, key=lambda name: name.replace(".wh.", ""))
    assert {"etc/hosts", "opt/a/f", "usr/share/.wh.misc"} <= set(members)
    assert not [name for name in members if name.startswith("tmp") or name == "etc/passwd"]
    assert members["opt/a/g"].islnk() and members["opt/a/g"].linkname == "opt/a/f"
    assert members["opt/a/f"].mode == 0o4750
    data = (out / "null.x.tar").read_bytes()
    assert found["layer"]["sha256"] == hashlib.sha256(data).hexdigest() and found["layer"]["size"] == len(data)
    assert sorted(os.listdir(out)) == ["null.x.manifest.json", "null.x.tar"]


def test_a_build_that_changes_nothing(lab: Any) -> None:
    found = manifest(lab.artifact("touch /etc/passwd; echo x >/opt/x; rm /opt/x; chmod +r /etc/hosts"))
    assert found["counts"] == {"added": 0, "changed": 0, "deleted": 0}


def test_a_folder_that_replaces_another(lab: Any) -> None:
    found = manifest(lab.artifact("rm -r /usr/share/misc; mkdir /usr/share/misc; echo 1 >/usr/share/misc/new"))
    assert [entry["path"] for entry in found["added"]] == ["/usr/share/misc/new"]
    gone = sorted(f"/usr/share/misc/{name}" for name in os.listdir("/usr/share/misc"))
    assert [entry["path"] for entry in found["deleted"]] == gone


def test_a_tar_as_base_and_the_same_result_twice(lab: Any) -> None:
    """A root file system of a shell and three programs is enough to see base, cache and determinism."""
    tree = lab.folder / "tree"
    (tree / "bin").mkdir(parents=True, exist_ok=True)
    (tree / "etc").mkdir(exist_ok=True)
    (tree / "etc" / "motd").write_text("base\n")
    for program in ("sh", "cat", "chmod", "rm"):
        copy_program(f"/bin/{program}", tree)
    base = lab.folder / "base.tar"
    with tarfile.open(base, "w") as archive:
        archive.add(tree, ".")
    os.environ["SOURCE_DATE_EPOCH"] = "1000000000"
    try:
        script = "cat /etc/motd && echo new >/etc/motd && echo x >/etc/x && rm /bin/chmod"
        first = lab.artifact(script, base=str(base))
        one = (first / "null.x.tar").read_bytes(), (first / "null.x.manifest.json").read_bytes()
        second = lab.artifact(script, base=str(base))
        assert one == ((second / "null.x.tar").read_bytes(), (second / "null.x.manifest.json").read_bytes())
    finally:
        del os.environ["SOURCE_DATE_EPOCH"]
    found = json.loads(one[1])
    assert found["base"] == {"kind": "tar", "name": "sha256:" + hashlib.sha256(base.read_bytes()).hexdigest()}
    assert [entry["path"] for entry in found["added"]] == ["/etc/x"]
    assert [entry["path"] for entry in found["changed"]] == ["/etc/motd"]
    assert [entry["path"] for entry in found["deleted"]] == ["/bin/chmod"]
    assert lab.shell("cat /etc/motd", base=str(tree)) == [(0, "base\n")]


def copy_program(path: str, tree: Path) -> None:
    """Copies a program and the libraries that it names into a tree."""
    listed = subprocess.run(["ldd", path], capture_output=True, text=True, check=False)
    for each in (path, *(word for word in listed.stdout.split() if word.startswith("/"))):
        place = tree / each.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(os.path.realpath(each), place)
