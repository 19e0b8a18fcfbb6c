"""Azure Blob Storage on loopback, as far as staging needs it: uploads, properties, copies, signatures of users.

The official client drives it. Addresses have the account first, as Azurite's: ``http://127.0.0.1:PORT/acct/scripts/…``.
Who has the account's key, or a bearer token that somebody gave (:data:`TOKEN`), may do all; a signature may do what it
says until it says so. The mathematics of signatures are not looked at, but whose key made them is.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import loopback
from certificate import of_server

ACCOUNT = "acct"
TOKEN = "token-for-storage"
KEY = "a2V5LW9mLXRoZS1hY2NvdW50"
_WHO = "11111111-1111-1111-1111-111111111111"


class Containers:
    """``blobs``: bytes by ``container/name``. ``log``: method and path with its query of each request.

    ``before``: sees every request first; where it gives True, it has answered.
    """

    def __init__(self) -> None:
        self.containers = {"scripts", "vhds", "images"}
        self.blobs: dict[str, bytes] = {}
        self.metadata: dict[str, dict[str, str]] = {}
        self.copies: dict[str, list[str]] = {}
        self.log: list[tuple[str, str]] = []
        self.keys: set[str] = set()
        self.before: Callable[[Handler, str], bool] | None = None
        self.lock = threading.RLock()

    def uploads(self) -> list[str]:
        return [path for method, path in self.log if method == "PUT"]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store: Containers

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, body: bytes = b"", length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        shown = {"Content-Length": str(len(body) if length is None else length), "x-ms-version": "2025-05-05"}
        shown |= {"ETag": '"0x1"', "Last-Modified": formatdate(usegmt=True)}
        for name, value in (shown | {k.replace("_", "-"): v for k, v in headers.items()}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status: int, code: str, message: str = "", **headers: str) -> None:
        body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{message or code}</Message></Error>'.encode()
        self.answer(status, body, x_ms_error_code=code, Content_Type="application/xml", **headers)

    def handle_request(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.store.lock:
            if self.store.before is not None and self.store.before(self, parts.path):
                return
            account, _, path = unquote(parts.path).lstrip("/").partition("/")
            self.store.log.append((self.command, path))
            why = self.unwelcome(query)
            if why:
                self.refuse(403, why)
            elif account != ACCOUNT:
                self.refuse(404, "ResourceNotFound")
            elif query.get("comp") == "userdelegationkey":
                self.delegate(data)
            elif path.partition("/")[0] not in self.store.containers:
                self.refuse(404, "ContainerNotFound")
            elif self.command == "PUT":
                self.put(path, data)
            elif path not in self.store.blobs:
                self.refuse(404, "BlobNotFound")
            else:
                self.give(path)

    do_GET = do_HEAD = do_PUT = do_POST = handle_request

    def unwelcome(self, query: dict[str, str]) -> str:
        """Why the one who asks may not; "" when he may."""
        said = self.headers.get("Authorization") or ""
        if said in (f"Bearer {TOKEN}",) or said.startswith(f"SharedKey {ACCOUNT}:"):
            return ""
        if said:
            return "AuthenticationFailed"
        if self.command not in ("GET", "HEAD"):
            return "AuthenticationFailed"
        return self.unreadable(query)

    def unreadable(self, query: dict[str, str]) -> str:
        """Why a signature does not let one read; "" when it does."""
        if "sig" not in query:
            return "PublicAccessNotPermitted"
        until = datetime.fromisoformat(query["se"].replace("Z", "+00:00"))
        if until < datetime.now(UTC) or query["sp"] != "r" or query["sr"] != "b":
            return "AuthenticationFailed"
        if "skoid" in query and f"{query['skoid']} {query['ske']}" not in self.store.keys:
            return "AuthenticationFailed"
        return ""

    def delegate(self, data: bytes) -> None:
        """A key of who asks, for signatures of his own."""
        text = data.decode()
        start, expiry = (text.partition(f"<{tag}>")[2].partition("<")[0] for tag in ("Start", "Expiry"))
        self.store.keys.add(f"{_WHO} {expiry}")
        key = (
            f"<SignedOid>{_WHO}</SignedOid><SignedTid>{_WHO}</SignedTid><SignedStart>{start}</SignedStart>"
            f"<SignedExpiry>{expiry}</SignedExpiry><SignedService>b</SignedService>"
            f"<SignedVersion>2025-05-05</SignedVersion><Value>{KEY}</Value>"
        )
        text = f'<?xml version="1.0" encoding="utf-8"?><UserDelegationKey>{key}</UserDelegationKey>'
        self.answer(200, text.encode(), Content_Type="application/xml")

    def put(self, path: str, data: bytes) -> None:
        source = self.headers.get("x-ms-copy-source")
        if source is not None:
            self.copy(path, source)
            return
        if self.headers.get("If-None-Match") == "*" and path in self.store.blobs:
            self.refuse(409, "BlobAlreadyExists")
            return
        self.store.blobs[path] = data
        self.store.metadata[path] = {k: v for k, v in self.headers.items() if k.lower().startswith("x-ms-meta-")}
        self.answer(201, x_ms_request_server_encrypted="true")

    def copy(self, path: str, source: str) -> None:
        """Begins a copy of one of its own blobs, which is done when somebody looked at it twice."""
        parts = urlsplit(source)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        found = self.store.blobs.get(unquote(parts.path).lstrip("/").partition("/")[2])
        if found is None or self.unreadable(query):
            self.refuse(403, "CannotVerifyCopySource")
            return
        self.store.blobs[path] = found
        number = str(uuid.uuid4())
        self.store.copies[path] = ["pending", "pending", "success"]
        self.answer(202, x_ms_copy_id=number, x_ms_copy_status="pending")

    def give(self, path: str) -> None:
        data = self.store.blobs[path]
        headers = {"x-ms-blob-type": "BlockBlob", **self.store.metadata.get(path, {})}
        states = self.store.copies.get(path)
        if states is not None:
            state = states.pop(0) if len(states) > 1 else states[0]
            headers |= {
                "x-ms-copy-id": "1",
                "x-ms-copy-status": state,
                "x-ms-copy-progress": f"{len(data)}/{len(data)}",
            }
        self.answer(200, data, len(data), **headers)


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
