"""``-patch``: the updates of an image on the image that is there, into the same definition."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fake_arm
import fake_blob
import fake_schemas
import pytest
from service_templates import GROUPS, IDENTITY, SUBSCRIPTION, TEMPLATE

from bakelift.__main__ import main

Azure = tuple[fake_arm.Arm, fake_blob.Store]
GALLERY = f"{GROUPS}/images/providers/Microsoft.Compute/galleries/main/images/web"
MANAGED = f"{GROUPS}/images/providers/Microsoft.Compute/images"
DESTINATION = f'''
  shared_image_gallery_destination {{
    subscription   = "{SUBSCRIPTION}"
    resource_group = "images"
    gallery_name   = "main"
    image_name     = "web"
    image_version  = "1.4.0"
  }}
}}

build {{'''
LINUX = TEMPLATE.replace("NAME", "web").replace("}\n\nbuild {", DESTINATION)
WINDOWS = LINUX.replace('"Linux"', '"Windows"').replace(
    """  provisioner "shell" {
    name   = "hello"
    inline = ["echo hello"]
  }
""",
    """  provisioner "powershell" {
    inline = ["echo hello"]
  }
""",
)
UPDATE = """  provisioner "windows-update" {
    filters = ["exclude:$_.Title -like '*Preview*'", "include:$true"]
  }
"""


@pytest.fixture
def patch(azure: Azure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    azure[0].judges.append(fake_schemas.judge)
    monkeypatch.chdir(tmp_path)

    def run(id: str, text: str, *options: str, name: str = "web.pkr.hcl") -> int:
        Path(name).write_text(text)
        words = ["build", "-on", "imagebuilder", "-identity", IDENTITY, "-resource-group", "images", "-color=false"]
        return main([*words, "-patch", id, *options, name])

    return run


def body(arm: fake_arm.Arm) -> dict[str, Any]:
    [item] = [item for key, item in arm.resources.items() if fake_arm.TEMPLATES in key]
    assert item["name"] == "web-patch"
    properties: dict[str, Any] = item["properties"]
    return properties


def test_a_version_is_brought_up_to_date(azure: Azure, patch: Callable[..., int]) -> None:
    assert patch(f"{GALLERY}/versions/1.4.0", LINUX) == 0
    found = body(azure[0])
    assert found["source"] == {"type": "SharedImageVersion", "imageVersionId": f"{GALLERY}/versions/1.4.0"}
    [step] = found["customize"]
    assert step["type"] == "Shell" and "dist-upgrade" in "\n".join(step["inline"])
    assert "echo hello" not in "\n".join(step["inline"])
    places = {one["type"]: one.get("galleryImageId") or one["imageId"] for one in found["distribute"]}
    assert places == {"SharedImage": GALLERY, "ManagedImage": f"{MANAGED}/web-image"}, "the next version is counted"


def test_the_latest_version_is_meant_where_none_is_said(azure: Azure, patch: Callable[..., int]) -> None:
    assert patch(GALLERY, LINUX) == 0
    assert body(azure[0])["source"]["imageVersionId"] == f"{GALLERY}/versions/latest"


@pytest.mark.parametrize("filters", [True, False])
def test_windows_updates_are_those_of_the_template(azure: Azure, patch: Callable[..., int], filters: bool) -> None:
    text = WINDOWS.replace('  provisioner "powershell"', UPDATE + '  provisioner "powershell"') if filters else WINDOWS
    assert patch(f"{MANAGED}/web-1", text) == 0
    found = body(azure[0])
    assert found["source"] == {"type": "ManagedImage", "imageId": f"{MANAGED}/web-1"}
    [step] = found["customize"]
    assert step["type"] == "WindowsUpdate"
    assert step.get("filters", []) == (["exclude:$_.Title -like '*Preview*'", "include:$true"] if filters else [])


def test_an_image_is_not_made_from_itself(
    azure: Azure, patch: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert patch(f"{MANAGED}/WEB-image", LINUX) == 1
    assert "[azure/patch-itself]" in capsys.readouterr().err and azure[0].log == []


def test_what_is_no_image_is_refused(
    azure: Azure, patch: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert patch(f"{GROUPS}/images", LINUX) == 1
    assert "-patch takes the resource id" in capsys.readouterr().err and azure[0].log == []


def test_another_definition_is_told(
    azure: Azure, patch: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert patch(GALLERY.replace("web", "api") + "/versions/1.0.0", LINUX) == 0
    assert "does not distribute to the definition" in capsys.readouterr().err


def test_an_image_builder_template_is_brought_up_to_date_too(azure: Azure, patch: Callable[..., int]) -> None:
    Path("web.pkr.hcl").write_text(LINUX)
    words = ["-identity", IDENTITY, "-resolve", "-to", "resource", "-out", "image.json"]
    assert main(["translate", "web.pkr.hcl", *words]) == 0
    text = Path("image.json").read_text()
    assert patch(f"{GALLERY}/versions/1.4.0", text, name="web.json") == 0
    found = body(azure[0])
    assert found["source"]["imageVersionId"] == f"{GALLERY}/versions/1.4.0"
    assert [step["type"] for step in found["customize"]] == ["Shell"]
    assert {one.get("galleryImageId") for one in found["distribute"]} >= {GALLERY}


@pytest.mark.parametrize(
    ("manager", "said"),
    [
        ("apt-get", "dist-upgrade"),
        ("tdnf", "tdnf -y update"),
        ("dnf", "dnf -y --refresh upgrade"),
        ("yum", "yum -y update"),
        ("zypper", "zypper --non-interactive update"),
        ("", "no package manager"),
    ],
)
def test_the_update_takes_the_package_manager_that_is_there(
    azure: Azure, patch: Callable[..., int], tmp_path: Path, manager: str, said: str
) -> None:
    """The step runs, with programs that say what they were asked; zypper asks to be run again, once."""
    assert patch(GALLERY, LINUX) == 0
    lines = body(azure[0])["customize"][0]["inline"]
    programs = tmp_path / "bin"
    programs.mkdir()
    sh = shutil.which("sh")
    scripts = {"sudo": 'while case "$1" in *=*) ;; *) false ;; esac; do shift; done; exec "$@"'}
    if manager:
        scripts[manager] = f'echo "{manager} $*"'
    if manager == "zypper":
        scripts[manager] += f'\n[ "$2" != update ] || [ -e {tmp_path}/again ] || {{ : > {tmp_path}/again; exit 103; }}'
    for name, text in scripts.items():
        (programs / name).write_text(f"#!{sh}\n{text}\n")
        (programs / name).chmod(0o755)
    script = "\n".join(lines)
    done = subprocess.run(
        [str(sh), "-e", "-c", script], capture_output=True, text=True, check=False, env={"PATH": str(programs)}
    )
    assert done.returncode == (0 if manager else 1), done.stderr
    assert said in done.stdout + done.stderr
    assert done.stdout.count("zypper --non-interactive update") == (2 if manager == "zypper" else 0)
