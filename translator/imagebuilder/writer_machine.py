"""The build VM of an image template: its size, disks, identities and network."""

from __future__ import annotations

from bakelift.translator.imagebuilder.versions import BUILD_VM_IDENTITIES, DATA_DISKS, has
from bakelift.translator.imagebuilder.writer_ids import SUBNETS, resource_id
from bakelift.translator.plan.expressions import ListExpr, Literal
from bakelift.translator.plan.types import NUMBER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.deployment import Draft
    from bakelift.translator.imagebuilder.writer_resource import ResourceWriter
    from bakelift.translator.plan.azure import Network
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Setting

#: What Packer takes when a template does not say.
PACKER_VM_SIZE = "Standard_A1"


def write_machine(writer: ResourceWriter) -> dict[str, Draft] | None:
    """The ``vmProfile``; None where an image template said none."""
    image, leaves = writer.image, writer.leaves
    base = "/properties/vmProfile"
    size = leaves.given(image.vm_size, "vm_size")
    if size is None and writer.rest is None:
        size = Literal(PACKER_VM_SIZE)
        leaves.diagnostics.warning(
            "aib/vm-size-default",
            f"The template does not say vm_size; Packer then takes {PACKER_VM_SIZE}",
            "Sizes of that series are retired or small; say one, such as Standard_D2s_v5.",
            image.image.source.span,
        )
    disk = leaves.number(image.os_disk_size_gb, "os_disk_size_gb")
    if isinstance(disk, Literal) and isinstance(disk.value, int) and disk.value <= 0:
        disk = None
    leaves.say(image.vm_size, "vm_size", f"{base}/vmSize")
    leaves.say(image.os_disk_size_gb, "os_disk_size_gb", *([f"{base}/osDiskSizeGB"] if disk is not None else []))
    identities = leaves.given(image.identities, "user_assigned_managed_identities")
    if not has(leaves.version, BUILD_VM_IDENTITIES):
        identities = None
        leaves.newer(image.identities, "user_assigned_managed_identities", BUILD_VM_IDENTITIES)
    elif identities == ListExpr(()):
        identities = None
    leaves.say(image.identities, "user_assigned_managed_identities", f"{base}/userAssignedIdentities")
    machine = {
        "vmSize": size,
        "osDiskSizeGB": disk,
        "userAssignedIdentities": identities,
        "vnetConfig": _network(writer, image.network),
    }
    return machine if writer.rest is None or any(part is not None for part in machine.values()) else None


def _network(writer: ResourceWriter, network: Network | None) -> dict[str, Draft] | None:
    if network is None:
        own = writer.own_setting("subnet_id")
        return None if own is None else _vnet_config(writer, own)
    leaves = writer.leaves
    pointer = "/properties/vmProfile/vnetConfig/subnetId"
    leaves.say(network.virtual_network, "virtual_network_name", pointer)
    leaves.say(network.subnet, "virtual_network_subnet_name", pointer)
    leaves.say(network.resource_group, "virtual_network_resource_group_name", pointer)
    if network.subnet_id is not None:
        leaves.say(network.subnet_id, "subnet_id", pointer)
        return _vnet_config(writer, leaves.given(network.subnet_id, "subnet_id"))
    name = leaves.given(network.virtual_network, "virtual_network_name")
    if name is None:
        return None
    subnet = leaves.given(network.subnet, "virtual_network_subnet_name") or writer.ask("subnetName")
    group = leaves.given(network.resource_group, "virtual_network_resource_group_name")
    group = group or writer.ask("virtualNetworkResourceGroupName")
    return _vnet_config(writer, resource_id(writer.subscription(), group, SUBNETS, name, subnet))


def _vnet_config(writer: ResourceWriter, subnet: Expr | None) -> dict[str, Draft]:
    return {
        "subnetId": subnet,
        "proxyVmSize": writer.own_setting("proxy_vm_size"),
        "containerInstanceSubnetId": writer.own_setting("container_instance_subnet_id"),
    }


def write_data_disks(writer: ResourceWriter) -> list[dict[str, Draft]] | None:
    """The ``additionalDataDisks``, by their sizes."""
    setting = writer.image.rest.get("disk_additional_size")
    if setting is None:
        return None
    if _none(setting, writer):
        text = "no data disks, here as there"
        writer.leaves.accounting.say(setting.leaves, "adapted", "aib/unset", text)
        return None
    if not has(writer.leaves.version, DATA_DISKS):
        writer.leaves.newer(setting, "disk_additional_size", DATA_DISKS)
        return None
    writer.leaves.say(setting, "disk_additional_size", "/properties/additionalDataDisks")
    sizes = writer.leaves.given(setting, "disk_additional_size")
    if not isinstance(sizes, ListExpr):
        from bakelift.translator.plan.values import to_expr

        sizes = to_expr(writer.leaves.binder.value(setting.value, "the number of data disks"))
    items = sizes.items if isinstance(sizes, ListExpr) else ()
    return [{"sizeGB": writer.leaves.converted(item, NUMBER, "arm.int")} for item in items] or None


def _none(setting: Setting, writer: ResourceWriter) -> bool:
    """Whether a list is known to be empty. How many disks there are is structure."""
    folded = writer.leaves.binder.fold(setting.value)
    if isinstance(folded, ListExpr) or not writer.leaves.bindable(setting.value):
        return folded == ListExpr(())
    value = writer.leaves.binder.value(setting.value, "the number of data disks")
    return value.wholly_known() and not value.null and value.raw == ()
