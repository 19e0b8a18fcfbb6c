"""One image the whole way in a virtual machine: its base, a reboot, its VHD, and whether that boots."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bakelift.runner import suites
from bakelift.runner.targets import vm
from bakelift.runner.targets.vm import image, qemu

#: Seconds: emulation on a machine that others work on as well.
LIMIT = 900

TEMPLATE = r"""
source "azure-arm" "web" {
  use_azure_cli_auth                = true
  image_publisher                   = "Debian"
  image_offer                       = "debian-12"
  image_sku                         = "12-gen2"
  os_type                           = "Linux"
  location                          = "westeurope"
  vm_size                           = "Standard_B2s"
  managed_image_name                = "web"
  managed_image_resource_group_name = "images"
}
build {
  sources = ["source.azure-arm.web"]
  provisioner "shell" {
    execute_command = "chmod +x {{ .Path }}; {{ .Vars }} sudo -E sh '{{ .Path }}'"
    inline = [
      "id -un >/etc/made-by",
      "cp /proc/sys/kernel/random/boot_id /etc/first-boot",
      "cd /etc/systemd/system",
      "echo '[Service]' >proof.service",
      "echo \"ExecStart=/bin/sh -c 'echo IMAGE OF $PACKER_BUILD_NAME >/dev/ttyS0'\" >>proof.service",
      "printf '[Install]\\nWantedBy=multi-user.target\\n' >>proof.service",
      "systemctl enable proof.service",
    ]
  }
  provisioner "shell" {
    expect_disconnect = true
    inline            = ["sudo systemctl reboot; sleep 60"]
  }
  provisioner "shell" {
    inline = [
      "test $(cat /proc/sys/kernel/random/boot_id) != $(cat /etc/first-boot)",
      "echo made by $(cat /etc/made-by), run by $(id -un)",
    ]
  }
}
"""


@pytest.mark.slow
def test_an_image_the_whole_way(tmp_path: Path) -> None:
    suite = suites.Suite("debian", "12", "bookworm")
    lacking = vm._missing(suite)
    if lacking or os.geteuid() != 0:
        pytest.skip("; ".join(lacking) or "only root makes a disk")
    (tmp_path / "t.pkr.hcl").write_text(TEMPLATE)
    done = subprocess.run(
        [sys.executable, "-m", "bakelift", "build", "-on", "vm", "-color=false", "-timing", "-out", "out", "t.pkr.hcl"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "==> azure-arm.web: made by root, run by packer" in done.stdout
    vhd = tmp_path / "out" / "azure-arm.web.vhd"
    assert image.check_vhd(str(vhd)) == 8 << 30
    listing = json.loads((tmp_path / "out" / "azure-arm.web.manifest.json").read_text())
    assert listing["vhd"]["size"] == vhd.stat().st_size
    assert listing["outputs"] == [{"type": "ManagedImage", "name": "web", "tags": {}}]
    assert not [name for name in os.listdir(tmp_path / "out") if name.startswith(".")]
    shown = asyncio.run(boots(str(vhd), tmp_path))
    assert "IMAGE OF web" in shown
    assert "login:" in shown


async def boots(disk: str, folder: Path) -> str:
    """What a machine with this disk writes to its serial line until somebody can log in."""
    guest = await qemu.Qemu.start(str(folder), (*qemu.drives(disk, "vpc"), "-snapshot"), accelerated=False)
    try:
        for _ in range(LIMIT):
            await asyncio.sleep(1)
            text = Path(guest.serial).read_text("utf-8", "replace") if os.path.exists(guest.serial) else ""
            if "login:" in text and "IMAGE OF" in text:
                return text
            assert guest.running, guest.said()
        return text
    finally:
        await guest.end()
