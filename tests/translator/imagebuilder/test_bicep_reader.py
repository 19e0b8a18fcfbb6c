"""Bicep files as Plans: what each construct says, what is told of what is not read, and where errors are."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.files import DictFiles
from bakelift.translator.imagebuilder.bicep_reader import read_bicep
from bakelift.translator.imagebuilder.reader import TemplateRead, read_template
from bakelift.translator.plan.expressions import Call, Conditional, Expr, Index, ListExpr, Literal, Ref, Template
from bakelift.translator.plan.normal import normal
from bakelift.translator.plan.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType

FILES = DictFiles(
    {
        "a.sh": b"echo 1\necho 2\n",
        "steps.json": b'{"list": [{"type": "Shell", "name": "x", "inline": ["true"]}], "name": "n"}',
        "steps.yml": b"regions: [westeurope, northeurope]\n",
        "latin.txt": b"caf\xe9",
    }
)


def read(text: str, told: Diagnostics | None = None) -> TemplateRead:
    return read_bicep(SourceFile("t.bicep", text), "t.bicep", Diagnostics() if told is None else told, FILES)


def image(source: str = "", rest: str = "", head: str = "") -> str:
    """A file with one image template. ``rest``: properties beside its source; ``head``: what stands before it."""
    if "distribute" not in rest:
        rest += "\n    distribute: [{ type: 'VHD', runOutputName: 'web' }]"
    return f"""{head}
resource image 'Microsoft.VirtualMachineImages/imageTemplates@2024-02-01' = {{
  name: 'web'
  location: 'westeurope'
  properties: {{
    source: {{
      type: 'PlatformImage'
      publisher: 'canonical'
      offer: 'ubuntu-24_04-lts'
      sku: {source or "'server'"}
      version: 'latest'
    }}
    {rest}
  }}
}}
"""


def sku(expression: str, head: str = "") -> Expr:
    """What an expression says where the sku stands."""
    (source,) = read(image(expression, head=head)).plan.sources
    return source.settings["image_sku"].value


PARAMETERS = """
param s string
param n int = 5
param flag bool = true
param list array = []
param o object = {}
var v = 'x-${s}'
"""
s, n, o = Ref("input", "s"), Ref("input", "n"), Ref("input", "o")


@pytest.mark.parametrize(
    ("text", "expr"),
    [
        ("s", s),
        ("v", Ref("named", "v")),
        ("'${s}'", s),
        ("'${s}-${n}'", Template((s, Literal("-"), n))),
        ("'a{0}${s}'", Template((Literal("a{0}"), s))),
        ("s == 'a' ? 'b' : v", Conditional(Call("equal", (s, Literal("a"))), Literal("b"), Ref("named", "v"))),
        ("!empty(s) ? s : 'b'", Call("coalesce", (s, Literal("b")))),
        ("o.a['b'][0]", Index(Index(Index(o, Literal("a")), Literal("b")), Literal(0))),
        ("o.?a.b ?? 'c'", Call("try", (Index(Index(o, Literal("a")), Literal("b")), Literal("c")))),
        ("string(n - 1)", Template((Call("subtract", (n, Literal(1))),))),
        ("s =~ 'A' ? 'x' : 'y'", None),
        ("any(s)!", s),
        ("nameof(o.a)", Literal("a")),
        ("az.resourceGroup().name", Index(Call("arm.resourceGroup", ()), Literal("name"))),
        ("twice(s)", Template((s, Literal("-"), s))),
        ("loadTextContent('a.sh')", Literal("echo 1\necho 2\n")),
        ("loadJsonContent('steps.json').name", Literal("n")),
        ("loadJsonContent('steps.json', '$.list[0].name')", Literal("x")),
        ("loadYamlContent('steps.yml').regions[1]", Literal("northeurope")),
        ("loadTextContent('latin.txt', 'iso-8859-1')", Literal("caf\xe9")),
        ("loadFileAsBase64('a.sh')", Literal(base64.b64encode(b"echo 1\necho 2\n").decode())),
    ],
)
def test_expressions(text: str, expr: Expr | None) -> None:
    head = PARAMETERS + "func twice(x string) string => '${x}-${x}'\n"
    found = sku(text, head)
    if expr is None:
        assert isinstance(found, Conditional) and isinstance(found.condition, Call)
        assert found.condition.args[0] == Call("lower", (s,))
    else:
        assert found == expr


RESOURCES = """
param name string
resource msi 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: name
}
resource elsewhere 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: name
  scope: resourceGroup('rg')
}
resource far 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: name
  scope: resourceGroup('sub', 'rg')
}
resource gallery 'Microsoft.Compute/galleries@2023-07-03' existing = {
  name: 'g'

  resource definition 'images' existing = {
    name: 'd'
  }
}
resource child 'Microsoft.Compute/galleries/images@2023-07-03' existing = {
  parent: gallery
  name: 'c'
}
resource slashed 'Microsoft.Compute/galleries/images@2023-07-03' existing = {
  name: 'g/${name}'
}
resource group 'Microsoft.Resources/resourceGroups@2023-07-01' existing = {
  name: 'rg2'
}
resource inside 'Microsoft.Compute/images@2023-07-03' existing = {
  name: 'i'
  scope: group
}
"""
MSI = Literal("Microsoft.ManagedIdentity/userAssignedIdentities")
DEFINITION = Literal("Microsoft.Compute/galleries/images")
name = Ref("input", "name")


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ("msi.id", (MSI, name)),
        ("elsewhere.id", (Literal("rg"), MSI, name)),
        ("far.id", (Literal("sub"), Literal("rg"), MSI, name)),
        ("gallery::definition.id", (DEFINITION, Literal("g"), Literal("d"))),
        ("child.id", (DEFINITION, Literal("g"), Literal("c"))),
        ("slashed.id", (DEFINITION, Literal("g"), name)),
        ("inside.id", (Literal("rg2"), Literal("Microsoft.Compute/images"), Literal("i"))),
    ],
)
def test_ids_of_resources(text: str, args: tuple[Expr, ...]) -> None:
    assert sku(text, RESOURCES) == Call("arm.resourceId", args)


def test_other_properties_of_resources() -> None:
    assert sku("msi.name", RESOURCES) == name
    assert sku("msi.type", RESOURCES) == MSI
    found = sku("msi.properties.principalId", RESOURCES)
    assert isinstance(found, Index) and isinstance(found.target, Index)
    assert isinstance(found.target.target, Call) and found.target.target.operation == "arm.reference"


def test_parameters() -> None:
    told = Diagnostics()
    plan = read(
        image(
            head="""
// Where.
@description('Region')
param location string = resourceGroup().location
@secure()
param token string
@allowed([
  'a'
  'b'
])
param letter string = 'a'
param ring 'canary' | 'broad'
param names string[] = []
param tags object?
type lock = { kind: string }?
param locked lock
param count int = 3
param flag bool
"""
        ),
        told,
    ).plan
    found = {item.name: item for item in plan.inputs}
    assert found["location"].description == "Region" and found["location"].comments == ("Where.",)
    assert found["location"].default == Index(Call("arm.resourceGroup", ()), Literal("location"))
    assert found["token"].sensitive and found["token"].type == STRING
    assert found["letter"].allowed == found["ring"].allowed.but(  # type: ignore[union-attr]
        items=(Literal("a"), Literal("b"))
    )
    assert found["ring"].allowed == ListExpr((Literal("canary"), Literal("broad")))
    kinds = {key: item.type for key, item in found.items()}
    assert kinds["names"] == ListType(DYNAMIC) and kinds["tags"] == kinds["locked"] == MapType(DYNAMIC)
    assert kinds["count"] == NUMBER and kinds["flag"] == BOOL


STEPS = """customize: [for (name, i) in names: {
      type: 'Shell'
      inline: concat(split(trim(loadTextContent('a.sh')), '\\n'), ['echo ${i} ${name}'])
    }]"""


def test_loops_over_constants_are_unrolled() -> None:
    read_ = read(image(rest=STEPS, head="var names = [\n  'one'\n  'two'\n]\n"))
    steps = read_.plan.groups[0].steps
    lines = [step.settings["inline"].value for step in steps[:2]]
    shared = (Literal("echo 1"), Literal("echo 2"))
    assert lines == [ListExpr((*shared, Literal("echo 0 one"))), ListExpr((*shared, Literal("echo 1 two")))]


def test_images_of_a_loop() -> None:
    text = """
resource images 'Microsoft.VirtualMachineImages/imageTemplates@2024-02-01' = [
  for edition in ['server', 'minimal']: {
    name: 'web-${edition}'
    properties: {
      source: {
        type: 'PlatformImage'
        sku: edition
      }
    }
  }
]
"""
    sources = read(text).plan.sources
    assert [source.name for source in sources] == ["web-server", "web-minimal"]
    assert [source.settings["image_sku"].value for source in sources] == [Literal("server"), Literal("minimal")]


def test_it_is_the_same_as_what_bicep_compiles_it_to() -> None:
    bicep = """
param prefix string
param size int = 30
var name = '${prefix}-{x}-${toLower(string(size > 20))}'

resource image 'Microsoft.VirtualMachineImages/imageTemplates@2024-02-01' = {
  name: 'web'
  location: resourceGroup().location
  tags: {
    '${prefix}': name
    'a b': '[x]'
  }
  properties: {
    vmProfile: {
      osDiskSizeGB: size
    }
    customize: [
      {
        type: 'Shell'
        inline: [
          '[ -f x ]'
          'echo ${prefix}'
        ]
      }
    ]
  }
}
"""
    arm = """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"prefix": {"type": "string"}, "size": {"type": "int", "defaultValue": 30}},
  "variables": {
    "name": "[format('{0}-{{x}}-{1}', parameters('prefix'), toLower(string(greater(parameters('size'), 20))))]"
  },
  "resources": [{
    "type": "Microsoft.VirtualMachineImages/imageTemplates",
    "apiVersion": "2024-02-01",
    "name": "web",
    "location": "[resourceGroup().location]",
    "tags": {"[parameters('prefix')]": "[variables('name')]", "a b": "[[x]"},
    "properties": {
      "vmProfile": {"osDiskSizeGB": "[parameters('size')]"},
      "customize": [{"type": "Shell", "inline": ["[[ -f x ]", "[format('echo {0}', parameters('prefix'))]"]}]
    }
  }]
}"""
    one, two = read(bicep), read_template(SourceFile("t.json", arm), "t.json", Diagnostics())
    assert normal(one.plan) == normal(two.plan)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("module m 'a.bicep' = {\n  name: 'm'\n}\n", "bicep/no-template", 1),
        ("using './a.bicep'\nparam x = 1\n", "bicep/parameters-file", 1),
        ("param x string\n", "bicep/no-template", 1),
        ("", "bicep/no-template", 1),
        (image("missing"), "bicep/unknown-name", 10),
        (image("tolower('x')"), "bicep/unknown-function", 10),
        (image("f('x')", head="func f() string => 'a'\n"), "bicep/arguments", 11),
        (image("f()", head="func f() string => f()\n"), "bicep/too-deep", 1),
        (image("loadTextContent('missing.sh')"), "files/missing", 10),
        (image("loadTextContent(s)", head="param s string\n"), "bicep/load", 11),
        (image("loadTextContent('latin.txt')"), "bicep/load", 10),
        (image("loadJsonContent('steps.json', 'x')"), "bicep/load", 10),
        (image("r.id", head="resource r 'a/b@1' existing = {\n  name: r.name\n}\n"), "bicep/circle", 2),
        (image("r.id", head="resource r 'a/b@1' existing = {\n}\n"), "bicep/no-name", 1),
        (image("r.id", head="resource r 'a/b@1' existing = {\n  name: 'x'\n  scope: 5\n}\n"), "bicep/scope", 3),
        (image(rest="customize: [\n      {\n        type: 'Bash'\n      }\n    ]"), "arm/customizer", 15),
        (image(head="param size float = json('1.5'\n"), "bicep/syntax", 3),
        (image(head="param x string = 'a' 'b'\n"), "bicep/syntax", 1),
        ("@secure\n" + image(), "bicep/decorator", 1),
        (image().replace("name: 'web'", "...base\n  name: 'web'"), "bicep/unknown-name", 3),
        (image().replace("name: 'web'", "...base", 1).replace("\nres", "param base object\nres"), "bicep/spread", 3),
        (image("99999999999999999999"), "bicep/number", 10),
        (image().replace("= {", "= [for x in y: {", 1) + "]\n", "bicep/unknown-name", 2),
    ],
)
def test_errors_are_at_their_line(text: str, code: str, line: int) -> None:
    told = Diagnostics()
    try:
        read(text, told)
    except TemplateError as problem:
        told.extend(problem.diagnostics)
    errors = [d for d in told if d.severity == "error"]
    assert errors and errors[0].code == code, [str(d) for d in told]
    assert errors[0].span is not None and errors[0].span.line == line, str(errors[0])


COMMENTED = """// head

// the region
param location string

// the image
resource image 'Microsoft.VirtualMachineImages/imageTemplates@2024-02-01' = {
  name: 'web'
  // where it is
  location: location
  properties: {
    // where it begins
    source: {
      type: 'PlatformImage'
      publisher: 'canonical' // who
    }
    customize: [
      // first of all
      {
        type: 'Shell'
        inline: [
          'a'
          // inside
          'b'
        ]
      }
      {
        type: 'Shell' // second
        inline: ['c']
      }
    ]
  }
}
"""


def test_comments_stay_with_what_they_are_about() -> None:
    plan = read(COMMENTED).plan
    (source,) = plan.sources
    assert plan.comments == ("head",) and plan.inputs[0].comments == ("the region",)
    assert source.comments == ("the image",)
    assert source.settings["location"].comments == ("where it is",)
    assert source.settings["image_publisher"].comments == ("where it begins", "who")
    assert [step.comments for step in plan.groups[0].steps] == [("first of all", "inside"), ("second",), ()]


def test_a_loop_over_a_parameter() -> None:
    text = """param editions array
resource images 'Microsoft.VirtualMachineImages/imageTemplates@2024-02-01' = [
  for edition in editions: {
    name: edition
  }
]
"""
    with pytest.raises(TemplateError, match="depends on the deployment") as caught:
        read(text)
    span = caught.value.diagnostics[0].span
    assert span is not None and span.line == 2


def test_what_is_not_read_is_told() -> None:
    told = Diagnostics()
    read(image(head="import { x } from 'a.bicep'\nmodule m 'b.bicep' = {\n  name: 'm'\n}\n"), told)
    assert [(d.code, d.severity) for d in told] == [("bicep/import", "warning"), ("bicep/module", "warning")]


def test_real_files_are_read_or_told_of(shared: Path) -> None:
    found: dict[str, int] = {}
    for path in sorted((shared / "corpus" / "aib").rglob("*.bicep")):
        files: Any = DictFiles({})
        try:
            plan = read_bicep(SourceFile(str(path), path.read_text()), str(path), Diagnostics(), files).plan
            assert len(plan.sources) == 1 and plan.groups, path
            result = "read"
        except TemplateError as problem:
            (error,) = problem.diagnostics
            result = error.code
            text = path.read_text()
            found[result] = found.get(result, 0) + 1
            if result == "arm/structure":  # a module: what parts its image has is left to whoever calls it
                continue
            assert "Microsoft.VirtualMachineImages/imageTemplates@" not in text, path
            assert ("calls modules" in error.detail) == ("module " in text)
            continue
        found[result] = found.get(result, 0) + 1
    assert found == {"read": 6, "arm/structure": 4, "bicep/no-template": 2}


def test_the_id_of_what_is_inside_a_declared_resource() -> None:
    rest = """distribute: [
      {
        type: 'SharedImage'
        runOutputName: 'web'
        galleryImageId: '${child.id}/versions/1.0.${name}'
      }
    ]"""
    (source,) = read(image(rest=rest, head=RESOURCES)).plan.sources
    found = {key.rpartition(".")[2]: setting.value for key, setting in source.settings.items() if "gallery" in key}
    assert found["gallery_name"] == Literal("g") and found["image_name"] == Literal("c")
    assert found["image_version"] == Template((Literal("1.0."), name))
