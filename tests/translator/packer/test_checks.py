"""Rules of components, on options given as a table; the oracles' cases are with ``bakelift validate``."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bakelift.runner.settings import Settings
from bakelift.translator.diagnostics import Diagnostics, SourceFile, Span, TemplateError
from bakelift.translator.files import DictFiles
from bakelift.translator.packer import checks_azure, checks_communicator, checks_posts, checks_steps
from bakelift.translator.packer.checks import Check, refuse, tell
from bakelift.translator.packer.checks_types import typed
from bakelift.translator.packer.tables import component
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr, Ref
from bakelift.translator.plan.model import Setting
from bakelift.translator.plan.scope import Scope

FILES = DictFiles({"a.sh": b"", "folder/b": b"", "play.yml": b""})


def expr(value: object) -> Expr:
    if isinstance(value, Expr):
        return value
    if isinstance(value, list):
        return ListExpr(tuple(expr(item) for item in value))
    if isinstance(value, dict):
        return ObjectExpr(tuple((Literal(key), expr(item)) for key, item in value.items()))
    assert value is None or isinstance(value, (str, bool, int))
    return Literal(value)


def settings(options: dict[str, object]) -> Settings:
    return Settings({name: Setting(expr(value)) for name, value in options.items()}, Scope())


def found(rules: tuple[Callable[[Check], None], ...], **options: object) -> list[tuple[str, str]]:
    told = Diagnostics()
    named = {name.replace("__", "."): value for name, value in options.items()}
    tell(rules, settings(named), FILES, told, accessible=lambda path: path == "key")
    return [(d.code, d.summary) for d in told]


def codes(rules: tuple[Callable[[Check], None], ...], **options: object) -> list[str]:
    return [code for code, _ in found(rules, **options)]


STEPS: tuple[tuple[str, dict[str, object], list[str]], ...] = (
    ("shell", {"inline": ["x"]}, []),
    ("shell", {"inline": [], "script": ""}, ["build/no-script"]),
    ("shell", {"script": "a.sh", "scripts": ["a.sh"]}, ["build/several-scripts"]),
    ("shell", {"script": "a.sh", "inline": ["x"]}, ["build/several-scripts"]),
    ("shell", {"scripts": ["a.sh", "no.sh", "folder"]}, ["build/bad-script"] * 2),
    ("shell", {"inline": ["x"], "environment_vars": ["A=", "B"]}, ["build/bad-environment-variable"]),
    ("windows-shell", {}, ["build/no-script"]),
    ("powershell", {"inline": ["x"], "elevated_password": "p"}, ["packer/no-elevated-user"]),
    ("powershell", {"inline": ["x"], "execution_policy": "Bypass", "debug_mode": 2}, []),
    (
        "powershell",
        {"inline": ["x"], "execution_policy": "no", "debug_mode": 3},
        ["packer/bad-execution-policy", "packer/bad-debug-mode"],
    ),
    ("shell-local", {}, ["build/no-script"]),
    ("shell-local", {"command": "x", "script": "a.sh"}, ["build/several-scripts"]),
    ("shell-local", {"inline": ["x"], "only_on": ["linux", "beos"]}, ["build/bad-system"]),
    ("file", {"source": "a.sh", "destination": "/x"}, []),
    ("file", {"source": "no", "destination": "/x", "generated": True}, []),
    ("file", {"source": "no", "destination": "/x", "direction": "download"}, []),
    ("file", {"sources": ["no"], "destination": "/x"}, ["build/bad-source"]),
    ("file", {"content": "x", "destination": "/x"}, []),
    ("file", {"content": "x", "source": "a.sh", "destination": "/x"}, ["build/content-and-source"]),
    ("file", {"direction": "up"}, ["build/bad-direction", "build/no-destination", "build/no-source"]),
    ("ansible", {}, ["packer/no-playbook"]),
    ("ansible", {"playbook_file": "no.yml"}, ["build/bad-source"]),
    ("ansible-local", {"playbook_file": "play.yml", "playbook_files": ["play.yml"]}, ["packer/several-playbooks"]),
)


@pytest.mark.parametrize(("type", "options", "expected"), STEPS)
def test_steps(type: str, options: dict[str, object], expected: list[str]) -> None:
    assert codes(checks_steps.RULES[type], **options) == expected


def test_post_processors() -> None:
    assert codes(checks_posts.RULES["checksum"], checksum_types=["md5", "crc"]) == ["packer/bad-checksum-type"]
    assert codes(checks_posts.RULES["artifice"]) == ["packer/no-files"]


BUILDERS: tuple[tuple[str, dict[str, object], list[str]], ...] = (
    ("null", {"communicator": "none"}, []),
    ("null", {"communicator": "telnet"}, ["packer/bad-communicator"]),
    ("null", {"ssh_host": "h", "ssh_username": "u", "ssh_private_key_file": "key"}, []),
    ("null", {"ssh_host": "h", "ssh_username": "u", "ssh_private_key_file": "none"}, ["build/bad-key"]),
    (
        "null",
        {"ssh_host": "h", "ssh_username": "u", "ssh_password": "p", "ssh_agent_auth": True},
        ["build/several-logins"],
    ),
    ("null", {"communicator": "winrm", "winrm_host": "h", "winrm_username": "u", "winrm_password": "p"}, []),
    ("null", {"communicator": "winrm"}, ["packer/no-username", *["build/no-login"] * 3]),
    ("null", {"communicator": "none", "ssh_file_transfer_method": "ftp"}, []),
    ("file", {"target": "x", "content": "y"}, []),
    ("file", {"source": "no", "content": "y"}, ["build/no-target", "build/several-contents", "build/bad-source"]),
)


@pytest.mark.parametrize(("type", "options", "expected"), BUILDERS)
def test_builders(type: str, options: dict[str, object], expected: list[str]) -> None:
    assert codes(checks_communicator.RULES[type], **options) == expected


AZURE = {
    "image_publisher": "p",
    "image_offer": "o",
    "image_sku": "s",
    "managed_image_name": "web",
    "managed_image_resource_group_name": "rg",
    "location": "westeurope",
    "os_type": "linux",
}
D = "shared_image_gallery_destination__"
CASES: tuple[tuple[dict[str, object], list[str]], ...] = (
    ({}, []),
    ({"client_id": "c", "client_secret": "s", "subscription_id": "x"}, []),
    ({"client_id": "c", "client_secret": "s"}, ["azure/authentication"]),
    ({"client_id": "c", "subscription_id": "x"}, []),
    ({"tenant_id": "t", "use_azure_cli_auth": True}, []),
    ({"oidc_request_url": "u", "client_id": "c", "subscription_id": "x"}, ["azure/authentication"]),
    ({"client_id": "c", "subscription_id": "x", "client_cert_path": "gone"}, ["azure/authentication"]),
    ({"managed_image_name": None}, ["azure/no-destination", "azure/destination-incomplete"]),
    ({"managed_image_name": "", "managed_image_resource_group_name": "", "skip_create_image": True}, []),
    (
        {
            "managed_image_name": None,
            "managed_image_resource_group_name": None,
            D + "gallery_name": "g",
            D + "resource_group": "r",
            D + "image_name": "i",
            D + "image_version": "1.2.3",
        },
        [],
    ),
    ({D + "gallery_name": "g"}, ["azure/destination-incomplete"] * 3),
    ({"storage_account": "x"}, ["azure/destination-incomplete"]),
    (
        {
            "image_publisher": None,
            "image_offer": None,
            "image_sku": None,
            "shared_image_gallery__id": "/x",
            "shared_image_gallery__image_name": "n",
        },
        ["azure/source-conflict"],
    ),
    (
        {"image_publisher": None, "image_offer": None, "image_sku": None, "custom_managed_image_name": "n"},
        ["azure/source-incomplete"],
    ),
    (
        {
            "image_publisher": None,
            "image_offer": None,
            "image_sku": None,
            "shared_image_gallery__community_gallery_image_id": "/x",
        },
        [],
    ),
    ({"user_data": "x", "user_data_file": "a.sh"}, ["azure/several-data"]),
    ({"custom_data_file": "gone"}, ["build/bad-source"]),
    (
        {"virtual_network_name": "v", "public_ip_sku": "Basic", "allowed_inbound_ip_addresses": ["1.2.3.4"]},
        ["azure/network-conflict"] * 2,
    ),
    ({"virtual_network_subnet_name": "v"}, ["azure/network-incomplete"]),
    ({"allowed_inbound_ip_addresses": ["1.2.3.4", "10.0.0.0/8", "::1"]}, []),
    ({"secure_boot_enabled": True}, ["azure/gallery-only"]),
    ({"disk_encryption_set_id": "/x"}, ["azure/gallery-only"]),
    ({"security_encryption_type": "VMGuestStateOnly"}, ["azure/confidential"]),
    ({"skip_create_build_key_vault": True}, ["azure/key-vault"]),
    ({"disk_additional_size": [1, 2], "disk_additional_luns": [0, 0]}, ["azure/disks"]),
    ({"disk_additional_size": [1], "disk_additional_luns": [-1, 2]}, ["azure/disks", "azure/disks"]),
    ({"plan_info__plan_name": "n"}, ["azure/plan-incomplete"]),
    ({"spot__max_price": 1}, ["azure/spot"]),
    ({"license_type": "Windows_Server"}, ["azure/bad-choice"]),
    ({"license_type": "rhel_byos", "disk_controller_type": "nvme", "public_ip_sku": "basic"}, []),
    ({"disk_caching_type": "readonly"}, ["azure/bad-choice"]),
    ({"user_assigned_managed_identities": ["me"]}, ["azure/bad-identity"]),
    ({"azure_tags": {f"t{n}": "x" for n in range(51)}}, ["azure/tags"]),
    ({"azure_tags": {"a": "x" * 257}}, ["azure/tags"]),
    ({"communicator": "winrm", "winrm_password": "simple"}, ["azure/password"]),
    ({"communicator": "winrm", "winrm_password": "Simple-1"}, []),
    ({"custom_resource_build_prefix": "-x"}, ["azure/bad-name"]),
    (
        {"managed_image_os_disk_snapshot_name": "a-b", "managed_image_data_disk_snapshot_prefix": "a b"},
        ["azure/bad-name"] * 2,
    ),
)


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_azure(changes: dict[str, object], expected: list[str]) -> None:
    assert codes(checks_azure.RULES, **{**AZURE, **changes}) == expected


def test_what_nobody_knows_yet_is_passed_over() -> None:
    options = {**AZURE, "location": Ref("data", "http.x"), "disk_caching_type": Ref("data", "http.x")}
    assert codes(checks_azure.RULES, **options) == []
    with pytest.raises(TemplateError) as caught:
        refuse(checks_steps.SHELL, settings({"inline": Ref("data", "http.x")}), FILES)
    assert {d.code for d in caught.value.diagnostics} == {"build/value-unknown"}


def test_who_builds_hears_all_at_once() -> None:
    with pytest.raises(TemplateError) as caught:
        refuse(checks_steps.SHELL, settings({"script": "no", "environment_vars": ["A"]}), FILES)
    assert [d.code for d in caught.value.diagnostics] == ["build/bad-script", "build/bad-environment-variable"]


def test_an_error_stands_at_its_option() -> None:
    file = SourceFile("t", 'direction = "up"')
    span = Span(file, 12, 16)
    options = Settings({"direction": Setting(Literal("up", span)), "destination": Setting(Literal("x"))}, Scope())
    told = Diagnostics()
    tell(checks_steps.FILE, options, FILES, told)
    assert next(iter(told)).span is span


def test_types_strict_and_weak() -> None:
    shell = component("provisioner", "shell")
    assert shell is not None
    strict, weak = typed(shell.options, strict=True), typed(shell.options, strict=False)
    assert codes(strict, inline="x") == ["packer/wrong-type"] and codes(weak, inline="x") == []
    assert codes(strict, valid_exit_codes=["1", 2]) == [] and codes(weak, valid_exit_codes="2") == []
    assert codes(strict, valid_exit_codes=["x"]) == ["packer/wrong-type"]
    assert codes(weak, valid_exit_codes=["x"]) == ["build/not-a-number"]
    assert codes(strict, pause_after="soon") == ["build/not-a-duration"] == codes(weak, pause_after="soon")
    assert codes(weak, binary="maybe") == ["build/not-a-bool"] and codes(weak, env="x") == ["build/not-a-map"]
