"""A fault at one request of all that are made, whichever server on loopback is asked."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import threading
import time
from typing import Any

#: Seconds for which nothing is answered where a fault is a timeout.
SILENCE = 0.8


class Fault:
    """``kind``: a status; ``timeout`` and ``reset``: nothing is done and nothing answered; ``lost``: it is done, but
    not answered; ``kill`` and ``killed after``: the process that asks ends there. ``at``: the number of the request,
    from 0; None: nowhere, requests are only counted. ``pid``: of the process.
    """

    def __init__(self, kind: str, at: int | None) -> None:
        self.kind = kind
        self.at = at
        self.pid = 0
        self.count = 0
        self.seen: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, handler: Any, path: str) -> bool:
        with self._lock:
            mine = self.count == self.at
            self.count += 1
            self.seen.append(f"{handler.command} {path}")
        if not mine:
            return False
        if self.kind.isdigit():
            _read(handler)
            headers = {"Retry_After": "0"} if self.kind == "429" else {}
            handler.refuse(int(self.kind), "Fault", f"a fault of {self.kind}", **headers)
        elif self.kind == "timeout":
            time.sleep(SILENCE)
            _reset(handler)
        elif self.kind in ("lost", "killed after"):
            handler.answer = lambda *_, **__: self._end(handler)
            return False
        else:
            self._end(handler)
        return True

    def _end(self, handler: Any) -> None:
        if self.kind.startswith("kill"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        _reset(handler)


def _read(handler: Any) -> None:
    """Reads what was sent, unless the manager has: who waits for more waits until the client gives up."""
    if not hasattr(handler, "body"):
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))


def _reset(handler: Any) -> None:
    """Ends the connection as a machine does that knows nothing of it."""
    handler.close_connection = True
    with contextlib.suppress(OSError):
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.shutdown(socket.SHUT_RDWR)  # others hold the socket too
        handler.connection.close()
    handler.wfile = _Nowhere()


class _Nowhere:
    """What is written to a connection that is no more."""

    closed = False

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass
