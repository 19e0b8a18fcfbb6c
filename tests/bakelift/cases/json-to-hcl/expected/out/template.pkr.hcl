# The old pipeline's template.

packer {
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = "~> 1"
    }
    ansible = {
      source  = "github.com/hashicorp/ansible"
      version = "~> 1"
    }
  }
}

variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "release" {
  type      = string
  default   = env("RELEASE")
  sensitive = true
}

variable "stamp" {
  type    = string
  default = null
}

locals {
  stamp = var.stamp == null ? legacy_isotime("20060102") : var.stamp
}

source "amazon-ebs" "amazon-ebs" {
  region        = var.region
  ami_name      = "web-${local.stamp}"
  instance_type = "t3.small"
  ssh_username  = "ubuntu"
  tags = {
    release = var.release
  }

  source_ami_filter {
    filters = {
      name = "ubuntu/images/*24.04*"
    }
    owners      = ["099720109477"]
    most_recent = true
  }
}

build {
  sources = ["source.amazon-ebs.amazon-ebs"]

  provisioner "shell" {
    inline       = ["echo ${source.name}"]
    pause_before = "5s"
  }

  provisioner "ansible" {
    playbook_file = "site.yml"
  }

  post-processors {
    post-processor "manifest" {}

    post-processor "checksum" {
      checksum_types = ["sha256"]
    }
  }
}

# Written by bakelift 0.1.0, d34ed4593b4f76c0
