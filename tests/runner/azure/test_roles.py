"""Role definitions name what the two ways really call: derived from the requests of real builds against the fakes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fake_authorization import action
from preflight_cloud import GROUPS, IDENTITY, MANAGED, SUBSCRIPTION, TEMPLATE, Cloud, Said
from role_checks import called_of_storage, check, check_storage, covered

from bakelift.__main__ import main

Preflight = Callable[..., Said]


@pytest.fixture
def blobs(cloud: Cloud) -> Iterator[None]:
    import fake_blob

    with fake_blob.serving() as (store, address):
        cloud.arm.blob = address
        store.blobs["packerlogs", "1/customization.log"] = bytearray(
            b"[1] PACKER OUT ==> azure-arm: Connected to SSH!\n"
        )
        yield


def test_a_build_by_image_builder(cloud: Cloud, blobs: None, preflight: Preflight, tmp_path: Path) -> None:
    said = preflight(MANAGED)
    path = tmp_path / "web.pkr.hcl"
    words = ["build", "-on", "imagebuilder", "-identity", IDENTITY, "-color=false"]
    assert main([*words, str(path)]) == 0
    path.write_text(TEMPLATE.replace("MORE", MANAGED).replace("echo hello", "echo other"))
    assert main([*words, str(path)]) == 0, "one that was changed is deleted and made anew"
    cancelled(cloud, [*words, str(path)])
    check(cloud.arm, said)


def cancelled(cloud: Cloud, words: list[str]) -> None:
    """A build that somebody ends: the run is cancelled."""
    import os
    import signal
    import threading
    import time

    before = len(cloud.arm.log)
    cloud.arm.looks = 1_000_000

    def watch() -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with cloud.arm.lock:
                if any(method == "POST" and path.endswith("/run") for method, path, _ in cloud.arm.log[before:]):
                    break
            time.sleep(0.01)
        cloud.arm.looks = 1
        os.kill(os.getpid(), signal.SIGINT)

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert main(words) == 1
    watcher.join()


def test_a_deployment_by_image_builder(cloud: Cloud, blobs: None, preflight: Preflight, tmp_path: Path) -> None:
    """The fake deploys nothing: what is called until then is covered, and the rest is documented."""
    resource = {
        "type": "Microsoft.VirtualMachineImages/imageTemplates",
        "apiVersion": "2024-02-01",
        "name": "web",
        "location": "westeurope",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}},
        "properties": {
            "source": {"type": "PlatformImage", "publisher": "c", "offer": "o", "sku": "s", "version": "latest"},
            "customize": [{"type": "Shell", "inline": ["true"]}],
            "distribute": [{"type": "VHD", "runOutputName": "vhd"}],
        },
    }
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    text = json.dumps({"$schema": schema, "contentVersion": "1.0.0.0", "resources": [resource]})
    group = ("-resource-group", "images", "-subscription", SUBSCRIPTION)
    said = preflight("", *group, text=text, name="web.json")
    assert main(["build", "-on", "imagebuilder", *group, str(tmp_path / "web.json")]) in (0, 1)
    covered(cloud.arm, said)


VHD = """capture_container_name = "vhds"
  capture_name_prefix = "web"
  storage_account     = "store"
  resource_group_name = "images"
"""


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Whoever asks is a managed identity, for the manager and for storage; the certificate of that."""
    import certificate
    import fake_identity

    trusted = certificate.make(tmp_path)
    monkeypatch.delenv("BAKELIFT_ARM_TOKEN")
    for name in ("AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    with fake_identity.serving() as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield trusted


@pytest.mark.parametrize("powerless", [False, True])
def test_a_vhd_that_is_copied_out(
    cloud: Cloud, preflight: Preflight, login: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], powerless: bool
) -> None:
    """One copy that does not become whole, and one that does. ``powerless``: who is logged in may ask for a key to sign
    with, and not read, so that the account's key is asked for.
    """
    import fake_container

    with fake_container.serving(login) as (staging, source), fake_container.serving(login) as (store, account):
        staging.blobs["vhds/web_1.vhd"], staging.powerless = b"a disk", powerless
        store.others[urlsplit(source).netloc] = staging
        cloud.arm.vhd, cloud.arm.blob = f"{source}/vhds/web_1.vhd", source
        options = ("-vhd-to", f"{account}/images", "-api-version", "2021-10-01")
        said = preflight(VHD, *options)
        assert "preflight/vhd-in-staging" not in said.codes() and "preflight/vhd-copy" in said.codes("note")
        path = str(tmp_path / "web.pkr.hcl")
        words = ["build", "-on", "imagebuilder", "-auth", "msi", "-identity", IDENTITY, "-color=false", *options]
        store.ends = "failed"
        assert main([*words, path]) == 1 and not store.blobs, capsys.readouterr().out
        store.ends = "success"
        assert main([*words, "-delete", path]) == 0
        assert store.blobs["images/web/web_1.vhd"] == b"a disk"
    covered(cloud.arm, said)
    [logs] = {path for _, path, _ in cloud.arm.log if path.endswith("/storageAccounts/logs")}
    check_storage(
        said,
        called_of_storage(staging, logs),
        called_of_storage(store, "$(az storage account show -n acct --query id -o tsv)"),
    )


def test_actions_are_derived_as_the_resource_manager_does() -> None:
    template = f"{GROUPS}/g/providers/Microsoft.VirtualMachineImages/imageTemplates/t"
    assert action("PUT", template) == "Microsoft.VirtualMachineImages/imageTemplates/write"
    assert action("POST", f"{template}/run") == "Microsoft.VirtualMachineImages/imageTemplates/run/action"
    assert action("GET", f"{template}/runOutputs") == "Microsoft.VirtualMachineImages/imageTemplates/runOutputs/read"
    assert action("DELETE", f"{GROUPS}/g") == "Microsoft.Resources/subscriptions/resourceGroups/delete"
    assert action("GET", f"{GROUPS}/g/resources") == "Microsoft.Resources/subscriptions/resourceGroups/resources/read"
