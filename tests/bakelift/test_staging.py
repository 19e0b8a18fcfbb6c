"""Staged scripts: where they go, finding them again, and uploading them to a real server on loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bakelift.__main__ import main

BASE = "https://images.blob.core.windows.net/scripts"
TEMPLATE = """
source "azure-arm" "web" {
  os_type = "Linux"
  image_publisher = "canonical"
  image_offer = "ubuntu-24_04-lts"
  image_sku = "server"
  location = "westeurope"
  vm_size = "Standard_D2s_v5"
  managed_image_name = "web"
  managed_image_resource_group_name = "images"
}
build {
  sources = ["source.azure-arm.web"]
  provisioner "shell" {
    scripts = ["scripts/a.sh", "scripts/crlf.sh"]
  }
  provisioner "file" {
    source      = "scripts"
    destination = "/tmp"
  }
}
"""
FILES = {"scripts/a.sh": b"#!/bin/sh\necho a\n", "scripts/crlf.sh": b"#!/bin/sh\r\necho a\r\n"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "web.pkr.hcl").write_text(TEMPLATE)
    for name, data in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def pushed(here: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("needs git")
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "x")
    git("remote", "add", "origin", "git@github.com:example/images.git")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    return here


def customizers(path: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(path.read_text())["resources"][0]["properties"]["customize"]
    return found


def test_scripts_come_back_from_where_they_were_staged(here: Path) -> None:
    assert main(["translate", "web.pkr.hcl", "-out", "out/", "-scripts", BASE]) == 0
    kinds = [item["type"] for item in customizers(here / "out/web.json")]
    assert kinds == ["File", "Shell", "File", "Shell", "File", "Shell"]
    assert main(["translate", "out/web.json", "-to", "hcl", "-out", "back/"]) == 0
    for name, data in FILES.items():
        assert (here / "back" / name).read_bytes() == data
    text = (here / "back/template.pkr.hcl").read_text()
    assert 'scripts = ["scripts/a.sh", "scripts/crlf.sh"]' in text and "curl" not in text


def test_a_template_of_its_own_name_has_a_manifest_of_that_name(here: Path) -> None:
    assert main(["translate", "web.pkr.hcl", "-out", "out/a.json", "-scripts", BASE]) == 0
    assert sorted(p.name for p in (here / "out").iterdir()) == [
        "a.files",
        "a.json",
        "a.parameters.json",
        "a.staging.json",
    ]
    assert main(["translate", "out/a.json", "-to", "hcl", "-out", "back/"]) == 0
    assert (here / "back/scripts/a.sh").read_bytes() == FILES["scripts/a.sh"]


def test_check_sees_staged_files_too(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["translate", "web.pkr.hcl", "-out", "out/", "-scripts", BASE]
    assert main(command) == 0 and main([*command, "-check"]) == 0
    (here / "scripts/a.sh").write_text("#!/bin/sh\necho b\n")
    capsys.readouterr()
    assert main([*command, "-check"]) == 3
    stale = capsys.readouterr().err
    assert "out/staging.json is stale" in stale and "-a.sh is stale" in stale and "out/web.json is stale" in stale


@pytest.mark.parametrize(
    ("base", "code"),
    [
        (f"{BASE}?sv=1&sig=secret", "stage/secret-address"),
        ("https://user:secret@images.example.com", "stage/secret-address"),
        ("http://images.example.com/x", "stage/address"),
        ("ftp://images.example.com/x", "stage/address"),
        ("https:///x", "stage/address"),
    ],
)
def test_bad_addresses(base: str, code: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["translate", "web.pkr.hcl", "-out", "out/", "-scripts", base]) == 1
    err = capsys.readouterr().err
    assert f"[{code}]" in err and "secret@" not in err and "sig=" not in err
    assert not (here / "out").exists()


def test_without_a_place_for_the_files_it_is_misuse(here: Path) -> None:
    assert main(["translate", "web.pkr.hcl", "-scripts", BASE]) == 2
    assert main(["translate", "web.pkr.hcl", "-scripts", "somewhere"]) == 2


# -- git --------------------------------------------------------------------------------------------------------------


def test_git_gives_the_addresses_of_the_commit(pushed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["translate", "web.pkr.hcl", "-out", "out/", "-scripts", "git"]) == 0
    err = capsys.readouterr().err
    assert err.count("[git/inline]") == 2 and "[git/public]" in err
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    (fetch,) = [item for item in customizers(pushed / "out/web.json") if item["type"] == "File"]
    assert fetch["sourceUri"] == f"https://raw.githubusercontent.com/example/images/{commit}/scripts/a.sh"
    assert main(["translate", "out/web.json", "-to", "hcl", "-out", "back/"]) == 0
    assert (pushed / "back/scripts/a.sh").read_bytes() == FILES["scripts/a.sh"]
    assert main(["stage", "out", "-to", "published"]) == 1
    assert "[stage/nothing]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("before", "code"),
    [
        (["sh", "-c", "echo more >> scripts/a.sh"], "git/changed"),
        (["git", "rm", "-q", "--cached", "scripts/a.sh"], None),
        (["git", "remote", "remove", "origin"], "git/no-remote"),
        (["git", "remote", "set-url", "origin", "git@ssh.dev.azure.com:v3/example/images/images"], "git/no-address"),
        (["git", "remote", "set-url", "origin", "/srv/images.git"], "git/no-address"),
        (["git", "update-ref", "-d", "refs/remotes/origin/main"], "git/unpushed"),
        (["rm", "-r", ".git"], "git/failed"),
        (["git", "update-ref", "-d", "HEAD"], "git/no-commit"),
    ],
)
def test_what_cannot_be_fetched_is_an_error(
    before: list[str], code: str | None, pushed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(before, check=True, capture_output=True)
    status = main(["translate", "web.pkr.hcl", "-out", "out/", "-scripts", "git"])
    err = capsys.readouterr().err
    assert (status, code is None or f"[{code}]" in err) == (0 if code is None else 1, True), err
    assert (pushed / "out").exists() == (code is None)


def test_a_password_in_a_remote_goes_no_further(pushed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git("remote", "set-url", "origin", "https://user:s3cr3t@git.example.com/images.git")
    assert main(["translate", "web.pkr.hcl", "-out", "out/", "-scripts", "git"]) == 1
    assert "s3cr3t" not in capsys.readouterr().err


def test_an_untracked_script_is_an_error(pushed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git("rm", "-q", "--cached", "scripts/a.sh")
    git("commit", "-qm", "y")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    assert main(["translate", "web.pkr.hcl", "-out", "out/", "-scripts", "git"]) == 1
    assert "scripts/a.sh is not in the commit [git/untracked]" in capsys.readouterr().err


# -- uploading --------------------------------------------------------------------------------------------------------


@pytest.fixture
def staged(here: Path) -> Path:
    assert main(["translate", "web.pkr.hcl", "-out", "out/", "-scripts", BASE]) == 0
    return here


def test_a_folder_gets_each_file_once(staged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["stage", "out", "-to", "published", "-check"]) == 3
    assert main(["stage", "out/staging.json", "-to", "published"]) == 0
    assert "3 uploaded, 0 already there" in capsys.readouterr().err
    manifest = json.loads((staged / "out/staging.json").read_text())
    for entry in manifest["files"]:
        assert (staged / "published" / entry["uri"].removeprefix(f"{BASE}/")).stat().st_size == entry["size"]
    assert main(["stage", "out", "-to", f"file://{staged}/published"]) == 0
    assert main(["stage", "out", "-to", "published", "-check"]) == 0
    assert "0 uploaded, 3 already there" in capsys.readouterr().err


def test_another_file_in_its_place_is_left_alone(staged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stage", "out", "-to", "published"]) == 0
    (other,) = (staged / "published").glob("*/crlf.sh")
    other.write_text("other\n")
    assert main(["stage", "out", "-to", "published"]) == 1
    assert "[stage/other]" in capsys.readouterr().err and other.read_text() == "other\n"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"path": "../web.pkr.hcl"}, "stage/manifest"),
        ({"path": "/etc/passwd"}, "stage/manifest"),
        ({"uri": "https://elsewhere.example.com/a.sh"}, "stage/manifest"),
        ({"uri": f"{BASE}/../../a.sh"}, "stage/manifest"),
        ({"uri": f"{BASE}/%2e%2e/a.sh"}, "stage/manifest"),
        ({"sha256": "0" * 64}, "stage/changed"),
        ({"size": "many"}, "stage/manifest"),
        ({"path": "files/nothing"}, "files/missing"),
    ],
)
def test_a_manifest_is_not_trusted(
    change: dict[str, object], code: str, staged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = staged / "out/staging.json"
    data = json.loads(path.read_text())
    data["files"][0].update(change)
    path.write_text(json.dumps(data))
    assert main(["stage", "out", "-to", "published"]) == 1
    assert f"[{code}]" in capsys.readouterr().err
    assert not (staged / "published").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2, "files": []}', '{"version": 1, "files": [{}]}'])
def test_what_is_no_manifest(text: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "staging.json").write_text(text)
    assert main(["stage", "staging.json", "-to", "published"]) == 1
    assert "[stage/manifest]" in capsys.readouterr().err


def test_manifests_of_others_read_nothing_outside(staged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = staged / "out/staging.json"
    data = json.loads(path.read_text())
    for entry in data["files"]:
        entry["path"] = "/etc/passwd"
    path.write_text(json.dumps(data))
    assert main(["translate", "out/web.json", "-to", "hcl", "-out", "back/"]) == 1
    assert "[files/outside-root]" in capsys.readouterr().err


class Blobs(BaseHTTPRequestHandler):
    """A container: what Put Blob, Get Blob and Get Blob Properties say, with a SAS token as the only login."""

    store: dict[str, tuple[bytes, dict[str, str]]]
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, headers: dict[str, str], body: bytes = b"", shown: bool = True) -> None:
        self.send_response(status)
        for name, value in {"x-ms-version": "2024-11-04", "x-ms-request-id": "1", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if shown:
            self.wfile.write(body)

    def refused(self) -> bool:
        if "sig=token" in self.path:
            return False
        self.answer(403, {"x-ms-error-code": "AuthorizationFailure"}, shown=self.command != "HEAD")
        return True

    def found(self) -> None:
        name = self.path.partition("?")[0]
        if self.refused():
            return
        if name not in self.store:
            self.answer(404, {"x-ms-error-code": "BlobNotFound"}, shown=self.command != "HEAD")
            return
        data, metadata = self.store[name]
        facts = {"ETag": '"1"', "Last-Modified": formatdate(0, usegmt=True), "x-ms-blob-type": "BlockBlob", **metadata}
        partial = self.headers.get("x-ms-range") is not None
        if partial:
            facts["Content-Range"] = f"bytes 0-{len(data) - 1}/{len(data)}"
        self.answer(206 if partial else 200, facts, data, self.command != "HEAD")

    do_GET = found
    do_HEAD = found

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self.refused():
            return
        name = self.path.partition("?")[0]
        if self.headers.get("If-None-Match") == "*" and name in self.store:
            self.answer(409, {"x-ms-error-code": "BlobAlreadyExists"})
            return
        metadata = {k: v for k, v in self.headers.items() if k.lower().startswith("x-ms-meta-")}
        self.store[name] = (data, metadata)
        self.answer(201, {"ETag": '"1"', "Last-Modified": formatdate(0, usegmt=True)})

    def log_message(self, format: str, *arguments: object) -> None:
        return None


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, dict[str, tuple[bytes, dict[str, str]]]]]:
    pytest.importorskip("azure.storage.blob")
    handler = type("Handler", (Blobs,), {"store": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in ("AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield f"http://127.0.0.1:{server.server_port}/account/scripts", handler.store  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


def test_blobs_are_uploaded_once(
    here: Path,
    container: tuple[str, dict[str, tuple[bytes, dict[str, str]]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url, store = container
    monkeypatch.setenv("AZURE_STORAGE_SAS_TOKEN", "?sv=1&sig=token")
    assert main(["translate", "web.pkr.hcl", "-out", "out/", "-scripts", url]) == 0
    assert main(["stage", "out", "-to", url]) == 0
    assert "3 uploaded, 0 already there" in capsys.readouterr().err
    assert FILES["scripts/a.sh"] in [data for data, _ in store.values()]
    assert all("token" not in name for name in store)
    assert main(["stage", "out", "-to", url]) == 0
    assert "0 uploaded, 3 already there" in capsys.readouterr().err
    # One that somebody else brought there, without saying its hash, is compared byte by byte.
    name = next(iter(store))
    store[name] = (store[name][0], {})
    assert main(["stage", "out", "-to", url]) == 0
    store[name] = (bytes(reversed(store[name][0])), {})
    assert main(["stage", "out", "-to", url]) == 1
    assert "[stage/other]" in capsys.readouterr().err


def test_a_refusal_is_one_message_without_the_token(
    here: Path,
    container: tuple[str, dict[str, tuple[bytes, dict[str, str]]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url, store = container
    monkeypatch.setenv("AZURE_STORAGE_SAS_TOKEN", "sv=1&sig=wrong-s3cr3t")
    assert main(["translate", "web.pkr.hcl", "-out", "out/", "-scripts", url]) == 0
    capsys.readouterr()
    assert main(["stage", "out", "-to", url]) == 1
    said = capsys.readouterr()
    assert "[stage/refused]" in said.err and "AuthorizationFailure" in said.err
    assert "s3cr3t" not in said.err + said.out and not store


@pytest.mark.parametrize(
    ("to", "code"),
    [("https://files.example.com/x", "stage/no-upload"), ("https://images.blob.core.windows.net/", "stage/address")],
)
def test_what_is_no_container_is_not_uploaded_to(
    to: str, code: str, staged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stage", "out", "-to", to]) == 1
    assert f"[{code}]" in capsys.readouterr().err


def test_azure_is_asked_for_only_when_it_is_needed(
    staged: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    for name in [name for name in sys.modules if name == "azure" or name.startswith("azure.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "azure.storage.blob", None)
    assert main(["stage", "out", "-to", "published"]) == 0
    assert main(["stage", "out", "-to", BASE]) == 1
    err = capsys.readouterr().err
    assert "[stage/azure-missing]" in err and "pip install 'bakelift[azure]'" in err
    assert os.path.exists("published")
