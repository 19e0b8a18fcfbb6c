"""Bicep on the command line and from Python: told by its name, kept when it was edited, read below its root."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

import bakelift
from bakelift.__main__ import main

CASES = Path(__file__).parent / "cases"


def web(checkout: Path) -> str:
    return str(checkout / "fixtures" / "web-server" / "web.pkr.hcl")


def test_the_name_tells_the_format(checkout: Path, tmp_path: Path) -> None:
    out = tmp_path / "web.bicep"
    assert main(["translate", web(checkout), "-out", str(out), "-var", "release=3"]) == 0
    text = out.read_text()
    assert "resource imageTemplate 'Microsoft.VirtualMachineImages/imageTemplates@" in text
    parameters = json.loads((tmp_path / "web.parameters.json").read_text())["parameters"]
    assert parameters == {"release": {"value": "3"}}


def test_a_folder_gets_a_bicep_file_and_its_report(checkout: Path, tmp_path: Path) -> None:
    assert main(["translate", web(checkout), "-to", "bicep", "-out", f"{tmp_path}/"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "report.md",
        "web-ubuntu.bicep",
        "web-ubuntu.parameters.json",
    ]


def test_an_edited_file_is_kept(checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["translate", web(checkout), "-out", str(tmp_path / "web.bicep")]
    assert main(words) == 0
    assert main([*words, "-check"]) == 0
    text = (tmp_path / "web.bicep").read_text()
    (tmp_path / "web.bicep").write_text(text.replace("Standard_D2s_v5", "Standard_D4s_v5"))
    assert main([*words, "-check"]) == 3
    assert main(words) == 1
    assert "was edited since" in capsys.readouterr().err
    assert main([*words, "-force"]) == 0
    assert (tmp_path / "web.bicep").read_text() == text


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    data = (CASES / "bicep-invalid" / "image.bicep").read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert main(["translate", "-"]) == 0
    assert 'provisioner "shell"' in capsys.readouterr().out


def test_a_file_of_parameters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "web.bicepparam").write_text("using './web.bicep'\n\nparam release = '3'\n")
    assert main(["translate", str(tmp_path / "web.bicepparam")]) == 1
    assert "holds parameters, and no template" in capsys.readouterr().err


def test_files_outside_of_the_root(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (CASES / "bicep-to-packer" / "image.bicep").read_text()
    (tmp_path / "secret").write_text("keep out")
    (tmp_path / "templates").mkdir()
    template = tmp_path / "templates" / "image.bicep"
    template.write_text(text.replace("scripts/site.sh", "../secret"))
    assert main(["translate", str(template), "-root", str(template.parent)]) == 1
    said = capsys.readouterr()
    assert "files/outside-root" in said.err and "keep out" not in said.out + said.err


def test_from_python(checkout: Path) -> None:
    plan = bakelift.load(web(checkout))
    made = bakelift.dump(plan, "bicep")
    assert made.text.startswith("// A web server image")
    assert list(made.texts) == ["web-ubuntu.bicep", "web-ubuntu.parameters.json"]
    assert bakelift.load(CASES / "bicep-to-packer" / "image.bicep").inputs[0].name == "location"


def test_inspect(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(CASES / "bicep-to-packer" / "image.bicep")]) == 0
    out = capsys.readouterr().out
    assert "var.ring" in out and "shop-server" in out


AROUND = """metadata owner = 'us'

@minValue(30)
@maxValue(1024)
param size int = 30
@metadata({
  owner: 'them'
})
param tags object?
param roles array = []

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'builder'
  location: resourceGroup().location
}

resource image 'Microsoft.VirtualMachineImages/imageTemplates@2024-02-01' = {
  name: 'web'
  location: resourceGroup().location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    source: {
      type: 'PlatformImage'
      publisher: 'canonical'
      offer: 'ubuntu-24_04-lts'
      sku: 'server'
      version: 'latest'
    }
    vmProfile: {
      vmSize: 'Standard_D2s_v5'
      osDiskSizeGB: size
    }
    customize: [
      {
        type: 'Shell'
        inline: [
          'true'
        ]
      }
    ]
    distribute: [
      {
        type: 'ManagedImage'
        runOutputName: 'web'
        imageId: resourceId('images', 'Microsoft.Compute/images', 'web')
        location: resourceGroup().location
      }
    ]
  }
  dependsOn: [
    identity
  ]
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (!empty(roles)) {
  name: 'lock'
  properties: {
    level: 'CanNotDelete'
  }
  scope: image
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (role, index) in roles: {
    name: guid(image.id, role.id, string(index))
    properties: {
      roleDefinitionId: role.id
    }
    scope: image
  }
]

@description('Its id')
output id string = image.id
output size int = size
"""


def test_what_stands_around_comes_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, third = tmp_path / "a.bicep", tmp_path / "b.bicep", tmp_path / "c.bicep"
    first.write_text(AROUND)
    main(["translate", str(first), "-to", "bicep", "-out", str(second)])
    assert "Warning" not in capsys.readouterr().err
    text = second.read_text()
    for words in (
        "metadata owner = 'us'",
        "@minValue(30)",
        "param tags object?",
        "resource userAssignedIdentities 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {",
        "  scope: imageTemplate\n",
        "  dependsOn: [\n    userAssignedIdentities\n  ]",
        "= if (!empty(roles)) {",
        "  for i in range(0, length(roles)): {",
        "name: guid(resourceId('Microsoft.VirtualMachineImages/imageTemplates', 'web'), roles[i].id, string(i))",
        "@description('Its id')\noutput id string = resourceId(",
        "output size int = size",
    ):
        assert words in text, f"{words}\n{text}"
    assert text.index("resource userAssignedIdentities") < text.index("resource imageTemplate")
    main(["translate", str(second), "-to", "bicep", "-out", str(third)])
    assert third.read_text() == text
    capsys.readouterr()
    assert main(["diff", str(first), str(second)]) == 0, capsys.readouterr().out


PARTS = """param image object
param steps array
param gallery string = ''
param ring string = 'canary'

var none = []
var distribute = concat(none, empty(gallery) ? [] : [shared])
var shared = {
  type: 'SharedImage'
  galleryImageId: gallery
  runOutputName: 'web-${ring}'
  replicationRegions: [
    'westeurope'
  ]
}

resource template 'Microsoft.VirtualMachineImages/imageTemplates@2022-02-14' = {
  name: 'web'
  location: 'westeurope'
  properties: {
    source: image
    customize: steps
    distribute: distribute
    vmProfile: {
      vmSize: 'Standard_D2s_v5'
    }
  }
}
"""
PARAM_FILE = """using './web.bicep'

var images = '/subscriptions/0000/resourceGroups/images/providers/Microsoft.Compute/galleries/shop/images'

param image = {
  type: 'PlatformImage'
  publisher: 'canonical'
  offer: 'ubuntu-24_04-lts'
  sku: 'server'
  version: 'latest'
}
param steps = [
  {
    type: 'Shell'
    inline: ['true']
  }
]
param gallery = '${images}/web'
param ring = readEnvironmentVariable('RING')
"""


@pytest.mark.parametrize("beside", [True, False])
def test_a_file_of_parameters_says_what_parts_there_are(
    beside: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "web.bicep").write_text(PARTS)
    values = tmp_path / ("web.bicepparam" if beside else "prod.bicepparam")
    values.write_text(PARAM_FILE)
    more = [] if beside else ["-var-file", str(values)]
    assert main(["translate", str(tmp_path / "web.bicep"), *more]) in (0, 3), capsys.readouterr().err
    said = {tuple(line.split()) for line in capsys.readouterr().out.splitlines()}
    assert {("image_sku", "=", '"server"'), ("inline", "=", '["true"]'), ("gallery_name", "=", '"shop"')} <= said


def test_parts_without_their_parameters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "web.bicep").write_text(PARTS)
    assert main(["translate", str(tmp_path / "web.bicep")]) == 1
    assert "parameters that have no value here: steps, image" in capsys.readouterr().err.replace("\n", " ")


def test_errors_of_a_file_of_parameters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "web.bicep").write_text(PARTS)
    (tmp_path / "web.bicepparam").write_text(PARAM_FILE.replace("= {", "= [", 1))
    assert main(["translate", str(tmp_path / "web.bicep")]) == 1
    assert "web.bicepparam:" in capsys.readouterr().err


NESTED = """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"on": {"type": "bool", "defaultValue": true}},
  "resources": [
    {
      "type": "Microsoft.Resources/deployments",
      "apiVersion": "2021-04-01",
      "name": "inner",
      "properties": {
        "mode": "Incremental",
        "expressionEvaluationOptions": {"scope": "inner"},
        "template": {
          "parameters": {"own": {"type": "string", "defaultValue": "X"}},
          "outputs": {"o": {"type": "string", "value": "[toLower(parameters('own'))]"}}
        }
      }
    },
    {
      "type": "Microsoft.VirtualMachineImages/imageTemplates",
      "apiVersion": "2024-02-01",
      "name": "web",
      "location": "westeurope",
      "properties": {
        "source": {"type": "PlatformImage", "publisher": "a", "offer": "b", "sku": "c", "version": "latest"},
        "customize": [{"type": "Shell", "inline": ["true"]}],
        "distribute": [{"type": "VHD", "runOutputName": "web"}]
      }
    }
  ]
}
"""


def test_a_nested_deployment_keeps_its_own_expressions(tmp_path: Path) -> None:
    (tmp_path / "n.json").write_text(NESTED)
    main(["translate", str(tmp_path / "n.json"), "-to", "bicep", "-out", str(tmp_path / "n.bicep")])
    text = (tmp_path / "n.bicep").read_text()
    assert "value: '''[toLower(parameters('own'))]'''" in text
    main(["translate", str(tmp_path / "n.bicep"), "-to", "bicep", "-out", str(tmp_path / "m.bicep")])
    assert (tmp_path / "m.bicep").read_text() == text


def test_the_name_of_a_bare_template_stays_a_parameter(tmp_path: Path) -> None:
    resource = json.loads(NESTED)["resources"][1]
    del resource["name"], resource["apiVersion"]
    (tmp_path / "r.json").write_text(json.dumps(resource))
    main(["translate", str(tmp_path / "r.json"), "-to", "bicep", "-out", str(tmp_path / "a.bicep")])
    text = (tmp_path / "a.bicep").read_text()
    assert "param imageTemplateName string = 'web'" in text and "name: imageTemplateName" in text
    main(["translate", str(tmp_path / "a.bicep"), "-to", "bicep", "-out", str(tmp_path / "b.bicep")])
    assert (tmp_path / "b.bicep").read_text() == text
