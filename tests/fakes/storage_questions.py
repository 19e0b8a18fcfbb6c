"""What Azure Storage is asked of blobs, by the official client and without it, and what it should answer.

The fakes and Microsoft's emulator are asked the same, so that a fake is not kinder than what it stands for. What counts
is what the client gives, or its exception with Azure's code; servers word it in their own ways that somebody is not let
in (:data:`_BARRED`).
"""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobClient, BlobServiceClient, ContainerClient, generate_blob_sas

_BARRED = {"AuthenticationFailed", "AuthorizationFailure", "InvalidAuthenticationInfo"}
NOT_LET_IN = "not let in"
DATA = b"#!/bin/sh\r\necho\n"
SUM = "ab" * 32
#: Answers by question, for an account that has the containers scripts and images and no blob.
STORED = {
    "a blob of no container": False,
    "upload to no container": "ResourceNotFoundError ContainerNotFound",
    "a blob that is not there": False,
    "read what is not there": "ResourceNotFoundError BlobNotFound",
    "upload": True,
    "upload again": "ResourceExistsError BlobAlreadyExists",
    "size and sum": (len(DATA), SUM),
    "read": DATA,
    "read a range": DATA[2:5],
    "read over the end": DATA[10:],
    "read behind the end": "HttpResponseError InvalidRange",
    "upload nothing": True,
    "read nothing": b"",
    "a sum under another name": "HttpResponseError InvalidMetadata",
    "another token": NOT_LET_IN,
    "upload with the key": True,
    "read with the key": b"1",
    "another key": NOT_LET_IN,
    "the key for another account": NOT_LET_IN,
    "a user's key for the account's": NOT_LET_IN,
}
SIGNED = {
    "read": DATA,
    "look": b"",
    "another blob": NOT_LET_IN,
    "more than was signed": NOT_LET_IN,
    "another signature": NOT_LET_IN,
    "write": "AuthorizationPermissionMismatch",
    "read what may be written": "AuthorizationPermissionMismatch",
    "too late": NOT_LET_IN,
    "what is not there": "BlobNotFound",
    "by the account's key": DATA,
    "by another key": NOT_LET_IN,
    "no signature": NOT_LET_IN,
    "write without signature": NOT_LET_IN,
    "a bearer token": DATA,
}
COPIED = {
    "copy": True,
    "state": "success",
    "what was copied": DATA,
    "its metadata": {"sha256": SUM},
    "end what is done": "ResourceExistsError",
    "with another signature": "ResourceNotFoundError CannotVerifyCopySource",
    "what is not there": "ResourceNotFoundError CannotVerifyCopySource",
    "to no container": "ResourceNotFoundError ContainerNotFound",
    "remove": None,
    "removed": False,
}
#: Of a container packerlogs with the blob ``1/customization.log`` of these bytes.
LOG = b"[1] PACKER OUT a line\n"
LOGGED = {
    "blobs": [("1/customization.log", len(LOG), "BlobType.APPENDBLOB")],
    "blobs of no container": "ResourceNotFoundError ContainerNotFound",
    "size": len(LOG),
    "read on": LOG[4:10],
    "read behind the end": "HttpResponseError InvalidRange",
    "a log that is not there": "ResourceNotFoundError BlobNotFound",
    "another key": NOT_LET_IN,
}


class Bearer:
    def __init__(self, token: str) -> None:
        self.token = token

    def get_token(self, *_scopes: str, **_more: object) -> AccessToken:
        return AccessToken(self.token, 2**31)


class Account:
    """``base``: its address. ``token``, ``key``: what it takes."""

    def __init__(self, base: str, token: str, key: str, certificate: Path) -> None:
        self.base, self.name = base, base.rpartition("/")[2]
        self.bearer = Bearer(token)
        self.key = key
        self.certificate = certificate
        self.trust = ssl.create_default_context(cafile=certificate)
        self._options: dict[str, Any] = {"retry_total": 0, "connection_verify": str(certificate)}

    def service(self) -> Any:
        return BlobServiceClient(self.base, credential=self.bearer, **self._options)

    def named(self, name: str, key: str) -> dict[str, str]:
        return {"account_name": name, "account_key": key}

    def blob(self, path: str, who: Any = None) -> Any:
        return BlobClient.from_blob_url(f"{self.base}/{path}", credential=who or self.bearer, **self._options)

    def user_key(self, who: Any = None) -> Any:
        now = datetime.now(UTC).replace(microsecond=0)
        service = BlobServiceClient(self.base, credential=who or self.bearer, **self._options)
        return service.get_user_delegation_key(now - timedelta(minutes=5), now + timedelta(hours=2))

    def signature(self, path: str, may: str = "r", hours: int = 1, **keys: Any) -> str:
        """``hours``: until it ends. ``keys``: what signs; else a key of who has the token."""
        container, _, name = path.partition("/")
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=hours)
        keys = keys or {"user_delegation_key": self.user_key()}
        return generate_blob_sas(self.name, container, name, permission=may, expiry=until, **keys)

    def raw(self, method: str, path: str, query: str = "", data: bytes | None = None, **headers: str) -> object:
        """The body, or Azure's code."""
        url = f"{self.base}/{path}" + (f"?{query}" if query else "")
        shown = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with urllib.request.urlopen(
                urllib.request.Request(url, data, shown, method=method), context=self.trust
            ) as answer:
                return answer.read()
        except urllib.error.HTTPError as problem:
            return _code(problem.headers.get("x-ms-error-code") or str(problem.code))


def _code(code: str) -> str:
    return NOT_LET_IN if code in _BARRED else code


def _said(question: Callable[[], object]) -> object:
    """What a question of the client gives."""
    try:
        found = question()
    except HttpResponseError as problem:
        said = getattr(problem, "error_code", None)
        code = _code(str(getattr(said, "value", said)))
        return code if code == NOT_LET_IN else f"{type(problem).__name__} {code}"
    return "etag" in found if isinstance(found, dict) and "sha256" not in found else found


def stored(account: Account) -> dict[str, object]:
    """Uploads, and who may do what with them; leaves ``scripts/a/b c.sh`` and ``scripts/none`` behind."""
    blob, key = account.blob, account.named(account.name, account.key)
    script = blob("scripts/a/b c.sh")
    properties: Callable[[], Any] = script.get_blob_properties
    questions: dict[str, Callable[[], object]] = {
        "a blob of no container": blob("nowhere/x").exists,
        "upload to no container": lambda: blob("nowhere/x").upload_blob(DATA),
        "a blob that is not there": script.exists,
        "read what is not there": lambda: script.download_blob().readall(),
        "upload": lambda: script.upload_blob(DATA, overwrite=False, metadata={"sha256": SUM}),
        "upload again": lambda: script.upload_blob(b"other", overwrite=False),
        "size and sum": lambda: (properties().size, properties().metadata["sha256"]),
        "read": lambda: script.download_blob().readall(),
        "read a range": lambda: script.download_blob(offset=2, length=3).readall(),
        "read over the end": lambda: script.download_blob(offset=10, length=30).readall(),
        "read behind the end": lambda: script.download_blob(offset=50, length=3).readall(),
        "upload nothing": lambda: blob("scripts/none").upload_blob(b""),
        "read nothing": lambda: blob("scripts/none").download_blob().readall(),
        "a sum under another name": lambda: blob("scripts/x").upload_blob(b"1", metadata={"sha-256": SUM}),
        "another token": lambda: blob("scripts/x", Bearer("other")).upload_blob(b"1"),
        "upload with the key": lambda: blob("scripts/k 1", key).upload_blob(b"1"),
        "read with the key": lambda: blob("scripts/k 1", key).download_blob().readall(),
        "another key": lambda: blob("scripts/x", account.named(account.name, "b3RoZXI=")).upload_blob(b"1"),
        "the key for another account": lambda: blob("scripts/x", account.named("other", account.key)).upload_blob(b"1"),
        "a user's key for the account's": lambda: account.user_key(key),
    }
    return {name: _said(question) for name, question in questions.items()}


def signed(account: Account) -> dict[str, object]:
    """What signatures let one do, after :func:`stored`."""
    path, address = "scripts/a/b c.sh", "scripts/a/b%20c.sh"
    raw, sign = account.raw, account.signature
    good = sign(path)
    put = {"data": b"other", "x_ms_blob_type": "BlockBlob"}
    return {
        "read": raw("GET", address, good),
        "look": raw("HEAD", address, good),
        "another blob": raw("GET", "scripts/none", good),
        "more than was signed": raw("GET", address, good.replace("sp=r", "sp=rw")),
        "another signature": raw("GET", address, _other(good)),
        "write": raw("PUT", address, good, **put),  # type: ignore[arg-type]
        "read what may be written": raw("GET", address, sign(path, "w")),
        "too late": raw("GET", address, sign(path, hours=-1)),
        "what is not there": raw("GET", "scripts/x", sign("scripts/x")),
        "by the account's key": raw("GET", address, sign(path, account_key=account.key)),
        "by another key": raw("GET", address, sign(path, account_key="b3RoZXI=")),
        "no signature": raw("GET", address),
        "write without signature": raw("PUT", address, **put),  # type: ignore[arg-type]
        "a bearer token": raw(
            "GET", address, Authorization=f"Bearer {account.bearer.token}", x_ms_version="2021-08-06"
        ),
    }


def _other(signature: str) -> str:
    """The same with another sum at its end."""
    head, _, value = signature.partition("sig=")
    return f"{head}sig={'A' if value[0] != 'A' else 'B'}{value[1:]}"


def copied(account: Account) -> dict[str, object]:
    """Copies of signed addresses, after :func:`stored`."""
    source, good = f"{account.base}/scripts/a/b%20c.sh", account.signature("scripts/a/b c.sh")
    made, other = account.blob("images/disks/a"), account.blob("images/disks/b")
    absent = f"{account.base}/scripts/x?{account.signature('scripts/x')}"

    def state() -> object:
        while (found := made.get_blob_properties().copy).status == "pending":
            pass
        return found.status

    def end() -> None:
        made.abort_copy(made.get_blob_properties().copy.id)

    ended = str(_said(lambda: (made.start_copy_from_url(f"{source}?{good}"), state(), end())))
    return {
        "copy": _said(lambda: made.start_copy_from_url(f"{source}?{good}")),
        "state": _said(state),
        "what was copied": _said(lambda: made.download_blob().readall()),
        "its metadata": _said(lambda: made.get_blob_properties().metadata),
        "end what is done": ended.partition(" ")[0],
        "with another signature": _said(lambda: other.start_copy_from_url(f"{source}?{_other(good)}")),
        "what is not there": _said(lambda: other.start_copy_from_url(absent)),
        "to no container": _said(lambda: account.blob("nowhere/x").start_copy_from_url(f"{source}?{good}")),
        "remove": _said(made.delete_blob),
        "removed": _said(made.exists),
    }


def logged(base: str, key: dict[str, str], **options: Any) -> dict[str, object]:
    """What is asked of the log of a run. ``base``: the address of its account."""

    def container(name: str = "packerlogs", who: dict[str, str] = key) -> Any:
        return ContainerClient.from_container_url(f"{base}/{name}", credential=who, retry_total=0, **options)

    log = container().get_blob_client("1/customization.log")
    other = {**key, "account_key": "b3RoZXI="}
    questions: dict[str, Callable[[], object]] = {
        "blobs": lambda: [(one.name, one.size, str(one.blob_type)) for one in container().list_blobs()],
        "blobs of no container": lambda: list(container("nowhere").list_blobs()),
        "size": lambda: log.get_blob_properties().size,
        "read on": lambda: log.download_blob(offset=4, length=6).readall(),
        "read behind the end": lambda: log.download_blob(offset=len(LOG) + 9, length=6).readall(),
        "a log that is not there": lambda: container().get_blob_client("x").get_blob_properties(),
        "another key": lambda: list(container(who=other).list_blobs()),
    }
    return {name: _said(question) for name, question in questions.items()}
