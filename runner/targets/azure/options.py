"""Reads the options of an azure-arm source as the configuration of a build in Azure.

What Packer refuses is refused by Packer's own rules (``translator/packer/checks_azure.py``); what only this target
cannot do is refused here: ``azure/other-builder``, ``azure/option-not-run``, ``azure/custom-script``,
``azure/gallery-id``, ``build/bad-key``. Nothing is passed over: options that do nothing are listed in
:attr:`AzureConfig.without_effect`.
"""

from __future__ import annotations

import re

from bakelift.runner.azure import clouds
from bakelift.runner.azure.login import login_of
from bakelift.runner.errors import BuildError
from bakelift.runner.settings import Settings
from bakelift.runner.targets.azure import config as azure
from bakelift.runner.targets.azure import options_images as images
from bakelift.runner.targets.azure import options_machine as machines
from bakelift.runner.targets.azure.names import make_names, password, text
from bakelift.runner.targets.ssh import read_options
from bakelift.translator.diagnostics import Diagnostics, fail
from bakelift.translator.plan.azure_options import OF_IMAGE_BUILDER, SINGLE_BLOCKS
from bakelift.translator.plan.merging import merged_tags

TYPE_CHECKING = False
if TYPE_CHECKING:
    import random
    from typing import Any

    from bakelift.runner.targets import TargetContext
    from bakelift.runner.targets.azure.config import AzureConfig, CommunicatorKind, OsType
    from bakelift.runner.targets.ssh import SshOptions
    from bakelift.translator.files import Files
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.values import Value

#: Stands for custom_resource_build_prefix where the template does not have it.
PREFIX_VARIABLE = "PACKER_AZURE_CUSTOM_RESOURCE_BUILD_PREFIX"
_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,9}")
USER = "packer"
SSH_TIMEOUT = 1200.0

#: Options that this target cannot follow, with the way out.
NOT_RUN = {
    "metadata_host": "BAKELIFT_ARM_ENDPOINT names the management endpoint of another cloud.",
    "ssh_bastion_interactive": "Give the bastion a key, a password or an agent: nobody is asked during a build.",
}

#: Options without effect: the builder makes its own RSA key and always connects to the VM's own address; the rest is
#: what the ssh communicator here has no need of.
WITHOUT_EFFECT = (
    "username",
    "ssh_keypair_name",
    "ssh_public_key",
    "ssh_private_key",
    "temporary_key_pair_name",
    "temporary_key_pair_type",
    "temporary_key_pair_bits",
    "ssh_file_transfer_method",
    "ssh_read_write_timeout",
    "winrm_host",
)


def read_config(context: TargetContext, chance: random.Random) -> AzureConfig:
    """Pure but for files that the options name. ``chance`` makes names and passwords: SystemRandom, but in tests.

    Raises TemplateError with all that Packer's rules refuse, or with the first thing that cannot be done here.
    """
    if OF_IMAGE_BUILDER in context.image.settings:
        raise fail(
            "azure/other-builder",
            f"{context.image.name} is an image of Image Builder",
            "The service builds it: -on imagebuilder. Or translate the template to Packer, and build that.",
            context.image.source.span,
        )
    if context.image.type != "azure-arm":
        raise fail(
            "azure/other-builder",
            f"{context.image.name} is an image of the builder {context.image.type}",
            "Only images of azure-arm can be built in Azure. Without -on, its steps run in a sandbox.",
            context.image.source.span,
        )
    settings = opened(context)
    _refuse(context, settings)
    return _Reader(settings, context.files, chance).read()


def opened(context: TargetContext) -> Settings:
    """The settings with every dynamic block that can be there once decided: its options, or nothing."""
    from bakelift.translator.plan.dynamic import settled_blocks

    given, found = context.settings, Diagnostics()
    values: Any = _Evaluated(given)  # all that is asked of a binder there: whoever builds knows every value
    settled, _ = settled_blocks(context.image.settings, SINGLE_BLOCKS, values, found)
    found.stop_if_failed()
    tags = merged_tags(settled.get("azure_tags"), settled.pop("azure_tag", None))
    if tags is not None:
        settled["azure_tags"] = tags
    return Settings(settled, given.scope, given.where, given.span)


class _Evaluated:
    def __init__(self, settings: Settings) -> None:
        self._scope = settings.scope

    def value(self, expression: Expr, _why: str) -> Value:
        from bakelift.translator.plan.evaluate import evaluate

        return evaluate(expression, self._scope)


def _refuse(context: TargetContext, settings: Settings) -> None:
    from bakelift.translator.packer import checks, checks_azure

    for entry in context.image.opaque.entries:
        name = getattr(entry, "name", None) or getattr(entry, "type", "")
        summary = f"unknown configuration key: '\"{name}\"'"
        raise settings.failure("build/unknown-option", summary, f"In the {settings.where}.")
    checks.refuse(checks_azure.RULES, settings, context.files)
    for name, way_out in NOT_RUN.items():
        if settings.text(name) not in ("", "false"):
            raise settings.failure("azure/option-not-run", f"{name} is not done by a build in Azure", way_out, name)
    kind = settings.text("communicator") or "ssh"
    if kind not in ("ssh", "winrm", "none"):
        way_out = "It is ssh, winrm or none."
        raise settings.failure("azure/option-not-run", f"communicator {kind} has no VM", way_out, "communicator")
    unknown = [name for name in settings.names() if name not in known_options()]
    if unknown:
        raise settings.failure(
            "azure/option-not-run", f"{unknown[0]} is not done by a build in Azure", "azure-arm has no such option."
        )


def known_options() -> frozenset[str]:
    """Options of azure-arm, and of every builder."""
    from bakelift.translator.packer.tables.azure_arm import AZURE_ARM

    return frozenset(option.setting for option in AZURE_ARM.options.values())


class _Reader:
    def __init__(self, settings: Settings, files: Files, chance: random.Random) -> None:
        self.settings = settings
        self.files = files
        self.chance = chance
        self.text = settings.text
        self.os_type: OsType = "Windows" if settings.text("os_type").lower() == "windows" else "Linux"
        self.communicator: CommunicatorKind = settings.text("communicator") or "ssh"  # type: ignore[assignment]

    def read(self) -> AzureConfig:
        settings, made = self.settings, password(self.chance)
        certificate_password = text(self.chance, 32)
        names = make_names(self.chance, self.prefix())
        names = names.but(
            compute=self.text("temp_compute_name") or names.compute,
            nic=self.text("temp_nic_name") or names.nic,
            os_disk=self.text("temp_os_disk_name") or names.os_disk,
        )
        existing = self.text("build_resource_group_name")
        ssh, public_key = self.ssh(made)
        machine = machines.machine(settings, self.files)
        # Where no communicator is said, Packer makes winrm_username and then logs in over ssh as somebody else.
        user, said = ssh.login.user, ssh.login.password
        if self.communicator != "ssh":
            user, said = self.text("winrm_username") or user, self.text("winrm_password") or said
        return azure.AzureConfig(
            account=self.account(),
            names=names,
            os_type=self.os_type,
            communicator=self.communicator,
            source=images.source(settings),
            location=self.text("location"),
            resource_group=existing or self.text("temp_resource_group_name") or names.resource_group,
            own_group=not existing,
            user=user,
            password=said or made,
            certificate_password=certificate_password,
            ssh=ssh,
            winrm=self.winrm(),
            ssh_public_key=public_key,
            ssh_clear_authorized_keys=settings.boolean("ssh_clear_authorized_keys"),
            managed_image=images.managed_image(settings),
            gallery_image=images.gallery_image(settings),
            vhd=images.vhd(settings),
            machine=machine,
            key_vault=self.key_vault(),
            tags=images.tags(settings, machine.plan),
            skip_create_image=settings.boolean("skip_create_image"),
            delete_group_later=settings.boolean("async_resourcegroup_delete"),
            polling_timeout=settings.duration("polling_duration_timeout") or 900.0,
            without_effect=tuple(name for name in WITHOUT_EFFECT if settings.given(name)),
        )

    def prefix(self) -> str:
        """Of the names: the template's, else the environment's, "" for Packer's own."""
        said = self.text("custom_resource_build_prefix")
        if said:
            return said  # Packer's rules have seen it
        found = (self.settings.scope.environment or {}).get(PREFIX_VARIABLE, "")
        if found and not _PREFIX.fullmatch(found):
            summary = f"{PREFIX_VARIABLE} is not the beginning of a name"
            detail = f'It has up to 10 characters from a-z, A-Z, 0-9 and -, and does not begin with -. It is "{found}".'
            raise self.settings.failure("azure/bad-name", summary, detail)
        return found

    def account(self) -> azure.Account:
        text = self.text
        login = login_of(text).but(cli=self.settings.boolean("use_azure_cli_auth"))
        cloud = text("cloud_environment_name") or "Public"
        try:
            clouds.cloud(cloud)
        except BuildError as error:
            raise self.settings.failure("azure/bad-choice", str(error), name="cloud_environment_name") from None
        return azure.Account(login, cloud, text("subscription_id"), text("tenant_id"), text("object_id"))

    # -- how to get in ------------------------------------------------------------------------------------------------

    def ssh(self, made: str) -> tuple[SshOptions, str]:
        """The options, and the public half of the template's own key ("" where it has none).

        A password is made as well where ssh is asked for by name, and none is said: so does Packer.
        """
        options = read_options(self.settings)
        login = options.login.but(user=options.login.user or USER)
        if not login.password and self.text("communicator") == "ssh":
            login = login.but(password=made)
        waits = self.settings.duration("ssh_timeout") or self.settings.duration("ssh_wait_timeout")
        public = ""
        if login.key and self.communicator == "ssh":
            from bakelift.runner.targets.azure.keys import public_key

            try:
                public = public_key(login.key, rsa=self.os_type == "Windows")
            except ValueError as error:
                summary = f"ssh_private_key_file cannot be used: {error}"
                raise self.settings.failure("build/bad-key", summary, name="ssh_private_key_file") from None
        return options.but(login=login, timeout=waits or SSH_TIMEOUT), public

    def winrm(self) -> azure.WinRm:
        settings = self.settings
        ssl = settings.boolean("winrm_use_ssl")
        return azure.WinRm(
            port=settings.integer("winrm_port") or (5986 if ssl else 5985),
            timeout=settings.duration("winrm_timeout") or 1800.0,
            ssl=ssl,
            insecure=settings.boolean("winrm_insecure"),
            ntlm=settings.boolean("winrm_use_ntlm", default=True),
            proxy=not settings.boolean("winrm_no_proxy"),
        )

    def key_vault(self) -> azure.KeyVault:
        return azure.KeyVault(
            name=self.text("build_key_vault_name"),
            secret_name=self.text("build_key_vault_secret_name") or "packerKeyVaultSecret",
            sku=self.text("build_key_vault_sku") or "standard",
            skip=self.settings.boolean("skip_create_build_key_vault"),
            expiration=self.settings.duration("winrm_expiration_time"),
        )
