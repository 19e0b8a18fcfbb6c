"""The key vault of a Windows build, through which its VM gets a certificate."""

from __future__ import annotations

from bakelift.runner.targets.azure.deployment import deployment
from bakelift.runner.targets.azure.keys import vault_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from bakelift.runner.targets.azure.config import AzureConfig
    from bakelift.runner.targets.azure.deployment import Deployment

API_VERSION = "2022-07-01"
_VAULT = "Microsoft.KeyVault/vaults"


def needs_vault(config: AzureConfig) -> bool:
    """Whether the VM gets a certificate at all: from :attr:`KeyVault.name`, or from a vault that is made first."""
    return config.os_type == "Windows" and not config.key_vault.skip


def certificate(config: AzureConfig, now: datetime) -> str:
    """The secret's value: a new certificate for WinRM, or one of the key that ssh logs in with. Takes 0.1 s."""
    key = config.ssh.login.key if config.communicator == "ssh" else ""
    return vault_secret(config.names.compute, config.certificate_password, now, key)


def expires(config: AzureConfig, now: datetime) -> int | None:
    """When the secret does, in seconds since 1970. That of ssh in a vault of the build's own never does."""
    if not config.key_vault.expiration or (config.communicator == "ssh" and not config.key_vault.name):
        return None
    return int(now.timestamp() + config.key_vault.expiration)


def secret_properties(value: str, expires: int | None) -> dict[str, Any]:
    """Of the secret, to be put into a vault that exists."""
    return {"value": value, **({"attributes": {"exp": expires}} if expires is not None else {})}


def vault_deployment(config: AzureConfig, value: str, expires: int | None = None) -> Deployment:
    """A vault that whoever builds may use, with the secret in it. Tenant and object id must be known.

    ``value``: see :func:`certificate`.
    """
    values = {
        "keyVaultName": config.key_vault_name,
        "keyVaultSKU": config.key_vault.sku,
        "keyVaultSecretName": config.key_vault.secret_name,
        "keyVaultSecretValue": value,
        "objectId": config.account.object_id,
        "tenantId": config.account.tenant,
    }
    variables = {"apiVersion": API_VERSION, "location": "[resourceGroup().location]"}
    resources = [_vault(), _secret(expires)]
    made = deployment(values, ["keyVaultSecretValue"], variables, resources, config.tags)
    return made.but(secrets=(*made.secrets, config.certificate_password))


def _vault() -> dict[str, Any]:
    permissions = {"keys": ["all"], "secrets": ["all"]}
    policy = {"tenantId": "[parameters('tenantId')]", "objectId": "[parameters('objectId')]"}
    return {
        "type": _VAULT,
        "apiVersion": "[variables('apiVersion')]",
        "name": "[parameters('keyVaultName')]",
        "location": "[variables('location')]",
        "properties": {
            "enabledForDeployment": "true",
            "enabledForTemplateDeployment": "true",
            "enableSoftDelete": "true",
            "tenantId": "[parameters('tenantId')]",
            "accessPolicies": [{**policy, "permissions": permissions}],
            "sku": {"name": "[parameters('keyVaultSKU')]", "family": "A"},
        },
    }


def _secret(expires: int | None) -> dict[str, Any]:
    return {
        "type": f"{_VAULT}/secrets",
        "apiVersion": "[variables('apiVersion')]",
        "name": "[format('{0}/{1}', parameters('keyVaultName'), parameters('keyVaultSecretName'))]",
        "properties": secret_properties("[parameters('keyVaultSecretValue')]", expires),
        "dependsOn": [f"[resourceId('{_VAULT}/', parameters('keyVaultName'))]"],
    }
