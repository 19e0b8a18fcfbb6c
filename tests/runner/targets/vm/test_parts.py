"""The parts of a build in a VM that need no VM: its seed, its base, the disk and the file that come of it."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bakelift.runner.artifacts import disk
from bakelift.runner.errors import BuildError
from bakelift.runner.settings import Settings
from bakelift.runner.targets import vm
from bakelift.runner.targets.vm import base, image, qemu
from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.plan.model import Setting
from bakelift.translator.plan.scope import Scope
from bakelift.translator.plan.values import from_python, to_expr

MIB = 1 << 20


def settings(**options: str) -> Settings:
    return Settings({name: Setting(to_expr(from_python(value))) for name, value in options.items()}, Scope())


def context(given: str | None = None, **options: str) -> Any:
    made = SimpleNamespace(name="azure-arm.x", type="azure-arm", source=SimpleNamespace(span=None))
    return SimpleNamespace(
        image=made, settings=settings(**options), options=SimpleNamespace(base=given, out=None), run_uuid="run"
    )


@pytest.mark.parametrize(
    ("publisher", "offer", "sku", "suite"),
    [
        ("Debian", "debian-12", "12-gen2", "bookworm"),
        ("debian", "debian-11-daily", "11", "bullseye"),
        ("Debian", "debian-99", "99", None),
        ("Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2", "jammy"),
        ("Canonical", "ubuntu-24_04-lts", "server", "noble"),
        ("Canonical", "UbuntuServer", "18.04-LTS", "bionic"),
        ("RedHat", "RHEL", "9-lvm", None),
    ],
)
def test_the_suite_of_a_marketplace_image(publisher: str, offer: str, sku: str, suite: str | None) -> None:
    found = base.suite_of(settings(image_publisher=publisher, image_offer=offer, image_sku=sku))
    assert (found.name if found else None) == suite


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"QFI\xfb" + b"\0" * 2000, "qcow2"),
        (b"\0" * MIB + b"conectix" + b"\0" * 504, "vpc"),
        (b"\xeb\x63" + b"\0" * 600, "raw"),
        (b"", "raw"),
    ],
)
def test_the_format_of_a_disk_is_read_from_it(tmp_path: Path, data: bytes, kind: str) -> None:
    (tmp_path / "disk").write_bytes(data)
    assert base.given(str(tmp_path / "disk")).kind == kind


def test_what_cannot_be_built_is_refused_before_anything_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "disk").write_bytes(b"")
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    for code, asked in (
        ("build/vm-windows", context(os_type="Windows")),
        ("build/vm-base", context(image_publisher="RedHat")),
        ("build/vm-base", context("/no/such/disk")),
        ("build/vm-programs", context(str(tmp_path / "disk"))),
    ):
        with pytest.raises(TemplateError) as caught:
            vm.target(asked)
        assert caught.value.diagnostics[0].code == code
    assert "apt-get install qemu-system-x86 qemu-utils" in caught.value.diagnostics[0].detail


def test_the_seed_says_who_logs_in_and_which_host_key_is_shown(tmp_path: Path) -> None:
    pycdlib = pytest.importorskip("pycdlib")
    from bakelift.runner.targets.vm import seed

    keys = seed.make_keys()
    path = str(tmp_path / "seed.iso")
    seed.write(path, "packer", keys, "run")
    assert os.stat(path).st_mode & 0o777 == 0o600
    read = pycdlib.PyCdlib()
    read.open(path)
    assert read.pvd.volume_identifier.strip() == b"cidata"
    texts = {}
    for name in ("user-data", "meta-data"):
        read.get_file_from_iso(str(tmp_path / name), joliet_path=f"/{name}")
        texts[name] = (tmp_path / name).read_text()
    read.close()
    head, _, rest = texts["user-data"].partition("\n")
    said = json.loads(rest)
    assert head == "#cloud-config"
    assert said["users"][0]["name"] == "packer"
    assert said["users"][0]["ssh_authorized_keys"] == [keys.user_public]
    assert said["ssh_keys"]["ed25519_public"] == keys.host_public
    assert json.loads(texts["meta-data"])["instance-id"] == "run"
    assert "PRIVATE KEY" in said["ssh_keys"]["ed25519_private"]
    assert keys.user not in texts["user-data"]


def footer(size: int, **changes: Any) -> bytes:
    data = bytearray(512)
    data[:8] = changes.get("cookie", b"conectix")
    struct.pack_into(">Q", data, 40, size)
    struct.pack_into(">Q", data, 48, changes.get("current", size))
    struct.pack_into(">I", data, 60, changes.get("kind", 2))
    struct.pack_into(">I", data, 64, changes.get("checksum", ~sum(data) & 0xFFFFFFFF))
    return bytes(data)


def test_a_vhd_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "x.vhd"
    path.write_bytes(b"\0" * MIB + footer(MIB))
    assert image.check_vhd(str(path)) == MIB
    for wrong in (
        b"\0" * MIB + footer(MIB, cookie=b"conectiy"),
        b"\0" * MIB + footer(MIB, kind=3),
        b"\0" * MIB + footer(MIB, checksum=1),
        b"\0" * MIB + footer(MIB, current=2 * MIB),
        b"\0" * (MIB + 512) + footer(MIB + 512),
    ):
        path.write_bytes(wrong)
        with pytest.raises(BuildError, match="no fixed VHD"):
            image.check_vhd(str(path))


@pytest.mark.skipif(bool(disk.missing()), reason=f"not installed: {', '.join(disk.missing())}")
def test_a_disk_has_a_boot_loader_and_the_tree(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "motd").write_text("hello")
    path = str(tmp_path / "disk.raw")
    disk.write(str(root), path, 64 * MIB)
    with open(path, "rb") as file:
        first = file.read(512)
        file.seek(MIB)
        second = file.read(512)
    assert os.path.getsize(path) == 64 * MIB
    assert first[510:] == b"\x55\xaa"
    assert struct.unpack_from("<Q", first, 0x5C)[0] == 2048
    assert struct.unpack_from("<QHH", second, 0x1F4)[0] == 2049
    environment = {**os.environ, "PATH": disk.search_path()}
    table = json.loads(subprocess.run(["sfdisk", "-J", path], capture_output=True, check=True, env=environment).stdout)
    assert [part["start"] for part in table["partitiontable"]["partitions"]] == [2048, 4096]
    inside = f"{path}?offset={2 * MIB}"
    shown = subprocess.run(
        ["debugfs", "-R", "cat /boot/grub/grub.cfg", inside],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    uuid = next(word[5:] for word in (root / "etc" / "fstab").read_text().split() if word.startswith("UUID="))
    assert f"root=UUID={uuid}" in shown.stdout
    checked = subprocess.run(["e2fsck", "-fn", inside], capture_output=True, text=True, env=environment, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.skipif(bool(disk.missing()), reason=f"not installed: {', '.join(disk.missing())}")
def test_links_in_the_tree_lead_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "etc").symlink_to(tmp_path / "outside")
    with pytest.raises(BuildError, match="cannot be written into the image"):
        disk.write(str(tmp_path / "root"), str(tmp_path / "disk"), 64 * MIB)
    assert not list((tmp_path / "outside").iterdir())


def test_paths_with_commas_are_one_option_of_qemu() -> None:
    assert qemu.drives("/a,b/disk", "raw")[1].startswith("file=/a,,b/disk,format=raw,")


def test_no_kvm_is_tried_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr(os, "access", lambda *_: False)
    assert asyncio.run(qemu.kvm_boots("disk", "raw", str(tmp_path), str(tmp_path))) is False
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(shutil.which(qemu.PROGRAM) is None, reason="no QEMU here")
def test_qemu_is_told_over_its_monitor_and_ends_with_us(tmp_path: Path) -> None:
    import asyncio

    pytest.importorskip("qemu.qmp")

    async def work() -> tuple[bool, bool]:
        guest = await qemu.Qemu.start(str(tmp_path), (), accelerated=False, memory=64)
        ran = guest.running
        await guest._ask("quit")
        await asyncio.wait_for(guest._process.wait(), 10)
        await guest.end()
        return ran, guest.running

    assert asyncio.run(work()) == (True, False)
    with pytest.raises(BuildError, match="QEMU ended at once"):
        asyncio.run(qemu.Qemu.start(str(tmp_path), ("-drive", "file=/no/such/disk"), accelerated=False))


@pytest.mark.skipif(shutil.which(qemu.PROGRAM) is None, reason="no QEMU here")
def test_a_guest_does_not_outlive_a_killed_build(tmp_path: Path) -> None:
    import signal
    import sys
    import time

    program = (
        "import asyncio, sys\n"
        "from bakelift.runner.targets.vm import qemu\n"
        "async def main():\n"
        "    guest = await qemu.Qemu.start(sys.argv[1], (), False, memory=64)\n"
        "    print(guest._process.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    build = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    assert build.stdout is not None
    guest = int(build.stdout.readline())
    build.send_signal(signal.SIGKILL)
    build.wait()
    build.stdout.close()
    deadline = time.monotonic() + 10
    while os.path.exists(f"/proc/{guest}") and "State:\tZ" not in Path(f"/proc/{guest}/status").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
