"""translate -fetch: scripts and files by address, from a server on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from bakelift.__main__ import main

SCRIPT = b"#!/bin/sh\necho installed\n"
PAGES = {"/install.sh": SCRIPT, "/sub/install.sh": b"#!/bin/sh\necho other\n", "/site.conf": b"server {}\n"}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://example.com/elsewhere.sh")
            self.end_headers()
            return
        data = PAGES.get(self.path.partition("?")[0])
        self.send_response(200 if data is not None else 404)
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    made = HTTPServer(("127.0.0.1", 0), Handler)
    made.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def template(*customizers: dict[str, Any]) -> str:
    return json.dumps(
        {
            "type": "Microsoft.VirtualMachineImages/imageTemplates",
            "apiVersion": "2024-02-01",
            "location": "westeurope",
            "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/s/i": {}}},
            "properties": {
                "source": {
                    "type": "PlatformImage",
                    "publisher": "canonical",
                    "offer": "ubuntu-24_04-lts",
                    "sku": "server",
                    "version": "latest",
                },
                "vmProfile": {"vmSize": "Standard_D2s_v5"},
                "customize": list(customizers),
                "distribute": [{"type": "VHD", "runOutputName": "web"}],
            },
        }
    )


def shell(server: HTTPServer, path: str, **more: Any) -> dict[str, Any]:
    return {"type": "Shell", "scriptUri": f"http://127.0.0.1:{server.server_port}{path}", **more}


def translate(tmp_path: Path, text: str, *options: str) -> int:
    (tmp_path / "image.json").write_text(text)
    return main(["translate", str(tmp_path / "image.json"), "-out", f"{tmp_path}/out/", *options])


def test_files_lie_beside_the_template(tmp_path: Path, server: HTTPServer) -> None:
    file = {
        "type": "File",
        "sourceUri": f"http://127.0.0.1:{server.server_port}/site.conf",
        "destination": "/tmp/site.conf",
    }
    first = shell(server, "/install.sh?key=hidden", sha256Checksum=sha256(SCRIPT).hexdigest().upper())
    assert translate(tmp_path, template(first, shell(server, "/sub/install.sh"), file), "-fetch") == 0
    out = tmp_path / "out"
    assert (out / "scripts" / "install.sh").read_bytes() == SCRIPT
    assert (out / "scripts" / "2-install.sh").read_bytes() == PAGES["/sub/install.sh"]
    assert (out / "files" / "site.conf").read_bytes() == PAGES["/site.conf"]
    text = (out / "template.pkr.hcl").read_text()
    assert 'script          = "${path.root}/scripts/install.sh"' in text
    assert "sudo -E {{.Path}}" in text and "curl" not in text and "hidden" not in text
    assert 'source      = "${path.root}/files/site.conf"' in text


def test_nothing_is_fetched_otherwise(tmp_path: Path, server: HTTPServer) -> None:
    assert translate(tmp_path, template(shell(server, "/install.sh"))) == 0
    assert server.asked == []  # type: ignore[attr-defined]
    assert "curl -fsSL" in (tmp_path / "out" / "template.pkr.hcl").read_text()


@pytest.mark.parametrize(
    ("path", "more", "code"),
    [
        ("/install.sh", {"sha256Checksum": "0" * 64}, "fetch/checksum"),
        ("/nothing", {}, "fetch/failed"),
        ("/away", {}, "fetch/failed"),
    ],
)
def test_what_fails_writes_nothing(
    tmp_path: Path, server: HTTPServer, capsys: pytest.CaptureFixture[str], path: str, more: dict[str, str], code: str
) -> None:
    assert translate(tmp_path, template(shell(server, path, **more)), "-fetch") == 1
    assert code in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_only_https(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = template({"type": "Shell", "scriptUri": "http://example.com/install.sh?sig=secret"})
    assert translate(tmp_path, text, "-fetch") == 1
    said = capsys.readouterr().err
    assert "fetch/address" in said and "http://example.com/install.sh is not fetched" in said
