"""The build VM of a deployment template, with its disks and the way in, and the extension that runs a script on it."""

from __future__ import annotations

from bakelift.runner.azure.clouds import cloud
from bakelift.runner.errors import BuildError
from bakelift.runner.targets.azure import config as azure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from bakelift.runner.targets.azure.config import AzureConfig, Security, Source

_MACHINE = "Microsoft.Compute/virtualMachines"
_NIC = "Microsoft.Network/networkInterfaces"
_VAULT = "Microsoft.KeyVault/vaults"


def virtual_machine(config: AzureConfig, specialized: bool) -> dict[str, Any]:
    machine = config.machine
    found: dict[str, Any] = {
        "type": _MACHINE,
        "apiVersion": "[variables('computeApiVersion')]",
        "name": "[parameters('vmName')]",
        "location": "[variables('location')]",
        "dependsOn": [f"[concat('{_NIC}/', parameters('nicName'))]"],
    }
    if machine.plan is not None:
        found["plan"] = _plan(machine.plan)
    if machine.identities:
        identities: dict[str, Any] = {id: {} for id in machine.identities}
        found["identity"] = {"type": "UserAssigned", "userAssignedIdentities": identities}
    found["properties"] = _properties(config, specialized)
    return found


def custom_script() -> dict[str, Any]:
    """Runs the command of the parameter, where there is one, before anybody connects. Windows only."""
    return {
        "condition": "[not(empty(parameters('commandToExecute')))]",
        "type": f"{_MACHINE}/extensions",
        "apiVersion": "[variables('computeApiVersion')]",
        "name": "[concat(parameters('vmName'), '/extension-customscript')]",
        "location": "[variables('location')]",
        "dependsOn": [f"[resourceId('{_MACHINE}/', parameters('vmName'))]"],
        "properties": {
            "publisher": "Microsoft.Compute",
            "type": "CustomScriptExtension",
            "typeHandlerVersion": "1.10",
            "autoUpgradeMinorVersion": True,
            "settings": {"commandToExecute": "[parameters('commandToExecute')]"},
        },
    }


def _properties(config: AzureConfig, specialized: bool) -> dict[str, Any]:
    machine = config.machine
    found: dict[str, Any] = {"hardwareProfile": {"vmSize": "[parameters('vmSize')]"}}
    if not specialized:
        found["osProfile"] = _os_profile(config)
    found["storageProfile"] = _storage(config)
    found["networkProfile"] = {"networkInterfaces": [{"id": f"[resourceId('{_NIC}', parameters('nicName'))]"}]}
    found["diagnosticsProfile"] = {"bootDiagnostics": _diagnostics(config)}
    security = _security(machine.security)
    if security:
        found["securityProfile"] = security
    if machine.spot is not None:
        price = machine.spot.max_price
        found["priority"] = "Spot"
        found["evictionPolicy"] = machine.spot.eviction_policy
        found["billingProfile"] = {"maxPrice": int(price) if price == int(price) else price}
    if machine.user_data:
        found["userData"] = machine.user_data
    if machine.license_type:
        found["licenseType"] = machine.license_type
    return found


def _plan(plan: azure.Plan) -> dict[str, str]:
    found = {"name": plan.name, "product": plan.product, "publisher": plan.publisher}
    return {**found, "promotionCode": plan.promotion_code} if plan.promotion_code else found


def _diagnostics(config: AzureConfig) -> dict[str, Any]:
    account = config.machine.boot_diagnostics_account
    if not account:
        return {"enabled": False}
    return {"enabled": True, "storageUri": f"https://{account}.blob.{cloud(config.account.cloud).storage}"}


def _security(security: Security) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if security.secure_boot or security.vtpm:
        found["uefiSettings"] = {"secureBootEnabled": security.secure_boot, "vTpmEnabled": security.vtpm}
    if security.encryption_at_host:
        found["encryptionAtHost"] = True
    if security.type:
        found["securityType"] = security.type
    return found


# -- the way in -------------------------------------------------------------------------------------------------------


def _os_profile(config: AzureConfig) -> dict[str, Any]:
    found: dict[str, Any] = {
        "computerName": "[parameters('vmName')]",
        "adminUsername": "[parameters('adminUsername')]",
        "adminPassword": "[parameters('adminPassword')]",
    }
    if config.os_type == "Windows":
        found |= _windows(config)
    else:
        keys_only = not config.ssh.login.password
        if keys_only:
            del found["adminPassword"]
        key = {"path": "[variables('sshKeyPath')]", "keyData": config.ssh_public_key}
        found["linuxConfiguration"] = {"disablePasswordAuthentication": keys_only, "ssh": {"publicKeys": [key]}}
    if config.machine.custom_data:
        found["customData"] = config.machine.custom_data
    return found


def _windows(config: AzureConfig) -> dict[str, Any]:
    """The certificate of the key vault, and with WinRM a listener that shows it; ssh makes its own use of it."""
    windows: dict[str, Any] = {"provisionVMAgent": True}
    ssh = config.communicator == "ssh"
    if config.key_vault.skip and not ssh:
        return {"windowsConfiguration": windows}
    url = config.key_vault.certificate_url
    if not ssh:
        windows["winRM"] = {"listeners": [{"protocol": "Https", "certificateUrl": url}]}
    vault = f"[resourceId(resourceGroup().name, '{_VAULT}', '{config.key_vault_name}')]"
    certificates = [{"certificateStore": "My", "certificateUrl": url}]
    return {
        "secrets": [{"sourceVault": {"id": vault}, "vaultCertificates": certificates}],
        "windowsConfiguration": windows,
    }


# -- disks ------------------------------------------------------------------------------------------------------------


def _storage(config: AzureConfig) -> dict[str, Any]:
    disks = config.machine.disks
    managed = _managed_disk(config)
    os_disk: dict[str, Any] = {
        "name": "[parameters('osDiskName')]",
        "caching": disks.caching,
        "createOption": "FromImage",
    }
    if not _of_marketplace_only(config):
        os_disk["osType"] = config.os_type
    if isinstance(config.source, azure.VhdSource):
        os_disk["image"] = {"uri": config.source.uri}
    if disks.os_size_gb:
        os_disk["diskSizeGB"] = disks.os_size_gb
    if managed:
        os_disk["managedDisk"] = managed
    found: dict[str, Any] = {"osDisk": os_disk}
    reference = _reference(config.source)
    if reference:
        found["imageReference"] = reference
    if disks.data_sizes_gb:
        found["dataDisks"] = list(_data_disks(config, managed))
    if disks.controller:
        found["diskControllerType"] = disks.controller
    return found


def _of_marketplace_only(config: AzureConfig) -> bool:
    """An image of the marketplace that becomes nothing but a VHD: Azure is told less of its disk."""
    made = config.managed_image is not None or config.gallery_image is not None
    return isinstance(config.source, azure.MarketplaceSource) and not made


def _reference(source: Source) -> dict[str, str]:
    if isinstance(source, azure.MarketplaceSource):
        parts = {"publisher": source.publisher, "offer": source.offer, "sku": source.sku}
        return {**parts, "version": source.version}
    if isinstance(source, azure.SharedGallerySource):
        key = "communityGalleryImageId" if source.kind == "community" else "sharedGalleryImageId"
        return {key: source.id}
    return {} if isinstance(source, azure.VhdSource) else {"id": source.id}


def _managed_disk(config: AzureConfig) -> dict[str, Any]:
    """What every disk of the VM is told, that of the system and the others; nothing: Azure's defaults."""
    disks, security = config.machine.disks, config.machine.security
    found: dict[str, Any] = {}
    of_image = isinstance(config.source, (azure.MarketplaceSource, azure.ManagedImageSource))
    if of_image and not _of_marketplace_only(config):
        found["storageAccountType"] = disks.storage_account_type
    encryption = {"diskEncryptionSet": {"id": disks.encryption_set}} if disks.encryption_set else {}
    if security.type == "ConfidentialVM":
        found["securityProfile"] = {"securityEncryptionType": security.encryption, **encryption}
    else:
        found |= encryption
    return found


def _data_disks(config: AzureConfig, managed: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Those of the source image, then the template's, at the LUNs that it says or else at the first that are free."""
    disks = config.machine.disks
    of_source = {"managedDisk": managed} if managed else {}
    taken = set(config.source_data_disk_luns)
    for lun in config.source_data_disk_luns:
        yield {"lun": lun, "createOption": "FromImage", **of_source}
    for number, size in enumerate(disks.data_sizes_gb, 1):
        lun = disks.luns[number - 1] if disks.luns else min(set(range(len(taken) + 1)) - taken)
        if disks.luns and lun in taken:
            raise BuildError(f"disk_additional_luns value {lun} conflicts with source image data disk LUN")
        taken.add(lun)
        yield {
            "lun": lun,
            "name": f"[concat(parameters('dataDiskName'),'-{number}')]",
            "createOption": "Empty",
            "caching": disks.caching,
            "diskSizeGB": size,
            **of_source,
        }
