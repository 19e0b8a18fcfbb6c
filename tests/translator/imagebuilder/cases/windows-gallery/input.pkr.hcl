variable "regions" {
  type    = list(string)
  default = ["westus2", "westus3"]
}

source "azure-arm" "avd" {
  use_azure_cli_auth = true
  communicator       = "winrm"
  winrm_use_ssl      = true
  winrm_insecure     = true
  winrm_timeout      = "10m"
  winrm_username     = "packer"

  os_type         = "Windows"
  image_publisher = "MicrosoftWindowsDesktop"
  image_offer     = "windows-11"
  image_sku       = "win11-23h2-avd"

  build_resource_group_name = "builds"
  vm_size                   = "Standard_D4s_v5"

  shared_image_gallery_destination {
    subscription        = "00000000-0000-0000-0000-0000000000bb"
    resource_group      = "avd"
    gallery_name        = "avd"
    image_name          = "desktop"
    image_version       = formatdate("YYYY.MMDD.hhmm", timestamp())
    replication_regions = var.regions
  }
  shared_image_gallery_replica_count = 2
}

build {
  sources = ["source.azure-arm.avd"]

  provisioner "powershell" {
    elevated_user     = "SYSTEM"
    elevated_password = ""
    inline            = ["Install-PackageProvider -Name NuGet -Force"]
  }

  provisioner "windows-restart" {
    restart_timeout = "10m"
  }

  provisioner "windows-update" {
    search_criteria = "IsInstalled=0"
    filters         = ["exclude:$_.Title -like '*Preview*'", "include:$true"]
  }

  provisioner "powershell" {
    inline = [
      "& $env:SystemRoot\\System32\\Sysprep\\Sysprep.exe /oobe /generalize /quiet /quit",
    ]
  }
}
