"""Azure Blob Storage on loopback, as far as staging needs it: uploads, properties, copies, signatures of users.

The official client drives it. Addresses have the account first, as Azurite's: ``http://127.0.0.1:PORT/acct/scripts/…``.
Who has the account's key, or a bearer token that somebody gave (:data:`TOKEN`), may do all; a signature may do what it
says until it says so, if it was made with the account's key or with a key that was given to a user.
"""

from __future__ import annotations

import base64
import hashlib
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import fake_blob
import loopback
import shared_key
from certificate import of_server

ACCOUNT = "acct"
TOKEN = "token-for-storage"
KEY = fake_blob.KEY
_WHO = "11111111-1111-1111-1111-111111111111"
#: What names of metadata are like.
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class Containers:
    """``blobs``: bytes by ``container/name``. ``log``: method and path of each request; ``by_login``: of those that no
    signature let in. ``copies``: by what they make, the number of each and the states that it shows one after the
    other; ``ends``: the last one. ``keys``: those that were given to users, by who has it, from when and until when;
    ``powerless``: such a user may not read. ``others``: accounts that are copied from, by host and port.

    ``before``: sees every request first; where it gives True, it has answered.
    """

    def __init__(self) -> None:
        self.containers = {"scripts", "vhds", "images"}
        self.blobs: dict[str, bytes] = {}
        self.metadata: dict[str, dict[str, str]] = {}
        self.copies: dict[str, tuple[str, list[str]]] = {}
        self.ends = "success"
        self.log: list[tuple[str, str]] = []
        self.by_login: list[tuple[str, str]] = []
        self.powerless = False
        self.others: dict[str, Containers] = {}
        self.keys: dict[tuple[str, str, str], str] = {}
        self.before: Callable[[Handler, str], bool] | None = None
        self.lock = threading.RLock()

    def uploads(self) -> list[str]:
        return [path for method, path in self.log if method == "PUT"]

    def unsigned(self, path: str, query: dict[str, str], wanted: str) -> str:
        """Why a signature does not let one do what is wanted with a blob; "" when it does."""
        if "sig" not in query or self.signature(path, query) != query["sig"]:
            return "AuthenticationFailed"
        if datetime.fromisoformat(query["se"].replace("Z", "+00:00")) < datetime.now(UTC):
            return "AuthenticationFailed"
        may = wanted in query["sp"] and not ("skoid" in query and self.powerless)
        return "" if may else "AuthorizationPermissionMismatch"

    def signature(self, path: str, query: dict[str, str]) -> str:
        """What the official client signs such a permission for the blob with; "" where nobody has the key."""
        from azure.storage.blob import UserDelegationKey, generate_blob_sas

        container, _, name = path.partition("/")
        keys: dict[str, object] = {"account_key": KEY}
        if "skoid" in query:
            key = UserDelegationKey()
            key.signed_oid, key.signed_tid = query["skoid"], query["sktid"]
            key.signed_start, key.signed_expiry = query["skt"], query["ske"]
            key.signed_service, key.signed_version = query["sks"], query["skv"]
            key.value = self.keys.get((query["skoid"], query["skt"], query["ske"]), "")
            if not key.value:
                return ""
            keys = {"user_delegation_key": key}
        made = generate_blob_sas(ACCOUNT, container, name, permission=query["sp"], expiry=query["se"], **keys)
        return parse_qs(made)["sig"][0]


class Handler(fake_blob.Handler):
    store: Containers  # type: ignore[assignment]

    def handle_request(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.store.lock:
            if self.store.before is not None and self.store.before(self, parts.path):
                return
            account, _, path = unquote(parts.path).lstrip("/").partition("/")
            self.store.log.append((self.command, path))
            if self.headers.get("Authorization"):
                self.store.by_login.append(self.store.log[-1])
            why = self.unwelcome(path, query)
            if why:
                self.refuse(403, why)
            elif account != ACCOUNT:
                self.refuse(404, "ResourceNotFound")
            elif query.get("comp") == "userdelegationkey":
                self.delegate(data)
            elif path.partition("/")[0] not in self.store.containers:
                self.refuse(404, "ContainerNotFound")
            elif self.command == "PUT" and query.get("comp") == "copy":
                self.abort(path, query.get("copyid", ""))
            elif self.command == "PUT":
                self.put(path, data)
            elif path not in self.store.blobs:
                self.refuse(404, "BlobNotFound")
            elif self.command == "DELETE":
                self.remove(path)
            else:
                self.give(path)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_request

    def unwelcome(self, path: str, query: dict[str, str]) -> str:
        """Why the one who asks may not; "" when he may."""
        said = self.headers.get("Authorization") or ""
        bearer = said == f"Bearer {TOKEN}"
        if not said:
            return self.store.unsigned(path, query, "r" if self.command in ("GET", "HEAD") else "w")
        if not bearer and not (said.startswith(f"SharedKey {ACCOUNT}:") and shared_key.signs(KEY, self)):
            return "AuthenticationFailed"
        # Only who is somebody gets a key of his own.
        return "" if bearer or query.get("comp") != "userdelegationkey" else "AuthenticationFailed"

    def delegate(self, data: bytes) -> None:
        """A key of who asks, for signatures of his own."""
        text = data.decode()
        start, expiry = (text.partition(f"<{tag}>")[2].partition("<")[0] for tag in ("Start", "Expiry"))
        value = base64.b64encode(hashlib.sha256(f"{start} {expiry}".encode()).digest()).decode()
        self.store.keys[_WHO, start, expiry] = value
        key = (
            f"<SignedOid>{_WHO}</SignedOid><SignedTid>{_WHO}</SignedTid><SignedStart>{start}</SignedStart>"
            f"<SignedExpiry>{expiry}</SignedExpiry><SignedService>b</SignedService>"
            f"<SignedVersion>2025-05-05</SignedVersion><Value>{value}</Value>"
        )
        text = f'<?xml version="1.0" encoding="utf-8"?><UserDelegationKey>{key}</UserDelegationKey>'
        self.answer(200, text.encode(), Content_Type="application/xml")

    def put(self, path: str, data: bytes) -> None:
        metadata = {k: v for k, v in self.headers.items() if k.lower().startswith("x-ms-meta-")}
        source = self.headers.get("x-ms-copy-source")
        if source is not None:
            self.copy(path, source, metadata)
        elif "x-ms-blob-type" not in self.headers:
            self.refuse(400, "MissingRequiredHeader")
        elif not all(_NAME.fullmatch(name[len("x-ms-meta-") :]) for name in metadata):
            self.refuse(400, "InvalidMetadata")
        elif self.headers.get("If-None-Match") == "*" and path in self.store.blobs:
            self.refuse(409, "BlobAlreadyExists")
        else:
            self.store.blobs[path] = data
            self.store.metadata[path] = metadata
            self.answer(201, x_ms_request_server_encrypted="true", Content_MD5=_md5(data))

    def copy(self, path: str, source: str, metadata: dict[str, str]) -> None:
        """Begins a copy, which is done when somebody looked at it twice."""
        parts = urlsplit(source)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        name = unquote(parts.path).lstrip("/").partition("/")[2]
        held = self.store.others.get(parts.netloc, self.store)
        if held.unsigned(name, query, "r"):
            self.refuse(403, "CannotVerifyCopySource")
        elif name not in held.blobs:
            self.refuse(404, "CannotVerifyCopySource")
        elif self.store.copies.get(path, ("", [""]))[1][0] == "pending":
            self.refuse(409, "PendingCopyOperation")
        else:
            self.store.blobs[path] = held.blobs[name]
            self.store.metadata[path] = metadata or held.metadata.get(name, {})
            number = str(uuid.uuid4())
            self.store.copies[path] = number, ["pending", "pending", self.store.ends]
            self.answer(202, x_ms_copy_id=number, x_ms_copy_status="pending")

    def abort(self, path: str, number: str) -> None:
        """Ends a copy: what is there of it then is an empty blob."""
        known, states = self.store.copies.get(path, ("", ["success"]))
        if path not in self.store.blobs:
            self.refuse(404, "BlobNotFound")
        elif known and known != number:
            self.refuse(409, "CopyIdMismatch")
        elif states[0] != "pending":
            self.refuse(409, "NoPendingCopyOperation")
        else:
            self.store.blobs[path] = b""
            states[:] = ["aborted"]
            self.answer(204)

    def give(self, path: str) -> None:
        data = self.store.blobs[path]
        headers = {"x-ms-blob-type": "BlockBlob", "Content-MD5": _md5(data), **self.store.metadata.get(path, {})}
        number, states = self.store.copies.get(path, ("", []))
        if states:
            headers |= {
                "x-ms-copy-id": number,
                "x-ms-copy-status": states.pop(0) if len(states) > 1 else states[0],
                "x-ms-copy-progress": f"{len(data)}/{len(data)}",
            }
        self.read(data, **headers)

    def remove(self, path: str) -> None:
        del self.store.blobs[path]
        self.store.copies.pop(path, None)
        self.answer(202)


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data).digest()).decode()


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[tuple[Containers, str]]:
    """The store and the address of its account, until the context ends; with a certificate over TLS."""
    store = Containers()
    server = loopback.Server(("127.0.0.1", 0), type("Bound", (Handler,), {"store": store}))
    if certificate is not None:
        server.socket = of_server(certificate).wrap_socket(server.socket, server_side=True)
    scheme = "http" if certificate is None else "https"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield store, f"{scheme}://127.0.0.1:{server.server_address[1]}/{ACCOUNT}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
