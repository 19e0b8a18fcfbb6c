"""Keys that let a build into its VM, and certificates that a vault gives to it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import BasicConstraints, ExtendedKeyUsage, KeyUsage
from cryptography.x509.oid import ExtendedKeyUsageOID

from bakelift.runner.communicators.library import asyncssh
from bakelift.runner.targets.azure.keys import make_ssh_key, public_key, vault_secret

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_key_of_our_own() -> None:
    made = make_ssh_key()
    key = asyncssh.import_private_key(made.private)
    assert key.get_algorithm() == "ssh-rsa"
    assert made.public.split()[:2] == key.export_public_key().decode().split()[:2]
    assert public_key(made.private, rsa=True) == made.public


def test_what_is_no_key() -> None:
    with pytest.raises(ValueError, match="key"):
        public_key("nothing of the kind")


@pytest.mark.parametrize("form", ["", "pkcs1-pem", "pkcs8-pem", "openssh"])
def test_a_secret_is_a_certificate_with_its_key(form: str) -> None:
    own = asyncssh.generate_private_key("ssh-rsa", key_size=2048) if form else None
    private = own.export_private_key(form).decode() if own is not None else ""
    value = json.loads(base64.b64decode(vault_secret("pkrvm1", "open sesame", NOW, private)))
    assert {name: text for name, text in value.items() if name != "data"} == {
        "dataType": "pfx",
        "password": "open sesame",
    }
    pfx = base64.b64decode(value["data"])
    key, certificate, more = pkcs12.load_key_and_certificates(pfx, b"open sesame")
    assert key is not None
    assert certificate is not None
    assert more == []
    assert certificate.public_key() == key.public_key()
    if own is not None:
        assert key.public_key() == own.pyca_key.public_key()
    assert certificate.subject.rfc4514_string() == certificate.issuer.rfc4514_string() == "CN=pkrvm1.cloudapp.net"
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(days=1)
    assert certificate.not_valid_before_utc == NOW
    extensions = certificate.extensions
    assert list(extensions.get_extension_for_class(ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    usage = extensions.get_extension_for_class(KeyUsage).value
    assert (usage.key_encipherment, usage.digital_signature, usage.key_cert_sign) == (True, True, False)
    assert not extensions.get_extension_for_class(BasicConstraints).value.ca
    certificate.verify_directly_issued_by(certificate)


def test_another_password_does_not_open_it() -> None:
    value = json.loads(base64.b64decode(vault_secret("pkrvm1", "open sesame", NOW)))
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_key_and_certificates(base64.b64decode(value["data"]), b"another")
