"""The server of the fakes: on loopback, a thread for each connection."""

from __future__ import annotations

import sys
from http.server import ThreadingHTTPServer
from typing import Any


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of what is tried; what is wrong with a fake is told."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)
