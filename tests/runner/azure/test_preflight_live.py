"""``preflight -live`` against a subscription on loopback: what it asks, and what it makes of the answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from preflight_cloud import DEFINITION, GALLERY, GROUPS, IDENTITY, MANAGED, SUBNET, SUBSCRIPTION, TEMPLATE, Cloud, Said

Preflight = Callable[..., Said]
Arrange = Callable[[Cloud], object]

NETWORK = """
  virtual_network_name                = "v"
  virtual_network_subnet_name         = "build"
  virtual_network_resource_group_name = "net"
"""
IMAGE = f"{GROUPS}/images/providers/Microsoft.Compute/images/web"
TEMPLATE_ID = f"{GROUPS}/images/providers/Microsoft.VirtualMachineImages/imageTemplates/web"
#: Of an image definition that the marketplace image fits.
PLAN = {"name": "pro", "product": "ubuntu-24_04-lts", "publisher": "canonical"}


def network(cloud: Cloud, **more: object) -> None:
    cloud.subscription.add(SUBNET.partition("/subnets/")[0], {})
    cloud.subscription.add(SUBNET, {"privateLinkServiceNetworkPolicies": "Disabled", **more})


def test_all_is_there_for_a_managed_image(cloud: Cloud, preflight: Preflight) -> None:
    assert preflight(MANAGED, "-live").codes("error", "warning") == set()


def test_all_is_there(cloud: Cloud, preflight: Preflight, checkout: Path) -> None:
    cloud.definition()
    network(cloud)
    said = preflight(GALLERY + NETWORK, "-live", "-resource-group", "images")
    assert (said.status, said.codes("error", "warning")) == (0, set()), said.of("preflight/not-allowed")
    assert said.data["live"] is True
    jsonschema.validate(said.data, json.loads((checkout / "schemas" / "preflight.schema.json").read_text()))
    asked = {
        "preflight/definition",
        "preflight/providers",
        "preflight/roles",
        "preflight/cores",
        "preflight/containers",
    }
    asked |= {"preflight/subnet-policies", "preflight/outbound", "preflight/gallery-region"}
    assert not asked & said.codes(), "what Azure has answered needs no looking up"
    assert {"preflight/cost", "preflight/left-behind"} <= said.codes()


def test_nothing_is_changed(cloud: Cloud, preflight: Preflight) -> None:
    cloud.definition()
    network(cloud)
    preflight(GALLERY + NETWORK, "-live")
    assert {method for method, _, _ in cloud.arm.log} == {"GET"}


def state(cloud: Cloud) -> None:
    cloud.subscription.states["Microsoft.ContainerInstance"] = "NotRegistered"


def permissions(cloud: Cloud) -> None:
    cloud.authorization.caller = [{"actions": ["*/read"], "notActions": []}]


def no_identity(cloud: Cloud) -> None:
    del cloud.arm.resources[IDENTITY.lower()]


def reader(cloud: Cloud) -> None:
    cloud.authorization.roles["Reader"] = [{"actions": ["*/read"], "notActions": []}]
    cloud.authorization.assignments[:] = [("principal", f"/subscriptions/{SUBSCRIPTION}", "Reader")]


def elsewhere(cloud: Cloud) -> None:
    cloud.authorization.assignments[:] = [("principal", f"{GROUPS}/other", "Owner")]


def fenced(cloud: Cloud) -> None:
    cloud.authorization.roles["Owner"] = [{"actions": ["*"], "notActions": ["Microsoft.Compute/images/delete"]}]


def plan(cloud: Cloud) -> None:
    cloud.subscription.images["canonical:ubuntu-24_04-lts:server"]["plan"] = PLAN


def no_image(cloud: Cloud) -> None:
    cloud.subscription.images.clear()


def no_group(cloud: Cloud) -> None:
    del cloud.subscription.groups["images"]


def barred(cloud: Cloud) -> None:
    cloud.subscription.barred.add("Standard_D2s_v5")


def no_size(cloud: Cloud) -> None:
    cloud.subscription.sizes = {"Standard_D4s_v5": ("standardDSv5Family", 4)}


def full(cloud: Cloud) -> None:
    cloud.subscription.usages["standardDSv5Family"] = (99, 100)


def full_containers(cloud: Cloud) -> None:
    cloud.subscription.container_usages["StandardCores"] = (8, 10)


def running(cloud: Cloud) -> None:
    cloud.subscription.add(TEMPLATE_ID, {"lastRunStatus": {"runState": "Running"}})


@pytest.mark.parametrize(
    ("arrange", "code", "in_summary"),
    [
        (state, "preflight/provider-missing", "Microsoft.ContainerInstance is NotRegistered"),
        (permissions, "preflight/caller-lacks", "Microsoft.VirtualMachineImages/imageTemplates/write"),
        (no_identity, "preflight/identity-missing", IDENTITY),
        (reader, "preflight/identity-lacks", "Microsoft.Compute/images/write"),
        (elsewhere, "preflight/identity-lacks", "Microsoft.Compute/images/read"),
        (fenced, "preflight/identity-lacks", "may not do Microsoft.Compute/images/delete at"),
        (plan, "preflight/plan-missing", "canonical:ubuntu-24_04-lts:pro"),
        (plan, "preflight/terms-open", "are not accepted"),
        (no_image, "preflight/source-missing", "canonical:ubuntu-24_04-lts:server:latest in westeurope"),
        (no_group, "preflight/group-missing", f"{GROUPS}/images"),
        (barred, "preflight/size-not-offered", "NotAvailableForSubscription"),
        (no_size, "preflight/size-not-offered", "Standard_D2s_v5"),
        (full, "preflight/cores", "has 1 vCPUs free in westeurope, and the builds take 2"),
        (full_containers, "preflight/containers", "has 2 free in westeurope, and the builds take 4"),
        (running, "preflight/template-running", "a run of it goes on"),
    ],
)
def test_what_stands_in_the_way(
    cloud: Cloud, preflight: Preflight, arrange: Arrange, code: str, in_summary: str
) -> None:
    arrange(cloud)
    said = preflight(MANAGED, "-live")
    assert said.status == 1
    found = said.of(code)
    assert [f["severity"] for f in found] == ["error"] * len(found) and found[0]["asked"]
    assert in_summary in " ".join(f["summary"] for f in found)


def gone(cloud: Cloud) -> None:
    del cloud.arm.resources[DEFINITION.lower()]


def windows(cloud: Cloud) -> None:
    cloud.definition(osType="Windows")


def first_generation(cloud: Cloud) -> None:
    cloud.definition(hyperVGeneration="V1")


def specialized(cloud: Cloud) -> None:
    cloud.definition(osState="Specialized")


def confidential(cloud: Cloud) -> None:
    cloud.definition(features=[{"name": "SecurityType", "value": "ConfidentialVM"}])


def far(cloud: Cloud) -> None:
    cloud.definition()
    cloud.arm.resources[DEFINITION.lower()]["location"] = "North Europe"


def version(cloud: Cloud) -> None:
    cloud.subscription.add(f"{DEFINITION}/versions/1.0.0", {})


@pytest.mark.parametrize(
    ("arrange", "code", "in_summary"),
    [
        (gone, "preflight/definition-missing", DEFINITION),
        (windows, "preflight/definition-differs", "operating system of the image definition is Windows"),
        (first_generation, "preflight/definition-differs", "generation of the image definition is V1"),
        (specialized, "preflight/definition-differs", "state of the image definition is Specialized"),
        (confidential, "preflight/definition-differs", "security type of the image definition is ConfidentialVM"),
        (far, "preflight/gallery-region", "in northeurope"),
        (version, "preflight/version-exists", f"{DEFINITION}/versions/1.0.0"),
    ],
)
def test_a_gallery_that_does_not_fit(
    cloud: Cloud, preflight: Preflight, arrange: Arrange, code: str, in_summary: str
) -> None:
    cloud.definition()
    arrange(cloud)
    said = preflight(GALLERY, "-live")
    assert said.status == 1 and in_summary in said.of(code)[0]["summary"]


@pytest.mark.parametrize(
    ("properties", "code", "severity"),
    [
        ({"privateLinkServiceNetworkPolicies": "Enabled"}, "preflight/subnet-policies", "error"),
        ({"defaultOutboundAccess": False}, "preflight/outbound", "warning"),
    ],
)
def test_a_subnet_that_is_not_set_up(
    cloud: Cloud, preflight: Preflight, properties: dict[str, object], code: str, severity: str
) -> None:
    network(cloud, **properties)
    assert [f["severity"] for f in preflight(MANAGED + NETWORK, "-live").of(code)] == [severity]


def test_a_subnet_that_is_not_there_or_elsewhere(cloud: Cloud, preflight: Preflight) -> None:
    assert "preflight/subnet-missing" in preflight(MANAGED + NETWORK, "-live").codes("error")
    network(cloud)
    cloud.arm.resources[SUBNET.partition("/subnets/")[0].lower()]["location"] = "eastus"
    assert "preflight/network-region" in preflight(MANAGED + NETWORK, "-live").codes("error")


def source(version: str) -> str:
    return f"""
source "azure-arm" "web" {{
  subscription_id = "{SUBSCRIPTION}"
  os_type         = "Linux"
  location        = "westeurope"
  vm_size         = "Standard_D2s_v5"
  {MANAGED}
  shared_image_gallery {{
    subscription   = "{SUBSCRIPTION}"
    resource_group = "images"
    gallery_name   = "g"
    image_name     = "web"
    image_version  = "{version}"
  }}
}}
build {{
  sources = ["source.azure-arm.web"]
}}
"""


def publish(cloud: Cloud, name: str, *regions: str, state: str = "Completed") -> None:
    profile = {"targetRegions": [{"name": place} for place in regions]}
    summary = [{"region": place, "state": state} for place in regions]
    properties = {"publishingProfile": profile, "replicationStatus": {"summary": summary}}
    cloud.subscription.add(f"{DEFINITION}/versions/{name}", properties)


def test_the_source_version_has_to_be_in_the_region(cloud: Cloud, preflight: Preflight) -> None:
    assert "preflight/source-missing" in preflight("", "-live", text=source("1.2.0")).codes("error")
    cloud.definition()
    publish(cloud, "1.2.0", "East US")
    said = preflight("", "-live", text=source("1.2.0"))
    assert said.status == 1
    found = said.of("preflight/source-replica")
    assert "has no replica in westeurope, but in eastus" in found[0]["summary"]
    assert "--add publishingProfile.targetRegions name=westeurope" in found[0]["commands"][0]
    publish(cloud, "1.2.0", "East US", "West Europe")
    assert preflight("", "-live", text=source("1.2.0")).status == 0
    publish(cloud, "1.2.0", "West Europe", state="Replicating")
    assert "preflight/source-replicating" in preflight("", "-live", text=source("1.2.0")).codes("warning")


def test_the_latest_source_version_is_the_highest(cloud: Cloud, preflight: Preflight) -> None:
    cloud.definition()
    for name in ("1.2.0", "1.9.0", "1.10.0"):
        publish(cloud, name, "West Europe" if name == "1.10.0" else "East US")
    assert preflight("", "-live", text=source("latest")).status == 0
    publish(cloud, "2.0.0", "East US")
    assert (
        "versions/2.0.0" in preflight("", "-live", text=source("latest")).of("preflight/source-replica")[0]["summary"]
    )


def test_accepted_terms_are_no_matter(cloud: Cloud, preflight: Preflight) -> None:
    plan(cloud)
    cloud.subscription.accepted.add("canonical:ubuntu-24_04-lts:pro")
    said = preflight(
        MANAGED
        + 'plan_info {\n plan_name = "pro"\n plan_product = "ubuntu-24_04-lts"\n plan_publisher = "canonical"\n}',
        "-live",
    )
    assert said.status == 0 and "preflight/terms" not in said.codes()


def test_what_is_there_already(cloud: Cloud, preflight: Preflight) -> None:
    cloud.subscription.add(IMAGE, {})
    cloud.subscription.add(TEMPLATE_ID, {"lastRunStatus": {"runState": "Succeeded"}}, tags={"bakelift-hash": "1"})
    said = preflight(MANAGED, "-live")
    assert said.status == 0 and said.codes("warning") >= {"preflight/would-overwrite"}
    assert [f["severity"] for f in said.of("preflight/template-exists")] == ["note"]
    cloud.arm.resources[TEMPLATE_ID.lower()].pop("tags")
    assert [f["severity"] for f in preflight(MANAGED, "-live").of("preflight/template-exists")] == ["warning"]
    direct = preflight(MANAGED, "-live", "-on", "azure")
    assert direct.status == 1 and direct.codes("error") == {"preflight/would-overwrite"}


def test_what_may_not_be_asked_is_said_and_no_failure(cloud: Cloud, preflight: Preflight) -> None:
    cloud.definition()
    network(cloud)
    cloud.subscription.denied = ["."]
    cloud.arm.parts.remove(cloud.authorization.answer)
    said = preflight(GALLERY + NETWORK, "-live")
    assert said.status == 0 and said.codes("error") == set()
    denied = said.of("preflight/not-allowed")
    assert len(denied) > 10 and all(f["asked"] and f["severity"] == "warning" for f in denied)
    assert {"preflight/definition", "preflight/providers", "preflight/roles", "preflight/cores"} <= said.codes()


def test_what_azure_does_not_answer_is_said(cloud: Cloud, preflight: Preflight) -> None:
    cloud.arm.faults += [("GET", "/Microsoft.Compute/skus$", 500, {})] * 4
    said = preflight(MANAGED, "-live")
    assert said.status == 0
    assert "/skus: status 500" in said.of("preflight/not-answered")[0]["summary"]
    assert "preflight/cores" in said.codes("note") and cloud.arm.faults == []


def test_a_region_without_quotas_limits_nothing(cloud: Cloud, preflight: Preflight) -> None:
    cloud.arm.faults += [("GET", "/Microsoft.Compute/locations/westeurope/usages$", 404, {})]
    said = preflight(MANAGED, "-live")
    assert said.status == 0 and "preflight/cores" not in said.codes() and cloud.arm.faults == []


def test_no_connection_is_an_error(preflight: Preflight, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("azure.mgmt.resource.resources", reason="Azure's packages are not installed")
    monkeypatch.setenv("BAKELIFT_ARM_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("BAKELIFT_ARM_TOKEN", "token")
    monkeypatch.setenv("BAKELIFT_POLL_SECONDS", "0")
    said = preflight(MANAGED, "-live")
    assert said.status == 1
    assert said.data["error"].startswith("Error: Azure does not answer:") and said.data["error"].count("\n") == 1


def test_a_login_that_is_none(cloud: Cloud, preflight: Preflight, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAKELIFT_ARM_TOKEN", "another")
    said = preflight(MANAGED, "-live")
    assert said.status == 0 and "preflight/not-allowed" in said.codes("warning")


def test_the_region_of_a_template_is_its_groups(cloud: Cloud, preflight: Preflight) -> None:
    cloud.subscription.groups["images"] = "North Europe"
    text = source("1.0.0").replace('  location        = "westeurope"\n', '  build_resource_group_name = "images"\n')
    said = preflight("", "-live", text=text)
    assert said.data["images"][0]["location"] == "northeurope"


def test_the_official_packages_read_what_the_fake_says(cloud: Cloud) -> None:
    """So that the preflight's reading of plain JSON rests on the real shapes."""
    import os

    from bakelift.runner.azure import clouds
    from bakelift.runner.azure.credentials import Login
    from bakelift.runner.azure.session import Session

    cloud.definition(features=[{"name": "SecurityType", "value": "TrustedLaunch"}])
    publish(cloud, "1.0.0", "West Europe", "East US")
    cloud.subscription.sizes |= {f"Standard_D{n}s_v5": ("standardDSv5Family", n) for n in (4, 8, 16)}
    from azure.mgmt.compute import ComputeManagementClient

    session = Session(SUBSCRIPTION, Login(), clouds.CLOUDS[0], os.environ)
    options = session._options()
    compute = ComputeManagementClient(session.credential, SUBSCRIPTION, **options)
    assert [usage.name.value for usage in compute.usage.list("westeurope")] == ["cores", "standardDSv5Family"]
    definition = compute.gallery_images.get("images", "g", "web")
    assert (definition.os_type, definition.features[0].value) == ("Linux", "TrustedLaunch")
    version = compute.gallery_image_versions.get("images", "g", "web", "1.0.0", expand="ReplicationStatus")
    assert [target.name for target in version.publishing_profile.target_regions] == ["West Europe", "East US"]
    assert len(list(compute.resource_skus.list(filter="location eq 'westeurope'"))) == 5, "of several pages"
    newest = compute.virtual_machine_images.list("westeurope", "canonical", "ubuntu-24_04-lts", "server", top=1)
    names = ("westeurope", "canonical", "ubuntu-24_04-lts", "server", newest[0].name)
    assert compute.virtual_machine_images.get(*names).hyper_v_generation == "V2"
    provider = session.resources(api_version="2021-04-01").providers.get("Microsoft.Compute")
    assert provider.registration_state == "Registered"
    session.close()


VHD = """
  capture_container_name = "vhds"
  capture_name_prefix    = "web"
  storage_account        = "store"
  resource_group_name    = "images"
"""
ACCOUNT = f"{GROUPS}/images/providers/Microsoft.Storage/storageAccounts/disks"
CONTAINER = f"{ACCOUNT}/blobServices/default/containers/vhds"
COPY = ("-live", "-api-version", "2021-10-01", "-vhd-to", "https://disks.blob.core.windows.net/vhds/web")
#: What Owner and Storage Blob Data Contributor hold.
ALL = {"actions": ["*"], "notActions": [], "dataActions": ["Microsoft.Storage/storageAccounts/blobServices/*"]}


def disks(cloud: Cloud, **more: object) -> None:
    endpoints = {"primaryEndpoints": {"blob": "https://disks.blob.core.windows.net/"}}
    for number in range(3):
        cloud.subscription.add(f"{ACCOUNT}{number}", {})
    cloud.subscription.add(ACCOUNT, {**endpoints, **more}, kind=more.get("kind", "StorageV2"))
    cloud.subscription.add(CONTAINER, {})
    cloud.authorization.caller = [ALL]


def test_a_vhd_can_be_copied(cloud: Cloud, preflight: Preflight) -> None:
    disks(cloud)
    said = preflight(VHD, *COPY)
    assert (said.status, said.codes("error", "warning")) == (0, set())
    assert not {"preflight/vhd-copy", "preflight/roles"} & said.codes(), "Azure has answered that"
    assert CONTAINER in said.actions("caller"), "the role is for the container itself"
    assert {method for method, _, _ in cloud.arm.log} == {"GET"}


def no_container(cloud: Cloud) -> None:
    del cloud.arm.resources[CONTAINER.lower()]


def premium(cloud: Cloud) -> None:
    disks(cloud, kind="BlockBlobStorage")


def layered(cloud: Cloud) -> None:
    disks(cloud, isHnsEnabled=True)


def owner(cloud: Cloud) -> None:
    """Who may do all, and nothing with data."""
    cloud.authorization.caller = [{"actions": ["*"], "notActions": []}]


def no_signing(cloud: Cloud) -> None:
    kept = ["Microsoft.Storage/storageAccounts/listKeys/action", "*/generateUserDelegationKey/action"]
    cloud.authorization.caller = [{**ALL, "notActions": kept}]


def no_reading(cloud: Cloud) -> None:
    """No key, and no role for what is in the staging group."""
    kept = ["Microsoft.Storage/storageAccounts/listKeys/action"]
    cloud.authorization.caller = [{"actions": ["*"], "notActions": kept, "dataActions": ["*/write", "*/delete"]}]


@pytest.mark.parametrize(
    ("arrange", "code", "in_summary"),
    [
        (no_container, "preflight/container-missing", "no container vhds in the storage account disks"),
        (premium, "preflight/account-no-disks", "is of the kind BlockBlobStorage"),
        (layered, "preflight/account-no-disks", "has a hierarchical namespace"),
        (owner, "preflight/caller-lacks", f"containers/blobs/write at {CONTAINER}"),
        (no_signing, "preflight/caller-lacks", f"generateUserDelegationKey/action at /subscriptions/{SUBSCRIPTION}"),
        (no_reading, "preflight/caller-lacks", f"containers/blobs/read at /subscriptions/{SUBSCRIPTION}"),
    ],
)
def test_a_vhd_that_cannot_be_copied(
    cloud: Cloud, preflight: Preflight, arrange: Arrange, code: str, in_summary: str
) -> None:
    disks(cloud)
    arrange(cloud)
    said = preflight(VHD, *COPY)
    assert said.status == 1 and said.codes("error") == {code}
    assert in_summary in " ".join(f["summary"] for f in said.of(code))
    assert all(f["asked"] and f["way_out"] and f["source"] for f in said.of(code))


def test_who_may_ask_for_keys_needs_no_role_in_the_staging_group(cloud: Cloud, preflight: Preflight) -> None:
    disks(cloud)
    owner(cloud)
    lacking = preflight(VHD, *COPY).of("preflight/caller-lacks")
    assert [f["summary"].rpartition(" at ")[2] for f in lacking] == [CONTAINER]


def test_an_account_of_another_subscription_is_said(cloud: Cloud, preflight: Preflight) -> None:
    disks(cloud)
    del cloud.arm.resources[ACCOUNT.lower()]
    said = preflight(VHD, *COPY)
    assert said.status == 0 and "VHDs are copied there" in said.of("preflight/account-elsewhere")[0]["summary"]
    assert {"preflight/vhd-copy", "preflight/roles"} <= said.codes("note")


def test_the_container_of_scripts_has_to_be_there(cloud: Cloud, preflight: Preflight, tmp_path: Path) -> None:
    disks(cloud)
    (tmp_path / "setup.sh").write_text("#!/bin/sh\n")
    text = TEMPLATE.replace("MORE", MANAGED).replace('inline = ["echo hello"]', 'script = "setup.sh"')
    options = ("-live", "-scripts", "https://disks.blob.core.windows.net/scripts")
    said = preflight("", *options, text=text)
    assert said.status == 1
    [found] = said.of("preflight/container-missing")
    assert found["commands"] == ["az storage container create --auth-mode login --account-name disks -n scripts"]
    cloud.subscription.add(CONTAINER.replace("/vhds", "/scripts"), {})
    assert preflight("", *options, text=text).status == 0
