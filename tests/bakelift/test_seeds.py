"""What a translation and the console may know of time, chance and the environment: what the command line says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bakelift.__main__ import main
from bakelift.seeds import seeded

TEMPLATE = """
variable "owner" {
  default = env("BAKELIFT_TEST_OWNER")
}
source "azure-arm" "web" {
  os_type                           = "Linux"
  image_publisher                   = "canonical"
  image_offer                       = "offer"
  image_sku                         = "sku"
  location                          = "westeurope"
  managed_image_name                = "web-${formatdate("YYYYMMDD", timestamp())}"
  managed_image_resource_group_name = "images"
  azure_tags = {
    id    = uuidv4()
    owner = var.owner
  }
}
build {
  sources = ["azure-arm.web"]
}
"""


@pytest.mark.parametrize(
    ("seed", "now"),
    [
        ("1700000000", 1700000000),
        ("2024-02-29T12:00:00Z", 1709208000),
        ("2024-02-29t13:00:00+01:00", 1709208000),
        ("any text", 946684800),
        ("", 946684800),
    ],
)
def test_a_seed_is_a_time_or_any_text(seed: str, now: int) -> None:
    clock, again = seeded(seed), seeded(seed)
    assert clock.now == now
    ids = [clock.uuid() for _ in range(3)]
    assert ids == [again.uuid() for _ in range(3)]
    assert len(set(ids)) == 3
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", id) for id in ids)
    assert seeded(seed + "x").uuid() != ids[0]


def test_a_time_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["console", "-seed", "2024-02-31T12:00:00Z"]) == 1
    assert "-seed 2024-02-31T12:00:00Z:" in capsys.readouterr().err


def test_the_console_takes_its_time_from_the_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lines").write_text("timestamp()\n{{isotime}}\nuuidv4()\n")
    said = []
    for _ in range(2):
        with (tmp_path / "lines").open() as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            assert main(["console", "-seed", "1700000000"]) == 0
        said.append(capsys.readouterr().out.splitlines())
    assert said[0] == said[1]
    assert said[0][:2] == ["2023-11-14T22:13:20Z", "2023-11-14T22:13:20Z"]


def translated(tmp_path: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    (tmp_path / "t.pkr.hcl").write_text(TEMPLATE)
    assert main(["translate", *words, str(tmp_path / "t.pkr.hcl")]) == 0
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_resolve_folds_time_and_ids_with_a_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = translated(tmp_path, capsys, "-resolve", "-seed", "1700000000")
    assert first == translated(tmp_path, capsys, "-resolve", "-seed", "1700000000")
    assert "web-20231114" in json.dumps(first)
    assert "utcNow" not in json.dumps(first)
    assert "newGuid" not in json.dumps(first)
    # Without one a translation knows no time: it stays what the deployment says.
    assert "utcNow" in json.dumps(translated(tmp_path, capsys, "-resolve"))
    assert "utcNow" in json.dumps(translated(tmp_path, capsys))


def test_the_environment_is_read_only_where_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BAKELIFT_TEST_OWNER", "team-a")
    monkeypatch.setenv("PKR_VAR_owner", "team-b")
    plain = json.dumps(translated(tmp_path, capsys, "-resolve"))
    assert "team-a" not in plain
    assert "team-b" not in plain
    assert "team-b" in json.dumps(translated(tmp_path, capsys, "-resolve", "-allow-env"))
    monkeypatch.delenv("PKR_VAR_owner")
    assert "team-a" in json.dumps(translated(tmp_path, capsys, "-resolve", "-allow-env"))
