packer {
  required_plugins {
    ansible = {
      source  = "github.com/hashicorp/ansible"
      version = "~> 1"
    }
    docker = {
      source  = "github.com/hashicorp/docker"
      version = "~> 1"
    }
  }
}

variable "tag" {
  type    = string
  default = "latest"
}

variable "which" {
  type    = string
  default = "b"
}

source "null" "first_one" {
  communicator = "none"
}

source "null" "b" {
  communicator = "none"
}

source "file" "file" {
  content = "built {{isotime}}"
  target  = "out.txt"
}

source "docker" "docker" {
  image   = "debian:12"
  commit  = true
  changes = ["ENV TAG=${var.tag}", "CMD [\"nginx\"]"]
}

build {
  sources = ["source.null.first_one", "source.null.b", "source.file.file", "source.docker.docker"]

  provisioner "shell-local" {
    except = ["docker.docker", "file.file"]
    inline = [
      "echo ${source.name} is a ${source.type}",
      "echo ${split("-", var.tag)[0]} ${replace(var.tag, ".", "_")}",
    ]
    override = {
      first_one = {
        inline = ["echo otherwise"]
      }
    }
  }

  provisioner "ansible" {
    only            = ["docker.docker"]
    playbook_file   = "${path.root}/site.yml"
    extra_arguments = ["-e", "tag=${var.tag}"]
  }

  error-cleanup-provisioner "shell-local" {
    inline = ["echo \"${source.name} failed\""]
  }

  post-processor "manifest" {}

  post-processors {
    post-processor "docker-tag" {
      only       = ["docker.docker"]
      repository = "registry.example.com/web"
      tags       = compact(split(",", "${var.tag},newest"))
    }

    post-processor "docker-push" {}
  }

  post-processor "checksum" {
    checksum_types = ["sha256"]
    output         = "{{.BuildName}}.{{.ChecksumType}}"
  }
}

# Written by bakelift 0.1.0, a48a6f572aff0d0c
