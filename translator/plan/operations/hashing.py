"""Hashes, identifiers, and the functions that need a secret."""

from __future__ import annotations

from bakelift.translator.plan.operations.encoding import decoded
from bakelift.translator.plan.operations.failure import NotKnownError, OperationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.scope import Scope


def md5(text: str) -> str:
    return _digest("md5", text)


def sha1(text: str) -> str:
    return _digest("sha1", text)


def sha256(text: str) -> str:
    return _digest("sha256", text)


def sha512(text: str) -> str:
    return _digest("sha512", text)


def _digest(name: str, text: str) -> str:
    import hashlib

    return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


#: Go takes up to 31, which would run for days.
DEAREST = 16


def bcrypt(text: str, *cost: int) -> str:
    """A new salt each time, as in Packer."""
    if len(cost) > 1:
        raise OperationError("bcrypt() takes no more than two arguments")
    rounds = cost[0] if cost else 10
    if not isinstance(rounds, int):
        raise OperationError("value must be a whole number")
    # Go takes a cost below the least as the usual one.
    rounds = 10 if rounds < 4 else rounds
    if rounds > 31:
        message = f"crypto/bcrypt: cost {rounds} is outside allowed inclusive range 4..31"
        raise OperationError(f"error occured generating password {message}")
    if rounds > DEAREST:
        raise OperationError(f"a cost above {DEAREST} takes minutes and more: each step doubles the time")
    if len(text.encode()) > 72:
        raise OperationError("error occured generating password bcrypt: password length exceeds 72 bytes")
    try:
        import bcrypt as library
    except ImportError:
        raise OperationError("bcrypt() needs the Python package bcrypt") from None
    return library.hashpw(text.encode(), library.gensalt(rounds, prefix=b"2a")).decode()


def rsa_decrypt(ciphertext: str, privatekey: str) -> str:
    data = decoded(ciphertext)
    if data is None:
        raise OperationError(f'failed to decode input "{ciphertext}": cipher text must be base64-encoded')
    if "-----BEGIN" not in privatekey:
        raise OperationError("failed to parse key: no key found")
    if "4,ENCRYPTED" in privatekey:
        message = "password protected keys are not supported. Please decrypt the key prior to use"
        raise OperationError(f"failed to parse key: {message}")
    try:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise OperationError("rsadecrypt() needs the Python package cryptography") from None
    try:
        key = load_pem_private_key(privatekey.encode(), None)
        plain: bytes = key.decrypt(data, PKCS1v15())  # type: ignore[union-attr]
        return plain.decode()
    except (ValueError, AttributeError):
        raise OperationError("crypto/rsa: decryption error") from None


_NAMESPACES = {"dns": 0, "url": 1, "oid": 2, "x500": 4}


def uuid_named(namespace: str, name: str) -> str:
    if namespace in _NAMESPACES:
        space = f"6ba7b81{_NAMESPACES[namespace]}-9dad-11d1-80b4-00c04fd430c8"
    else:
        space = namespace
    digits = space.removeprefix("urn:uuid:").strip("{}").replace("-", "")
    if len(digits) != 32 or any(c not in "0123456789abcdefABCDEF" for c in digits):
        raise OperationError(f"uuidv5() doesn't support namespace {namespace} (invalid UUID format)")
    return uuid5(digits, name)


def uuid5(space: str, name: str) -> str:
    """The name-based UUID (SHA-1) in a namespace of 32 hexadecimal digits."""
    import hashlib

    digest = bytearray(hashlib.sha1(bytes.fromhex(space) + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = (digest[6] & 0x0F) | 0x50
    digest[8] = (digest[8] & 0x3F) | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def uuid_random(scope: Scope) -> str:
    if scope.clock is None:
        raise NotKnownError
    return scope.clock.uuid()
