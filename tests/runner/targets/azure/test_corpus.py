"""Real templates of azure-arm, built in Azure on loopback. Their scripts run in a box without network, where programs
that change a machine do nothing; or nowhere.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import azure_cloud
import fake_runs
import pytest
from azure_cloud import SUBSCRIPTION, Cloud

from bakelift.__main__ import main
from bakelift.runner.targets import TargetContext, azure
from bakelift.runner.targets.azure import config as options
from bakelift.runner.targets.azure.config import AzureConfig
from bakelift.runner.targets.azure.options import read_config

pytestmark = pytest.mark.slow

SUDO = """#!/bin/sh
while :; do
  case "$1" in
    -u | -g | -p) shift 2 ;;
    -*) shift ;;
    *=*) export "$1"; shift ;;
    *) break ;;
  esac
done
exec "$@"
"""
#: What scripts call to change a machine, or to wait.
NOTHING = (
    "apt apt-get apt-key add-apt-repository dpkg snap yum dnf rpm zypper systemctl service update-rc.d curl wget pip "
    "pip3 npm docker waagent cloud-init useradd usermod groupadd passwd chpasswd sleep reboot shutdown mount umount "
    "mkfs modprobe sysctl ufw iptables hostnamectl timedatectl locale-gen localectl az pkg gem git ansible-playbook "
    "make swapoff gpg sync"
)


def box(folder: Path) -> list[str]:
    """Words that run a shell in a box, for a while: /usr and /etc are copies that go with it, /tmp stays."""
    stubs, machine = folder / "stubs", folder / "vm"
    stubs.mkdir()
    for name in [*NOTHING.split(), "sudo"]:
        (stubs / name).write_text(SUDO if name == "sudo" else "#!/bin/sh\nexit 0\n")
        (stubs / name).chmod(0o755)
    program = fake_runs.bwrap()
    assert program is not None
    words = [program, "--proc", "/proc", "--dev", "/dev", "--dir", "/home/packer", "--dir", "/opt", "--dir", "/var/log"]
    for name in ("usr", "etc"):
        words += ["--overlay-src", f"/{name}", "--tmp-overlay", f"/{name}"]
    for name in ("bin", "sbin", "lib", "lib64"):
        words += ["--symlink", f"usr/{name}", f"/{name}"]
    words += ["--ro-bind", str(stubs), "/stubs", "--ro-bind", str(stubs / "waagent"), "/usr/sbin/waagent"]
    words += ["--bind", str(machine / "tmp"), "/tmp", "--chdir", "/home/packer", "--clearenv"]
    words += ["--setenv", "HOME", "/home/packer", "--setenv", "PATH", "/stubs:/usr/sbin:/usr/bin:/sbin:/bin"]
    words += ["--unshare-all", "--uid", "1000", "--gid", "1000", "--die-with-parent", "--new-session"]
    return ["timeout", "-k", "1", "8", *words, "/bin/bash", "-c"]


class Real:
    """The cloud has what a template names, and the machine is the one on loopback."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.configs: list[AzureConfig] = []

    def read(self, context: TargetContext, chance: Any) -> AzureConfig:
        config = read_config(context, chance)
        if config.os_type != "Linux":
            return config
        self.configs.append(config)
        for id, more in self.needed(config):
            self.cloud.arm.add(id.replace("SUBSCRIPTION", SUBSCRIPTION), **more)
        login = config.ssh.login.but(host="", port=self.cloud.host.port, password="")
        return config.but(ssh=config.ssh.but(login=login, bastion=None, timeout=20.0, pty=False, pause=0.0))

    def needed(self, config: AzureConfig) -> Iterator[tuple[str, dict[str, Any]]]:
        """What must be there before the build: ids, and what else there is to them."""
        top, here = "/subscriptions/SUBSCRIPTION/resourceGroups/", {"location": "westeurope"}
        if not config.own_group:
            yield f"{top}{config.resource_group}", here
        if config.managed_image is not None:
            yield f"{top}{config.managed_image.resource_group}", here
        if isinstance(config.source, options.ManagedImageSource):
            group = f"{top}{config.source.resource_group}"
            yield group, here
            yield f"{group}/providers/Microsoft.Compute/images/{config.source.name}", {}
        if isinstance(config.source, options.GallerySource):
            yield from _gallery(config.source.subscription, config.source.resource_group, config.source)
        if config.gallery_image is not None:
            yield from _gallery(
                config.gallery_image.subscription, config.gallery_image.resource_group, config.gallery_image
            )
        network = config.machine.network
        if network.virtual_network:
            group = f"{top}{network.resource_group or 'nets'}"
            yield group, here
            id = f"{group}/providers/Microsoft.Network/virtualNetworks/{network.virtual_network}"
            yield id, {}
            yield f"{id}/subnets/{network.subnet or 'one'}", {}
        if config.vhd is not None:
            group = f"{top}{config.vhd.resource_group}"
            yield group, here
            endpoints = {"primaryEndpoints": {"blob": self.cloud.arm_blob}}
            id = f"{group}/providers/Microsoft.Storage/storageAccounts/{config.vhd.storage_account}"
            yield id, {**here, "properties": endpoints}


def _gallery(subscription: str, group: str, place: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    top = f"/subscriptions/{subscription or 'SUBSCRIPTION'}/resourceGroups/{group}"
    yield top, {"location": "westeurope"}
    id = f"{top}/providers/Microsoft.Compute/galleries/{place.gallery}/images/{place.image}"
    yield id, {"properties": {"osState": "Generalized"}}


def units(shared: Path) -> list[tuple[str, Path, Path]]:
    """(unit, its path, its repository's folder)."""
    with (shared / "corpus" / "UNITS.tsv").open() as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["class"] == "packer-azure"]
    top = shared / "corpus" / "packer-azure"
    complete = [row["unit"] for row in rows if row["state"] == "complete"]
    return [(unit, top / unit, top / unit.split("/")[0]) for unit in complete]


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Real]:
    pytest.importorskip("azure.mgmt.compute", reason="Azure's packages are not installed")
    with azure_cloud.cloud(tmp_path, runs=False) as (cloud, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        cloud.arm.looks = 1
        (tmp_path / "work").mkdir()
        monkeypatch.chdir(tmp_path / "work")
        made = Real(cloud)
        monkeypatch.setattr(azure, "read_config", made.read)
        yield made


def linux_builds(
    real: Real, shared: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[tuple[str, int, str, list[AzureConfig]]]:
    """Each unit that has images of Linux and can be built here: unit, status, log, configurations."""
    there = set(real.cloud.arm.resources)
    for unit, path, root in units(shared):
        for key in set(real.cloud.arm.resources) - there:
            del real.cloud.arm.resources[key]
        real.configs.clear()
        real.cloud.host.commands.clear()
        real.cloud.host.uploads.clear()
        real.cloud.store.blobs.clear()
        words = ["build", "-on", "azure", "-color=false", "-root", str(root), "-subscription", SUBSCRIPTION]
        shown = main([*words, "-dry-run", str(path)])
        capsys.readouterr()
        if shown or not real.configs:
            continue  # refused before anything is asked, or an image of Windows
        real.configs.clear()
        status = main([*words, str(path)])
        said = capsys.readouterr()
        for operation in real.cloud.arm.operations.values():
            operation.look()  # what nobody waits for (async_resourcegroup_delete)
        yield unit, status, said.out + said.err, list(real.configs)


def test_real_templates_are_built(real: Real, shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of theirs runs; their scripts come to the machine, and their images out."""
    built = 0
    for unit, status, out, configs in linux_builds(real, shared, capsys):
        assert "Traceback" not in out, unit
        assert status == 0, f"{unit}\n{out}"
        built += 1
        count = len(re.findall(r"Provisioning with shell script: ", out))
        assert len(real.cloud.host.commands) >= count, unit
        wanted = [config for config in configs if not config.skip_create_image]
        named = set(re.findall(r"^--> (.*): Azure\.ResourceManagement\.VMImage:$", out, re.M))
        assert len(named) == len(wanted), f"{unit}\n{out}"
        assert real.cloud.arm.ours() == [], unit
    assert built >= 20, built


def test_their_scripts_run_in_a_box(real: Real, shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One that fails there ends its build as ever, and nothing is left."""
    if fake_runs.bwrap() is None:
        pytest.skip("needs bubblewrap, and leave to use it")
    real.cloud.host.box = box(real.cloud.folder)
    real.cloud.host.runs = True
    built, good = 0, 0
    for unit, status, out, _ in linux_builds(real, shared, capsys):
        assert "Traceback" not in out, unit
        built += 1
        good += status == 0
        assert real.cloud.arm.ours() == [], unit
        if status:
            assert re.search(r"^--> .*(exit status|Error|error|timeout)", out, re.M | re.I), f"{unit}\n{out}"
    assert built >= 20, built
    assert good >= 20, good
