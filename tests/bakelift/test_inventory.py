"""Inventories of machines: collected by a script in any shell's words, read back, and compared without noise."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bakelift.__main__ import main

STATUS = """Package: hello
Status: install ok installed
Architecture: amd64
Version: 2.10-3

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0
"""
AWKS = [[found, *words[1:]] for words in (["mawk"], ["gawk"], ["busybox", "awk"]) if (found := shutil.which(words[0]))]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A small root file system, with names that are hard to say."""
    root = tmp_path / "root"
    for folder in ("etc/systemd/system/multi-user.target.wants", "var/lib/dpkg", "var/log", "proc", "opt/a b"):
        (root / folder).mkdir(parents=True)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/bash\nweb:x:1000:1000::/home/web:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\nsudo:x:27:web\n")
    (root / "var/lib/dpkg/status").write_text(STATUS)
    (root / "var/log/syslog").write_text("started\n")
    (root / "proc/1").write_text("not of the image")
    (root / "etc/systemd/system/multi-user.target.wants/web.service").symlink_to("/etc/systemd/system/web.service")
    for name in ('quote"and\\slash', "line\nend", "tab\there", "ä", "plain"):
        (root / "opt/a b" / name).write_text("text")
    os.symlink("plain", root / "opt/a b/link")
    return root


def collected(root: Path, capsys: pytest.CaptureFixture[str], awk: list[str] | None = None) -> dict[str, object]:
    capsys.readouterr()
    assert main(["inventory"]) == 0
    script = capsys.readouterr().out
    environment = dict(os.environ)
    if awk is not None:
        tools = root.parent / "tools"
        tools.mkdir()
        (tools / "awk").write_text(f'#!/bin/sh\nexec {" ".join(awk)} "$@"\n')
        (tools / "awk").chmod(0o755)
        environment["PATH"] = f"{tools}:{environment['PATH']}"
    words = ["sh", "-s", str(root)]
    done = subprocess.run(words, input=script.encode(), capture_output=True, env=environment, check=True)
    assert done.stderr == b""
    data: dict[str, object] = json.loads(done.stdout)
    return data


@pytest.mark.parametrize("awk", AWKS, ids=lambda words: Path(words[0]).name)
def test_what_is_collected(machine: Path, capsys: pytest.CaptureFixture[str], awk: list[str]) -> None:
    data = collected(machine, capsys, awk)
    assert data["packages"] == {"hello:amd64": "2.10-3"}
    assert data["services"] == {"web.service": "multi-user.target.wants"}
    assert data["users"] == {"root": "0:0:/root:/bin/bash", "web": "1000:1000:/home/web:/bin/sh"}
    assert data["groups"] == {"root": "0:", "sudo": "27:web"}
    files = data["files"]
    assert isinstance(files, dict)
    digest = "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1"
    for name in ('quote"and\\slash', "line\nend", "tab\there", "ä", "plain"):
        assert files[f"/opt/a b/{name}"] == ["file", "644", os.getuid(), os.getgid(), 4, digest]
    assert files["/opt/a b/link"][0] == "link" and files["/opt/a b/link"][5] == "plain"
    assert not any(path.startswith("/proc/") for path in files)


def test_what_differs(machine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(collected(machine, capsys)))
    assert main(["diff", str(old), str(old)]) == 0
    (machine / "opt/a b/plain").chmod(0o4755)
    (machine / "opt/a b/ä").write_text("other")
    (machine / "var/log/syslog").write_text("noise\n")
    (machine / "var/lib/dpkg/status").write_text(STATUS.replace("2.10-3", "2.12-1"))
    with (machine / "etc/passwd").open("a") as file:
        file.write("eve:x:0:0::/root:/bin/sh\n")
    new.write_text(json.dumps(collected(machine, capsys)))
    capsys.readouterr()
    assert main(["diff", "-format", "json", str(old), str(new)]) == 1
    found = json.loads(capsys.readouterr().out)["changes"]
    assert [(c["path"], c["class"], c["severity"]) for c in found] == [
        ("users.eve", "security", "high"),
        ("files./opt/a b/plain", "security", "high"),
        ("packages.hello:amd64", "script", "medium"),
        ("files./opt/a b/ä", "script", "medium"),
    ]
    assert (found[1]["before"], found[1]["after"]) == ("mode 644", "mode 4755")


@pytest.mark.parametrize(
    "text",
    ['{"bakelift_inventory": 1, "files": {', '{"bakelift_inventory": 9}', '{"bakelift_inventory": 1, "files": []}'],
)
def test_what_is_no_inventory(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text(text)
    assert main(["diff", str(tmp_path / "a.json"), str(tmp_path / "a.json")]) == 2
    assert "[inventory/" in capsys.readouterr().err


TEMPLATE = """
source "null" "x" {
  communicator = "none"
}

build {
  sources = ["null.x"]
  provisioner "shell" {
    inline = [
      "mkdir -p /tmp/p/DEBIAN /tmp/p/usr/share/bakelift-fixture",
      "echo hello > /tmp/p/usr/share/bakelift-fixture/file",
      "printf 'Package: bakelift-fixture\\nVersion: VERSION\\nArchitecture: all\\n' > /tmp/p/DEBIAN/control",
      "printf 'Maintainer: x <x@example.com>\\nDescription: x\\n' >> /tmp/p/DEBIAN/control",
      "dpkg-deb -b /tmp/p /tmp/p.deb > /dev/null && sudo dpkg -i /tmp/p.deb > /dev/null",
    ]
  }
  provisioner "shell" {
    inline = ["echo x | sudo tee /etc/bakelift-fixture > /dev/null", "sudo chmod MODE /etc/bakelift-fixture"]
  }
}
"""


@pytest.mark.skipif(
    os.getuid() != 0 or not shutil.which("dpkg-deb"), reason="a package is installed, by root, with dpkg"
)
def test_images_that_are_built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One package and one mode differ; nothing else is said, and the collector finds the same in both layers."""
    for name, version, mode in (("a", "1.0", "0644"), ("b", "1.1", "0600")):
        text = TEMPLATE.replace("VERSION", version).replace("MODE", mode)
        (tmp_path / f"{name}.pkr.hcl").write_text(text)
    words = [str(tmp_path / "a.pkr.hcl"), str(tmp_path / "b.pkr.hcl")]
    assert main(["diff", "-built", "-base", "host", "-format", "json", *words]) == 1
    found = json.loads(capsys.readouterr().out)["changes"]
    expected = [
        ("package bakelift-fixture:all", "1.0", "1.1"),
        ("file /etc/bakelift-fixture", "mode 644", "mode 600"),
    ]
    assert [(c["summary"], c["before"], c["after"]) for c in found] == expected

    inventories = []
    for name in ("a", "b"):
        out = tmp_path / f"out-{name}"
        assert (
            main(["build", "-on", "sandbox", "-base", "host", "-out", str(out), str(tmp_path / f"{name}.pkr.hcl")]) == 0
        )
        root = tmp_path / f"root-{name}"
        root.mkdir()
        subprocess.run(["tar", "-xf", str(next(out.glob("*.tar"))), "-C", str(root)], check=True)
        inventories.append(tmp_path / f"{name}.json")
        inventories[-1].write_text(json.dumps(collected(root, capsys)))
    capsys.readouterr()
    assert main(["diff", "-format", "json", *map(str, inventories)]) == 1
    found = json.loads(capsys.readouterr().out)["changes"]
    assert [(c["summary"], c["before"], c["after"]) for c in found] == expected


def test_a_build_that_fails_is_trouble(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = tmp_path / "a.pkr.hcl"
    template.write_text(
        'source "null" "x" {\n  communicator = "none"\n}\nbuild {\n  sources = ["null.x"]\n'
        '  provisioner "shell" {\n    inline = ["echo broken; exit 3"]\n  }\n}\n'
    )
    assert main(["diff", "-built", "-base", "host", str(template), str(template)]) == 2
    told = capsys.readouterr().err
    assert "[diff/build-failed]" in told and "broken" in told
    assert main(["diff", "-built", str(template), str(template)]) == 2
