"""The seed of a VM: a small ISO image from which cloud-init learns who may log in, and the host key to show.

NoCloud: a volume called ``cidata`` with ``user-data`` and ``meta-data``. The host key is made here, so the VM is known
before it has started; it is the only place where its private half is, and is removed with the work folder.
"""

from __future__ import annotations

import io
import json

from bakelift.translator.plan.record import Record


class Keys(Record):
    """``user``: the private key that logs in; ``host``: the public half of the VM's own. OpenSSH's text forms."""

    user: str
    user_public: str
    host: str
    host_public: str


def make_keys() -> Keys:
    from bakelift.runner.communicators.library import asyncssh

    user, host = (asyncssh.generate_private_key("ssh-ed25519", comment="build") for _ in range(2))
    return Keys(
        user.export_private_key().decode(),
        user.export_public_key().decode().strip(),
        host.export_private_key().decode(),
        host.export_public_key().decode().strip(),
    )


def user_data(user: str, keys: Keys) -> str:
    """cloud-init's configuration; JSON is YAML. The user may use sudo without a password, as on a VM in Azure."""
    data = {
        "users": [
            {
                "name": user,
                "shell": "/bin/bash",
                "lock_passwd": True,
                "sudo": "ALL=(ALL) NOPASSWD:ALL",
                "ssh_authorized_keys": [keys.user_public],
            }
        ],
        "ssh_pwauth": False,
        "ssh_deletekeys": True,
        "ssh_keys": {"ed25519_private": keys.host, "ed25519_public": keys.host_public},
        "locale": False,
        "growpart": {"mode": "auto", "devices": ["/"]},
    }
    return f"#cloud-config\n{json.dumps(data, indent=1)}\n"


def write(path: str, user: str, keys: Keys, instance: str) -> None:
    """Writes the ISO image; only its owner may read it."""
    import os

    import pycdlib

    files = {
        "user-data": user_data(user, keys),
        "meta-data": json.dumps({"instance-id": instance, "local-hostname": "localhost"}) + "\n",
    }
    image = pycdlib.PyCdlib()
    image.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident="cidata")
    for number, (name, text) in enumerate(files.items()):
        data = text.encode()
        image.add_fp(io.BytesIO(data), len(data), f"/FILE{number}.;1", rr_name=name, joliet_path=f"/{name}")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        image.write_fp(file)
    image.close()
