"""Keys and certificates of one build: what lets it, and nobody else, into its VM.

RSA as Packer's azure-arm builder has it: Azure takes no other key for Windows, and every Linux image takes it.
"""

from __future__ import annotations

import base64
import json

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_BITS = 2048
_COMMENT = "bakelift"
#: Rounds of the PFX's key derivation.
_ROUNDS = 100_000


class SshKey(Record):
    """``private``: PEM; ``public``: a line of authorized_keys."""

    private: str
    public: str


def make_ssh_key() -> SshKey:
    """A new key, in about a tenth of a second."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = _make_rsa()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return SshKey(private.decode(), f"{public.decode()} {_COMMENT}")


def public_key(private: str, rsa: bool = False) -> str:
    """The line of authorized_keys of a private key. Raises ValueError for what is none, or not RSA where it must be."""
    from bakelift.runner.communicators.library import asyncssh

    key = asyncssh.import_private_key(private)
    if rsa and key.get_algorithm() != "ssh-rsa":
        raise ValueError("ssh on Windows needs an RSA key in Azure")
    kind, data, *_ = key.export_public_key().decode().split()
    return f"{kind} {data} {_COMMENT}"


def vault_secret(host: str, password: str, now: datetime, private: str = "") -> str:
    """The value of a key vault's secret that Azure installs on a Windows VM as a certificate.

    Base64 of JSON with a self-signed certificate and its key as PFX, which ``password`` opens. ``host``: the VM's name;
    valid for a day from ``now``, for servers. ``private``: an RSA key as text to make it of, else a new one is made.
    """
    key = _rsa_of(private) if private else _make_rsa()
    value = {"data": base64.b64encode(_pfx(key, f"{host}.cloudapp.net", password, now)).decode(), "dataType": "pfx"}
    return base64.b64encode(json.dumps({**value, "password": password}).encode()).decode()


def _pfx(key: RSAPrivateKey, name: str, password: str, now: datetime) -> bytes:
    """Encrypted with Triple DES: what every Windows that Azure has can read."""
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256
    from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, SHA256())
    )
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(SHA1())
        .build(password.encode())
    )
    return pkcs12.serialize_key_and_certificates(None, key, certificate, None, encryption)


def _usage() -> x509.KeyUsage:
    """Of a server's key: it signs, and encrypts keys."""
    from cryptography import x509

    uses = dict.fromkeys(
        (
            "content_commitment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(digital_signature=True, key_encipherment=True, **uses)


def _make_rsa() -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=_BITS)


def _rsa_of(private: str) -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    data = private.encode("utf-8", "surrogateescape")
    load = load_ssh_private_key if b"OPENSSH" in data else load_pem_private_key
    key = load(data, None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("ssh on Windows needs an RSA key in Azure")
    return key
