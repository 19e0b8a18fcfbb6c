"""Rules of the options with which a builder reaches its machine, and of the null and file builders."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.packer.checks import Check, Rule

KINDS = ("ssh", "winrm", "none", "docker", "dockerWindowsContainer")
_REFERENCE = ", please reference your communicator documentation"


def kind(check: Check) -> str:
    """The communicator: ssh where nothing is said."""
    return check.options.text("communicator") or "ssh"


def known_kind(check: Check) -> None:
    if kind(check) not in KINDS:
        summary = f"Communicator type {kind(check)} is invalid"
        check.error("packer/bad-communicator", summary, "It is ssh, winrm or none.", "communicator")


def ssh_user(check: Check) -> None:
    if kind(check) == "ssh" and not check.options.given("ssh_username"):
        detail = 'Some builders used to default ssh_username to "root".'
        check.error("packer/no-username", "An ssh_username must be specified", detail)


def winrm_user(check: Check) -> None:
    if kind(check) == "winrm" and not check.options.given("winrm_username"):
        check.error("packer/no-username", "winrm_username must be specified.")


def ssh_keys(check: Check) -> None:
    """Keys that are there, and the one that a certificate needs."""
    if kind(check) != "ssh":
        return
    for prefix in ("ssh_", "ssh_bastion_"):
        key, certificate = f"{prefix}private_key_file", f"{prefix}certificate_file"
        if check.options.given(certificate) and not check.options.given(key):
            check.error(
                "packer/no-private-key", f"{key} must be specified if {certificate} is specified", name=certificate
            )
        path = check.options.text(key)
        if path and not check.accessible(path):
            summary = f"{key} is invalid: stat {path}: no such file or directory"
            check.error("build/bad-key", summary, name=key)


def bastion(check: Check) -> None:
    if kind(check) != "ssh" or not check.options.given("ssh_bastion_host"):
        return
    ways = check.given("ssh_bastion_password", "ssh_bastion_private_key_file", "ssh_private_key_file")
    if not ways and not check.options.boolean("ssh_bastion_agent_auth"):
        summary = "ssh_bastion_password, ssh_bastion_private_key_file or ssh_bastion_agent_auth must be specified"
        check.error("build/no-login", summary, name="ssh_bastion_host")
    if check.options.given("ssh_proxy_host"):
        summary = "please specify either ssh_bastion_host or ssh_proxy_host, not both"
        check.error("build/several-logins", summary, name="ssh_proxy_host")


def transfer(check: Check) -> None:
    method = check.options.text("ssh_file_transfer_method") or "scp"
    if kind(check) == "ssh" and method not in ("scp", "sftp"):
        summary = f"ssh_file_transfer_method ('{method}') is invalid, valid methods: sftp, scp"
        check.error("packer/bad-transfer-method", summary, name="ssh_file_transfer_method")


# The null builder has nothing but its communicator


def null_host(check: Check) -> None:
    prefix = kind(check)
    if prefix in ("ssh", "winrm") and not check.options.given(f"{prefix}_host"):
        check.error("build/no-login", f"a Host must be specified{_REFERENCE}", f"{prefix}_host says where it is.")


def null_user(check: Check) -> None:
    prefix = kind(check)
    if prefix in ("ssh", "winrm") and not check.options.given(f"{prefix}_username"):
        check.error("build/no-login", f"a Username must be specified{_REFERENCE}", f"{prefix}_username says who.")


def null_login(check: Check) -> None:
    prefix = kind(check)
    if prefix not in ("ssh", "winrm"):
        return
    ways = check.given(f"{prefix}_password", "ssh_private_key_file")
    if check.options.boolean("ssh_agent_auth"):
        ways.append("ssh_agent_auth")
    if not ways:
        detail = f"{prefix}_password" + (", ssh_private_key_file or ssh_agent_auth." if prefix == "ssh" else ".")
        check.error("build/no-login", f"one authentication method must be specified{_REFERENCE}", detail)
    elif len(ways) > 1 and prefix == "ssh":
        summary = "only one of ssh_agent_auth, ssh_password, and ssh_private_key_file must be specified"
        check.error("build/several-logins", summary, name=ways[1])


# The file builder


def file_target(check: Check) -> None:
    if not check.options.given("target"):
        check.error("build/no-target", "Target required")


def file_content(check: Check) -> None:
    if len(check.given("source", "content")) == 2:
        check.error("build/several-contents", "You cannot specify source AND content", name="content")


def file_source(check: Check) -> None:
    path = check.options.text("source")
    if path and check.files.find(path) is None:
        check.error("build/bad-source", f"stat {path}: no such file or directory", name="source")


COMMUNICATOR: tuple[Rule, ...] = (known_kind, ssh_keys, bastion, transfer)
RULES: Mapping[str, tuple[Rule, ...]] = {
    "null": (known_kind, ssh_user, winrm_user, ssh_keys, bastion, transfer, null_host, null_user, null_login),
    "file": (file_target, file_content, file_source),
}
