"""The public API: load, dump, build."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

import bakelift


@pytest.fixture
def web(checkout: Path) -> Path:
    return checkout / "fixtures" / "web-server" / "web.pkr.hcl"


def test_load_and_dump(web: Path) -> None:
    plan = bakelift.load(web, variables={"release": "3.0.0"})
    made = bakelift.dump(plan, "arm")
    template = json.loads(made.text)
    (resource,) = template["resources"]
    assert [c["name"] for c in resource["properties"]["customize"]] == ["upload site", "site", "01-shell"]
    assert made.report.counts()["unsupported"] == 0
    again = bakelift.dump(plan, "arm")
    assert again.text == made.text and again.text.isascii()


def test_a_variable_stays_a_parameter_with_its_value_beside(web: Path) -> None:
    plan = bakelift.load(web, variables={"release": "3.0.0"})
    texts = bakelift.dump(plan, "arm").texts
    (parameters,) = [json.loads(text) for name, text in texts.items() if name.endswith(".parameters.json")]
    assert parameters["parameters"]["release"] == {"value": "3.0.0"}


def test_dump_as_hcl_reads_back(web: Path, tmp_path: Path) -> None:
    plan = bakelift.load(web)
    text = bakelift.dump(plan, "hcl").text
    written = tmp_path / "again.pkr.hcl"
    written.write_text(text)
    assert bakelift.load(written) == plan


def test_bad_input_raises_with_diagnostics(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pkr.hcl"
    bad.write_text('source "azure-arm" "x" {\n  location = \n}\n')
    with pytest.raises(bakelift.TemplateError) as caught:
        bakelift.load(bad)
    assert caught.value.diagnostics[0].span is not None
    assert caught.value.diagnostics[0].span.line == 2
    with pytest.raises(bakelift.TemplateError):
        bakelift.dump(bakelift.Plan(), "yaml")


def test_build_over_no_communicator(tmp_path: Path) -> None:
    template = tmp_path / "t.pkr.hcl"
    template.write_text(
        'source "null" "a" {\n  communicator = "none"\n}\n'
        'build {\n  sources = ["null.a"]\n  provisioner "shell-local" {\n    inline = ["echo hello"]\n  }\n}\n'
    )
    log = io.StringIO()
    assert bakelift.build(bakelift.load(template), stdout=log) == 1
    assert "shell-local would run a script of the template on this machine" in log.getvalue()
    log = io.StringIO()
    assert bakelift.build(bakelift.load(template), allow_local=True, stdout=log) == 0
    assert "==> null.a: hello" in log.getvalue()
    assert "==> Builds finished. The artifacts of successful builds are:" in log.getvalue()


def test_names_that_are_not_there() -> None:
    with pytest.raises(AttributeError):
        bakelift.nosuch  # noqa: B018


def test_dump_as_legacy_json(web: Path) -> None:
    template = json.loads(bakelift.dump(bakelift.load(web), "json").text)
    assert [builder["type"] for builder in template["builders"]] == ["azure-arm"]
