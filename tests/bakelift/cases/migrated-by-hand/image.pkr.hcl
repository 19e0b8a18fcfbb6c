variable "location" {
  type    = string
  default = "japaneast"
}

source "azure-arm" "agents" {
  os_type         = "Windows"
  image_publisher = "MicrosoftWindowsServer"
  image_offer     = "WindowsServer"
  image_sku       = "2019-Datacenter"
  location        = var.location
  vm_size         = "Standard_D4s_v5"

  communicator   = "winrm"
  winrm_use_ssl  = true
  winrm_insecure = true
  winrm_timeout  = "4h"
  winrm_username = "packer"

  shared_image_gallery_destination {
    resource_group = "galleries"
    gallery_name   = "shared"
    image_name     = "windows2019"
    image_version  = "1.0.0"
  }
}

build {
  sources = ["source.azure-arm.agents"]

  provisioner "powershell" {
    elevated_user     = build.User
    elevated_password = build.Password
    scripts = [
      "${path.root}/scripts/Initialize-VM.ps1",
      "${path.root}/scripts/Install-PowerShellModules.ps1",
      "${path.root}/scripts/Install-Choco.ps1",
    ]
  }

  provisioner "windows-restart" {
    restart_timeout = "30m"
  }

  provisioner "powershell" {
    valid_exit_codes = [0, 3010]
    scripts          = ["${path.root}/scripts/Install-Git.ps1"]
  }

  provisioner "windows-update" {
    search_criteria = "IsInstalled=0"
    filters         = ["exclude:$_.Title -like '*Preview*'", "include:$true"]
    update_limit    = 30
  }

  provisioner "windows-restart" {
    restart_timeout = "40m"
  }

  provisioner "powershell" {
    elevated_user     = build.User
    elevated_password = build.Password
    scripts = [
      "${path.root}/scripts/Run-NGen.ps1",
      "${path.root}/scripts/Finalize-VM.ps1",
    ]
  }

  provisioner "powershell" {
    inline = [
      "if( Test-Path $Env:SystemRoot\\System32\\Sysprep\\unattend.xml ){ rm $Env:SystemRoot\\System32\\Sysprep\\unattend.xml -Force}",
      "& $env:SystemRoot\\System32\\Sysprep\\Sysprep.exe /oobe /generalize /quiet /quit",
      "while($true) { $imageState = Get-ItemProperty HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State | Select ImageState; if($imageState.ImageState -ne 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE') { Write-Output $imageState.ImageState; Start-Sleep -s 10  } else { break } }",
    ]
  }
}
