"""Comments of a template, in the report."""

from __future__ import annotations

import json
from pathlib import Path

from bakelift.__main__ import main

TEMPLATE = """# Images of the web team.

# Where it is built.
variable "location" {
  default = "westeurope"
}

locals {
  # The team's own name.
  name = "web"
}

# One source for all.
source "azure-arm" "web" {
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = var.location
  # Two cores are enough.
  vm_size = "Standard_D2s_v5"

  managed_image_name                = local.name
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.web"]

  # First the lists,
  # then the packages.
  provisioner "shell" {
    inline = ["sudo apt-get update"]
  }

  # Whoever waits for it.
  post-processor "manifest" {
    output = "manifest.json"
  }
}
"""


def test_comments_stand_in_the_report(tmp_path: Path) -> None:
    template, report = tmp_path / "web.pkr.hcl", tmp_path / "report.json"
    template.write_text(TEMPLATE)
    assert main(["translate", str(template), "-out", str(tmp_path / "web.json"), "-report", str(report)]) == 0
    found = {item["about"]: " ".join(item["text"]) for item in json.loads(report.read_text())["comments"]}
    assert found == {
        "variable.location": "Images of the web team. Where it is built.",
        "local.name": "The team's own name.",
        "source.azure-arm.web": "One source for all.",
        "source.azure-arm.web.vm_size": "Two cores are enough.",
        "build[0].provisioner[0]": "First the lists, then the packages.",
        "build[0].post-processor[0]": "Whoever waits for it.",
    }


def test_every_report_shows_them(tmp_path: Path) -> None:
    template = tmp_path / "web.pkr.hcl"
    template.write_text(TEMPLATE)
    for name in ("report.md", "report.html"):
        words = ["-out", str(tmp_path / "web.json"), "-report", str(tmp_path / name)]
        assert main(["translate", str(template), *words]) == 0
        assert "First the lists, then the packages." in (tmp_path / name).read_text()
