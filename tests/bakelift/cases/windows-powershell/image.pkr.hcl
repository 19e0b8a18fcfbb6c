variable "agent_pool" {
  type = string
}

variable "install_user" {
  type    = string
  default = "installer"
}

variable "install_password" {
  type      = string
  sensitive = true
}

source "azure-arm" "agents" {
  os_type         = "Windows"
  image_publisher = "MicrosoftWindowsServer"
  image_offer     = "WindowsServer"
  image_sku       = "2022-datacenter-g2"
  location        = "westeurope"
  vm_size         = "Standard_D4s_v5"

  communicator   = "winrm"
  winrm_use_ssl  = true
  winrm_insecure = true
  winrm_username = "packer"

  managed_image_name                = "agents"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.agents"]

  provisioner "powershell" {
    inline = ["# Name the pool", "Write-Output \"pool $env:POOL, $env:QUOTED\""]
    environment_vars = [
      "POOL=${var.agent_pool}",
      "QUOTED=it's \"$5\" and a `tick",
    ]
  }

  provisioner "powershell" {
    scripts          = ["scripts/Install-Tools.ps1", "scripts/Install-Agent.ps1"]
    environment_vars = ["POOL=${var.agent_pool}"]
    valid_exit_codes = [0, 3010]
    pause_before     = "30s"
  }

  provisioner "powershell" {
    elevated_user     = "SYSTEM"
    elevated_password = ""
    script            = "scripts/Write-Environment.ps1"
  }

  provisioner "powershell" {
    elevated_user     = build.User
    elevated_password = build.Password
    inline            = ["whoami /groups"]
    execution_policy  = "unrestricted"
    debug_mode        = 1
  }

  provisioner "powershell" {
    elevated_user     = var.install_user
    elevated_password = var.install_password
    inline            = ["Add-AppxPackage C:\\tools.msix"]
    max_retries       = 2
    timeout           = "20m"
    pause_after       = "10s"
  }

  provisioner "powershell" {
    use_pwsh        = true
    execute_command = "powershell -executionpolicy bypass -file {{ .Path }}"
    inline          = ["$PSVersionTable.PSVersion"]
  }

  provisioner "powershell" {
    execute_command     = "pwsh -NoProfile -Command \"{{ .Vars }}; {{ .Path }}\""
    remote_path         = "C:/Windows/Temp/pwsh.ps1"
    skip_clean          = true
    start_retry_timeout = "10m"
    inline              = ["[int][char]'a'"]
  }
}
