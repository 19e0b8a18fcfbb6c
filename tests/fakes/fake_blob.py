"""Azure Blob Storage on loopback, as far as logs need it: list, properties, ranges. The official client drives it.

Who reads has to have the account's key.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import loopback
import shared_key

#: Of every account, as :mod:`fake_arm` gives it.
KEY = "a2V5"


class Store:
    """``blobs``: bytes by container and name. ``forbidden``: nobody may read. ``before``: sees every request; where it
    gives True, it has answered. ``accounts``: those that stand first in a path, as in the names of containers then.
    ``written``: when a blob was, as a time stamp, where that is not now.
    """

    def __init__(self) -> None:
        self.blobs: dict[tuple[str, str], bytearray] = {}
        self.forbidden = False
        self.largest = 0
        self.accounts: set[str] = set()
        self.written: dict[tuple[str, str], float] = {}
        self.before: Callable[[Handler, str], bool] | None = None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer takes 40 ms: it is written in two pieces
    store: Store

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
        query = parse_qs(parts.query)
        if self.store.before is not None and self.store.before(self, parts.path):
            return
        container, _, name = unquote(parts.path).lstrip("/").partition("/")
        if container in self.store.accounts:
            of, _, name = name.partition("/")
            container = f"{container}/{of}"
        if not shared_key.signs(KEY, self):
            self.refuse(403, "AuthenticationFailed")
        elif self.store.forbidden:
            self.refuse(403, "AuthorizationPermissionMismatch")
        elif not any(of == container for of, _ in self.store.blobs):
            self.refuse(404, "ContainerNotFound")
        elif query.get("comp") == ["list"]:
            self.list(container)
        elif (container, name) not in self.store.blobs:
            self.refuse(404, "BlobNotFound")
        else:
            read = self.read(bytes(self.store.blobs[container, name]), x_ms_blob_type="AppendBlob")
            self.store.largest = max(self.store.largest, read)

    do_GET = do_HEAD = handle_request

    def list(self, container: str) -> None:
        known = [(name, data) for (of, name), data in self.store.blobs.items() if of == container]
        blobs = "".join(
            f"<Blob><Name>{escape(name)}</Name><Properties><Content-Length>{len(data)}</Content-Length>"
            f"<BlobType>AppendBlob</BlobType><Last-Modified>{self.date(container, name)}</Last-Modified>"
            "</Properties></Blob>"
            for name, data in known
        )
        text = f'<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>{blobs}</Blobs><NextMarker/>'
        self.answer(200, f"{text}</EnumerationResults>".encode(), Content_Type="application/xml")

    def date(self, container: str, name: str) -> str:
        return formatdate(self.store.written.get((container, name)), usegmt=True)

    def read(self, data: bytes, **headers: str) -> int:
        """Answers with a blob, or with the range of it that is asked for; how many bytes that has."""
        wanted = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("x-ms-range") or self.headers.get("Range") or "")
        if self.command == "HEAD" or wanted is None:
            self.answer(200, data, len(data), **headers)
            return 0
        start = int(wanted.group(1))
        end = min(int(wanted.group(2) or len(data) - 1), len(data) - 1)
        if start >= len(data):
            self.refuse(416, "InvalidRange", Content_Range=f"bytes */{len(data)}")
            return 0
        piece = data[start : end + 1]
        self.answer(206, piece, Content_Range=f"bytes {start}-{end}/{len(data)}", **headers)
        return len(piece)


@contextmanager
def serving(handler: type[Handler] = Handler) -> Iterator[tuple[Store, str]]:
    """The store and its address, until the context ends. ``handler``: one that knows more."""
    store = Store()
    server = loopback.Server(("127.0.0.1", 0), type("Bound", (handler,), {"store": store}))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield store, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
