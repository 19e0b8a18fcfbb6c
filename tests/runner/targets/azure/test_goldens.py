"""Templates, and the deployments that come of them: every folder of ``golden``.

A folder has the template (``image.pkr.hcl``), what Azure says while it builds (``found.json``), and what is to come of
it: ``machine.json`` and, where a key vault is made or used, ``vault.json``, each a template with its parameters.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bakelift.runner.targets import TargetContext
from bakelift.runner.targets.azure.config import AzureConfig, ManagedImageSource
from bakelift.runner.targets.azure.deployment import Deployment, machine_deployment
from bakelift.runner.targets.azure.deployment_vault import needs_vault, vault_deployment
from bakelift.runner.targets.azure.options import read_config
from bakelift.translator.packer.tables import azure_arm

GOLDEN = Path(__file__).parent / "golden"
FOLDERS = sorted(path.name for path in GOLDEN.iterdir())

Contexts = Callable[..., TargetContext]


def golden(name: str, context_of: Contexts) -> tuple[AzureConfig, dict[str, Any]]:
    """The configuration of a folder, with what is found later, and the rest of that."""
    folder = GOLDEN / name
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    context = context_of(files["image.pkr.hcl"].decode(), files)
    found = json.loads(files.get("found.json", b"{}"))
    return completed(read_config(context, random.Random(1)), found), found


def completed(config: AzureConfig, found: Mapping[str, Any]) -> AzureConfig:
    machine, source, vhd = config.machine, config.source, config.vhd
    if isinstance(source, ManagedImageSource):
        source = source.but(id=found["source_id"])
    return config.but(
        password="PASSWORD",
        source=source,
        source_data_disk_luns=tuple(found.get("source_data_disk_luns", ())),
        ssh_public_key=found.get("ssh_public_key", ""),
        key_vault=config.key_vault.but(certificate_url=found.get("certificate_url", "")),
        machine=machine.but(network=machine.network.but(**found.get("network", {}))),
        vhd=vhd.but(blob_endpoint=found["blob_endpoint"]) if vhd is not None else None,
    )


def plain(made: Deployment) -> dict[str, Any]:
    """As the files have it."""
    whole = {"template": made.template, "parameters": made.parameters}
    return json.loads(json.dumps(whole))  # type: ignore[no-any-return]


def outputs(config: AzureConfig, found: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What a folder's files have to hold, by their names."""
    machine = machine_deployment(config, specialized=bool(found.get("specialized")))
    made = {"machine.json": plain(machine)}
    if needs_vault(config):
        made["vault.json"] = plain(vault_deployment(config, "CERTIFICATE", found.get("expires")))
    return made


@pytest.mark.parametrize("name", FOLDERS)
def test_deployments(name: str, context_of: Contexts) -> None:
    config, found = golden(name, context_of)
    made = outputs(config, found)
    for file, content in made.items():
        assert content == json.loads((GOLDEN / name / file).read_text()), file
    assert not {"machine.json", "vault.json"} - set(made) & {path.name for path in (GOLDEN / name).iterdir()}


@pytest.mark.parametrize("name", FOLDERS)
def test_secrets_travel_as_secure_parameters_only(name: str, context_of: Contexts) -> None:
    config, _ = golden(name, context_of)
    for made in (machine_deployment(config), vault_deployment(config, "CERTIFICATE")):
        secure = {key for key, each in made.template["parameters"].items() if each["type"] == "securestring"}
        assert secure == {key for key, each in made.parameters.items() if each["value"] in made.secrets}
        text = json.dumps(made.template)
        assert not [secret for secret in {*made.secrets, *config.secrets} if secret in text]


#: Options of the VM and its source that leave no trace in a template: names of groups, and how long to wait.
ELSEWHERE = {
    "username",
    "async_resourcegroup_delete",
    "custom_resource_build_prefix",
    "polling_duration_timeout",
    "temp_resource_group_name",
}


def test_every_option_that_shapes_a_template_is_in_a_folder(context_of: Contexts) -> None:
    used = {name for folder in FOLDERS for name in said(folder, context_of)}
    options = [option.name for option in (*azure_arm.SOURCE, *azure_arm.MACHINE) if option.value != "block"]
    assert set(options) - used - ELSEWHERE == set()


def said(name: str, context_of: Contexts) -> Iterator[str]:
    settings = context_of((GOLDEN / name / "image.pkr.hcl").read_text()).settings
    for option in settings.names():
        yield option
        if option == "azure_tag":
            yield from ("azure_tag.name", "azure_tag.value")
