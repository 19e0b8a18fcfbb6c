# A confidential VM, with a key of Azure's own.
source "azure-arm" "image" {
  os_type             = "Linux"
  location            = "westeurope"
  image_publisher     = "Canonical"
  image_offer         = "0001-com-ubuntu-confidential-vm-jammy"
  image_sku           = "22_04-lts-cvm"
  security_type       = "ConfidentialVM"
  secure_boot_enabled = true
  vtpm_enabled        = true
  shared_image_gallery_destination {
    resource_group                        = "shared"
    gallery_name                          = "apps"
    image_name                            = "web"
    image_version                         = "1.2.3"
    confidential_vm_image_encryption_type = "EncryptedVMGuestStateOnlyWithPmk"
  }
}

build {
  sources = ["azure-arm.image"]
}
