"""Blob Storage on loopback that copies from an address, as disks are copied: a copy takes a few looks."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import fake_blob
import shared_key


class Handler(fake_blob.Handler):
    """``store.copies``: by blob, the looks that are left and the state that it ends in. ``store.sources``: from where.

    ``store.ends``: the state that copies end in.
    """

    def handle_request(self) -> None:
        copies = self.store.__dict__.setdefault("copies", {})
        parts = urlsplit(self.path)
        if self.store.before is not None and self.store.before(self, parts.path):
            return
        container, _, name = unquote(parts.path).lstrip("/").partition("/")
        key = (container, name)
        if not shared_key.signs(fake_blob.KEY, self):
            self.refuse(403, "AuthenticationFailed")
        elif self.command == "PUT" and parse_qs(parts.query).get("comp") == ["copy"]:
            copies[key] = (0, "aborted")
            self.answer(204)
        elif self.command == "PUT" and copies.get(key, (0, ""))[0] > 0:
            self.refuse(409, "PendingCopyOperation")
        elif self.command == "PUT":
            self.store.blobs[key] = bytearray(b"vhd")
            self.store.__dict__.setdefault("sources", []).append(self.headers["x-ms-copy-source"])
            copies[key] = (2, getattr(self.store, "ends", "success"))
            self.answer(202, x_ms_copy_id="c", x_ms_copy_status="pending")
        elif self.command == "DELETE":
            self.store.blobs.pop(key, None)
            copies.pop(key, None)
            self.answer(202)
        elif self.command == "HEAD" and key in self.store.blobs:
            looks, end = copies[key]
            copies[key] = (looks - 1, end)
            state = "pending" if looks > 0 else end
            self.answer(200, b"", 3, x_ms_copy_id="c", x_ms_copy_status=state, x_ms_copy_progress="1/3")
        else:
            self.refuse(404, "BlobNotFound")

    do_GET = do_HEAD = do_PUT = do_DELETE = handle_request
