packer {
  required_plugins {
    azure = {
      source  = "github.com/hashicorp/azure"
      version = "~> 2"
    }
    windows-update = {
      source  = "github.com/rgl/windows-update"
      version = ">= 0.14.0"
    }
  }
}

variable "install_user" {
  type    = string
  default = "installer"
}

variable "install_password" {
  type      = string
  sensitive = true
}

variable "id" {
  type    = string
  default = null
}

variable "gallery" {
  type    = string
  default = "images"
}

variable "version" {
  type    = string
  default = null
}

locals {
  id      = var.id == null ? uuidv4() : var.id
  version = var.version == null ? "1.0.{{timestamp}}" : var.version
}

source "azure-arm" "agents" {
  use_azure_cli_auth        = true
  build_resource_group_name = "rg-build"
  os_type                   = "Windows"
  image_publisher           = "MicrosoftWindowsServer"
  image_offer               = "WindowsServer"
  image_sku                 = "2022-datacenter-azure-edition"
  vm_size                   = "Standard_D4s_v5"
  communicator              = "winrm"
  winrm_use_ssl             = true
  winrm_insecure            = true
  winrm_timeout             = "15m"
  winrm_username            = "packer"

  shared_image_gallery_destination {
    resource_group      = "rg-images"
    gallery_name        = var.gallery
    image_name          = "agents"
    image_version       = local.version
    replication_regions = ["westeurope", "northeurope"]
  }

  azure_tag {
    name  = "run"
    value = local.id
  }
}

build {
  description = "Build agents on Windows Server 2022"
  sources     = ["source.azure-arm.agents"]

  provisioner "powershell" {
    elevated_user     = var.install_user
    elevated_password = var.install_password
    inline = [
      "Install-WindowsFeature -Name Web-Server",
      "Write-Host \"$env:COMPUTERNAME has $((Get-WindowsFeature | Where-Object Installed).Count) features\"",
      "New-Item -ItemType Directory -Force -Path C:\\agents",
    ]
  }

  provisioner "windows-update" {}

  provisioner "windows-restart" {
    restart_timeout       = "30m"
    restart_check_command = "powershell -command \"& {Write-Output 'restarted.'}\""
  }

  provisioner "powershell" {
    environment_vars = ["RUN=${local.id}"]
    inline = [
      "& $env:SystemRoot\\System32\\Sysprep\\Sysprep.exe /oobe /generalize /quiet /quit /mode:vm",
      "while ($true) { $state = (Get-ItemProperty HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State).ImageState; if ($state -ne 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE') { Write-Output $state; Start-Sleep -s 10 } else { break } }",
    ]
  }
}

# Written by bakelift 0.1.0, e5ee9d1c3b4d30bb
