"""The target ``azure``: an image is built in a VM of its own in Azure, as Packer's azure-arm builder does."""

from __future__ import annotations

import asyncio
import os
import random
from datetime import UTC, datetime

from bakelift.runner.errors import BuildError
from bakelift.runner.targets import Machine
from bakelift.runner.targets.azure.options import read_config
from bakelift.runner.targets.azure.undoing import CREATED_TAG, IMAGE_TAG, RUN_TAG, Undoing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.targets import Artifact, TargetContext
    from bakelift.runner.targets.azure.building import Building
    from bakelift.runner.targets.azure.calls import Azure
    from bakelift.runner.targets.azure.capture import Capture
    from bakelift.runner.targets.azure.config import AzureConfig
    from bakelift.runner.targets.azure.connecting import Way
    from bakelift.runner.targets.azure.lookups import Lookups
    from bakelift.runner.ui import Ui

_PREPARING = (
    "StepSetGeneratedData",
    "StepGetSourceImageName",
    "StepCreateResourceGroup",
    "StepValidateTemplate",
    "StepDeployTemplate",
    "StepGetIPAddress",
)
_VAULT = ("StepGetCertificate", "StepSetCertificate")

#: Packer asks for the disks of Linux before the steps, of Windows after them.
_DISKS = ("StepGetOSDisk", "StepGetDataDisk")

#: Ids in tags: values of tags may be this long.
_TAG = 256


def target(context: TargetContext) -> AzureTarget:
    """Raises TemplateError for what Packer refuses, and for what cannot be done here."""
    return AzureTarget(context)


class AzureTarget:
    """See :class:`bakelift.runner.targets.Target`."""

    cancelled: str | None = "Build was cancelled."

    def __init__(self, context: TargetContext) -> None:
        from bakelift.runner.targets.azure.connecting import kind_of

        self._context = context
        self._config = self._read()
        self._kind = kind_of(self._config, context.options.azure.run_command)
        self._undoing = Undoing()
        self._azure: Azure | None = None
        self._building: Building | None = None
        self._capture: Capture | None = None
        self._way: Way | None = None
        self._finished = False
        self._data: dict[str, str] = {}
        self._storage_location = ""

    def _read(self) -> AzureConfig:
        """The configuration, with names of its own."""
        config = read_config(self._context, random.SystemRandom())
        if config.os_type == "Windows" and (self._context.options.azure.run_command or config.communicator == "winrm"):
            # The machine's agent needs no certificate.
            config = config.but(communicator="winrm", key_vault=config.key_vault.but(skip=True))
        return config

    @property
    def steps(self) -> tuple[str, ...]:
        disks = _DISKS if self._config.os_type == "Linux" else ()
        made: tuple[str, ...] = _PREPARING
        if self._config.os_type == "Windows" and not self._config.key_vault.skip:
            made = (*made[:3], *_VAULT, *made[3:])
        connect = () if self._kind == "none" else ("StepConnectSSH" if self._kind == "ssh" else "StepConnect",)
        return (*made, *disks, *connect)

    @property
    def placeholders(self) -> dict[str, str]:
        """Stand for what is known when the machine is there."""
        return {**self._known(), "SourceImageName": ""}

    # -- before -------------------------------------------------------------------------------------------------------

    def preview(self, ui: Ui) -> Machine:
        from bakelift.runner.targets.azure.preview import show

        show(self._config, self._kind, ui)
        return Machine(None, self._known(), self._config.secrets, identity=self._identity())

    def _identity(self) -> str:
        """No other machine is the same: it is made for this build."""
        return f"azure {self._config.names.compute} {os.urandom(8).hex()}"

    def _tags(self) -> dict[str, str]:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {RUN_TAG: self._context.run_uuid, IMAGE_TAG: self._context.image.name[:_TAG], CREATED_TAG: now}

    # -- making -------------------------------------------------------------------------------------------------------

    async def prepare(self, ui: Ui) -> Machine:
        if self._undoing:
            # It is tried again, under other names: that of a vault is free again only after weeks.
            await self._undoing.all(ui)
            self._config = self._read()
        self._log_out()
        ui.say("Running builder ...")
        for name in self._config.without_effect:
            ui.say(f"{name} has no effect here.")
        azure = await self._log_in(ui)
        lookups = await self._look_up(azure, ui)
        if self._config.skip_create_image:
            ui.say("Skipping image creation...")
        if self._config.key_vault.skip:
            ui.say("Skipping build keyvault creation...")
        if self._context.options.debug:
            ui.say(
                f"temp admin user: '{self._config.user}' (password and key are not shown; -on-error=ask has a shell)"
            )
        try:
            host = await self._make(azure, lookups, ui)
        except BuildError as problem:
            ui.error(str(problem))
            raise
        return await self._connect(azure, host, ui)

    async def _log_in(self, ui: Ui) -> Azure:
        from bakelift.runner.targets.azure.account import log_in
        from bakelift.runner.targets.azure.calls import Azure

        ui.say("Creating Azure Resource Manager (ARM) client ...")
        options = self._context.options.azure
        session, account = await log_in(self._config.account, options, ui)
        self._config = self._config.but(account=account)
        self._azure = Azure(session, self._config.polling_timeout)
        ui.say("ARM Client successfully created")
        return self._azure

    async def _look_up(self, azure: Azure, ui: Ui) -> Lookups:
        from bakelift.runner.targets.azure.lookups import Lookups

        if self._context.options.azure.resume:
            from bakelift.runner.targets.azure.resuming import remove_leftovers

            await remove_leftovers(azure, self._config, self._context.run_uuid, self._context.image.name[:_TAG], ui)
        lookups = Lookups(azure, self._config, ui, self._context.options.force)
        await lookups.all()
        self._config = lookups.config
        self._storage_location = lookups.storage_location
        return lookups

    async def _make(self, azure: Azure, lookups: Lookups, ui: Ui) -> str:
        """Makes the machine; its address."""
        from bakelift.runner.targets.azure.building import Building
        from bakelift.runner.targets.azure.deployment import machine_deployment
        from bakelift.runner.targets.azure.deployment_vault import needs_vault
        from bakelift.runner.targets.azure.vault import Vault

        ui.say("Getting source image id for the deployment ...")
        source = await lookups.source_name()
        ui.say(f" -> SourceImageName: '{source}'")
        self._config = config = await self._with_key(lookups.config)
        tags = self._tags()
        self._building = building = Building(azure, config, tags, self._undoing)
        await building.make_group(ui)
        if needs_vault(config):
            url = await Vault(azure, config, tags, self._undoing).certificate(ui)
            self._config = config = config.but(key_vault=config.key_vault.but(certificate_url=url))
        deployment = machine_deployment(config.but(tags={**config.tags, **tags}), lookups.specialized).body()
        await building.validate(ui, deployment)
        await building.deploy(ui, deployment)
        host = await building.address(ui)
        if config.os_type == "Linux":
            await building.query(ui)
        self._data = {**self._known(), "SourceImageName": source, "Host": config.ssh.login.host or host}
        return host

    async def _connect(self, azure: Azure, host: str, ui: Ui) -> Machine:
        from bakelift.runner.targets.azure.connecting import connect

        self._way = await connect(azure, self._config, self._kind, host, self._undoing, ui)
        return Machine(self._way.communicator, self._data, self._config.secrets, identity=self._identity())

    async def _with_key(self, config: AzureConfig) -> AzureConfig:
        """With a key of its own, where the template has none."""
        if config.ssh.login.key:
            return config
        from bakelift.runner.targets.azure.keys import make_ssh_key

        key = await asyncio.to_thread(make_ssh_key)
        ssh = config.ssh.but(login=config.ssh.login.but(key=key.private))
        return config.but(ssh=ssh, ssh_public_key=key.public)

    def _known(self) -> dict[str, str]:
        """Generated data, by Packer's names."""
        config, names = self._config, self._config.names
        login = config.ssh.login
        ssh = self._kind != "run-command" and config.communicator == "ssh"
        return {
            "SubscriptionID": config.account.subscription,
            "TenantID": config.account.tenant,
            "TempComputeName": names.compute,
            "TempNicName": names.nic,
            "TempOSDiskName": names.os_disk,
            "TempDataDiskName": names.data_disk,
            "TempDeploymentName": names.deployment,
            "TempVirtualNetworkName": names.virtual_network,
            "TempKeyVaultName": config.key_vault_name,
            "TempResourceGroupName": config.resource_group if config.own_group else "",
            "TempNsgName": names.nsg,
            "TempSubnetName": names.subnet,
            "TempPublicIPAddressName": names.public_ip,
            "Port": str(config.port),
            "User": config.user,
            "Password": login.password if ssh else config.password,
            "WinRMPassword": config.password if config.communicator == "winrm" else "",
            "ConnType": self._kind,
            "SSHPublicKey": config.ssh_public_key,
            "SSHPrivateKey": login.key,
        }

    # -- afterwards ---------------------------------------------------------------------------------------------------

    async def finish(self, ui: Ui) -> tuple[Artifact, ...]:
        try:
            return await self._captured(ui)
        except BuildError as problem:
            ui.error(str(problem))
            raise

    async def _captured(self, ui: Ui) -> tuple[Artifact, ...]:
        from bakelift.runner.targets.azure.artifact import artifact
        from bakelift.runner.targets.azure.capture import Capture
        from bakelift.runner.targets.azure.connecting import clean_keys

        config, azure, building = self._config, self._azure, self._building
        assert azure is not None
        assert building is not None
        assert self._way is not None
        if config.os_type == "Windows":
            await building.query(ui)
        elif config.ssh_clear_authorized_keys and self._way.communicator is not None:
            await clean_keys(self._way.communicator, ui)
        await self._let_go()
        await building.power_off(ui)
        self._capture = Capture(azure, config, building, self._undoing, self._storage_location)
        outputs = await self._capture.all(ui)
        self._finished = True
        return () if config.skip_create_image else (artifact(config, outputs),)

    async def _let_go(self) -> None:
        if self._way is not None and self._way.opened is not None:
            await self._way.opened.close()

    async def cleanup(self, ui: Ui) -> None:
        await self._let_go()
        await self._undoing.all(ui)
        self._tell_ready(ui)
        self._log_out()

    def _log_out(self) -> None:
        from bakelift.runner.targets.azure.account import let_go

        azure, self._azure = self._azure, None
        if azure is not None:
            let_go(azure.session)

    def leftovers(self, ui: Ui) -> None:
        """Says what stays in Azure when nothing more is cleaned up, and how to remove it."""
        self._undoing.tell(ui)
        self._tell_ready(ui)
        self._log_out()

    def _tell_ready(self, ui: Ui) -> None:
        """What was made well before the build failed is kept, and has to be in nobody's way."""
        if self._capture is None or self._finished or not self._capture.ready:
            return
        from bakelift.runner.targets.azure.undoing import remove_output

        ui.error("The build failed, but these are ready, and stay. What removes them:")
        for id in self._capture.ready:
            ui.error(remove_output(id))
