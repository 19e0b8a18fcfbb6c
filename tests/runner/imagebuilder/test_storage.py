"""Microsoft's emulator of Azure Storage takes what bakelift does with it, and the fakes are not kinder than it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import azurite
import certificate
import fake_arm
import fake_blob
import fake_container
import fake_fetching
import fake_identity
import pytest
import storage_questions
from service_templates import IDENTITY, TEMPLATE
from storage_questions import Account

from bakelift.__main__ import main

SCRIPT = b"#!/bin/sh\necho from a script\n"
WITH_SCRIPT = TEMPLATE.replace('inline = ["echo hello"]', 'script = "set up.sh"').replace("NAME", "web")
WITH_VHD = (
    WITH_SCRIPT.replace('managed_image_name                = "web-image"', 'capture_container_name = "vhds"')
    .replace('managed_image_resource_group_name = "images"', 'capture_name_prefix = "web"\n  storage_account = "store"')
    .replace("location        =", 'resource_group_name = "images"\n  location =')
)


def ask(account: Account) -> None:
    assert storage_questions.stored(account) == storage_questions.STORED
    assert storage_questions.signed(account) == storage_questions.SIGNED
    assert storage_questions.copied(account) == storage_questions.COPIED


def test_the_fake_lets_nobody_in_without_leave(tmp_path: Path) -> None:
    trusted = certificate.make(tmp_path)
    with fake_container.serving(trusted) as (_, address):
        ask(Account(address, fake_container.TOKEN, fake_container.KEY, trusted))


def test_nor_to_a_log() -> None:
    key = {"account_name": "logs", "account_key": fake_blob.KEY}
    with fake_blob.serving() as (store, address):
        store.blobs["packerlogs", "1/customization.log"] = bytearray(storage_questions.LOG)
        assert storage_questions.logged(address, key) == storage_questions.LOGGED


@pytest.fixture(scope="module")
def emulator(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = tmp_path_factory.mktemp("azurite")
    trusted = certificate.make(folder)
    with azurite.serving(azurite.program(checkout), trusted, folder) as address:
        yield Account(address, azurite.token(), fake_container.KEY, trusted)


@pytest.fixture
def account(emulator: Account) -> Account:
    """With the containers that are asked for, and nothing in them."""
    service = emulator.service()
    for container in service.list_containers():
        service.delete_container(container.name)
    for name in ("scripts", "images", "vhds", "packerlogs"):
        service.create_container(name)
    return emulator


@pytest.mark.slow
def test_the_emulator_answers_the_same(account: Account) -> None:
    ask(account)
    log = account.service().get_blob_client("packerlogs", "1/customization.log")
    log.create_append_blob()
    log.append_block(storage_questions.LOG)
    key = account.named(account.name, account.key)
    logged = storage_questions.logged(account.base, key, connection_verify=str(account.certificate))
    assert logged == storage_questions.LOGGED


# -- builds -----------------------------------------------------------------------------------------------------------


class Azure:
    """The fake manager beside the emulator. ``fetcher``: what the service fetches."""

    def __init__(self, arm: fake_arm.Arm, account: Account, trusted: Path) -> None:
        self.arm, self.account = arm, account
        self.base = f"{account.base}/scripts/images"
        self.fetcher = fake_fetching.Fetcher({IDENTITY}, trusted, account.bearer.token)
        arm.blob = account.base
        arm.judges.append(self.fetcher)

    def blobs(self, container: str) -> dict[str, Any]:
        """What is there, by name."""
        client = self.account.service().get_container_client(container)
        return {blob.name: blob for blob in client.list_blobs(include=["metadata"])}

    def read(self, path: str) -> bytes:
        data: bytes = self.account.blob(path).download_blob().readall()
        return data

    def steps(self) -> list[dict[str, str]]:
        """The customizers of the image template that fetch something."""
        [item] = [item for key, item in self.arm.resources.items() if fake_arm.TEMPLATES in key]
        return [step for step in item["properties"]["customize"] if "sourceUri" in step]


@pytest.fixture
def cloud(
    azure: tuple[fake_arm.Arm, fake_blob.Store], account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Azure]:
    """Whoever asks is a managed identity, here and for the storage."""
    trusted = account.certificate
    monkeypatch.delenv("BAKELIFT_ARM_TOKEN")
    for name in ("AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    monkeypatch.setitem(fake_identity.TOKENS, "https://storage.azure.com", account.bearer.token)
    (tmp_path / "set up.sh").write_bytes(SCRIPT)
    (tmp_path / "web.pkr.hcl").write_text(WITH_SCRIPT)
    with fake_identity.serving() as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield Azure(azure[0], account, trusted)


@pytest.fixture
def build_staged(cloud: Azure) -> Callable[..., int]:
    def run(*options: str) -> int:
        words = ["build", "-on", "imagebuilder", "-auth", "msi", "-identity", IDENTITY, "-color=false"]
        return main([*words, "-scripts", cloud.base, *options, "web.pkr.hcl"])

    return run


@pytest.mark.slow
def test_what_is_uploaded_is_what_the_template_names(
    cloud: Azure, build_staged: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert build_staged() == 0
    [step] = cloud.steps()
    digest = hashlib.sha256(SCRIPT).hexdigest()
    assert step["sha256Checksum"] == digest and cloud.fetcher.fetched == {step["sourceUri"]: SCRIPT}
    [(name, blob)] = cloud.blobs("scripts").items()
    assert step["sourceUri"] == f"{cloud.account.base}/scripts/{name.replace(' ', '%20')}" and digest[:16] in name
    assert (blob.size, blob.metadata) == (len(SCRIPT), {"sha256": digest})
    assert cloud.read(f"scripts/{name}") == SCRIPT
    # A second build uploads nothing, another content goes beside it.
    cloud.arm.resources.clear()
    capsys.readouterr()
    assert build_staged() == 0
    assert "0 uploaded, 1 already there" in capsys.readouterr().out
    assert [one.etag for one in cloud.blobs("scripts").values()] == [blob.etag]
    Path("set up.sh").write_bytes(SCRIPT + b"echo more\n")
    assert build_staged() == 0
    assert len(cloud.blobs("scripts")) == 2 and cloud.read(f"scripts/{name}") == SCRIPT


@pytest.mark.slow
@pytest.mark.parametrize("key", ["a user's", "the account's"])
def test_a_signature_lets_the_service_read_this_and_nothing_else(
    cloud: Azure, build_staged: Callable[..., int], monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    cloud.fetcher.readers.clear()
    if key == "the account's":
        monkeypatch.setenv("AZURE_STORAGE_KEY", cloud.account.key)
    assert build_staged() == 1, "the identity may not read"
    assert build_staged("-staging-access", "sas") == 0
    [step] = cloud.steps()
    plain, _, query = step["sourceUri"].partition("?")
    assert cloud.fetcher.fetched == {plain: SCRIPT} and ("skoid=" in query) == (key == "a user's")
    path = urlsplit(plain).path.removeprefix(f"/{cloud.account.name}/")
    assert cloud.account.raw("GET", path, query) == SCRIPT
    evil = cloud.account.raw("PUT", path, query, b"evil", x_ms_blob_type="BlockBlob")
    assert evil == "AuthorizationPermissionMismatch" and cloud.account.raw("GET", path, query) == SCRIPT
    cloud.account.blob("scripts/other").upload_blob(b"secret")
    assert cloud.account.raw("GET", "scripts/other", query) == storage_questions.NOT_LET_IN


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "metadata", "status"),
    [
        (SCRIPT, None, 0),
        (SCRIPT[::-1], None, 1),
        (SCRIPT + b"more", {"sha256": hashlib.sha256(SCRIPT).hexdigest()}, 1),
    ],
)
def test_a_blob_in_its_place_is_looked_at(
    cloud: Azure,
    build_staged: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    data: bytes,
    metadata: dict[str, str] | None,
    status: int,
) -> None:
    """One that somebody else brought there counts by its bytes."""
    assert build_staged() == 0
    [name] = cloud.blobs("scripts")
    cloud.account.blob(f"scripts/{name}").upload_blob(data, overwrite=True, metadata=metadata)
    cloud.arm.resources.clear()
    capsys.readouterr()
    assert build_staged() == status
    told = capsys.readouterr().out
    assert ("0 uploaded, 1 already there" in told) == (status == 0) and ("Another file stands" in told) == (status == 1)
    assert cloud.read(f"scripts/{name}") == data


def no_container(cloud: Azure, _: pytest.MonkeyPatch) -> None:
    cloud.account.service().delete_container("scripts")


def another_key(_: Azure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_KEY", "b3RoZXI=")


def another_token(_: Azure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fake_identity.TOKENS, "https://storage.azure.com", "other")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arrange", "told"),
    [
        (no_container, "Look whether the container exists"),
        (another_key, "Storage Blob Data Contributor"),
        (another_token, "Storage Blob Data Contributor"),
    ],
)
def test_what_is_refused_is_a_line(
    cloud: Azure,
    build_staged: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arrange: Callable[[Azure, pytest.MonkeyPatch], None],
    told: str,
) -> None:
    arrange(cloud, monkeypatch)
    assert build_staged() == 1
    said = capsys.readouterr()
    assert told in said.out and "Traceback" not in said.out + said.err
    assert [path for method, path, _ in cloud.arm.log if method == "PUT"] == []


@pytest.mark.slow
def test_a_log_is_followed_and_a_vhd_copied_out(
    cloud: Azure, build_staged: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log grows while it is read, and the VHD's address is signed by a key of who is logged in."""
    log = cloud.account.service().get_blob_client("packerlogs", "1/customization.log")
    log.create_append_blob()
    disk = bytes(range(256)) * 2000
    cloud.account.blob("vhds/web_1.vhd").upload_blob(disk)
    cloud.arm.vhd = f"{cloud.account.base}/vhds/web_1.vhd"
    (tmp_path / "web.pkr.hcl").write_text(WITH_VHD)
    lines = [f"[1] PACKER OUT     azure-arm: line {number} of the log\n".encode() for number in range(40)]
    log.append_block(b"[1] PACKER OUT ==> azure-arm: Connected to SSH!\n")

    def look(handler: fake_arm.Handler, path: str) -> bool:
        """Each time that somebody looks at the run, half a line more is there."""
        if "/operations/" in path and lines:
            line = lines.pop(0)
            log.append_block(line[:30])
            log.append_block(line[30:])
        return False

    cloud.arm.before, cloud.arm.looks = look, 50
    options = ("-vhd-to", f"{cloud.account.base}/images/disks", "-delete", "-api-version", "2021-10-01")
    assert build_staged(*options) == 0
    told = capsys.readouterr()
    shown = [line for line in told.out.splitlines() if "of the log" in line]
    assert [line.split("line ")[1] for line in shown] == [f"{number} of the log" for number in range(40)]
    assert cloud.read("images/disks/web/web_1.vhd") == disk
    assert not [key for key in cloud.arm.resources if fake_arm.TEMPLATES in key]
    assert "sig=" not in told.out + told.err + json.dumps(
        [path.read_text() for path in tmp_path.glob("state/**/*.json")]
    )
