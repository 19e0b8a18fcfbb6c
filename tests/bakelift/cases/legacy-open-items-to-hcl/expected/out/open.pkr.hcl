variable "home" {
  type    = string
  default = env("HOME")
}

source "null" "null" {
  communicator = "none"
}

source "our-cloud" "our-cloud" {
  labels = {
    "a.b" = "c"
  }

  network {
    subnet = "a"
  }
}

build {
  sources = ["source.null.null", "source.our-cloud.our-cloud"]

  provisioner "shell-local" {
    inline = ["echo ${var.home}"]

    colour = "red"
  }

  provisioner "shell-local" {
    inline = ["docker ps --format {{ID}}"]
  }

  provisioner "shell" {
    only   = ["nulll"]
    inline = ["true"]
  }
}

# Written by bakelift 0.1.0, 2cf1365b6c07a0b6
