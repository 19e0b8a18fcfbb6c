"""Options of the ssh and WinRM communicators, which every builder with a machine takes (packer-plugin-sdk)."""

from __future__ import annotations

from bakelift.translator.packer.tables.rows import boolean, duration, number, numbers, string, strings

COMMON = (
    string("communicator", "ssh"),
    duration("pause_before_connecting", "0s"),
)

SSH = (
    string("ssh_host"),
    number("ssh_port", 22),
    string("ssh_username"),
    string("ssh_password", secret=True),
    string("ssh_keypair_name"),
    string("temporary_key_pair_name"),
    string("temporary_key_pair_type"),
    number("temporary_key_pair_bits"),
    strings("ssh_ciphers"),
    boolean("ssh_clear_authorized_keys"),
    strings("ssh_key_exchange_algorithms"),
    string("ssh_private_key_file", file=True),
    string("ssh_certificate_file", file=True),
    boolean("ssh_pty"),
    duration("ssh_timeout", "5m"),
    duration("ssh_wait_timeout"),
    boolean("ssh_agent_auth"),
    boolean("ssh_disable_agent_forwarding"),
    number("ssh_handshake_attempts", 10),
    string("ssh_bastion_host"),
    number("ssh_bastion_port", 22),
    boolean("ssh_bastion_agent_auth"),
    string("ssh_bastion_username"),
    string("ssh_bastion_password", secret=True),
    boolean("ssh_bastion_interactive"),
    string("ssh_bastion_private_key_file", file=True),
    string("ssh_bastion_certificate_file", file=True),
    string("ssh_file_transfer_method", "scp"),
    string("ssh_proxy_host"),
    number("ssh_proxy_port", 1080),
    string("ssh_proxy_username"),
    string("ssh_proxy_password", secret=True),
    duration("ssh_keep_alive_interval", "5s"),
    duration("ssh_read_write_timeout", "0s"),
    strings("ssh_remote_tunnels"),
    strings("ssh_local_tunnels"),
    numbers("ssh_public_key"),
    numbers("ssh_private_key", secret=True),
)

WINRM = (
    string("winrm_username"),
    string("winrm_password", secret=True),
    string("winrm_host"),
    boolean("winrm_no_proxy"),
    number("winrm_port"),
    duration("winrm_timeout", "30m"),
    boolean("winrm_use_ssl"),
    boolean("winrm_insecure"),
    boolean("winrm_use_ntlm"),
)

COMMUNICATORS = (*COMMON, *SSH, *WINRM)
