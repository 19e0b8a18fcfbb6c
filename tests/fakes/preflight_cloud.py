"""A subscription that says of itself what a preflight asks, templates to look at, and what was said of them."""

from __future__ import annotations

from typing import Any

import fake_arm
import fake_authorization
import fake_subscription

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUPS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
IDENTITY = f"{GROUPS}/ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/builder"
DEFINITION = f"{GROUPS}/images/providers/Microsoft.Compute/galleries/g/images/web"
SUBNET = f"{GROUPS}/net/providers/Microsoft.Network/virtualNetworks/v/subnets/build"
TEMPLATE = """
source "azure-arm" "web" {
  subscription_id = "SUBSCRIPTION"
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "westeurope"
  vm_size         = "Standard_D2s_v5"
  MORE
}

build {
  sources = ["source.azure-arm.web"]
  provisioner "shell" {
    inline = ["echo hello"]
  }
}
""".replace("SUBSCRIPTION", SUBSCRIPTION)
MANAGED = 'managed_image_name = "web"\n  managed_image_resource_group_name = "images"\n  '
GALLERY = """
  shared_image_gallery_destination {
    subscription         = "SUBSCRIPTION"
    resource_group       = "images"
    gallery_name         = "g"
    image_name           = "web"
    image_version        = "1.0.0"
    replication_regions  = ["westeurope", "eastus"]
  }
""".replace("SUBSCRIPTION", SUBSCRIPTION)


class Cloud:
    """The fake manager and what was put beside it."""

    def __init__(self, arm: fake_arm.Arm) -> None:
        self.arm = arm
        self.subscription = fake_subscription.Subscription(arm)
        self.authorization = fake_authorization.Authorization(arm)
        self.subscription.groups |= {"images": "westeurope", "ids": "westeurope", "net": "westeurope"}
        self.subscription.images["canonical:ubuntu-24_04-lts:server"] = {
            "hyperVGeneration": "V2",
            "architecture": "x64",
            "osDiskImage": {"operatingSystem": "Linux"},
            "features": [{"name": "SecurityType", "value": "TrustedLaunchSupported"}],
        }
        self.subscription.add(IDENTITY, {"principalId": "principal"})
        self.authorization.roles |= {"Owner": [{"actions": ["*"], "notActions": []}]}
        self.authorization.assignments.append(("principal", f"/subscriptions/{SUBSCRIPTION}", "Owner"))

    def definition(self, **more: object) -> None:
        """The image definition that the templates name, as it fits them."""
        fitting = {"osType": "Linux", "osState": "Generalized", "hyperVGeneration": "V2", "architecture": "x64"}
        self.subscription.add(DEFINITION, {**fitting, **more})


class Said:
    """What a preflight said, as JSON. ``status``: the command's."""

    def __init__(self, status: int, data: dict[str, Any]) -> None:
        self.status = status
        self.data = data

    def codes(self, *severities: str) -> set[str]:
        return {f["code"] for f in self.data["findings"] if not severities or f["severity"] in severities}

    def of(self, code: str) -> list[dict[str, Any]]:
        return [finding for finding in self.data["findings"] if finding["code"] == code]

    def actions(self, who: str) -> dict[str, dict[str, str]]:
        """By scope, the actions with their evidence."""
        found: dict[str, dict[str, str]] = {}
        for role in self.data["roles"]:
            for scope in role["assigned_at"] if role["for"] == who else ():
                found.setdefault(scope, {}).update(role["evidence"])
        return found
