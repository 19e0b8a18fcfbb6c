"""The option tables against the declarations of the plugins themselves."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bakelift.translator.packer import tables

if TYPE_CHECKING:
    from pathlib import Path

FORMS = {"attribute": "attribute", "block": "block", "block*": "blocks"}
VALUES = {
    "String": ({"string", "duration"}, None),
    "Number": ({"number"}, None),
    "Bool": ({"bool"}, None),
    "List(String)": ({"list"}, "string"),
    "List(Number)": ({"list"}, "number"),
    "List(List(String))": ({"list"}, "list"),
    "Map(String)": ({"map"}, "string"),
    "Map": ({"map"}, None),
    "": ({"block"}, None),
}


def oracle(shared: Path) -> list[tuple[str, str, str, str, str]]:
    lines = (shared / "oracles" / "options.tsv").read_text().splitlines()[1:]
    return [tuple((line + "\t" * 4).split("\t")[:5]) for line in lines]  # type: ignore[misc]


def test_every_declared_option_has_a_row_of_its_form_and_type(shared: Path) -> None:
    wrong = []
    for kind, type, name, form, value in oracle(shared):
        if type == "*":
            options = tables.meta(kind)  # type: ignore[arg-type]
            if kind == "builder":
                continue
        else:
            component = tables.component(kind, type)  # type: ignore[arg-type]
            assert component is not None, (kind, type)
            options = component.options
        option = options.get(name)
        kinds, element = VALUES[value]
        if option is None:
            wrong.append(f"{kind} {type} {name}: no row")
        elif option.form != FORMS[form] or option.value not in kinds or (element and option.element != element):
            wrong.append(f"{kind} {type} {name}: {option.form} {option.value} {option.element}, not {form} {value}")
    assert not wrong


def test_no_row_is_invented(shared: Path) -> None:
    declared = {(kind, type, name) for kind, type, name, _, _ in oracle(shared)}
    invented = [
        (kind, type, name)
        for kind, type in sorted({(kind, type) for kind, type, *_ in oracle(shared)})
        if type != "*" and (component := tables.component(kind, type)) is not None  # type: ignore[arg-type]
        for name, option in component.options.items()
        if (kind, type, name) not in declared and not option.json_only
    ]
    assert invented == []


@pytest.mark.parametrize(
    ("kind", "type"), [("builder", "azure-arm"), ("provisioner", "shell"), ("builder", "qemu"), ("data", "amazon-ami")]
)
def test_rows_inside_blocks_have_their_block(kind: str, type: str) -> None:
    component = tables.component(kind, type)  # type: ignore[arg-type]
    assert component is not None
    for name in component.options:
        if "." in name:
            assert component.options[name.rpartition(".")[0]].value == "block"


def test_an_unknown_component_has_no_rows() -> None:
    assert tables.component("builder", "no-such-builder") is None


def test_nested_gives_the_options_of_one_level() -> None:
    component = tables.component("builder", "azure-arm")
    assert component is not None
    nested = component.nested("shared_image_gallery_destination")
    assert nested["target_region"].form == "blocks"
    assert "name" not in nested
    assert set(component.nested("shared_image_gallery_destination.target_region")) == {
        "name",
        "replicas",
        "disk_encryption_set_id",
    }
    assert "vm_size" in component.nested()
    assert "plan_info.plan_name" not in component.nested()


def test_secrets_are_marked() -> None:
    component = tables.component("builder", "azure-arm")
    assert component is not None
    for name in ("client_secret", "client_jwt", "winrm_password", "ssh_password", "client_cert_password"):
        assert component.options[name].secret
    assert not component.options["subscription_id"].secret


def test_other_plugins_are_not_loaded_for_azure(tmp_path: Path) -> None:
    program = (
        "import sys; from bakelift.translator.packer import tables;"
        "tables.component('builder', 'azure-arm'); tables.component('provisioner', 'shell');"
        "assert 'bakelift.translator.packer.tables.plugins' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path)


def test_plugins_that_are_seldom_met_have_rows_too() -> None:
    component = tables.component("builder", "hcloud")
    assert component is not None
    assert component.options["snapshot_labels"].value == "map"
    assert component.options["image_filter"].form == "block"
    assert "hcloud" in tables.types("builder")
