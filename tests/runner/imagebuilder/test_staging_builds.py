"""``build -on imagebuilder -scripts URL``: what a template needs is uploaded, and the service can fetch it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import certificate
import fake_arm
import fake_blob
import fake_container
import fake_fetching
import fake_identity
import pytest
from service_templates import IDENTITY, TEMPLATE

from bakelift.__main__ import main

SCRIPT = b"#!/bin/sh\necho from a script\n"
WITH_SCRIPT = TEMPLATE.replace('inline = ["echo hello"]', 'script = "setup.sh"')


class Azure:
    def __init__(self, arm: fake_arm.Arm, store: fake_container.Containers, account: str, trusted: Path) -> None:
        self.arm, self.store = arm, store
        self.fetcher = fake_fetching.Fetcher({IDENTITY}, trusted)
        self.base = f"{account}/scripts/images"
        arm.judges.append(self.fetcher)

    def addresses(self) -> list[str]:
        """What the image template in the manager fetches."""
        [item] = [item for key, item in self.arm.resources.items() if fake_arm.TEMPLATES in key]
        return [step["sourceUri"] for step in item["properties"]["customize"] if "sourceUri" in step]


@pytest.fixture
def cloud(
    azure: tuple[fake_arm.Arm, fake_blob.Store], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Azure]:
    """Whoever asks is a managed identity, here and for the storage."""
    monkeypatch.delenv("BAKELIFT_ARM_TOKEN")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "setup.sh").write_bytes(SCRIPT)
    (tmp_path / "web.pkr.hcl").write_text(WITH_SCRIPT.replace("NAME", "web"))
    trusted = certificate.make(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    with fake_container.serving(trusted) as (store, account), fake_identity.serving() as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield Azure(azure[0], store, account, trusted)


@pytest.fixture
def staged(cloud: Azure) -> Callable[..., int]:
    def run(*options: str, template: str = "web.pkr.hcl", base: str | None = None) -> int:
        words = ["build", "-on", "imagebuilder", "-auth", "msi", "-identity", IDENTITY, "-color=false"]
        return main([*words, "-scripts", base or cloud.base, *options, template])

    return run


def test_scripts_are_there_before_the_template(
    cloud: Azure, staged: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert staged() == 0
    [address] = cloud.addresses()
    assert address.startswith(cloud.base) and cloud.fetcher.fetched[address] == SCRIPT
    assert "1 uploaded, 0 already there" in capsys.readouterr().out


def test_what_is_there_is_not_uploaded_again(
    cloud: Azure, staged: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert staged() == staged() == 0
    assert "which is unchanged" in capsys.readouterr().out
    assert len(cloud.store.uploads()) == 1
    cloud.arm.resources.clear()
    assert staged() == 0
    assert len(cloud.store.uploads()) == 1
    assert "0 uploaded, 1 already there" in capsys.readouterr().out
    Path("setup.sh").write_bytes(SCRIPT + b"echo more\n")
    assert staged() == 0
    assert len(cloud.store.uploads()) == 2, "another content has another name"


def test_a_signature_lets_the_service_read(
    cloud: Azure, staged: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cloud.fetcher.readers.clear()
    assert staged() == 1, "the identity may not read"
    told = capsys.readouterr()
    assert "Downloading external file" in told.out
    assert staged("-staging-access", "sas") == 0
    [address] = cloud.addresses()
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert query["sp"] == "r" and query["sr"] == "b" and "skoid" in query, "a key of who is logged in made it"
    lasts = datetime.fromisoformat(query["se"].replace("Z", "+00:00")) - datetime.now(UTC)
    assert timedelta(minutes=295) < lasts <= timedelta(minutes=300), "the service's 240 minutes, and an hour"
    assert staged("-staging-access", "sas") == 0
    told = capsys.readouterr()
    assert "which is unchanged" in told.out, "a signature makes no other template"
    seen = told.out + told.err + "".join(path.read_text() for path in tmp_path.glob("state/**/*.json"))
    assert "sig=" not in seen and query["sig"] not in seen


def test_a_refusal_that_repeats_a_signature_does_not_show_it(
    cloud: Azure, staged: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.arm.judges.insert(0, lambda _version, _path, body: f"cannot fetch {json.dumps(body)}")
    assert staged("-staging-access", "sas") == 1
    told = capsys.readouterr()
    assert "sig=<sensitive>" in told.out
    assert not [word for word in (told.out + told.err).split("sig=")[1:] if not word.startswith("<sensitive>")]


def test_the_key_of_the_account_signs_too(
    cloud: Azure, staged: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.fetcher.readers.clear()
    monkeypatch.setenv("AZURE_STORAGE_KEY", fake_container.KEY)
    assert staged("-staging-access", "sas") == 0
    assert "skoid" not in cloud.addresses()[0]


def test_a_sas_token_signs_nothing(
    cloud: Azure, staged: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    monkeypatch.setenv("AZURE_STORAGE_SAS_TOKEN", f"se={soon}&sp=r&sr=b&sig=c2VjcmV0")
    cloud.store.blobs.clear()
    assert staged("-staging-access", "sas") == 1
    told = capsys.readouterr()
    assert "c2VjcmV0" not in told.out + told.err


def test_no_right_to_upload_is_a_line(
    cloud: Azure, staged: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fake_container, "TOKEN", "another")
    assert staged() == 1
    told = capsys.readouterr()
    assert "Storage Blob Data Contributor" in told.out and "Traceback" not in told.out + told.err
    assert [path for method, path, _ in cloud.arm.log if method == "PUT"] == []


def test_a_translated_template_is_staged_from_its_manifest(cloud: Azure, staged: Callable[..., int]) -> None:
    words = ["-identity", IDENTITY, "-scripts", cloud.base, "-resolve", "-to", "resource", "-out", "image/web.json"]
    assert main(["translate", "web.pkr.hcl", *words]) == 0
    options = ("-resource-group", "images")
    assert staged(*options, template="image/web.json") == 0
    assert list(cloud.fetcher.fetched.values()) == [SCRIPT]
    other = cloud.base.replace("images", "other")
    assert staged(*options, template="image/web.json", base=other) == 1
