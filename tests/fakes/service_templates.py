"""A template of one image for builds in Azure VM Image Builder, and the ids that it goes with."""

from __future__ import annotations

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUPS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
IDENTITY = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"
)
TEMPLATE = """
source "azure-arm" "NAME" {
  subscription_id = "SUBSCRIPTION"
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "westeurope"

  managed_image_name                = "NAME-image"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.NAME"]
  provisioner "shell" {
    name   = "hello"
    inline = ["echo hello"]
  }
}
""".replace("SUBSCRIPTION", SUBSCRIPTION)
