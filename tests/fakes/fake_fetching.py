"""What the service does with addresses when an image template is created: it fetches them, and looks at their sums."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import fake_container


class Fetcher:
    """A judge for :class:`fake_arm.Arm`. ``readers``: identities that may read storage; ``fetched``: what it got.

    ``token``: what identities show the storage.
    """

    def __init__(self, readers: set[str], certificate: Path | None = None, token: str = fake_container.TOKEN) -> None:
        self.token = token
        self.readers = readers
        self.trust = ssl.create_default_context(cafile=certificate) if certificate is not None else None
        self.fetched: dict[str, bytes] = {}

    def __call__(self, version: str, path: str, body: dict[str, Any]) -> str | None:
        who = set((body.get("identity") or {}).get("userAssignedIdentities") or {})
        for address, digest in _addresses(body.get("properties", {})):
            headers = {"Authorization": f"Bearer {self.token}"} if who & self.readers else {}
            try:
                request = Request(address, headers={} if "?" in address else headers)
                with urlopen(request, context=self.trust) as found:
                    data = found.read()
            except HTTPError as problem:
                return f"Downloading external file ({address}) to local file failed: {problem.code}"
            if digest and hashlib.sha256(data).hexdigest() != digest:
                return f"Downloading external file ({address}): its checksum is another"
            self.fetched[address.partition("?")[0]] = data
        return None


def _addresses(properties: dict[str, Any]) -> Iterator[tuple[str, str]]:
    steps = [*properties.get("customize", []), *(properties.get("validate") or {}).get("inVMValidations", [])]
    for step in steps:
        address = step.get("scriptUri") or step.get("sourceUri")
        if address:
            yield address, step.get("sha256Checksum", "")
