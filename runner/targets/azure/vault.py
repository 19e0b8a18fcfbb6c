"""The certificate of a Windows machine that ssh reaches: in a key vault of the build's own, or in one that exists.

The order and the sentences are Packer's (packer-plugin-azure, ``step_certificate_in_keyvault.go``,
``step_get_certificate.go``, ``step_deploy_template.go``).
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from bakelift.runner.errors import BuildError
from bakelift.runner.targets.azure import undoing as undo
from bakelift.runner.targets.azure.building import persistently
from bakelift.runner.targets.azure.calls import VAULTS, Absent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.targets.azure.calls import Azure
    from bakelift.runner.targets.azure.config import AzureConfig
    from bakelift.runner.targets.azure.undoing import Undoing
    from bakelift.runner.ui import Ui

_VAULT = "Microsoft.KeyVault/vaults"
_NOBODY = "could not determine the ObjectID for the user, which is required for Windows builds"

#: How often the certificate is asked for, which is not there at once, and the seconds between.
TRIES = 5
PAUSE = 30.0


class Vault:
    """``tags``: of what is made for the build only."""

    def __init__(self, azure: Azure, config: AzureConfig, tags: dict[str, str], undoing: Undoing) -> None:
        self._azure = azure
        self._config = config
        self._tags = tags
        self._undoing = undoing

    async def certificate(self, ui: Ui) -> str:
        """Puts the certificate there; its address. Raises BuildError."""
        from bakelift.runner.targets.azure import deployment_vault as deployments

        config, now = self._config, datetime.now(UTC)
        if not config.key_vault.name and not config.account.object_id:
            raise BuildError(_NOBODY)
        value = await asyncio.to_thread(deployments.certificate, config, now)
        expires = deployments.expires(config, now)
        if config.key_vault.name:
            ui.say("Setting the certificate in the KeyVault...")
            await self._azure.put(self._secret, VAULTS, {"properties": deployments.secret_properties(value, expires)})
        else:
            tagged = config.but(tags={**config.tags, **self._tags})
            await self._deploy(ui, deployments.vault_deployment(tagged, value, expires).body())
        return await self._address(ui)

    @property
    def _secret(self) -> str:
        name = f"{self._config.key_vault_name}/{self._config.key_vault.secret_name}"
        return self._azure.id(self._config.resource_group, f"{_VAULT}/secrets", name)

    async def _deploy(self, ui: Ui, deployment: dict[str, object]) -> None:
        config = self._config
        group, name = config.resource_group, config.names.key_vault_deployment
        for title in ("Validating deployment template ...", "Deploying deployment template ..."):
            ui.say(title)
            ui.say(f" -> ResourceGroupName : '{group}'")
            ui.say(f" -> DeploymentName    : '{name}'")
            if title.startswith("Validating"):
                await self._azure.validate(group, name, deployment)
        ids = [self._azure.id(group, _VAULT, config.key_vault_name)]
        ids.append(self._azure.id(group, "Microsoft.Resources/deployments", name))
        line = f"az resource delete --ids {' '.join(ids)}"
        own = undo.remove_group(group, self._azure.subscription)
        self._undoing.add(f"deployment {name}", own if config.own_group else line, self._undeploy)
        await self._azure.deploy(group, name, {**deployment, "tags": self._tags})

    async def _address(self, ui: Ui) -> str:
        ui.say("Getting the certificate's URL ...")
        ui.say(f" -> Key Vault Name        : '{self._config.key_vault_name}'")
        ui.say(f" -> Key Vault Secret Name : '{self._config.key_vault.secret_name}'")
        for number in range(TRIES):
            try:
                found = await self._azure.get(self._secret, VAULTS)
                break
            except Absent:
                if number == TRIES - 1:
                    raise
                ui.say(f" ...failed to get certificate URL, retry({number})")
                await asyncio.sleep(PAUSE if self._azure.session.poll >= 1 else 0.02)
        url = str(found["properties"]["secretUriWithVersion"])
        ui.say(f" -> Certificate URL       : '{url}'")
        ui.say("Setting the certificate's URL ...")
        return url

    async def _undeploy(self, ui: Ui) -> None:
        config, azure = self._config, self._azure
        group, name = config.resource_group, config.names.key_vault_deployment
        ui.say("\nDeleting KeyVault created during build")
        id = azure.id(group, _VAULT, config.key_vault_name)
        if await persistently(lambda: azure.find(id, VAULTS), azure.session.poll) is not None:
            await persistently(lambda: azure.delete(id, VAULTS), azure.session.poll)
            ui.say(f"Deleted -> {_VAULT} : '{config.key_vault_name}'")
        ui.say(f"Removing the created Deployment object: '{name}'")
        await persistently(lambda: azure.delete_deployment(group, name), azure.session.poll)
