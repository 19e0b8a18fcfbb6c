"""Data sources: Packer's null is evaluated, http is asked when the command line allows it, others stay symbolic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from bakelift.__main__ import main

BUILD = 'source "null" "a" {\n  communicator = "none"\n}\nbuild {\n  sources = ["null.a"]\n}\n'
AZURE = """
source "azure-arm" "web" {
  os_type                           = "Linux"
  image_publisher                   = "canonical"
  image_offer                       = "offer"
  image_sku                         = "sku"
  location                          = "westeurope"
  managed_image_name                = data.null.name.output
  managed_image_resource_group_name = "images"
}
build {
  sources = ["azure-arm.web"]
}
"""


class Answers(BaseHTTPRequestHandler):
    """Says what it was asked, as JSON; anything below /no is not there."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        said = {"method": self.command, "path": self.path, "key": self.headers.get("X-Key"), "body": body}
        self.send_response(404 if self.path.startswith("/no") else 201)
        self.send_header("Content-Type", "application/json")
        self.send_header("x-served-by", "us")
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    do_GET = do_POST = answer

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_address[1]}"
    made.shutdown()
    made.server_close()


def asked(tmp_path: Path, text: str, lines: list[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    (tmp_path / "t.pkr.hcl").write_text(text + BUILD)
    (tmp_path / "lines").write_text("\n".join(lines) + "\n")
    with (tmp_path / "lines").open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        return main(["console", "-json", *words, str(tmp_path / "t.pkr.hcl")])


def test_null_gives_back_its_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = 'variable "n" {\n  default = 3\n}\ndata "null" "x" {\n  input = "v${local.twice}"\n}\n'
    text += "locals {\n  twice = var.n * 2\n  up = upper(data.null.x.output)\n}\n"
    text += 'data "null" "y" {\n  input = local.up\n}\ndata "null" "z" {\n  input = 7\n}\n'
    lines = ["data.null.y", "data.null.z.output", 'data.null["x"].output', "data.null.x.nope"]
    assert asked(tmp_path, text, lines, monkeypatch) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert said[:3] == [{"output": "V6"}, "7", "v6"]
    assert "nope" in said[3]["error"]


def test_data_and_locals_in_a_circle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'data "null" "x" {\n  input = local.a\n}\nlocals {\n  a = data.null.x.output\n}\n'
    (tmp_path / "t.pkr.hcl").write_text(text + BUILD)
    assert main(["validate", str(tmp_path / "t.pkr.hcl")]) == 1
    assert "[packer/local-circle]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "packer/missing-argument"),
        ('  input = ""\n', "packer/missing-argument"),
        ('  input = "x"\n  inputt = "y"\n', "packer/unknown-option"),
    ],
)
def test_wrong_null(body: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.pkr.hcl").write_text(f'data "null" "x" {{\n{body}}}\n' + BUILD)
    assert main(["validate", str(tmp_path / "t.pkr.hcl")]) == 1
    assert f"[{code}]" in capsys.readouterr().err


def test_null_in_a_translation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'variable "n" {\n  default = "web"\n}\ndata "null" "name" {\n  input = "${var.n}-image"\n}\n' + AZURE
    path, report = tmp_path / "t.pkr.hcl", tmp_path / "r.json"
    path.write_text(text)
    assert main(["translate", "-report", str(report), str(path)]) == 0
    template = json.loads(capsys.readouterr().out)
    output = template["resources"][0]["properties"]["distribute"][0]
    assert output["imageId"].endswith("parameters('n')))]")
    items = {item["path"]: item for item in json.loads(report.read_text())["items"]}
    assert (items["data.null.name.input"]["class"], items["data.null.name.input"]["code"]) == ("adapted", "aib/bound")


def test_nothing_is_asked_unless_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f'data "http" "x" {{\n  url = "{server}/a"\n}}\n'
    assert asked(tmp_path, text, ["data.http.x.body"], monkeypatch) == 0
    assert "-allow-network" in json.loads(capsys.readouterr().out)["error"]


def test_http_is_asked_where_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"""
data "null" "base" {{
  input = "{server}"
}}
data "http" "second" {{
  url = "${{data.null.base.output}}/${{jsondecode(data.http.first.body).key}}"
}}
data "http" "first" {{
  url             = "${{data.null.base.output}}/a"
  method          = "POST"
  request_headers = {{ X-Key = "k1" }}
  request_body    = "hello"
}}
"""
    lines = [
        "jsondecode(data.http.first.body)",
        "jsondecode(data.http.second.body).path",
        'data.http.first.request_headers["X-Served-By"]',
        "data.http.first.url",
    ]
    assert asked(tmp_path, text, lines, monkeypatch, "-allow-network") == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert said == [{"method": "POST", "path": "/a", "key": "k1", "body": "hello"}, "/k1", "us", f"{server}/a"]


@pytest.mark.parametrize(
    ("body", "code", "summary"),
    [
        ('url = "SERVER/no"', "data/http", "Response code: 404"),
        ('url = "http://127.0.0.1:1/"', "data/http", "refused"),
        ('url = "file:///etc/passwd"', "data/http", "asks no web server"),
        ('url = "SERVER/a"\n  method = "BREW"', "data/method", "the `method` must be one of HEAD GET"),
    ],
)
def test_http_that_fails(
    body: str, code: str, summary: str, tmp_path: Path, server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = 'data "http" "x" {\n  ' + body.replace("SERVER", server) + "\n}\n"
    (tmp_path / "t.pkr.hcl").write_text(text + BUILD)
    assert main(["validate", "-allow-network", str(tmp_path / "t.pkr.hcl")]) == 1
    err = capsys.readouterr().err
    assert f"[{code}]" in err
    assert summary in err


def test_what_is_never_asked_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'data "amazon-ami" "x" {\n  region = "eu-west-1"\n}\n'
    (tmp_path / "t.pkr.hcl").write_text(text + BUILD)
    assert main(["validate", "-allow-network", "-format", "json", str(tmp_path / "t.pkr.hcl")]) == 0
    told = json.loads(capsys.readouterr().out)["diagnostics"]
    assert [(d["severity"], d["code"]) for d in told] == [("warning", "data/not-asked")]
