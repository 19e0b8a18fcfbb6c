"""The group and the machine of a build: made, asked for their addresses and disks, and removed again.

The order and the sentences are Packer's (packer-plugin-azure, ``step_*.go``).
"""

from __future__ import annotations

import asyncio

from bakelift.runner.errors import BuildError
from bakelift.runner.targets.azure import undoing as undo
from bakelift.runner.targets.azure.calls import COMPUTE, DISKS, NETWORK, Absent, version_of
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bakelift.runner.targets.azure.calls import Azure
    from bakelift.runner.targets.azure.config import AzureConfig
    from bakelift.runner.targets.azure.undoing import Undoing
    from bakelift.runner.ui import Ui

#: How often something is deleted that something else still holds, and the seconds before the second time.
TRIES = 5
PAUSE = 3.0

VIRTUAL_MACHINE = "Microsoft.Compute/virtualMachines"
DISK = "Microsoft.Compute/disks"
_NIC = "Microsoft.Network/networkInterfaces"
_PUBLIC_IP = "Microsoft.Network/publicIPAddresses"
_NSG = "Microsoft.Network/networkSecurityGroups"


class DiskIds(Record):
    """Resource ids of the machine's disks. ``named``: whether the machine itself has said so."""

    system: str
    data: tuple[str, ...] = ()
    named: bool = True


class Building:
    """``config``: filled in by the lookups. ``tags``: of what is made for the build only."""

    def __init__(self, azure: Azure, config: AzureConfig, tags: dict[str, str], undoing: Undoing) -> None:
        self._azure = azure
        self._config = config
        self._tags = tags
        self._undoing = undoing
        self._deployed = False
        self.disks = DiskIds("")

    @property
    def machine_id(self) -> str:
        return self._azure.id(self._config.resource_group, VIRTUAL_MACHINE, self._config.names.compute)

    # -- the group ----------------------------------------------------------------------------------------------------

    async def make_group(self, ui: Ui) -> None:
        config, group = self._config, self._config.resource_group
        exists = await self._azure.group_exists(group)
        if exists and config.own_group:
            raise BuildError(
                "A resource group with that name already exists. Please use build_resource_group_name to use an "
                "existing resource group."
            )
        if not exists and not config.own_group:
            raise BuildError(
                "The resource group you want to use does not exist yet. Please use temp_resource_group_name to create "
                "a temporary resource group."
            )
        ui.say("Creating resource group ..." if config.own_group else "Using existing resource group ...")
        ui.say(f" -> ResourceGroupName : '{group}'")
        ui.say(f" -> Location          : '{config.location}'")
        if not config.own_group:
            self._undoing.add(f"resource group {group}", "", self._keep_group)
            return
        ui.say(" -> Tags              :")
        tags = {**config.tags, **self._tags}
        for name, value in tags.items():
            ui.say(f" ->> {name} : {value}")
        line = undo.remove_group(group, self._azure.subscription)
        self._undoing.add(f"resource group {group}", line, self._delete_group)
        await self._azure.make_group(group, config.location, tags)

    async def _keep_group(self, ui: Ui) -> None:
        ui.say("\nThe resource group was not created by Packer, not deleting ...")

    async def _delete_group(self, ui: Ui) -> None:
        group = self._config.resource_group
        if not await self._persistently(lambda: self._azure.group_exists(group)):
            return
        ui.say("\nCleanup requested, deleting resource group ...")
        later = self._config.delete_group_later
        await self._persistently(lambda: self._azure.delete_group(group, wait=not later))
        if later:
            ui.say(f"\n Not waiting for Resource Group delete as requested by user. Resource Group Name is {group}")
        else:
            ui.say("Resource group has been deleted.")
            self._undoing.drop_all(undo.remove_group(group, self._azure.subscription))

    # -- the deployment -----------------------------------------------------------------------------------------------

    async def validate(self, ui: Ui, deployment: dict[str, Any]) -> None:
        ui.say("Validating deployment template ...")
        self._say_deployment(ui)
        await self._azure.validate(self._config.resource_group, self._config.names.deployment, deployment)

    async def deploy(self, ui: Ui, deployment: dict[str, Any]) -> None:
        ui.say("Deploying deployment template ...")
        self._say_deployment(ui)
        group, name = self._config.resource_group, self._config.names.deployment
        self._undoing.add(f"deployment {name}", self._by_hand(), self._undeploy)
        await self._azure.deploy(group, name, {**deployment, "tags": self._tags})
        self._deployed = True

    def _say_deployment(self, ui: Ui) -> None:
        ui.say(f" -> ResourceGroupName : '{self._config.resource_group}'")
        ui.say(f" -> DeploymentName    : '{self._config.names.deployment}'")

    def _by_hand(self) -> str:
        """What removes the deployment and all it has made."""
        config = self._config
        if config.own_group:
            return undo.remove_group(config.resource_group, self._azure.subscription)
        network, names = config.machine.network, config.names
        made = [(VIRTUAL_MACHINE, names.compute), (_NIC, names.nic)]
        if not network.virtual_network or network.public_ip:
            made.append((_PUBLIC_IP, names.public_ip))
        if not network.virtual_network:
            made.append(("Microsoft.Network/virtualNetworks", names.virtual_network))
            made.append((_NSG, names.nsg))
        made += [(DISK, id.rpartition("/")[2]) for id in self._disks_by_name()]
        made.append(("Microsoft.Resources/deployments", names.deployment))
        ids = [self._azure.id(config.resource_group, kind, name) for kind, name in made]
        return f"az resource delete --ids {' '.join(ids)}"

    def _disks_by_name(self) -> list[str]:
        config = self._config
        count = len(config.machine.disks.data_sizes_gb)
        names = [config.names.os_disk, *(f"{config.names.data_disk}-{number + 1}" for number in range(count))]
        return [self._azure.id(config.resource_group, DISK, name) for name in names]

    # -- what Azure made of it ----------------------------------------------------------------------------------------

    async def address(self, ui: Ui) -> str:
        config = self._config
        network, names, group = config.machine.network, config.names, config.resource_group
        public = not network.virtual_network or network.public_ip
        kind = "PrivateEndpoint"
        if public:
            kind = "PublicEndpointInPrivateNetwork" if network.virtual_network else "PublicEndpoint"
        ui.say("Getting the VM's IP address ...")
        ui.say(f" -> ResourceGroupName   : '{group}'")
        ui.say(f" -> PublicIPAddressName : '{names.public_ip}'")
        ui.say(f" -> NicName             : '{names.nic}'")
        ui.say(f" -> Network Connection  : '{kind}'")
        if public:
            found = await self._azure.get(self._azure.id(group, _PUBLIC_IP, names.public_ip), NETWORK)
            address = (found.get("properties") or {}).get("ipAddress")
        else:
            found = await self._azure.get(self._azure.id(group, _NIC, names.nic), NETWORK)
            first = ((found.get("properties") or {}).get("ipConfigurations") or [{}])[0]
            address = (first.get("properties") or {}).get("privateIPAddress")
        if not address:
            raise BuildError(f"{found.get('id', names.nic)} has no address")
        ui.say(f" -> IP Address          : '{address}'")
        return str(address)

    async def query(self, ui: Ui) -> None:
        """Finds the disks of the machine."""
        machine = await self._azure.get(self.machine_id, COMPUTE)
        self.disks = _disks_of(machine)
        ui.say("Querying the machine's properties ...")
        self._say_machine(ui)
        ui.say(f" -> Managed OS Disk   : '{self.disks.system}'")
        ui.say("Querying the machine's additional disks properties ...")
        self._say_machine(ui)
        for number, id in enumerate(self.disks.data, 1):
            ui.say(f" -> Managed Additional Disk {number}  : '{id}'")

    def _say_machine(self, ui: Ui) -> None:
        ui.say(f" -> ResourceGroupName : '{self._config.resource_group}'")
        ui.say(f" -> ComputeName       : '{self._config.names.compute}'")

    async def power_off(self, ui: Ui) -> None:
        ui.say("Powering off machine ...")
        self._say_machine(ui)
        await self._azure.deallocate(self._config.resource_group, self._config.names.compute)

    # -- removing -----------------------------------------------------------------------------------------------------

    async def _undeploy(self, ui: Ui) -> None:
        """The machine first, then its interface, then what they held, the disks, the deployment itself."""
        config, azure = self._config, self._azure
        group, name = config.resource_group, config.names.deployment
        ui.say("\nDeleting Virtual Machine deployment and its attached resources...")
        if not self._deployed:
            await azure.stop_deployment(group, name)
        disks = await self._disks_left()
        try:
            made = await self._persistently(lambda: azure.deployed(group, name))
        except Absent:
            made = []  # Azure has never heard of it
        first = [item for kind in (VIRTUAL_MACHINE, _NIC) for item in made if item[0] == kind]
        rest = [item for item in made if item[0] not in (VIRTUAL_MACHINE, _NIC) and version_of(item[2])]
        good = True
        for item in first:
            good = await self._removed(ui, *item) and good
        for wave in ([item for item in rest if item[0] != _NSG], [item for item in rest if item[0] == _NSG]):
            # A security group is held by the subnets of the network.
            good = all(await asyncio.gather(*(self._removed(ui, *item) for item in wave))) and good
        if disks.named and config.machine.disks.keep_os_disk:
            ui.say(f"Skipping deletion -> {DISK} : '{disks.system}' since 'keep_os_disk' is set to true")
        else:
            good = await self._removed_disk(ui, disks.system, f"Deleted -> {DISK} : '{{}}'", disks.named) and good
        for number, id in enumerate(disks.data, 1):
            said = f"Deleted Additional Disk -> {number}: '{{}}'"
            good = await self._removed_disk(ui, id, said, disks.named) and good
        if good:
            ui.say(f"Removing the created Deployment object: '{name}'")
            await self._persistently(lambda: azure.delete_deployment(group, name))
        elif not config.own_group:
            raise BuildError("not everything of it could be deleted")

    async def _disks_left(self) -> DiskIds:
        """A machine that was never allocated has no disks, or does not say which."""
        try:
            return _disks_of(await self._persistently(lambda: self._azure.get(self.machine_id, COMPUTE)))
        except BuildError:
            system, *data = self._disks_by_name()
            return DiskIds(system, tuple(data), named=False)

    async def _removed(self, ui: Ui, kind: str, name: str, id: str) -> bool:
        """Whether it could be removed."""
        try:
            await self._persistently(lambda: self._azure.delete(id, version_of(id)))
        except BuildError as problem:
            ui.say(f"Error deleting resource. Please delete manually.\n\nName: {name}\nError: {problem}")
            return False
        ui.say(f"Deleted -> {kind} : '{name}'")
        return True

    async def _removed_disk(self, ui: Ui, id: str, said: str, tell: bool) -> bool:
        try:
            await self._persistently(lambda: self._azure.delete(id, DISKS))
        except BuildError as problem:
            ui.say(f"Error deleting resource. Please delete manually.\n\nName: {id}\nError: {problem}")
            return False
        if tell:
            ui.say(said.format(id))
        return True

    async def _persistently(self, request: Callable[[], Any]) -> Any:
        return await persistently(request, self._azure.session.poll)


async def persistently(request: Callable[[], Any], poll: float) -> Any:
    """What a request of a clean-up gives, made again where Azure refuses, since something may still be held. Raises
    Absent at once, BuildError after the last try.
    """
    pause = PAUSE if poll >= 1 else 0.02
    for number in range(1, TRIES + 1):
        try:
            return await request()
        except Absent:
            raise
        except BuildError:
            if number == TRIES:
                raise
        await asyncio.sleep(pause)
        pause *= 1.5
    raise AssertionError("there is a last try")


def _disks_of(machine: dict[str, Any]) -> DiskIds:
    """Raises BuildError where the machine does not say which its disk is."""
    profile = (machine.get("properties") or {}).get("storageProfile") or {}
    system = _managed(profile.get("osDisk"))
    if not system:
        raise BuildError(f"{machine.get('id', 'the machine')} does not say which its managed OS disk is")
    return DiskIds(system, tuple(id for disk in profile.get("dataDisks") or () if (id := _managed(disk))))


def _managed(disk: dict[str, Any] | None) -> str:
    return str(((disk or {}).get("managedDisk") or {}).get("id") or "")
