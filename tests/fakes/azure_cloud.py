"""A cloud on loopback for builds of azure-arm: the manager, a machine that ssh reaches, an account with blobs."""

from __future__ import annotations

import base64
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh
import fake_arm
import fake_blob
import fake_machines
import fake_ssh
import fake_vhds

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUPS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
MARKETPLACE = {"image_publisher": "canonical", "image_offer": "ubuntu-24_04-lts", "image_sku": "server"}
MANAGED = {"managed_image_name": "web-image", "managed_image_resource_group_name": "images"}
GALLERY = f"{GROUPS}/images/providers/Microsoft.Compute/galleries/gallery/images/web"
STEP = '  provisioner "shell" { inline = ["echo hello from the machine"] }\n'
#: What differs from build to build.
MASKS = (
    (re.compile(r"(pkr(?:vm|dp|kv|os|dd|ni|sn|ip|vn|sg)|pkr-Resource-Group-)[a-z0-9]{10}"), r"\1xxxxxxxxxx"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "TIME"),
    (re.compile(r"(?!00000000)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"/tmp/packer-shell\d+"), "/tmp/packer-shellN"),
    (re.compile(r"after (?:\d+ (?:minute|second|millisecond|microsecond)s? ?)+"), "after DURATION"),
)


class Cloud:
    """``options``: of the template's source, changed by what a test says (None takes one out)."""

    def __init__(self, arm: fake_machines.Machines, host: fake_ssh.Host, store: fake_blob.Store, folder: Path) -> None:
        self.arm = arm
        self.host = host
        self.store: Any = store
        self.arm_blob = ""
        self.folder = folder

    def template(self, name: str = "web", steps: str = STEP, more: str = "", **changed: object) -> str:
        """Writes a template; its path. ``more``: blocks of the source."""
        options: dict[str, object] = {
            "subscription_id": SUBSCRIPTION,
            "os_type": "Linux",
            "location": "West Europe",
            "ssh_port": self.host.port,
            **MARKETPLACE,
            **MANAGED,
            **changed,
        }
        lines = "".join(f"  {key} = {_hcl(value)}\n" for key, value in options.items() if value is not None)
        text = f'source "azure-arm" "{name}" {{\n{lines}{more}}}\n'
        path = self.folder / f"{name}.pkr.hcl"
        path.write_text(f'{text}build {{\n  sources = ["source.azure-arm.{name}"]\n{steps}}}\n')
        return str(path)

    def key_file(self) -> str:
        """A key of the template's own, in a file."""
        path = self.folder / "key"
        if not path.exists():
            asyncssh.generate_private_key("ssh-rsa", key_size=2048).write_private_key(path, "pkcs1-pem")
        return str(path)

    def key(self) -> str:
        """Its line of authorized_keys."""
        return asyncssh.read_private_key(self.key_file()).export_public_key().decode()

    def requests(self) -> list[str]:
        """What was asked, in order, names masked: method, path from the subscription on, API version."""
        asked = []
        for method, path, version, _ in self.arm.bodies:
            below = path.removeprefix(f"/subscriptions/{SUBSCRIPTION}/")
            asked.append(masked(f"{method} {below} {version}"))
        return asked

    def body(self, method: str, pattern: str) -> dict[str, Any]:
        """Of the first request like this."""
        return next(body for asked, path, _, body in self.arm.bodies if asked == method and re.search(pattern, path))


def _hcl(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f'{key} = "{item}"' for key, item in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(_hcl, value))}]"
    return str(value) if isinstance(value, int) else f'"{value}"'


def masked(text: str) -> str:
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    return text


def shell(folder: Path) -> fake_machines.Shell:
    """A machine's agent: runs scripts with bash in a folder, where its /tmp is."""

    def run(script: str, hidden: str) -> tuple[int, str, str]:
        text = base64.b64decode(hidden).decode().replace("/tmp/", f"{folder}/tmp/")
        value = base64.b64encode(text.encode()).decode()
        environment = {**os.environ, "BAKELIFT": value, "HOME": str(folder)}
        done = subprocess.run(
            ["bash", "-c", script], capture_output=True, check=False, text=True, env=environment, cwd=folder
        )
        return done.returncode, done.stdout, done.stderr

    return run


@contextmanager
def cloud(folder: Path, runs: bool = True) -> Iterator[tuple[Cloud, dict[str, str]]]:
    """The cloud, and the environment that leads to it. ``runs``: whether machines run what is sent over ssh."""
    arm = fake_machines.Machines()
    with (
        fake_arm.serving(fake_machines.Handler, arm) as (_, address),
        fake_ssh.machine(folder / "vm", runs) as host,
        fake_blob.serving(fake_vhds.Handler) as (store, blobs),
    ):
        arm.authorize = host.authorize
        arm.password = host.set_password
        arm.shell = shell(folder / "vm")
        arm.add(f"{GROUPS}/images", location="westeurope")
        arm.add(GALLERY, location="westeurope", properties={"osState": "Generalized"})
        arm.add(f"{GROUPS}/builds", location="northeurope")
        account = f"{GROUPS}/images/providers/Microsoft.Storage/storageAccounts/account"
        arm.add(account, location="westeurope", properties={"primaryEndpoints": {"blob": f"{blobs}/"}})
        environment = {
            "BAKELIFT_ARM_ENDPOINT": address,
            "BAKELIFT_ARM_TOKEN": fake_arm.TOKEN,
            "BAKELIFT_POLL_SECONDS": "0",
            "XDG_CACHE_HOME": str(folder / "cache"),
            "PACKER_LOG": "",
        }
        made = Cloud(arm, host, store, folder)
        made.arm_blob = f"{blobs}/"
        yield made, environment
