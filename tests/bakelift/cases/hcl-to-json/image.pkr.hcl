packer {
  required_plugins {
    docker = {
      source  = "github.com/hashicorp/docker"
      version = "~> 1"
    }
  }
}

variable "tag" {
  type        = string
  description = "Tag of the image."
  default     = "latest"
}

locals {
  day = formatdate("YYYY-MM-DD", timestamp())
}

source "docker" "web" {
  image  = "debian:12"
  commit = true
}

build {
  sources = ["source.docker.web"]

  provisioner "shell" {
    environment_vars = ["DAY=${local.day}"]
    inline           = ["echo built on $DAY"]
  }

  provisioner "shell" {
    inline = ["echo ${upper(substr(var.tag, 0, 3))}"]
  }

  post-processor "docker-tag" {
    repository = "web"
    tags       = [var.tag]
  }
}
