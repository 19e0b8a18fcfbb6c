"""Loops, nested deployments, functions and symbolic names: read as what they make."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.imagebuilder.reader import read_template
from bakelift.translator.plan.expressions import ListExpr, Literal, Ref, Template
from bakelift.translator.plan.model import Plan

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def image(**changes: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "source": {
            "type": "PlatformImage",
            "publisher": "canonical",
            "offer": "ubuntu-24_04-lts",
            "sku": "server",
            "version": "latest",
        },
        "customize": [{"type": "Shell", "inline": ["true"]}],
        "distribute": [{"type": "VHD", "runOutputName": "web"}],
    }
    resource = {
        "type": "Microsoft.VirtualMachineImages/imageTemplates",
        "apiVersion": "2024-02-01",
        "name": changes.pop("name", "web"),
        "location": changes.pop("location", "westeurope"),
    }
    around = {key: changes.pop(key) for key in ("copy", "condition") if key in changes}
    return {**resource, **around, "properties": {**properties, **changes}}


def deployment(*resources: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", **parts, "resources": list(resources)}


def read(template: dict[str, Any], *given: dict[str, Any], told: Diagnostics | None = None) -> Plan:
    files = [SourceFile("p.json", json.dumps(parameters(values))) for values in given]
    text = json.dumps(template, indent=2)
    found = Diagnostics() if told is None else told
    return read_template(SourceFile("t.json", text), "t.json", found, files).plan


def parameters(values: dict[str, Any]) -> dict[str, Any]:
    return {"parameters": {name: {"value": value} for name, value in values.items()}}


def lines(plan: Plan) -> list[object]:
    """The lines of the first group's scripts, but for what generalizes."""
    found: list[object] = []
    for step in plan.groups[0].steps[:-1]:
        inline = step.settings["inline"].value
        assert isinstance(inline, ListExpr)
        found += [item.value if isinstance(item, Literal) else item for item in inline.items]
    return found


def test_a_copy_of_customizers() -> None:
    step = {"type": "Shell", "inline": ["[concat('apt-get install ', variables('packages')[copyIndex('customize')])]"]}
    made = image(copy=[])
    made["properties"]["copy"] = [{"name": "customize", "count": "[length(variables('packages'))]", "input": step}]
    del made["properties"]["customize"], made["copy"]
    plan = read(deployment(made, variables={"packages": ["nginx", "certbot"]}))
    assert len(lines(plan)) == 2


def test_a_copy_of_variables() -> None:
    variables = {"copy": [{"name": "lines", "count": 3, "input": "[format('echo {0}', copyIndex('lines', 1))]"}]}
    plan = read(deployment(image(customize=[{"type": "Shell", "inline": "[variables('lines')]"}]), variables=variables))
    (named,) = plan.named
    assert named.value == ListExpr((Literal("echo 1"), Literal("echo 2"), Literal("echo 3")))


def test_a_copy_whose_count_a_deployment_knows_is_a_loop() -> None:
    tags = {
        "copy": [
            {"name": "names", "count": "[length(parameters('x'))]", "input": "[parameters('x')[copyIndex('names')]]"}
        ]
    }
    plan = read(deployment(image(), parameters={"x": {"type": "array"}}, variables={"all": tags}))
    assert "For" in type(plan.named[0].value.entries[0][1]).__name__  # type: ignore[attr-defined]


def test_a_copy_of_image_templates() -> None:
    made = image(name="[concat('web-', copyIndex())]", copy={"name": "editions", "count": "[parameters('count')]"})
    plan = read(deployment(made, parameters={"count": {"type": "int", "defaultValue": 2}}))
    assert len(plan.sources) == 2
    assert len({source.name for source in plan.sources}) == 2


def test_a_copy_of_unknown_many_image_templates_is_told() -> None:
    made = image(copy={"name": "editions", "count": "[parameters('count')]"})
    template = deployment(made, parameters={"count": {"type": "int"}})
    with pytest.raises(TemplateError, match="count") as caught:
        read(template)
    assert caught.value.diagnostics[0].code == "arm/structure"
    assert len(read(template, {"count": 3}).sources) == 3


def test_functions_of_the_template() -> None:
    functions = [
        {
            "namespace": "contoso",
            "members": {
                "name": {
                    "parameters": [{"name": "what", "type": "string"}],
                    "output": {"type": "string", "value": "[concat('web-', toLower(parameters('what')))]"},
                }
            },
        }
    ]
    made = image(location="[contoso.name(parameters('where'))]")
    plan = read(deployment(made, functions=functions, parameters={"where": {"type": "string"}}))
    value = plan.sources[0].settings["location"].value
    assert isinstance(value, Template) and value.parts[0] == Literal("web-")
    assert Ref("input", "where") in value.walk()


def test_a_function_without_end_is_told() -> None:
    body = {"parameters": [], "output": {"type": "string", "value": "[c.f()]"}}
    functions = [{"namespace": "c", "members": {"f": body}}]
    with pytest.raises(TemplateError, match="calls itself"):
        read(deployment(image(location="[c.f()]"), functions=functions))


def nested(inner: dict[str, Any], scope: str | None, **values: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"mode": "Incremental", "template": inner}
    if scope is not None:
        properties["expressionEvaluationOptions"] = {"scope": scope}
    if values:
        properties["parameters"] = {name: {"value": value} for name, value in values.items()}
    return {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "name": "n",
        "properties": properties,
    }


def test_a_nested_deployment_with_parameters_of_its_own() -> None:
    inner = deployment(
        image(location="[parameters('place')]", customize="[parameters('steps')]"),
        parameters={"place": {"type": "string"}, "steps": {"type": "array"}},
        variables={"unused": "[parameters('place')]"},
    )
    outer = nested(inner, "inner", place="[parameters('region')]", steps=[{"type": "Shell", "inline": ["inside"]}])
    plan = read(deployment(outer, parameters={"region": {"type": "string"}}))
    assert plan.sources[0].settings["location"].value == Ref("input", "region")
    assert lines(plan) == ["inside"]
    assert [item.name for item in plan.inputs] == ["region"]


def test_a_nested_deployment_in_the_outer_scope() -> None:
    outer = nested(deployment(image(location="[parameters('region')]")), None)
    plan = read(deployment(outer, parameters={"region": {"type": "string"}}))
    assert plan.sources[0].settings["location"].value == Ref("input", "region")


def test_a_nested_parameter_that_is_not_given_is_told() -> None:
    inner = deployment(image(), parameters={"place": {"type": "string"}})
    with pytest.raises(TemplateError, match="place"):
        read(deployment(nested(inner, "inner")))


def test_symbolic_names() -> None:
    template = {
        "$schema": SCHEMA,
        "languageVersion": "2.0",
        "contentVersion": "1.0.0.0",
        "resources": {
            "gallery": {
                "existing": True,
                "type": "Microsoft.Compute/galleries",
                "apiVersion": "2023-07-03",
                "name": "g",
            },
            "image": image(),
        },
    }
    plan = read(template)
    assert [source.name for source in plan.sources] == ["web"]
    assert any(entry.name == "deployment" for entry in plan.opaque.entries)  # type: ignore[union-attr]


def test_parameters_decide_parts() -> None:
    template = deployment(
        image(customize="[parameters('steps')]", source="[variables('sources')[parameters('system')]]"),
        parameters={"steps": {"type": "array"}, "system": {"type": "string", "defaultValue": "linux"}},
        variables={"sources": {"linux": image()["properties"]["source"]}},
    )
    with pytest.raises(TemplateError, match="steps"):
        read(template)
    told = Diagnostics()
    plan = read(template, {"steps": [{"type": "Shell", "inline": ["given"]}]}, told=told)
    assert lines(plan) == ["given"]
    assert plan.sources[0].settings["image_publisher"].value == Literal("canonical")
    assert {d.code for d in told} == {"arm/structure-bound"}


def test_variables_that_make_parts_keep_their_parameters() -> None:
    template = deployment(
        image(customize="[concat(variables('first'), variables('second'))]"),
        parameters={"name": {"type": "string"}},
        variables={
            "first": [{"type": "Shell", "inline": ["[concat('echo ', parameters('name'))]"]}],
            "second": [{"type": "Shell", "inline": ["true"]}],
        },
    )
    told = Diagnostics()
    found = lines(read(template, told=told))
    assert found == [Template((Literal("echo "), Ref("input", "name"))), "true"]
    assert not list(told)


def test_a_network_that_a_parameter_leaves_out() -> None:
    network = "[if(empty(parameters('subnet')), null(), createObject('subnetId', parameters('subnet')))]"
    template = deployment(
        image(vmProfile={"vmSize": "Standard_D2s_v5", "vnetConfig": network}),
        parameters={"subnet": {"type": "string", "defaultValue": ""}},
    )
    assert not any("subnet" in name for name in read(template).sources[0].settings)
