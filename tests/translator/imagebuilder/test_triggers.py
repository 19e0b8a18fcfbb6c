"""Triggers of image templates: written where the service's rules allow them, and kept on the way back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bakelift.translator.diagnostics import Diagnostics, SourceFile
from bakelift.translator.imagebuilder.arranging import Arrangement
from bakelift.translator.imagebuilder.reader import read_template
from bakelift.translator.imagebuilder.triggers import TYPE

Translate = Callable[..., Any]
MARKET = 'image_publisher = "c"\n  image_offer = "o"\n  image_sku = "s"'
MANAGED = 'managed_image_name = "i"\n  managed_image_resource_group_name = "g"'
GALLERY = """shared_image_gallery_destination {
    resource_group = "g"
    gallery_name   = "golden"
    image_name     = "web"
    image_version  = "1.0.0"
  }"""


def from_gallery(definition: str, version: str = "") -> str:
    return f"""shared_image_gallery {{
    subscription   = "s"
    resource_group = "g"
    gallery_name   = "golden"
    image_name     = "{definition}"
    {version}
  }}"""


def template(source: str, destination: str) -> str:
    return f"""source "azure-arm" "x" {{
  os_type  = "Linux"
  vm_size  = "s"
  location = "westus"
  {source}
  {destination}
}}
build {{
  sources = ["source.azure-arm.x"]
}}
"""


def triggers(found: Any) -> list[dict[str, Any]]:
    made = found.outputs[0].template
    assert made is not None
    return [resource for resource in made["resources"] if resource["type"] == TYPE]


@pytest.mark.parametrize(
    ("source", "destination"),
    [(MARKET, MANAGED), (from_gallery("base"), MANAGED), (from_gallery("base"), GALLERY), (MARKET, GALLERY)],
)
def test_a_trigger(translated: Translate, source: str, destination: str) -> None:
    found = translated(template(source, destination), trigger=True, arrangement=Arrangement(numbered=True))
    (trigger,) = triggers(found)
    assert trigger["name"] == "[format('{0}/source', parameters('imageTemplateName'))]"
    assert trigger["properties"] == {"kind": "SourceImage"}
    plan = read_template(SourceFile("t.json", json.dumps(found.outputs[0].template)), "t.json", Diagnostics()).plan
    assert plan.opaque.entries, "it is kept beside the image template"


@pytest.mark.parametrize(
    ("source", "destination", "version", "why"),
    [
        (MARKET + '\n  image_version = "1.2.3"', MANAGED, "2024-02-01", "waits for the latest"),
        (from_gallery("base", 'image_version = "1.0.0"'), MANAGED, "2024-02-01", "waits for the latest"),
        (from_gallery("web"), GALLERY, "2024-02-01", "the image definition that it distributes to"),
        (MARKET, MANAGED, "2022-02-14", "API version 2022-07-01 has triggers"),
        (
            'custom_managed_image_name = "a"\n  custom_managed_image_resource_group_name = "b"',
            MANAGED,
            "2024-02-01",
            "only marketplace images and gallery images",
        ),
    ],
)
def test_no_trigger(translated: Translate, source: str, destination: str, version: str, why: str) -> None:
    text = template(source, destination)
    found = translated(text, trigger=True, api_version=version, arrangement=Arrangement(numbered=True))
    assert triggers(found) == []
    (told,) = [d for d in found.diagnostics if d.code == "aib/no-trigger"]
    assert why in told.summary


def test_an_explicit_version_is_made_once(translated: Translate) -> None:
    found = translated(template(MARKET, GALLERY), trigger=True)
    assert triggers(found) == []
    assert any("made once only" in d.summary for d in found.diagnostics)
