"""The deployment templates of packer-plugin-azure's own tests, against ours.

Its approved files are looked for in the folder that ``BAKELIFT_PACKER_AZURE_TEMPLATES`` names, or in a bare clone of
the plugin beside the checkout.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bakelift.runner.targets.azure.config import AzureConfig, ManagedImageSource
from bakelift.runner.targets.azure.deployment import machine_deployment
from bakelift.runner.targets.azure.deployment_vault import vault_deployment

VARIABLE = "BAKELIFT_PACKER_AZURE_TEMPLATES"
CLONES = (".mirror/hashicorp+packer-plugin-azure/repo", "packer-plugin-azure")
FOLDER = "builder/azure/arm"
PREFIX, SUFFIX = "template_factory_test.Test", ".approved.json"

CAPTURED = dict.fromkeys(
    (
        "capture_container_name",
        "image_offer",
        "image_publisher",
        "image_sku",
        "location",
        "storage_account",
        "resource_group_name",
    ),
    "ignored00",
)
LINUX = {**CAPTURED, "communicator": "none", "os_type": "Linux"}
PASSWORD = {"ssh_password": "superS3cret"}
VAULT = {
    **CAPTURED,
    "object_id": "ignored00",
    "tenant_id": "ignored00",
    "subscription_id": "ignored00",
    "use_azure_cli_auth": True,
    "winrm_username": "ignored00",
    "communicator": "winrm",
    "os_type": "Windows",
}
OF_VHD = {
    "capture_name_prefix": "ignore",
    "capture_container_name": "ignore",
    "location": "ignore",
    "image_url": "https://localhost/custom.vhd",
    "resource_group_name": "ignore",
    "storage_account": "ignore",
    "os_type": "Linux",
    "communicator": "none",
}
TO_MANAGED = {
    "location": "ignore",
    "os_type": "Linux",
    "communicator": "none",
    "managed_image_name": "ManagedImageName",
    "managed_image_resource_group_name": "ManagedImageResourceGroupName",
}
OF_MANAGED = {
    **TO_MANAGED,
    "custom_managed_image_resource_group_name": "CustomManagedImageResourceGroupName",
    "custom_managed_image_name": "CustomManagedImageName",
}
PLATFORM = {
    "image_publisher": "--image-publisher--",
    "image_offer": "--image-offer--",
    "image_sku": "--image-sku--",
}
OF_PLATFORM = {**PLATFORM, "image_version": "--version--"}
NETWORK = {
    "virtual_network_resource_group_name": "virtualNetworkResourceGroupName",
    "virtual_network_name": "virtualNetworkName",
    "virtual_network_subnet_name": "virtualNetworkSubnetName",
}
TAGS = {"azure_tags": {"tag01": "value01", "tag02": "value02", "tag03": "value03"}}
TO_GALLERY = {
    "build_resource_group_name": "rg_name",
    "shared_image_gallery_destination.subscription": "subscription",
    "shared_image_gallery_destination.resource_group": "rg_name",
    "shared_image_gallery_destination.gallery_name": "gallery_name",
    "shared_image_gallery_destination.image_name": "image_name",
    "shared_image_gallery_destination.image_version": "2024.01.02",
    "os_type": "Linux",
    "communicator": "none",
}
OF_GALLERY = {
    "shared_image_gallery.subscription": "subscription",
    "shared_image_gallery.resource_group": "rg_name",
    "shared_image_gallery.gallery_name": "gallery_name",
    "shared_image_gallery.image_name": "image_name",
    "shared_image_gallery.image_version": "2024.01.01",
}
CONFIDENTIAL = {"secure_boot_enabled": True, "vtpm_enabled": True, "security_type": "ConfidentialVM"}
PLAN = {
    "plan_info.plan_name": "planName00",
    "plan_info.plan_product": "planProduct00",
    "plan_info.plan_publisher": "planPublisher00",
}

#: Options of each of the plugin's tests, by its name.
CASES: dict[str, Mapping[str, Any]] = {
    "BasicSkuPublicIPVMDeployment": {**LINUX, **PASSWORD, "public_ip_sku": "basic"},
    "ConfidentialVM01": {
        **TO_GALLERY,
        **PLATFORM,
        **PASSWORD,
        **CONFIDENTIAL,
        "security_encryption_type": "DiskWithVMGuestState",
        "disk_encryption_set_id": "encrypted",
    },
    "ConfidentialVM02": {**TO_GALLERY, **PLATFORM, **PASSWORD, **CONFIDENTIAL},
    "ConfidentialVM03": {**TO_GALLERY, **OF_GALLERY, **PASSWORD, **CONFIDENTIAL},
    "EncryptionAtHost01": {**LINUX, **PASSWORD, "encryption_at_host": "true"},
    "EncryptionAtHost02": {**LINUX, **PASSWORD, "encryption_at_host": "false"},
    "KeyVaultDeployment03": {**VAULT, **TAGS},
    "KeyVaultDeployment04": VAULT,
    "PlanInfo01": {**LINUX, **PLAN},
    "PlanInfo02": {
        **LINUX,
        **PLAN,
        "plan_info.plan_promotion_code": "planPromotionCode00",
        "azure_tags": {"dept": "engineering"},
    },
    "SigSourcedWithDiskEncryptionSet": {**TO_GALLERY, **OF_GALLERY, **PASSWORD, "disk_encryption_set_id": "my_id"},
    "TrustedLaunch01": {
        **LINUX,
        **PASSWORD,
        "secure_boot_enabled": "true",
        "vtpm_enabled": "true",
        "security_type": "TrustedLaunch",
    },
    "VirtualMachineDeployment03": {
        **LINUX,
        **PASSWORD,
        "image_publisher": "ImagePublisher",
        "image_offer": "ImageOffer",
        "image_sku": "ImageSku",
        "image_version": "ImageVersion",
    },
    "VirtualMachineDeployment04": OF_VHD,
    "VirtualMachineDeployment05": {**OF_VHD, **PASSWORD, **NETWORK},
    "VirtualMachineDeployment06": {**OF_VHD, **TAGS},
    "VirtualMachineDeployment07": {
        **OF_VHD,
        **PASSWORD,
        "custom_data": "I2Nsb3VkLWNvbmZpZwpncm93cGFydDoKICBtb2RlOiBvZmYK",
    },
    "VirtualMachineDeployment08": OF_MANAGED,
    "VirtualMachineDeployment09": {**TO_MANAGED, **OF_PLATFORM, **PASSWORD},
    "VirtualMachineDeployment10": {
        **TO_MANAGED,
        **OF_PLATFORM,
        **{name: f"--{name}--" for name in NETWORK},
        "private_virtual_network_with_public_ip": True,
    },
    "VirtualMachineDeployment11": {
        **PASSWORD,
        **OF_PLATFORM,
        "location": "ignore",
        "os_type": "Linux",
        "communicator": "none",
        "disk_additional_size": [32],
        "resource_group_name": "packergroup",
        "storage_account": "packerartifacts",
        "capture_name_prefix": "packer",
        "capture_container_name": "packerimages",
    },
    "VirtualMachineDeployment12": {**TO_MANAGED, **OF_PLATFORM, "disk_additional_size": [32]},
    "VirtualMachineDeployment13": {
        **TO_MANAGED,
        **OF_PLATFORM,
        "os_type": "Windows",
        "communicator": "winrm",
        "winrm_username": "ignore",
        "allowed_inbound_ip_addresses": ["127.0.0.1", "192.168.100.0/24"],
    },
    "VirtualMachineDeployment14": {**OF_MANAGED, "boot_diag_storage_account": "diagstgaccnt"},
    "VirtualMachineDeployment15": {
        **LINUX,
        **PASSWORD,
        "spot.eviction_policy": "Deallocate",
        "spot.max_price": 100,
    },
    "VirtualMachineDeployment16": {**LINUX, **PASSWORD},
    "VirtualMachineDeploymentAcceleratedNetworking01": LINUX,
    "VirtualMachineDeploymentAcceleratedNetworking02": {**LINUX, "accelerated_networking": "true"},
    "VirtualMachineDeploymentDiskControllerTypeDefault": LINUX,
    "VirtualMachineDeploymentDiskControllerTypeNVMe": {**LINUX, "disk_controller_type": "NVMe"},
    "VirtualMachineDeploymentLicenseType01": LINUX,
    "VirtualMachineDeploymentLicenseType02": LINUX,
}
#: No test of the plugin makes it any more: its VM has no disablePasswordAuthentication, which all others have.
LEFT_BEHIND = {"StandardSkuPublicIPVMDeployment"}


@pytest.fixture(scope="session")
def approved(checkout: Path) -> Mapping[str, Any]:
    """The plugin's approved templates, by the names of its tests."""
    found = _in_folder(os.environ[VARIABLE]) if VARIABLE in os.environ else _in_clone(checkout.parent)
    if not found:
        pytest.skip(f"no templates of packer-plugin-azure: {VARIABLE} may name their folder ({FOLDER})")
    return {Path(name).name[len(PREFIX) : -len(SUFFIX)]: json.loads(text) for name, text in found.items()}


def _in_folder(folder: str) -> dict[str, str]:
    return {path.name: path.read_text() for path in Path(folder).glob(f"{PREFIX}*{SUFFIX}")}


def _in_clone(beside: Path) -> dict[str, str]:
    folder = next((beside / name for name in CLONES if (beside / name).is_dir()), None)
    if folder is None:
        return {}
    names = _git(folder, "ls-tree", "--name-only", "HEAD", f"{FOLDER}/").split()
    wanted = [name for name in names if Path(name).name.startswith(PREFIX) and name.endswith(SUFFIX)]
    return {name: _git(folder, "show", f"HEAD:{name}") for name in wanted}


def _git(folder: Path, *command: str) -> str:
    """What git prints; nothing where the folder is no clone."""
    return subprocess.run(["git", "-C", str(folder), *command], capture_output=True, text=True, check=False).stdout


def test_every_template_of_the_plugin_is_compared(approved: Mapping[str, Any]) -> None:
    assert set(approved) == set(CASES) | LEFT_BEHIND


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_template_is_the_plugins(
    name: str, approved: Mapping[str, Any], config_of: Callable[[Mapping[str, Any]], AzureConfig]
) -> None:
    config = adjusted(name, config_of(CASES[name]))
    if name.startswith("KeyVault"):
        made = vault_deployment(config, "secret", 4102444800 if name.endswith("04") else None)
    else:
        made = machine_deployment(config, specialized=name.endswith("Deployment16"))
    assert json.loads(json.dumps(made.template)) == approved[name]


def adjusted(name: str, config: AzureConfig) -> AzureConfig:
    """What the plugin's test sets by hand, or leaves unresolved."""
    if name == "VirtualMachineDeployment13":
        return config.but(names=config.names.but(key_vault="--keyvault-name--"))
    if name == "VirtualMachineDeploymentLicenseType02":
        return config.but(machine=config.machine.but(license_type="Windows_Server"))
    assert not isinstance(config.source, ManagedImageSource) or config.source.id == ""
    return config


def test_parameters_are_those_of_the_template(config_of: Callable[[Mapping[str, Any]], AzureConfig]) -> None:
    for name, options in CASES.items():
        config = config_of(options)
        for made in (machine_deployment(config), vault_deployment(config, "secret")):
            declared: Any = made.template["parameters"]
            assert set(made.parameters) == set(declared), name
            assert all(isinstance(each["value"], str) for each in made.parameters.values())
