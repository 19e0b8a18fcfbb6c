variable "client_secret" {
  type      = string
  default   = env("ARM_CLIENT_SECRET")
  sensitive = true
}

variable "subscription_id" {
  type    = string
  default = env("ARM_SUBSCRIPTION_ID")
}

variable "location" {
  type        = string
  default     = "northeurope"
  description = "Region of the build."

  validation {
    condition     = contains(["northeurope", "westeurope"], var.location)
    error_message = "Only regions of Europe."
  }
}

variable "prefix" {
  type = string
}

variable "gpu" {
  type    = bool
  default = false
}

variable "disk" {
  type    = number
  default = 64
}

variable "tags" {
  type    = map(string)
  default = { env = "test" }
}

variable "unused" {
  default = "nothing uses it"
}

locals {
  stamp = regex_replace(timestamp(), "[- TZ:]", "")
  day   = formatdate("YYYY-MM-DD", timestamp())
  name  = "${var.prefix}-${local.stamp}"
  tags = merge(var.tags, {
    built = local.day
    gpu   = "${var.gpu}"
  })
  script = upper(sha256("constant"))
}

source "azure-arm" "base" {
  subscription_id = var.subscription_id
  client_id       = "00000000-0000-0000-0000-000000000001"
  client_secret   = var.client_secret

  os_type         = "Linux"
  image_publisher = "Debian"
  image_offer     = "debian-12"
  image_sku       = "12-gen2"
  image_version   = "latest"

  location        = var.location
  vm_size         = var.gpu ? "Standard_NC4as_T4_v3" : "Standard_D2s_v5"
  os_disk_size_gb = var.disk

  managed_image_name                = local.name
  managed_image_resource_group_name = "${var.prefix}-images"

  azure_tags = local.tags
}

build {
  name    = "debian"
  sources = ["source.azure-arm.base"]

  provisioner "shell" {
    environment_vars = ["PREFIX=${var.prefix}", "DIGEST=${local.script}"]
    inline           = ["echo \"$PREFIX\" | sudo tee /etc/image-prefix"]
  }
}
