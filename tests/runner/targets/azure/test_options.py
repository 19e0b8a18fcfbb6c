"""From the options of azure-arm to the configuration of a build: defaults, names, and what is refused."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bakelift.runner.communicators.library import asyncssh
from bakelift.runner.settings import Settings
from bakelift.runner.targets import TargetContext
from bakelift.runner.targets.azure import config as azure
from bakelift.runner.targets.azure import names, options
from bakelift.runner.targets.azure.config import AzureConfig
from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.files import NoFiles
from bakelift.translator.packer.tables.azure_arm import AZURE_ARM
from bakelift.translator.plan.expressions import Literal
from bakelift.translator.plan.model import Attribute, Body, Setting
from bakelift.translator.plan.scope import Scope
from bakelift.translator.plan.values import Value, from_python, to_expr

Configs = Callable[[Mapping[str, Any]], AzureConfig]

PLATFORM = {"image_publisher": "Canonical", "image_offer": "ubuntu-24_04-lts", "image_sku": "server"}
MANAGED = {"managed_image_name": "web", "managed_image_resource_group_name": "images"}
LINUX = {"os_type": "Linux", "location": "West Europe", **PLATFORM, **MANAGED}
WINDOWS = {**LINUX, "os_type": "Windows", "communicator": "winrm"}
GALLERY = {
    "shared_image_gallery_destination.resource_group": "shared",
    "shared_image_gallery_destination.gallery_name": "apps",
    "shared_image_gallery_destination.image_name": "web",
    "shared_image_gallery_destination.image_version": "1.2.3",
}


def codes(error: pytest.ExceptionInfo[TemplateError]) -> set[str]:
    return {each.code for each in error.value.diagnostics}


def test_defaults(config_of: Configs) -> None:
    made = config_of(LINUX)
    assert made.machine == azure.Machine()
    assert made.machine.size == "Standard_A1"
    assert made.source == azure.MarketplaceSource("Canonical", "ubuntu-24_04-lts", "server", "latest")
    assert made.managed_image == azure.ManagedImage("web", "images")
    assert (made.gallery_image, made.vhd, made.key_vault) == (None, None, azure.KeyVault())
    assert (made.communicator, made.port, made.user, made.ssh.login.user) == ("ssh", 22, "packer", "packer")
    assert (made.ssh.timeout, made.polling_timeout) == (1200.0, 900.0)
    assert made.own_group
    assert made.resource_group == made.names.resource_group
    assert made.location == "West Europe"
    assert made.account.cloud == "Public"
    assert not made.without_effect


def test_a_password_lets_ssh_in_only_where_ssh_is_asked_for_by_name(config_of: Configs) -> None:
    silent, named = config_of(LINUX), config_of({**LINUX, "communicator": "ssh"})
    own = config_of({**LINUX, "communicator": "ssh", "ssh_username": "me", "ssh_password": "mine"})
    assert silent.ssh.login.password == ""
    assert named.ssh.login.password == named.password
    assert (own.user, own.password, own.ssh.login.password) == ("me", "mine", "mine")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, azure.WinRm()),
        ({"winrm_use_ssl": True, "winrm_insecure": True}, azure.WinRm(port=5986, ssl=True, insecure=True)),
        ({"winrm_port": 6000, "winrm_timeout": "1h"}, azure.WinRm(port=6000, timeout=3600.0)),
        ({"winrm_use_ntlm": False, "winrm_no_proxy": True}, azure.WinRm(ntlm=False, proxy=False)),
    ],
)
def test_winrm(more: dict[str, Any], expected: azure.WinRm, config_of: Configs) -> None:
    made = config_of({**WINDOWS, **more})
    assert made.winrm == expected
    assert made.port == expected.port


def test_who_logs_in_with_winrm(config_of: Configs) -> None:
    made = config_of({**WINDOWS, "winrm_username": "me", "winrm_password": "Passw0rd!"})
    assert (made.user, made.password) == ("me", "Passw0rd!")
    assert config_of(WINDOWS).user == "packer"


def test_names_end_alike() -> None:
    made = names.make_names(random.Random(7))
    end = made.compute.removeprefix("pkrvm")
    assert len(end) == 10
    assert made.resource_group == f"pkr-Resource-Group-{end}"
    assert made.key_vault_deployment == f"kvpkrdp{end}"
    assert {name.removesuffix(end)[3:] for name in made.__class__._fields and values(made)} == {
        "vm",
        "dp",
        "kv",
        "os",
        "dd",
        "ni",
        "sn",
        "ip",
        "vn",
        "sg",
        "-Resource-Group-",
    }


def values(made: names.Names) -> list[str]:
    return [getattr(made, field) for field in made._fields]


def test_a_prefix_of_the_template_or_the_environment(context_of: Callable[..., TargetContext]) -> None:
    text = 'source "azure-arm" "x" {\n%s\n' + "".join(f'  {k} = "{v}"\n' for k, v in LINUX.items()) + "}\n"
    text += 'build { sources = ["azure-arm.x"] }\n'
    own = 'custom_resource_build_prefix = "mine-"'
    variable = {options.PREFIX_VARIABLE: "env-"}
    starts = []
    for line in ("", own):
        made = options.read_config(context_of(text % line, None, variable), random.Random(1))
        starts.append(made.names.nic[: -len("xxxxx")])
    assert starts == ["env-ni", "mine-ni"]
    with pytest.raises(TemplateError) as error:
        options.read_config(context_of(text % "", None, {options.PREFIX_VARIABLE: "-no"}), random.Random(1))
    assert codes(error) == {"azure/bad-name"}


def test_passwords_are_what_azure_accepts() -> None:
    for seed in range(200):
        made = names.password(random.Random(seed))
        assert len(made) == 32
        assert made.isalnum()
        assert any(map(str.isdigit, made))
        assert any(map(str.islower, made))
        assert any(map(str.isupper, made))


def test_secrets_are_listed(config_of: Configs) -> None:
    login = {"subscription_id": "s", "client_id": "c", "client_secret": "hush", "tenant_id": "t"}
    made = config_of({**WINDOWS, **login, "winrm_password": "Passw0rd!"})
    assert {"hush", "Passw0rd!", made.certificate_password} <= set(made.secrets)
    assert not {"", "s", "c", "t"} & set(made.secrets)


@pytest.mark.parametrize(
    ("more", "expected", "replicas"),
    [
        ({}, [("westeurope", 0, "")], 0),
        (
            {"shared_image_gallery_replica_count": 3, "disk_encryption_set_id": "/d"},
            [("westeurope", 3, "/d")],
            3,
        ),
        (
            {"shared_image_gallery_destination.replication_regions": ["North Europe"]},
            [("northeurope", 0, ""), ("westeurope", 0, "")],
            0,
        ),
        (
            {
                "shared_image_gallery_destination.replication_regions": ["westeurope", "East US"],
                "shared_image_gallery_replica_count": 2,
                "disk_encryption_set_id": "/d",
            },
            [("westeurope", 2, "/d"), ("eastus", 2, "")],
            2,
        ),
        (
            {
                "shared_image_gallery_destination.target_region": [
                    {"name": "East US", "disk_encryption_set_id": "/e"},
                    {"name": "West Europe", "replicas": 4},
                ]
            },
            [("eastus", 0, "/e"), ("westeurope", 4, "")],
            4,
        ),
    ],
)
def test_regions(more: dict[str, Any], expected: list[tuple[str, int, str]], replicas: int, config_of: Configs) -> None:
    base = {name: value for name, value in LINUX.items() if name not in MANAGED}
    made = config_of({**base, **GALLERY, **more})
    assert azure.target_regions(made) == tuple(azure.TargetRegion(*each) for each in expected)
    assert azure.replicas(made) == replicas


def test_dynamic_blocks(context_of: Callable[..., TargetContext]) -> None:
    base = "".join(f'  {name} = "{value}"\n' for name, value in LINUX.items())
    text = f"""
    source "azure-arm" "x" {{
      {base}
      azure_tags = {{ a = "1", b = "1" }}
      dynamic "azure_tag" {{
        for_each = {{ b = "2", c = "3" }}
        content {{
          name  = azure_tag.key
          value = azure_tag.value
        }}
      }}
      dynamic "spot" {{
        for_each = [0.5]
        content {{
          eviction_policy = "Delete"
          max_price       = spot.value
        }}
      }}
      dynamic "plan_info" {{
        for_each = []
        content {{
          plan_name = "never"
        }}
      }}
    }}
    build {{ sources = ["azure-arm.x"] }}
    """
    made = options.read_config(context_of(text), random.Random(1))
    assert made.tags == {"a": "1", "b": "2", "c": "3"}
    assert made.machine.spot == azure.Spot("Delete", 0.5)
    assert made.machine.plan is None


def test_a_gallery_by_id(config_of: Configs) -> None:
    id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/a/images/i/versions/1.0.0"
    made = config_of({"os_type": "Linux", "location": "x", **MANAGED, "shared_image_gallery.id": id})
    assert made.source == azure.GallerySource("s", "g", "a", "i", "1.0.0", id)


def test_what_does_nothing_is_listed(config_of: Configs) -> None:
    made = config_of({**LINUX, "temporary_key_pair_type": "ed25519", "ssh_keypair_name": "", "username": "me"})
    assert made.without_effect == ("username", "temporary_key_pair_type")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"metadata_host": "management.private.example"}, "azure/option-not-run"),
        ({"communicator": "docker"}, "azure/option-not-run"),
        ({"ssh_bastion_interactive": True}, "azure/option-not-run"),
        ({"cloud_environment_name": "Mars"}, "azure/bad-choice"),
        ({"nobody_knows": "it"}, "azure/option-not-run"),
        ({"custom_script": "echo"}, "azure/custom-script"),
        ({"location": ""}, "azure/no-location"),
        ({"image_url": "https://x/y.vhd"}, "azure/source-conflict"),
        ({"ssh_proxy_host": "proxy"}, "build/ssh-option"),
        ({"custom_data_file": "nowhere"}, "build/bad-source"),
    ],
)
def test_refused(changes: dict[str, Any], code: str, config_of: Configs) -> None:
    with pytest.raises(TemplateError) as error:
        config_of({**LINUX, **changes})
    assert code in codes(error)


def test_an_incomplete_gallery_id_is_refused(config_of: Configs) -> None:
    id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/a/images/i"
    with pytest.raises(TemplateError) as error:
        config_of({"os_type": "Linux", "location": "x", **MANAGED, "shared_image_gallery.id": id})
    assert codes(error) == {"azure/gallery-id"}


def test_images_of_other_builders_are_refused(context_of: Callable[..., TargetContext]) -> None:
    with pytest.raises(TemplateError) as error:
        options.read_config(context_of('source "qemu" "x" {}\nbuild { sources = ["qemu.x"] }\n'), random.Random(1))
    assert codes(error) == {"azure/other-builder"}


def test_images_of_image_builder_are_refused(config_of: Configs) -> None:
    with pytest.raises(TemplateError, match="-on imagebuilder") as error:
        config_of({**LINUX, "image_template": {"properties": {}}})
    assert codes(error) == {"azure/other-builder"}


def test_options_that_no_table_knows_are_refused(context_of: Callable[..., TargetContext]) -> None:
    context = context_of('source "azure-arm" "x" {}\nbuild { sources = ["azure-arm.x"] }\n')
    unknown = Body((Attribute("unheard_of", Setting(Literal("x"))),))
    with pytest.raises(TemplateError, match="unheard_of") as error:
        options.read_config(context.but(image=context.image.but(opaque=unknown)), random.Random(1))
    assert codes(error) == {"build/unknown-option"}


@pytest.mark.filterwarnings("ignore:.*few is not secure")
@pytest.mark.parametrize(
    ("algorithm", "passphrase", "os_type", "problem"),
    [
        ("ssh-rsa", None, "Windows", ""),
        ("ssh-ed25519", None, "Linux", ""),
        ("ssh-ed25519", None, "Windows", "RSA"),
        ("ssh-ed25519", "hush", "Linux", "Passphrase"),
    ],
)
def test_keys_of_the_template(
    algorithm: str, passphrase: str | None, os_type: str, problem: str, config_of: Configs, tmp_path: Path
) -> None:
    key = asyncssh.generate_private_key(algorithm)
    path = tmp_path / "key"
    path.write_bytes(key.export_private_key(passphrase=passphrase, rounds=16))
    given = {**LINUX, "os_type": os_type, "communicator": "ssh", "ssh_private_key_file": str(path)}
    if problem:
        with pytest.raises(TemplateError, match=problem) as error:
            config_of(given)
        assert codes(error) == {"build/bad-key"}
        return
    made = config_of(given)
    assert made.ssh_public_key.split()[:2] == key.export_public_key().decode().split()[:2]
    assert made.ssh.login.key in made.secrets


class Recording(Settings):
    """Settings that know what was asked of them."""

    def __init__(self, given: Mapping[str, Any], asked: set[str]) -> None:
        super().__init__({name: Setting(to_expr(from_python(value))) for name, value in given.items()}, Scope())
        self.asked = asked

    def value(self, name: str) -> Value | None:
        self.asked.add(name)
        return super().value(name)


def test_every_option_is_read() -> None:
    asked: set[str] = set()
    gallery = {"shared_image_gallery.gallery_name": "base"}
    shared = {"shared_image_gallery.direct_shared_gallery_image_id": "/sharedGalleries/x"}
    for given in (
        {**LINUX, **GALLERY, "storage_account": "images", "custom_managed_image_name": "x", "ssh_bastion_host": "b"},
        {**GALLERY, "os_type": "Linux", "image_publisher": "x", "spot.eviction_policy": "Delete"},
        gallery,
        shared,
        WINDOWS,
    ):
        options._Reader(Recording(given, asked), NoFiles(), random.Random(1)).read()
    blocks = {option.name for option in AZURE_ARM.options.values() if option.value == "block"}
    inside = {name for name in AZURE_ARM.options if name.startswith(("azure_tag.", f"{TARGETS}."))}
    unread = set(AZURE_ARM.options) - asked - blocks - inside - set(options.NOT_RUN)
    of_a_proxy = {"ssh_proxy_port", "ssh_proxy_username", "ssh_proxy_password"}
    assert unread == of_a_proxy  # which is refused itself


TARGETS = "shared_image_gallery_destination.target_region"
