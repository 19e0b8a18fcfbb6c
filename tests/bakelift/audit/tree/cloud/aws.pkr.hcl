source "amazon-ebs" "base" {
  ami_name      = "base"
  instance_type = "t3.micro"
  region        = "eu-west-1"
  source_ami    = "ami-0123456789abcdef0"
  ssh_username  = "ubuntu"
}

source "docker" "base" {
  image  = "debian:12"
  commit = true
}

build {
  sources = ["source.amazon-ebs.base", "source.docker.base"]
}
