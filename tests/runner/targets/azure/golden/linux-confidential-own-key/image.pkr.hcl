# A confidential VM whose disks have a key of the customer's, the additional ones as well.
source "azure-arm" "image" {
  os_type                  = "Linux"
  location                 = "westeurope"
  image_publisher          = "Canonical"
  image_offer              = "0001-com-ubuntu-confidential-vm-jammy"
  image_sku                = "22_04-lts-cvm"
  security_type            = "ConfidentialVM"
  security_encryption_type = "DiskWithVMGuestState"
  disk_encryption_set_id   = "/subscriptions/s/resourceGroups/keys/providers/Microsoft.Compute/diskEncryptionSets/disks"
  disk_additional_size     = [8]
  secure_boot_enabled      = true
  vtpm_enabled             = true
  shared_image_gallery_destination {
    resource_group                        = "shared"
    gallery_name                          = "apps"
    image_name                            = "web"
    image_version                         = "1.2.3"
    confidential_vm_image_encryption_type = "EncryptedWithCmk"
    target_region {
      name                   = "westeurope"
      disk_encryption_set_id = "/subscriptions/s/resourceGroups/keys/providers/Microsoft.Compute/diskEncryptionSets/disks"
    }
  }
}

build {
  sources = ["azure-arm.image"]
}
