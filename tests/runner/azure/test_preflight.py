"""What templates alone tell of what Azure has to have; nothing leaves the machine."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from preflight_cloud import GALLERY, GROUPS, IDENTITY, MANAGED, SUBNET, SUBSCRIPTION, Said

from bakelift.__main__ import main
from bakelift.explaining import explanation

Preflight = Callable[..., Said]
READ_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
NETWORK = """
  virtual_network_name                = "v"
  virtual_network_subnet_name         = "build"
  virtual_network_resource_group_name = "net"
"""


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a preflight without -live asks nobody")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.delenv("ARM_SUBSCRIPTION_ID", raising=False)


def image_template(**properties: object) -> str:
    """A deployment with an image template."""
    whole = {
        "source": {"type": "PlatformImage", "publisher": "canonical", "offer": "o", "sku": "s", "version": "latest"},
        "customize": [{"type": "Shell", "inline": ["true"]}],
        "distribute": [{"type": "VHD", "runOutputName": "vhd"}],
        **properties,
    }
    resource = {
        "type": "Microsoft.VirtualMachineImages/imageTemplates",
        "apiVersion": "2024-02-01",
        "name": "web",
        "location": "[resourceGroup().location]",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}},
        "properties": whole,
    }
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    parameters = {"gallery": {"type": "string", "defaultValue": "g"}, "place": {"type": "string"}}
    return json.dumps(
        {"$schema": schema, "contentVersion": "1.0.0.0", "parameters": parameters, "resources": [resource]}
    )


def test_nothing_in_the_way(preflight: Preflight, checkout: Path) -> None:
    said = preflight()
    assert (said.status, said.data["blocked"], said.data["live"]) == (0, False, False)
    jsonschema.validate(said.data, json.loads((checkout / "schemas" / "preflight.schema.json").read_text()))


def test_a_name_with_the_time_in_it_is_in_nobodys_way(preflight: Preflight) -> None:
    """A build asks the clock."""
    said = preflight(MANAGED.replace('"web"', '"web-${formatdate("YYYYMMDDhhmmss", timestamp())}"'))
    assert (said.status, said.of("preflight/refused")) == (0, [])


@pytest.mark.parametrize("way", ["imagebuilder", "azure"])
@pytest.mark.parametrize("more", [MANAGED, GALLERY + NETWORK, MANAGED + GALLERY])
def test_every_finding_has_a_code_a_source_and_a_way_out(
    preflight: Preflight, checkout: Path, way: str, more: str
) -> None:
    said = preflight(more, "-on", way)
    jsonschema.validate(said.data, json.loads((checkout / "schemas" / "preflight.schema.json").read_text()))
    assert said.data["findings"]
    for finding in said.data["findings"]:
        assert explanation(finding["code"]) is not None, finding["code"]
        assert finding["source"].startswith("https://") and finding["way_out"].endswith("."), finding
        assert not any("\n" in line for line in finding["commands"])


# -- roles -------------------------------------------------------------------------------------------------------------


def test_the_identity_needs_what_its_destinations_ask_for(preflight: Preflight) -> None:
    managed = preflight().actions("identity")
    assert managed == {
        f"{GROUPS}/images": dict.fromkeys(
            [f"Microsoft.Compute/images/{verb}" for verb in ("delete", "read", "write")],
            "https://learn.microsoft.com/azure/virtual-machines/linux/image-builder-permissions-cli",
        )
    }
    gallery = set(preflight(GALLERY).actions("identity")[f"{GROUPS}/images"])
    assert gallery - set(managed[f"{GROUPS}/images"]) == {
        "Microsoft.Compute/galleries/read",
        "Microsoft.Compute/galleries/images/read",
        "Microsoft.Compute/galleries/images/versions/read",
        "Microsoft.Compute/galleries/images/versions/write",
    }


VHD = """
  capture_container_name = "vhds"
  capture_name_prefix    = "web"
  storage_account        = "store"
  resource_group_name    = "images"
"""


def test_a_vhd_that_is_copied_out(preflight: Preflight, tmp_path: Path) -> None:
    """Two roles: to read from the staging group, and to write into the container."""
    options = ("-api-version", "2021-10-01", "-vhd-to", "https://disks.blob.core.windows.net/vhds/web/")
    said = preflight(VHD, *options, "-roles", str(tmp_path / "roles"))
    assert said.status == 0 and "preflight/vhd-in-staging" not in said.codes()
    [copy] = said.of("preflight/vhd-copy")
    assert copy["commands"] == ["az storage container create --auth-mode login --account-name disks -n vhds"]
    blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
    target = json.loads((tmp_path / "roles" / "role-caller-vhd-container.json").read_text())
    assert target["Actions"] == [] and target["DataActions"] == [f"{blobs}/{v}" for v in ("delete", "read", "write")]
    source = json.loads((tmp_path / "roles" / "role-caller-vhd-source.json").read_text())
    assert source["DataActions"] == [f"{blobs}/read"] and len(source["Actions"]) == 3
    lines = [line for found in said.of("preflight/roles") for line in found["commands"]]
    scope = "$(az storage account show -n disks --query id -o tsv)/blobServices/default/containers/vhds"
    assert [line.rpartition(" --scope ")[2] for line in lines if "vhd container" in line] == [scope]


@pytest.mark.parametrize(
    ("more", "options", "code"),
    [
        (MANAGED, ("https://disks.blob.core.windows.net/vhds",), "preflight/vhd-to-unused"),
        (VHD, ("https://disks.blob.core.windows.net/vhds;id",), "preflight/bad-name"),
    ],
)
def test_a_copy_that_will_not_be(preflight: Preflight, more: str, options: tuple[str, ...], code: str) -> None:
    said = preflight(more, "-api-version", "2021-10-01", "-vhd-to", *options)
    assert code in said.codes() and "vhd container" not in json.dumps(said.data["roles"])
    assert ";id" not in json.dumps([f["commands"] for f in said.data["findings"]])


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("https://disks.blob.core.windows.net/vhds?sv=1&sig=secret", "stage/secret-address"),
        ("https://disks.example.com/vhds", "stage/no-upload"),
        ("https://disks.blob.core.windows.net", "stage/address"),
        ("disks", "stage/address"),
    ],
)
def test_what_is_no_container_is_refused(preflight: Preflight, address: str, code: str) -> None:
    """As the build refuses it."""
    said = preflight(VHD, "-vhd-to", address)
    assert said.status == 1 and f"[{code}]" in said.data["error"] and "secret@" not in said.data["error"]
    assert "sig=" not in said.data["error"]


def test_a_direct_build_copies_no_vhd(preflight: Preflight) -> None:
    said = preflight(VHD, "-on", "azure", "-vhd-to", "https://disks.blob.core.windows.net/vhds")
    assert said.status == 2 and "goes with -on imagebuilder" in said.data["error"]


def test_a_vhd_needs_no_right_of_the_identity(preflight: Preflight) -> None:
    said = preflight(text=image_template(), name="web.json")
    assert said.actions("identity") == {}
    assert "preflight/vhd-in-staging" in said.codes("warning")


def test_a_network_needs_a_role_where_it_is(preflight: Preflight) -> None:
    said = preflight(MANAGED + NETWORK)
    assert set(said.actions("identity")[f"{GROUPS}/net"]) == {
        "Microsoft.Network/virtualNetworks/read",
        "Microsoft.Network/virtualNetworks/subnets/join/action",
    }
    found = said.of("preflight/subnet-policies")
    line = f"az network vnet subnet update --ids {SUBNET} --private-link-service-network-policies Disabled"
    assert found[0]["commands"] == [line]


def test_a_source_in_another_group_is_read_there(preflight: Preflight) -> None:
    source = """shared_image_gallery {
      subscription   = "SUB"
      resource_group = "base"
      gallery_name   = "g"
      image_name     = "d"
      image_version  = "2.0.0"
    }""".replace("SUB", SUBSCRIPTION)
    text = TEMPLATE_WITHOUT_SOURCE.replace("MORE", MANAGED + "\n" + source)
    said = preflight(text=text)
    assert set(said.actions("identity")[f"{GROUPS}/base"]) == {
        "Microsoft.Compute/galleries/read",
        "Microsoft.Compute/galleries/images/read",
        "Microsoft.Compute/galleries/images/versions/read",
    }
    version = f"{GROUPS}/base/providers/Microsoft.Compute/galleries/g/images/d/versions/2.0.0"
    assert version in said.of("preflight/source-replica")[0]["summary"]


TEMPLATE_WITHOUT_SOURCE = f"""
source "azure-arm" "web" {{
  subscription_id = "{SUBSCRIPTION}"
  os_type         = "Linux"
  location        = "westeurope"
  vm_size         = "Standard_D2s_v5"
  MORE
}}
build {{
  sources = ["source.azure-arm.web"]
}}
"""


def test_role_definitions_are_as_az_takes_them(preflight: Preflight, tmp_path: Path) -> None:
    said = preflight(GALLERY, "-roles", str(tmp_path / "roles"))
    files = sorted(path.name for path in (tmp_path / "roles").iterdir())
    assert files == [
        "role-caller-identities.json",
        "role-caller-image-templates.json",
        "role-caller-run-logs.json",
        "role-identity-images.json",
    ]
    lines = [line for finding in said.of("preflight/roles") for line in finding["commands"]]
    for name in files:
        definition = json.loads((tmp_path / "roles" / name).read_text())
        assert definition["IsCustom"] is True and definition["Actions"] and "*" not in "".join(definition["Actions"])
        assert f"az role definition create --role-definition @{name}" in lines
        assigned = [line for line in lines if f'--role "{definition["Name"]}"' in line]
        assert assigned and all(line.startswith("az role assignment create --assignee") for line in assigned)
        for scope in definition["AssignableScopes"]:
            assert scope.startswith(f"/subscriptions/{SUBSCRIPTION}"), "a role is assignable where things are named"
            assert len(scope.split("/")) in (3, 5), "and at groups and subscriptions only, as Azure wants it"


def test_the_log_of_a_named_staging_group_needs_no_right_elsewhere(preflight: Preflight) -> None:
    wide = preflight()
    assert READ_BLOBS in wide.actions("caller")[f"/subscriptions/{SUBSCRIPTION}"]
    assert "preflight/log-scope" in wide.codes()
    staging = f"{GROUPS}/staging"
    said = preflight(text=image_template(stagingResourceGroup=staging), name="web.json")
    assert f"/subscriptions/{SUBSCRIPTION}" not in said.actions("caller")
    assert READ_BLOBS in said.actions("caller")[staging]
    logs = next(role for role in said.data["roles"] if "run logs" in role["definition"]["Name"])
    assert logs["definition"]["DataActions"] == [READ_BLOBS], "and not the keys, which may do more"
    assert {"for": "identity", "role": "Contributor", "scope": staging}.items() <= said.data["built_in_roles"][
        0
    ].items()


def test_a_deployment_needs_more_of_the_caller(preflight: Preflight) -> None:
    said = preflight(text=image_template(), name="web.json", identity="")
    scope = next(
        scope for scope, found in said.actions("caller").items() if "Microsoft.Resources/deployments/write" in found
    )
    assert scope == "/subscriptions/<subscription-id>/resourceGroups/<resource-group>"
    assert "Microsoft.Resources/deployments/write" not in str(preflight().data["roles"])


def test_the_previews_role_is_no_longer_needed_but_in_one_case(preflight: Preflight) -> None:
    found = preflight().of("preflight/preview-role")[0]
    assert "cf32a0cc-373c-47c9-9156-0db11f6a6dfc" in found["summary"]
    assert found["commands"] == [
        f"az role assignment delete --assignee cf32a0cc-373c-47c9-9156-0db11f6a6dfc --scope {GROUPS}/images"
    ]
    said = preflight(
        text=image_template(
            stagingResourceGroup=f"{GROUPS}/staging",
            customize=[{"type": "PowerShell", "inline": ["exit 0"]}],
            vmProfile={"vnetConfig": {"subnetId": SUBNET}},
        ),
        name="web.json",
    )
    assert "preflight/service-role" in said.codes("warning") and "preflight/preview-role" not in said.codes()


def test_no_identity_is_in_the_way(preflight: Preflight) -> None:
    said = preflight(identity="")
    assert said.status == 1 and said.codes("error") == {"preflight/no-identity"}


# -- regions and systems -----------------------------------------------------------------------------------------------


def test_a_region_without_the_service_is_in_the_way_of_it_alone(preflight: Preflight) -> None:
    more = MANAGED + '\n  location = "Canada East"'
    text = TEMPLATE_WITHOUT_SOURCE.replace('  location        = "westeurope"\n', "").replace("MORE", MARKETPLACE + more)
    said = preflight(text=text)
    assert said.status == 1 and "canadaeast" in said.of("preflight/region")[0]["summary"]
    assert preflight(text=text, name="web.pkr.hcl").status == 1
    direct = preflight("", "-on", "azure", text=text)
    assert direct.status == 0 and "preflight/region" not in direct.codes()


MARKETPLACE = """
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  """


def test_a_government_region_needs_a_feature(preflight: Preflight) -> None:
    text = TEMPLATE_WITHOUT_SOURCE.replace("westeurope", "usgovvirginia").replace("MORE", MARKETPLACE + MANAGED)
    line = "az feature register --namespace Microsoft.VirtualMachineImages --name FairfaxPublicPreview"
    assert preflight(text=text).of("preflight/region-preview")[0]["commands"] == [line]


def test_what_only_the_deployment_knows_is_said(preflight: Preflight) -> None:
    said = preflight(text=image_template(), name="web.json")
    assert "the region of the image template" in said.of("preflight/not-known")[0]["summary"]


def test_resource_ids_of_a_deployment_are_understood(preflight: Preflight) -> None:
    gallery = {
        "type": "SharedImage",
        "runOutputName": "g",
        "galleryImageId": "[resourceId('images', 'Microsoft.Compute/galleries/images', parameters('gallery'), 'web')]",
        "targetRegions": [{"name": "westeurope", "replicaCount": 2}],
    }
    options = ("-subscription", SUBSCRIPTION, "-resource-group", "templates")
    said = preflight("", *options, text=image_template(distribute=[gallery]), name="web.json")
    assert set(said.actions("identity")) == {f"{GROUPS}/images"}
    assert f"{GROUPS}/templates" in said.actions("caller")
    assert "galleries/g/images/web" in said.of("preflight/definition")[0]["summary"]
    rows = [row for row in said.data["cost"]["rows"] if row["per"] == "month"]
    assert [(row["amount"], row["region"]) for row in rows] == [(60, "westeurope")]


def test_hardened_images_are_warned_of(preflight: Preflight) -> None:
    cis = MARKETPLACE.replace("canonical", "center-for-internet-security-inc")
    said = preflight(text=TEMPLATE_WITHOUT_SOURCE.replace("MORE", cis + MANAGED))
    assert "preflight/hardened" in said.codes("warning") and "preflight/plan-missing" in said.codes("error")


# -- the preview's Red Hat cases ---------------------------------------------------------------------------------------


def test_what_the_previews_iso_became(preflight: Preflight) -> None:
    iso = {
        "apiVersion": "2019-05-01-preview",
        "location": "westus2",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}},
        "properties": {
            "source": {
                "type": "ISO",
                "sourceURI": "https://example.com/rhel-server-7.5-x86_64-dvd.iso",
                "sha256Checksum": "0" * 64,
            },
            "customize": [{"type": "Shell", "inline": ["true"]}],
            "distribute": [
                {
                    "type": "ManagedImage",
                    "runOutputName": "m",
                    "imageId": f"{GROUPS}/images/providers/Microsoft.Compute/images/rhel",
                    "location": "westus2",
                }
            ],
        },
    }
    said = preflight(text=json.dumps(iso), name="rhel.json")
    assert {"preflight/iso", "preflight/preview-api", "preflight/terms"} <= said.codes("warning")
    assert "preflight/byos" in said.codes("note")
    line = "az vm image terms accept --publisher redhat --offer rhel-byos --plan rhel-lvm75"
    assert said.of("preflight/terms")[0]["commands"] == [line]


def test_own_subscriptions_without_a_plan(preflight: Preflight) -> None:
    byos = MARKETPLACE.replace("canonical", "RedHat").replace("ubuntu-24_04-lts", "rhel-byos")
    said = preflight(text=TEMPLATE_WITHOUT_SOURCE.replace("MORE", byos + MANAGED))
    assert said.codes("error") == {"preflight/plan-missing"}


# -- images, networks, quotas ------------------------------------------------------------------------------------------


def test_arm64_goes_into_no_managed_image_and_onto_no_other_processor(preflight: Preflight) -> None:
    arm = MARKETPLACE.replace('"server"', '"server-arm64"')
    said = preflight(text=TEMPLATE_WITHOUT_SOURCE.replace("MORE", arm + MANAGED))
    assert said.codes("error") == {"preflight/managed-arm64", "preflight/size-architecture"}
    fitting = TEMPLATE_WITHOUT_SOURCE.replace("Standard_D2s_v5", "Standard_D2ps_v5").replace("MORE", arm + GALLERY)
    assert preflight(text=fitting).codes("error") == set()


def test_trusted_launch_goes_into_no_managed_image(preflight: Preflight) -> None:
    said = preflight(MANAGED + '\n  security_type = "TrustedLaunch"', "-on", "azure")
    assert said.codes("error") == {"preflight/managed-security"}


def test_a_container_with_a_subnet_of_its_own(preflight: Preflight) -> None:
    network = {"subnetId": SUBNET, "containerInstanceSubnetId": SUBNET.replace("build", "containers")}
    said = preflight(text=image_template(vmProfile={"vnetConfig": network}), name="web.json")
    assert "preflight/subnet-policies" not in said.codes()
    assert (
        "--delegations Microsoft.ContainerInstance/containerGroups"
        in said.of("preflight/container-subnet")[0]["commands"][0]
    )
    one = {"subnetId": SUBNET, "containerInstanceSubnetId": SUBNET}
    said = preflight(text=image_template(vmProfile={"vnetConfig": one}), name="web.json")
    assert "preflight/one-subnet" in said.codes("error")


def test_a_direct_build_in_a_network_is_reached_from_there(preflight: Preflight) -> None:
    said = preflight(MANAGED + NETWORK, "-on", "azure")
    assert "port 22" in said.of("preflight/closed-network")[0]["summary"]
    assert "preflight/closed-network" not in preflight(MANAGED + NETWORK, "-on", "azure", "-run-command").codes()
    public = preflight(MANAGED + NETWORK + "  private_virtual_network_with_public_ip = true", "-on", "azure")
    assert "preflight/closed-network" not in public.codes()


def test_quotas_count_the_builds_of_all_templates_at_a_time(
    preflight: Preflight, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    preflight()
    paths = [tmp_path / f"web{number}.pkr.hcl" for number in range(5)]
    for number, path in enumerate(paths):
        path.write_text(
            (tmp_path / "web.pkr.hcl").read_text().replace(".web", f".web{number}").replace('"web"', f'"web{number}"')
        )
    words = ["preflight", "-format", "json", "-identity", IDENTITY, "-parallel-builds", "3", *map(str, paths)]
    assert main(words) == 0
    said = Said(0, json.loads(capsys.readouterr().out))
    assert "3 builds at a time take, on Standard_D2s_v5, 6 vCPUs" in said.of("preflight/cores")[0]["summary"]
    assert "12 at a time" in said.of("preflight/containers")[0]["summary"]


@pytest.mark.parametrize(
    ("options", "builds"),
    [
        ((), 16),
        (("-parallel-builds", "0"), 18),
        (("-on", "azure"), 18),
        (("-on", "azure", "-parallel-builds", "2"), 2),
    ],
)
def test_quotas_count_as_many_builds_as_the_build_begins(
    preflight: Preflight, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], builds: int
) -> None:
    preflight()
    paths = [str(tmp_path / "web.pkr.hcl")] * 18
    assert main(["preflight", "-format", "json", "-identity", IDENTITY, *options, *paths]) == 0
    said = Said(0, json.loads(capsys.readouterr().out))
    assert f"{builds} builds at a time take" in said.of("preflight/cores")[0]["summary"]


@pytest.mark.parametrize("command", ["build", "preflight"])
def test_the_help_says_what_holds_for_each_target(capsys: pytest.CaptureFixture[str], command: str) -> None:
    from bakelift.runner.imagebuilder.runs import AT_ONCE

    main([command, "-help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert f"0: all [all; with -on imagebuilder {AT_ONCE}]" in shown


# -- cost --------------------------------------------------------------------------------------------------------------


def test_the_cost_is_counted_from_dated_prices(preflight: Preflight) -> None:
    cost = preflight(GALLERY).data["cost"]
    rows = {row["what"]: row for row in cost["rows"]}
    machine = rows["build VM (Standard_D2s_v5)"]
    assert (machine["region"], machine["priced_in"], machine["unit"]) == ("westeurope", "westeurope", "hours")
    assert cost["build_hour"] == pytest.approx(
        sum(row["usd"] for row in cost["rows"] if row["per"] == "hour"), abs=1e-4
    )
    assert cost["month"] == pytest.approx(2 * 30 * 0.05)
    assert all(row["date"] and row["source"] for row in cost["rows"])
    assert any("container" in text for text in cost["not_estimated"])


def test_other_prices_take_the_place_of_the_tables(preflight: Preflight, tmp_path: Path) -> None:
    own = tmp_path / "prices.csv"
    own.write_text("meter,region,unit,usd,date,source\nStandard_D2s_v5,westeurope,1 Hour,9.5,2026-11-01,ours\n")
    rows = preflight(MANAGED, "-prices", str(own)).data["cost"]["rows"]
    machine = next(row for row in rows if row["what"].startswith("build VM"))
    assert (machine["price"], machine["source"], machine["date"]) == (9.5, "ours", "2026-11-01")


def test_what_the_retail_prices_api_answers_is_a_price_file(preflight: Preflight, tmp_path: Path) -> None:
    def item(**more: object) -> dict[str, object]:
        return {
            "currencyCode": "USD",
            "serviceName": "Virtual Machines",
            "productName": "Virtual Machines Dsv5 Series",
            "skuName": "D2s v5",
            "armSkuName": "Standard_D2s_v5",
            "armRegionName": "westeurope",
            "meterName": "D2s v5",
            "unitOfMeasure": "1 Hour",
            "type": "Consumption",
            "effectiveStartDate": "2026-10-01T00:00:00Z",
            **more,
        }

    answer = {
        "Items": [
            item(retailPrice=0.2),
            item(retailPrice=0.3, productName="Virtual Machines Dsv5 Series Windows"),
            item(retailPrice=0.02, skuName="D2s v5 Spot"),
            item(retailPrice=0.01, type="Reservation"),
            item(
                retailPrice=0.9,
                serviceName="Storage",
                productName="Premium SSD Managed Disks",
                meterName="LRS Snapshots",
            ),
        ]
    }
    own = tmp_path / "prices.json"
    own.write_text(json.dumps(answer))
    rows = preflight(MANAGED, "-prices", str(own)).data["cost"]["rows"]
    assert next(row["price"] for row in rows if row["what"].startswith("build VM")) == 0.2
    assert next(row["price"] for row in rows if row["per"] == "month") == 0.05, "a premium snapshot is another meter"
    windows = MANAGED + '\n  winrm_username = "packer"\n  communicator = "winrm"'
    said = preflight(windows, "-prices", str(own), "-on", "azure").data
    assert said["images"][0]["os"] == "Linux"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("region,usd\n", "no column meter, unit"),
        ("meter,region,unit,usd\nx,y,1 Hour,dear\n", "line 2: 'dear' is no price"),
        ("{}", "no price in it"),
        ("[1]", "neither an answer"),
        ("{", "Expecting"),
    ],
)
def test_a_file_without_prices_is_misuse(preflight: Preflight, tmp_path: Path, text: str, why: str) -> None:
    own = tmp_path / "prices"
    own.write_text(text)
    said = preflight(MANAGED, "-prices", str(own))
    assert said.status == 2 and why in said.data["error"]


# -- the command -------------------------------------------------------------------------------------------------------


def test_text_and_markdown_say_the_same(
    preflight: Preflight, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = preflight(MANAGED + NETWORK, identity="")
    path = str(tmp_path / "web.pkr.hcl")
    for format in ("text", "markdown"):
        assert main(["preflight", "-format", format, path]) == 1
        out = capsys.readouterr().out
        assert all(code in out for code in said.codes())
        assert "1 thing stands in the way" in out and '"AssignableScopes": [' in out


def test_misuse(preflight: Preflight, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preflight"]) == 2
    assert preflight(MANAGED, "-parallel-builds", "many").status == 2
    assert preflight(MANAGED, "-parallel-builds", "-1").status == 2
    assert preflight(MANAGED, "-auth", "cli").status == 2
    assert preflight("", "-on", "azure", text='source "null" "x" {}\nbuild { sources = ["source.null.x"] }').status == 2


def test_a_template_that_cannot_be_read(preflight: Preflight) -> None:
    assert preflight(text='source "azure-arm" {').status == 1


def test_what_image_builder_has_no_form_of_is_in_the_way(preflight: Preflight) -> None:
    text = TEMPLATE_WITHOUT_SOURCE.replace(
        "MORE", 'image_url = "https://a.blob.core.windows.net/c/base.vhd"\n' + GALLERY
    )
    said = preflight(text=text)
    assert said.status == 1 and "preflight/refused" in said.codes("error")
    assert "preflight/refused" not in preflight("", "-on", "azure", text=text).codes()


def test_windows_is_reached_over_run_command(preflight: Preflight) -> None:
    windows = MARKETPLACE + MANAGED + 'communicator = "winrm"'
    text = TEMPLATE_WITHOUT_SOURCE.replace("Linux", "Windows").replace("MORE", windows)
    said = preflight("", "-on", "azure", text=text)
    actions = said.actions("caller")[f"/subscriptions/{SUBSCRIPTION}"]
    assert "Microsoft.Compute/virtualMachines/runCommands/write" in actions
    assert any("licence" in text for text in said.data["cost"]["not_estimated"])


# -- what is not trusted, and what is not loaded -----------------------------------------------------------------------


@pytest.mark.parametrize("way", ["imagebuilder", "azure"])
@pytest.mark.parametrize("name", ["images; touch /tmp/x", "$(id)", "`id`", "a --role Owner", "a\nb", "a'b", "a>b"])
def test_a_name_that_means_something_to_a_shell_is_in_no_line(preflight: Preflight, way: str, name: str) -> None:
    more = MANAGED.replace('"images"', json.dumps(name).replace("${", "$${"))
    said = preflight(more, "-on", way)
    assert said.status == 1 and "preflight/bad-name" in said.codes("error")
    lines = [line for finding in said.data["findings"] for line in finding["commands"]]
    lines += [line for role in said.data["roles"] for line in role["commands"]]
    assert lines and not any(name in line for line in lines)


def test_parentheses_are_quoted(preflight: Preflight) -> None:
    said = preflight(MANAGED.replace('"images"', '"images(1)"'))
    assert said.status == 0
    (line,) = said.of("preflight/preview-role")[0]["commands"]
    assert line.endswith(f"--scope '{GROUPS}/images(1)'")


def test_nothing_reaches_the_terminal_that_it_would_obey(
    preflight: Preflight, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    preflight(text=TEMPLATE_WITHOUT_SOURCE.replace("MORE", MARKETPLACE.replace("canonical", "ca\\u001b[2Jn") + MANAGED))
    main(["preflight", str(tmp_path / "web.pkr.hcl")])
    assert "\x1b" not in capsys.readouterr().out


def test_scripts_that_are_staged_are_uploaded_by_who_builds_and_read_by_the_service(
    preflight: Preflight, tmp_path: Path
) -> None:
    (tmp_path / "install.sh").write_text("#!/bin/sh\n")
    text = TEMPLATE_WITHOUT_SOURCE.replace("MORE", MARKETPLACE + MANAGED)
    text = text.replace('web"]', 'web"]\n  provisioner "shell" {\n    script = "install.sh"\n  }')
    options = ("-scripts", "https://account.blob.core.windows.net/scripts")
    said = preflight("", *options, text=text)
    scope = "$(az storage account show -n account --query id -o tsv)/blobServices/default/containers/scripts"
    roles = {(role["for"], role["role"], role["scope"]) for role in said.data["built_in_roles"]}
    assert roles == {
        ("caller", "Storage Blob Data Contributor", scope),
        ("identity", "Storage Blob Data Reader", scope),
    }
    signed = preflight("", *options, "-staging-access", "sas", text=text).data["built_in_roles"]
    assert [role["for"] for role in signed] == ["caller"]


def test_no_azure_package_is_loaded(preflight: Preflight, tmp_path: Path) -> None:
    preflight()
    code = (
        "import json, sys; from bakelift.__main__ import main; "
        f"main(['preflight', {str(tmp_path / 'web.pkr.hcl')!r}]); main(['clean', '-help']); "
        "print(json.dumps([m for m in sys.modules if m.split('.')[0] in ('azure', 'msal', 'requests')]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert json.loads(done.stdout.splitlines()[-1]) == []


@pytest.mark.parametrize("words", [["preflight", "-live", "PATH"], ["clean", "-azure", "-subscription", "s"]])
def test_azure_that_is_not_installed_is_said_in_a_line(preflight: Preflight, tmp_path: Path, words: list[str]) -> None:
    preflight()
    path = str(tmp_path / "web.pkr.hcl")
    code = (
        "import sys; sys.modules['azure'] = None; from bakelift.__main__ import main; "
        f"sys.exit(main({[path if word == 'PATH' else word for word in words]!r}))"
    )
    environment = {**os.environ, "BAKELIFT_ARM_ENDPOINT": "http://127.0.0.1:9", "BAKELIFT_ARM_TOKEN": "x"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment, cwd=tmp_path
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "pip install 'bakelift[azure]'" in done.stderr


@pytest.mark.parametrize("way", ["imagebuilder", "azure"])
@pytest.mark.parametrize("format", ["text", "json", "markdown"])
def test_what_is_secret_is_said_nowhere(
    preflight: Preflight, tmp_path: Path, capsys: pytest.CaptureFixture[str], way: str, format: str
) -> None:
    variable = 'variable "hidden" {\n  sensitive = true\n  default = "hunter2secret"\n}\n'
    text = TEMPLATE_WITHOUT_SOURCE.replace("MORE", MARKETPLACE + MANAGED.replace('"web"', "var.hidden"))
    preflight("", "-on", way, text=variable + text)
    assert main(["preflight", "-on", way, "-format", format, str(tmp_path / "web.pkr.hcl")]) in (0, 1)
    said = capsys.readouterr()
    assert "hunter2secret" not in said.out + said.err


def test_direct_builds_begin_all_at_once(preflight: Preflight) -> None:
    source = TEMPLATE_WITHOUT_SOURCE.partition("build {")[0].replace("MORE", MARKETPLACE + MANAGED)
    sources = "".join(source.replace('"web"', f'"web{number}"') for number in range(20))
    listed = ", ".join(f'"source.azure-arm.web{number}"' for number in range(20))
    said = preflight("", "-on", "azure", text=f"{sources}\nbuild {{\n  sources = [{listed}]\n}}\n")
    assert "20 builds at a time take, on Standard_D2s_v5, 40 vCPUs" in said.of("preflight/cores")[0]["summary"]
