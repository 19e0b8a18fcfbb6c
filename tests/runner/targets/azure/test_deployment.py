"""What the deployments of a build refuse, and what goes beside their templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bakelift.runner.errors import BuildError
from bakelift.runner.targets.azure import deployment_vault as vault
from bakelift.runner.targets.azure.config import AzureConfig
from bakelift.runner.targets.azure.deployment import literal, machine_deployment

Configs = Callable[[Mapping[str, Any]], AzureConfig]
NOW = datetime(2026, 1, 2, tzinfo=UTC)
LINUX = {
    "os_type": "Linux",
    "location": "westeurope",
    "image_publisher": "Canonical",
    "image_offer": "ubuntu-24_04-lts",
    "image_sku": "server",
    "managed_image_name": "web",
    "managed_image_resource_group_name": "images",
}
WINDOWS = {**LINUX, "os_type": "Windows", "communicator": "winrm"}


def test_a_data_disk_cannot_take_the_place_of_the_images(config_of: Configs) -> None:
    config = config_of({**LINUX, "disk_additional_size": [8], "disk_additional_luns": [2]})
    machine_deployment(config.but(source_data_disk_luns=(0, 1)))
    with pytest.raises(BuildError, match="value 2 conflicts"):
        machine_deployment(config.but(source_data_disk_luns=(0, 2)))


def test_a_body_for_the_management_api(config_of: Configs) -> None:
    made = machine_deployment(config_of(LINUX))
    properties = made.body()["properties"]
    assert properties["mode"] == "Incremental"
    assert properties["parameters"]["vmSize"] == {"value": "Standard_A1"}
    assert properties["template"]["parameters"]["adminPassword"] == {"type": "securestring"}
    assert made.secrets == (properties["parameters"]["adminPassword"]["value"],)


@pytest.mark.parametrize(
    ("text", "written"),
    [("plain", "plain"), ("[resourceGroup().id]", "[[resourceGroup().id]"), ("[open", "[open"), ("", "")],
)
def test_texts_are_no_expressions(text: str, written: str) -> None:
    assert literal(text) == written


@pytest.mark.parametrize(
    ("more", "needed", "expires"),
    [
        ({}, True, None),
        ({"winrm_expiration_time": "1h"}, True, 3600),
        ({"winrm_expiration_time": "1h", "communicator": "ssh"}, True, None),
        ({"winrm_expiration_time": "1h", "communicator": "ssh", "build_key_vault_name": "old"}, True, 3600),
        ({"skip_create_build_key_vault": True}, False, None),
    ],
)
def test_when_there_is_a_vault(more: dict[str, Any], needed: bool, expires: int | None, config_of: Configs) -> None:
    config = config_of({**WINDOWS, **more})
    assert vault.needs_vault(config) == needed
    assert not vault.needs_vault(config_of(LINUX))
    found = vault.expires(config, NOW)
    assert (found - int(NOW.timestamp()) if found is not None else None) == expires


def test_the_certificate_of_ssh_is_made_of_its_key(config_of: Configs) -> None:
    import base64
    import json

    from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

    from bakelift.runner.targets.azure.keys import make_ssh_key

    key = make_ssh_key()
    config = config_of({**WINDOWS, "communicator": "ssh"})
    config = config.but(ssh=config.ssh.but(login=config.ssh.login.but(key=key.private)))
    value = json.loads(base64.b64decode(vault.certificate(config, NOW)))
    assert value["password"] == config.certificate_password
    found, *_ = pkcs12.load_key_and_certificates(base64.b64decode(value["data"]), value["password"].encode())
    assert found is not None
    assert found.public_key() == load_pem_private_key(key.private.encode(), None).public_key()
