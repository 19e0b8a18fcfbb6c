"""Which release a marketplace image is, and where its packages come from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bakelift.runner import suites
from bakelift.runner.targets.sandbox import made_base


@pytest.mark.parametrize(
    ("publisher", "offer", "sku", "name"),
    [
        ("Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2", "jammy"),
        ("canonical", "UbuntuServer", "18.04-LTS", "bionic"),
        ("Canonical", "ubuntu-24_04-lts", "server", "noble"),
        ("Canonical", "0001-com-ubuntu-server-focal", "20_04-lts", "focal"),
        ("Debian", "debian-12", "12-gen2", "bookworm"),
        ("debian", "debian-11", "11", "bullseye"),
        ("Debian", "debian-13-daily", "13", "trixie"),
        ("Debian", "debian-99", "99", None),
        ("RedHat", "RHEL", "8_6", None),
        ("MicrosoftWindowsServer", "WindowsServer", "2022-datacenter", None),
        ("Canonical", "UbuntuServer", "16.04-LTS", None),
        ("", "", "", None),
    ],
)
def test_the_release_of_an_image(publisher: str, offer: str, sku: str, name: str | None) -> None:
    found = suites.of_image(publisher, offer, sku)
    assert (found.name if found else None) == name


def test_the_systems_own_mirror_is_used(tmp_path: Path) -> None:
    lists = tmp_path / "sources.list.d"
    lists.mkdir()
    (lists / "other.list").write_text("deb [signed-by=/x.gpg] https://apt.example.org/stable stable main\n")
    (lists / "debian.sources").write_text("Types: deb\nURIs: http://mirror.example.org/debian\nSuites: sid\n")
    debian, ubuntu = suites.Suite("debian", "12", "bookworm"), suites.Suite("ubuntu", "24.04", "noble")
    assert suites.mirror(debian, str(tmp_path)) == "http://mirror.example.org/debian"
    assert suites.mirror(ubuntu, str(tmp_path)) is None
    (tmp_path / "sources.list").write_text("# deb http://no/ubuntu x\ndeb http://near.example.org/ubuntu/ noble main\n")
    assert suites.mirror(ubuntu, str(tmp_path)) == "http://near.example.org/ubuntu/"
    assert suites.mirror(debian, str(tmp_path / "absent")) is None


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    suite = suites.Suite("ubuntu", "24.04", "noble")
    monkeypatch.setattr(suites, "KEYRINGS", {"ubuntu": ("/nowhere", "ubuntu-keyring")})
    monkeypatch.setenv("PATH", "/nowhere")
    assert suites.missing(suite) == ["mmdebstrap", "ubuntu-keyring"]
    assert made_base.problem(suite) == ("making Ubuntu 24.04 (noble) needs the packages mmdebstrap, ubuntu-keyring")
    monkeypatch.setattr(suites, "missing", lambda _: [])
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert "needs root, or newuidmap" in str(made_base.problem(suite))
