"""The deployments of a build in Azure: ARM templates with their parameters, as Packer's azure-arm builder submits them.

Pure: a configuration in which everything is known goes in. Passwords, and the certificate with its key, travel as
parameters of type ``securestring``; every other value of the template's is written where it belongs. Facts:
packer-plugin-azure 2.6, ``builder/azure/arm/template_factory.go`` and ``builder/azure/common/template``.
"""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from bakelift.runner.targets.azure.config import AzureConfig

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


class Deployment(Record):
    """``template``: an ARM template; ``parameters``: ``{name: {"value": text}}``; ``secrets``: what no log may show."""

    template: Mapping[str, Any]
    parameters: Mapping[str, Mapping[str, str]]
    secrets: tuple[str, ...] = ()

    def body(self) -> dict[str, Any]:
        """What the management API wants, to validate as to deploy."""
        properties = {"mode": "Incremental", "template": dict(self.template), "parameters": dict(self.parameters)}
        return {"properties": properties}


def deployment(
    values: Mapping[str, str],
    secure: Sequence[str],
    variables: Mapping[str, str],
    resources: Sequence[dict[str, Any]],
    tags: Mapping[str, str],
) -> Deployment:
    """``values``: of the parameters, which are texts, those of ``secure`` secure ones. Every resource gets the tags."""
    if tags:
        written = {literal(name): literal(value) for name, value in tags.items()}
        resources = [{**resource, "tags": written} for resource in resources]
    template = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {name: {"type": "securestring" if name in secure else "string"} for name in values},
        "variables": dict(variables),
        "resources": list(resources),
    }
    secrets = tuple(values[name] for name in secure if values[name])
    return Deployment(template, {name: {"value": value} for name, value in values.items()}, secrets)


def literal(text: str) -> str:
    """A text that ARM shall not take for an expression."""
    return f"[{text}" if text.startswith("[") and text.endswith("]") else text


def machine_deployment(config: AzureConfig, specialized: bool = False) -> Deployment:
    """The VM, its disks, its NIC, and the network where none exists.

    ``specialized``: the source image has its users already, and gets none. Raises BuildError when a data disk would
    take the place of one of the source image.
    """
    from bakelift.runner.targets.azure import deployment_machine as machine
    from bakelift.runner.targets.azure import deployment_network as network

    names = config.names
    values = {
        "adminUsername": config.user,
        "adminPassword": config.password,
        "dnsNameForPublicIP": names.compute,
        "nicName": names.nic,
        "osDiskName": names.os_disk,
        "publicIPAddressName": names.public_ip,
        "subnetName": names.subnet,
        "storageAccountBlobEndpoint": config.vhd.blob_endpoint if config.vhd is not None else "",
        "virtualNetworkName": names.virtual_network,
        "nsgName": names.nsg,
        "vmSize": config.machine.size,
        "vmName": names.compute,
        "dataDiskName": names.data_disk,
        "commandToExecute": config.machine.custom_script,
    }
    variables = {**VARIABLES, **network.variables(config.machine.network)}
    before, after = network.resources(config.machine.network, config.port)
    resources = [*before, machine.virtual_machine(config, specialized), machine.custom_script(), *after]
    return deployment(values, ["adminPassword"], variables, resources, config.tags)


#: Of the VM's template. What a network that exists already changes of them is in ``deployment_network``.
VARIABLES = {
    "addressPrefix": "10.0.0.0/16",
    "computeApiVersion": "2023-03-01",
    "location": "[resourceGroup().location]",
    "networkApiVersion": "2023-04-01",
    "publicIPAddressType": "Static",
    "sshKeyPath": "[concat('/home/',parameters('adminUsername'),'/.ssh/authorized_keys')]",
    "subnetName": "[parameters('subnetName')]",
    "subnetAddressPrefix": "10.0.0.0/24",
    "subnetRef": "[concat(variables('vnetID'),'/subnets/',variables('subnetName'))]",
    "virtualNetworkName": "[parameters('virtualNetworkName')]",
    "virtualNetworkResourceGroup": "[resourceGroup().name]",
    "vmStorageAccountContainerName": "images",
    "vnetID": "[resourceId(variables('virtualNetworkResourceGroup'), 'Microsoft.Network/virtualNetworks', "
    "variables('virtualNetworkName'))]",
}
