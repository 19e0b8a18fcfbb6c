"""Requests that the key of a storage account signs, as Azure's documents say ("Authorize with Shared Key")."""

from __future__ import annotations

import base64
import hashlib
import hmac
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

#: Headers whose values are signed, in this order. A length of 0 counts as none, and x-ms-date takes the date's place.
_SIGNED = (
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-MD5",
    "Content-Type",
    "Date",
    "If-Modified-Since",
    "If-Match",
    "If-None-Match",
    "If-Unmodified-Since",
    "Range",
)


def signs(key: str, handler: BaseHTTPRequestHandler) -> bool:
    """Whether the request of a handler is signed with an account's key."""
    kind, _, said = (handler.headers.get("Authorization") or "").partition(" ")
    account, _, signature = said.partition(":")
    made = hmac.new(base64.b64decode(key), _text(account, handler).encode(), hashlib.sha256).digest()
    return kind == "SharedKey" and hmac.compare_digest(signature, base64.b64encode(made).decode())


def _text(account: str, handler: BaseHTTPRequestHandler) -> str:
    """What is signed."""
    given = {name.lower(): value.strip() for name, value in handler.headers.items()}
    lines = [handler.command, *(given.get(name.lower(), "") for name in _SIGNED)]
    if given.get("content-length") == "0":
        lines[1 + _SIGNED.index("Content-Length")] = ""
    if "x-ms-date" in given:
        lines[1 + _SIGNED.index("Date")] = ""
    lines += [f"{name}:{given[name]}" for name in sorted(given) if name.startswith("x-ms-")]
    parts = urlsplit(handler.path)
    query = parse_qs(parts.query, keep_blank_values=True)
    lines += [f"/{account}{parts.path}", *(f"{name.lower()}:{','.join(sorted(query[name]))}" for name in sorted(query))]
    return "\n".join(lines)
