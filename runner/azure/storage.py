"""Clients of Azure's storage, for accounts in Azure and on this machine, and signatures that let others read a blob."""

from __future__ import annotations

from urllib.parse import urlsplit

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Any

#: Seconds to wait for a connection, and for bytes on it.
CONNECT, READ = 20, 60
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Place(Record):
    """Where a blob is. ``service``: the account's address; ``container``, ``name``: of the blob, without escapes."""

    service: str
    account: str
    container: str
    name: str


def place(address: str) -> Place:
    """Of a blob's address. On this machine the account is the first part of the path, as Azurite has it."""
    from urllib.parse import unquote

    parts = urlsplit(address)
    service = f"{parts.scheme}://{parts.netloc}"
    path = parts.path.lstrip("/")
    if parts.hostname in _LOOPBACK:
        account, _, path = path.partition("/")
        service = f"{service}/{account}"
    else:
        account = (parts.hostname or "").split(".", 1)[0]
    container, _, name = path.partition("/")
    return Place(service, account, unquote(container), unquote(name))


def options(address: str) -> dict[str, Any]:
    """How clients of an address behave: those of this machine need not be waited for."""
    found: dict[str, Any] = {"connection_timeout": CONNECT, "read_timeout": READ, "retry_total": 4}
    if urlsplit(address).hostname in _LOOPBACK:
        found |= {"initial_backoff": 0, "increment_base": 0.05, "random_jitter_range": 0}
        if address.startswith("http://"):
            found["use_env_settings"] = False  # no proxy gets a token or a key in plain text
    return found


def blob(address: str, credential: Any) -> Any:
    from azure.storage.blob import BlobClient

    return BlobClient.from_blob_url(address, credential=credential, **options(address))


def container(address: str, credential: Any) -> Any:
    from azure.storage.blob import ContainerClient

    return ContainerClient.from_container_url(address, credential=credential, **options(address))


class Signer:
    """Makes addresses of blobs of one account readable for a while: signed with the account's key where there is one,
    else with a key that Azure makes for whoever logged in (a user delegation key).

    ``lasting``: how long. Nothing that it makes may be shown: who has it, reads.
    """

    def __init__(self, credential: Any, lasting: timedelta) -> None:
        self._credential = credential
        self._lasting = lasting
        self._keys: dict[str, tuple[Any, Any]] = {}

    def token(self, address: str) -> str:
        """The query that makes the address of a blob readable. Raises AzureError when no key is given."""
        from datetime import UTC, datetime, timedelta

        from azure.storage.blob import BlobSasPermissions, BlobServiceClient, generate_blob_sas

        at = place(address)
        now = datetime.now(UTC).replace(microsecond=0)
        keys: dict[str, Any] = {}
        if isinstance(self._credential, dict):
            keys["account_key"], until = self._credential["account_key"], now + self._lasting
        else:
            if at.service not in self._keys:
                until = now + self._lasting
                with BlobServiceClient(at.service, credential=self._credential, **options(at.service)) as service:
                    key = service.get_user_delegation_key(now - timedelta(minutes=5), until)
                self._keys[at.service] = key, until
            keys["user_delegation_key"], until = self._keys[at.service]
        return generate_blob_sas(
            at.account, at.container, at.name, permission=BlobSasPermissions(read=True), expiry=until, **keys
        )
