"""Azurite, Microsoft's own emulator of Azure Storage, on loopback: it looks at signatures and tokens as Azure does.

Its account has the name and the key of :mod:`fake_container`'s, so that the same clients work with either.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fake_container
import pytest

_ENTRY = Path(".test-deps/node_modules/azurite/dist/src/blob/main.js")
_WHO = "11111111-1111-1111-1111-111111111111"
#: Seconds for its start, on a machine that has other things to do.
_PATIENCE = 120


def program(checkout: Path) -> list[str]:
    """The command; skips the test where there is none."""
    node, entry = shutil.which("node"), checkout / _ENTRY
    if node is None or not entry.is_file():
        pytest.skip("no node with azurite: make test-deps installs it where npm is there")
    return [node, str(entry)]


@contextmanager
def serving(command: list[str], certificate: Path, folder: Path) -> Iterator[str]:
    """The address of its account over TLS, until the context ends. ``folder``: where its data goes.

    The client's package may speak a newer version of the API than it knows: that check is left out. It copies blobs by
    asking itself, so it has to trust its own certificate.
    """
    words = ["--blobHost", "127.0.0.1", "--blobPort", "0", "--location", str(folder), "--oauth", "basic"]
    words += ["--cert", str(certificate), "--key", str(certificate), "--skipApiVersionCheck", "--disableTelemetry"]
    environment = {**os.environ, "NODE_EXTRA_CA_CERTS": str(certificate)}
    environment |= {"AZURITE_ACCOUNTS": f"{fake_container.ACCOUNT}:{fake_container.KEY}"}
    log = folder / "azurite.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*command, *words, "--silent"],
            stdout=said,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
    try:
        yield f"{_address(process, log)}/{fake_container.ACCOUNT}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where it listens, once it does."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        _, found, rest = log.read_text().partition("successfully listens on ")
        if found and "\n" in rest:
            return rest.partition("\n")[0].strip()
        time.sleep(0.05)
    raise AssertionError(f"azurite did not start: {log.read_text()}")


def token() -> str:
    """A bearer token that it takes: it reads what the token claims, and does not look who signed it."""
    now = int(time.time())
    claims = {"aud": "https://storage.azure.com", "iss": f"https://sts.windows.net/{_WHO}/", "oid": _WHO, "tid": _WHO}
    parts = ({"alg": "RS256", "typ": "JWT"}, {**claims, "iat": now - 60, "nbf": now - 60, "exp": now + 86400}, {})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
