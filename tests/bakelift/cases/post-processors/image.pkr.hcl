source "azure-arm" "web" {
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "westeurope"
  vm_size         = "Standard_D2s_v5"

  managed_image_name                = "web"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    inline = ["sudo apt-get update"]
  }

  post-processor "manifest" {
    output     = "manifest.json"
    strip_path = true
  }

  post-processor "shell-local" {
    inline = ["./announce.sh"]
  }

  post-processors {
    post-processor "artifice" {
      files = ["packages.txt"]
    }
    post-processor "checksum" {
      checksum_types = ["sha256"]
      output         = "packages.{{.ChecksumType}}"
    }
    post-processor "compress" {
      output = "packages.tar.gz"
    }
  }

  post-processor "provenance" {
    output_dir = "attestations"
  }

  post-processor "amazon-import" {
    region         = "eu-west-1"
    s3_bucket_name = "images"
  }

  post-processors {
    post-processor "docker-import" {
      repository = "contoso/web"
    }
    post-processor "docker-tag" {
      repository = "contoso/web"
      tags       = ["1.0"]
    }
    post-processor "docker-push" {}
    post-processor "docker-save" {
      path = "web.tar"
    }
  }

  post-processor "googlecompute-import" {
    project_id = "images"
    bucket     = "images"
    image_name = "web"
  }

  post-processor "googlecompute-export" {
    paths = ["gs://images/web.tar.gz"]
  }

  post-processors {
    post-processor "vagrant" {}
    post-processor "vagrant-cloud" {
      box_tag = "contoso/web"
      version = "1.0.0"
    }
    post-processor "vagrant-registry" {
      box_tag = "contoso/web"
      version = "1.0.0"
    }
  }

  post-processors {
    post-processor "vsphere" {
      host     = "vcenter.example.com"
      username = "packer"
      vm_name  = "web"
    }
    post-processor "vsphere-template" {
      host     = "vcenter.example.com"
      username = "packer"
    }
  }

  post-processor "yandex-import" {
    bucket = "images"
  }
}
