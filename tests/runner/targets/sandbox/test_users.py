"""Who steps are, and what limits them."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from bakelift.runner.targets import SandboxOptions
from bakelift.runner.targets.sandbox import limits, machine, users
from bakelift.runner.targets.sandbox.cache import BuildFolder

HEAD = 'source "azure-arm" "x" { os_type = "Linux" }\nbuild {\n  sources = ["source.azure-arm.x"]\n'


def build(lab: Any, run_template: Any, *lines: str, **options: Any) -> tuple[int, str]:
    said = "".join(f'  provisioner "shell" {{ inline = ["{line}"] }}\n' for line in lines)
    (lab.folder / "u.pkr.hcl").write_text(HEAD + said + "}\n")

    def work() -> tuple[int, str]:
        os.chdir(lab.folder)
        return run_template(  # type: ignore[no-any-return]
            "u.pkr.hcl", on="sandbox", base="host", out=str(lab.out), color=False, sandbox=SandboxOptions(**options)
        )

    return lab.call(work)  # type: ignore[no-any-return]


def test_steps_for_azure_are_a_user_who_may_sudo(lab: Any, run_template: Any) -> None:
    if os.geteuid() != 0:
        pytest.skip("an ordinary user's sandbox has one user")
    status, log = build(
        lab,
        run_template,
        "id -un; pwd; echo $HOME; touch /etc/x 2>/dev/null || echo refused; touch ~/own",
        "sudo sh -c 'id -u; echo $SUDO_USER $HOME; touch /etc/by-root; useradd svc; chown svc: /etc/by-root'",
        "A=1 sudo -E sh -c 'echo A is $A'; sudo B=2 sh -c 'echo A is $A, B is $B'; sudo -u svc id -un; echo end",
        "cat /proc/self/status | grep CapBnd; sudo sh -c 'mount -t tmpfs none /mnt || echo no mounts'",
        "sudo mknod /etc/device b 8 0 || echo no devices; sudo -l >/dev/null && echo may",
    )
    assert status == 0, log
    said = [line.removeprefix("==> azure-arm.x: ") for line in log.splitlines()]
    assert said[0].endswith(", as packer, who may sudo.")
    at = said.index("packer")
    assert said[at : at + 4] == ["packer", "/home/packer", "/home/packer", "refused"]
    assert [line for line in ("0", "packer /root", "A is 1", "A is , B is 2", "svc") if line in said] == [
        "0",
        "packer /root",
        "A is 1",
        "A is , B is 2",
        "svc",
    ]
    assert {"no mounts", "no devices", "may"} <= set(said)
    import json
    import tarfile

    made = json.loads((lab.out / "azure-arm.x.manifest.json").read_text())
    paths = [each["path"] for each in made["added"] + made["changed"]]
    assert "/etc/by-root" in paths and not [path for path in paths if path.startswith("/home/packer")]
    with tarfile.open(lab.out / "azure-arm.x.tar") as archive:
        passwd = archive.extractfile("etc/passwd")
        assert passwd is not None
        text = passwd.read()
    assert b"\nsvc:" in text and b"packer:" not in text


def test_an_ordinary_users_steps_are_root(each_lab: Any, run_template: Any) -> None:
    if each_lab.uid == 0:
        pytest.skip("root's sandbox has every user")
    status, log = build(each_lab, run_template, "id -u; sudo id -un; echo x | sudo tee /etc/x")
    assert status == 0, log
    assert "as root." in log and "chown to others fails" in log and ": 0\n" in log


def test_a_base_without_shells_for_sudo_has_root_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "base"
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "sh").write_text("")
    folder = BuildFolder.make()
    try:
        from bakelift.runner.targets.sandbox import base

        login, opened = users.log_in("packer", base.open_base(str(root), folder, True), folder, True)
        assert login == users.ROOT and "Steps run as root, not as packer" in opened.notes[-1]
    finally:
        folder.remove()


def test_a_sandbox_without_network(each_lab: Any) -> None:
    async def work() -> str:
        sandbox = machine.Sandbox.open("host", options=SandboxOptions(network=False))
        output = bytearray()
        try:
            await sandbox.communicator.run("cat /proc/net/dev; cat /proc/net/route | wc -l", output.extend)
        finally:
            await sandbox.close()
        return output.decode()

    said = each_lab.call(lambda: asyncio.run(work()))
    interfaces = [line.split(":")[0].strip() for line in said.splitlines() if ":" in line]
    assert interfaces == ["lo"] and said.split()[-1] == "1"


def test_a_build_that_takes_too_long_ends(lab: Any, run_template: Any) -> None:
    begun = time.monotonic()
    status, log = build(lab, run_template, "echo begun; sleep 60", max_seconds=1.0)
    assert status == 1 and time.monotonic() - begun < 30
    assert "The build has taken longer than 1s (-max-time)." in log


@pytest.mark.parametrize(
    "script", ["head -c 60000000 /dev/zero >~/f", "for n in 1 2 3; do cp /tmp/a /tmp/b$n; done; sleep 9"]
)
def test_a_build_that_writes_too_much_ends(lab: Any, run_template: Any, script: str) -> None:
    status, log = build(lab, run_template, "head -c 15000000 /dev/urandom >/tmp/a; " + script, max_bytes=20_000_000)
    assert status == 1
    assert "written more than 20000000 bytes (-max-size)." in log or "exit status: 1" in log or "153" in log


def test_sizes() -> None:
    assert [limits.size(text) for text in ("5", "10k", "1.5M", "2GB", " 1T ")] == [5, 10**4, 1500000, 2 * 10**9, 10**12]
    for bad in ("", "x", "10Q", "K"):
        with pytest.raises(ValueError):
            limits.size(bad)


def test_what_a_command_says_is_in_no_arguments(each_lab: Any) -> None:
    """Every user of the machine can read those."""
    seen: list[bytes] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            for entry in os.listdir("/proc"):
                if entry.isdigit():
                    try:
                        seen.append(Path(f"/proc/{entry}/cmdline").read_bytes())
                    except OSError:
                        continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        ((status, said),) = each_lab.shell("PASSWORD='hunter-' sh -c 'sleep 0.5; echo $PASSWORD | wc -c'; env; true")
    finally:
        stop.set()
        watcher.join()
    assert status == 0 and said.startswith("8\n") and "BAKELIFT" not in said
    assert any(b"sleep 0.5" in words for words in seen)
    assert not any(b"PASSWORD='hunter" in words for words in seen)
