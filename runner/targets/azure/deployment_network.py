"""The network of a build VM: its NIC, and what it needs where no network exists yet."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.runner.targets.azure.config import Network

    Resources = list[dict[str, Any]]

_ADDRESS = "Microsoft.Network/publicIPAddresses"
_NETWORK = "Microsoft.Network/virtualNetworks"
_NIC = "Microsoft.Network/networkInterfaces"
_GROUP = "Microsoft.Network/networkSecurityGroups"


def variables(network: Network) -> dict[str, str]:
    """The variables of the template that differ from those of a network that is made with a standard address."""
    found = {"publicIPAddressType": "Dynamic"} if network.public_ip_sku == "Basic" else {}
    if network.virtual_network:
        found |= {
            "virtualNetworkResourceGroup": network.resource_group,
            "virtualNetworkName": network.virtual_network,
            "subnetName": network.subnet,
        }
    return found


def resources(network: Network, port: int) -> tuple[Resources, Resources]:
    """Those before the VM in the template, and those after it, in Packer's order.

    A network that exists keeps its own rules, and the VM gets a public address only where that is asked for. ``port``:
    the one that is let in.
    """
    if network.virtual_network:
        address = [_address(network)] if network.public_ip else []
        return [*address, _nic(network)], []
    if network.public_ip_sku == "Basic" and not network.allowed_addresses:
        return [_address(network), _virtual_network(guarded=False), _nic(network)], []
    return [_address(network), _nic(network)], [_security_group(network, port), _virtual_network(guarded=True)]


def _resource(type: str, name: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": type,
        "apiVersion": "[variables('networkApiVersion')]",
        "name": name,
        "location": "[variables('location')]",
        **more,
        "properties": properties,
    }


def _address(network: Network) -> dict[str, Any]:
    sku = {} if network.public_ip_sku == "Basic" else {"sku": {"name": "Standard", "tier": "Regional"}}
    properties = {
        "publicIPAllocationMethod": "[variables('publicIPAddressType')]",
        "dnsSettings": {"domainNameLabel": "[parameters('dnsNameForPublicIP')]"},
    }
    return _resource(_ADDRESS, "[parameters('publicIPAddressName')]", properties, **sku)


def _virtual_network(guarded: bool) -> dict[str, Any]:
    """``guarded``: by the security group."""
    subnet: dict[str, Any] = {"addressPrefix": "[variables('subnetAddressPrefix')]"}
    more = {}
    if guarded:
        subnet["networkSecurityGroup"] = {"id": f"[resourceId('{_GROUP}', parameters('nsgName'))]"}
        more["dependsOn"] = [f"[concat('{_GROUP}/', parameters('nsgName'))]"]
    properties = {
        "addressSpace": {"addressPrefixes": ["[variables('addressPrefix')]"]},
        "subnets": [{"name": "[variables('subnetName')]", "properties": subnet}],
    }
    return _resource(_NETWORK, "[variables('virtualNetworkName')]", properties, **more)


def _nic(network: Network) -> dict[str, Any]:
    existing, public = bool(network.virtual_network), network.public_ip or not network.virtual_network
    address: dict[str, Any] = {"privateIPAllocationMethod": "Dynamic", "subnet": {"id": "[variables('subnetRef')]"}}
    depends = []
    if public:
        address["publicIPAddress"] = {"id": f"[resourceId('{_ADDRESS}', parameters('publicIPAddressName'))]"}
        depends.append(f"[concat('{_ADDRESS}/', parameters('publicIPAddressName'))]")
    if not existing:
        depends.append(f"[concat('{_NETWORK}/', variables('virtualNetworkName'))]")
    properties: dict[str, Any] = {"ipConfigurations": [{"name": "ipconfig", "properties": address}]}
    if network.accelerated is not None:
        properties["enableAcceleratedNetworking"] = network.accelerated
    return _resource(_NIC, "[parameters('nicName')]", properties, dependsOn=depends)


def _security_group(network: Network, port: int) -> dict[str, Any]:
    """A standard address lets nobody in without one: those who are named, else everybody, and to one port only."""
    rule = {
        "description": "Allow inbound traffic from specified IP addresses",
        "protocol": "Tcp",
        "priority": 100,
        "access": "Allow",
        "direction": "Inbound",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "VirtualNetwork",
        "destinationPortRange": str(port),
    }
    if network.allowed_addresses:
        rule["sourceAddressPrefixes"] = list(network.allowed_addresses)
    else:
        rule["sourceAddressPrefix"] = "*"
    rules = [{"name": "AllowIPsToSshWinRMInbound", "properties": rule}]
    return _resource(_GROUP, "[parameters('nsgName')]", {"securityRules": rules})
