"""The token service of a managed identity on loopback, as App Service has it: azure-identity asks it.

It gives the manager's token for the manager and the storage's for the storage, and no other.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import fake_arm
import fake_container
import loopback

TOKENS = {"https://management.azure.com": fake_arm.TOKEN, "https://storage.azure.com": fake_container.TOKEN}
HEADER = "header-of-the-fake"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        wanted = parse_qs(urlsplit(self.path).query).get("resource", [""])[0].rstrip("/")
        known = self.headers.get("X-IDENTITY-HEADER") == HEADER and wanted in TOKENS
        body = {"access_token": TOKENS[wanted], "expires_on": str(int(time.time()) + 86400)} if known else {}
        data = json.dumps({**body, "token_type": "Bearer", "resource": wanted}).encode()
        self.send_response(200 if known else 400)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def serving() -> Iterator[dict[str, str]]:
    """The environment in which azure-identity finds it, until the context ends."""
    server = loopback.Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_address[1]}/msi/token"
        yield {"IDENTITY_ENDPOINT": address, "IDENTITY_HEADER": HEADER}
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
