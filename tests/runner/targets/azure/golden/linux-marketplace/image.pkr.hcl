# A marketplace image with a plan becomes a managed image; ssh by name, so the password is let in too.
source "azure-arm" "image" {
  os_type         = "linux"
  location        = "West Europe"
  communicator    = "ssh"
  image_publisher = "bitnami"
  image_offer     = "rabbitmq"
  image_sku       = "rabbitmq"
  vm_size         = "Standard_D2s_v5"

  managed_image_name                 = "web"
  managed_image_resource_group_name  = "images"
  managed_image_storage_account_type = "Premium_LRS"
  user_assigned_managed_identities = [
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one",
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/two",
  ]
  plan_info {
    plan_name           = "rabbitmq"
    plan_product        = "rabbitmq"
    plan_publisher      = "bitnami"
    plan_promotion_code = "10off"
  }
  azure_tags = { team = "web", cost = "[none]" }
  azure_tag {
    name  = "team"
    value = "platform"
  }
}

build {
  sources = ["azure-arm.image"]
}
