"""``build -on imagebuilder -scripts URL``: files are uploaded before the image template that fetches them."""

from __future__ import annotations

import os

from bakelift.translator.diagnostics import TemplateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from bakelift.staging import ByUrl
    from bakelift.uploading import Blobs

#: Minutes that the service gives a build whose template says none, or 0, and what a signature has more.
DEFAULT_TIMEOUT, AND_THEN = 240, 60
ACCESS = ("identity", "sas")


class Stage:
    """The files of one template. ``files``: bytes by address; ``access``: how the service reads them."""

    def __init__(self, blobs: Blobs, files: Mapping[str, bytes], access: str) -> None:
        self._blobs = blobs
        self._files = files
        self._access = access

    def ready(self, body: Mapping[str, object], tell: Callable[[str], None]) -> Mapping[str, object]:
        """Uploads what is not there yet; what is to be submitted, with addresses that the service can read.

        What it gives must not be shown. Raises BuildError.
        """
        from bakelift.runner.errors import BuildError

        try:
            self._upload(tell)
            return self._signed(body) if self._access == "sas" else body
        except TemplateError as problem:
            found = [" ".join(f"{item.summary}. {item.detail}".split()) for item in problem.diagnostics]
            raise BuildError("; ".join(found)) from None

    def _upload(self, tell: Callable[[str], None]) -> None:
        from urllib.parse import unquote

        from bakelift.translator.imagebuilder.lowering.staging import sha256

        new = 0
        for address, data in self._files.items():
            name, digest = unquote(address.removeprefix(f"{self._blobs.base}/")), sha256(data)
            if not self._blobs.has(name, digest, len(data)):
                self._blobs.put(name, data, digest)
                new += 1
        there = len(self._files) - new
        tell(f"Staged in {self._blobs.base}: {new} uploaded, {there} already there")
        if self._access == "identity":
            tell("The template's identity needs the role Storage Blob Data Reader there")

    def _signed(self, body: Mapping[str, object]) -> Mapping[str, object]:
        from datetime import timedelta

        from bakelift.runner.azure.storage import Signer
        from bakelift.translator.diagnostics import fail
        from bakelift.uploading import told

        who = self._blobs.credential
        if type(who).__name__ == "AzureSasCredential":
            way_out = "Log in (az login), or give AZURE_STORAGE_KEY; or let the identity read: -staging-access identity"
            raise fail("stage/no-signature", "A SAS token cannot sign for others", way_out)
        signer = Signer(who, timedelta(minutes=_longest(body) + AND_THEN))
        with told(self._blobs.base):
            tokens = {address: signer.token(address) for address in self._files}
        return {name: _with_tokens(value, tokens) for name, value in body.items()}


def _with_tokens(data: object, tokens: Mapping[str, str]) -> Any:
    if isinstance(data, dict):
        return {name: _with_tokens(value, tokens) for name, value in data.items()}
    if isinstance(data, list):
        return [_with_tokens(item, tokens) for item in data]
    return f"{data}?{tokens[data]}" if isinstance(data, str) and data in tokens else data


def _longest(body: object) -> int:
    """The most minutes that an image template says for its build."""
    return max(_timeouts(body), default=0) or DEFAULT_TIMEOUT


def _timeouts(data: object) -> Iterator[int]:
    if isinstance(data, dict):
        for name, value in data.items():
            if name == "buildTimeoutInMinutes" and isinstance(value, int):
                yield value or DEFAULT_TIMEOUT
            else:
                yield from _timeouts(value)
    elif isinstance(data, list):
        for item in data:
            yield from _timeouts(item)


def of_translation(staging: ByUrl, access: str, login: Callable[[], Any]) -> Stage | None:
    """What a translation staged. ``login``: as whom to upload, where the environment does not say."""
    files = staging.files()
    return Stage(_blobs(staging.base, login), files, access) if files else None


def of_manifest(template: str, base: str, access: str, login: Callable[[], Any]) -> Stage | None:
    """What the manifest beside an Image Builder template lists. Raises TemplateError."""
    from bakelift.staging import below, beside, bytes_of, checked_base, read_manifest
    from bakelift.translator.diagnostics import fail

    path = beside(os.path.abspath(template))
    manifest = read_manifest(path) if path is not None else None
    if path is None or manifest is None or manifest.base is None:
        return None
    if manifest.base != checked_base(base):
        detail = f"Say -scripts {manifest.base}, or translate it again for the other place."
        raise fail("stage/other-base", f"{template} fetches its scripts from {manifest.base}", detail)
    for entry in manifest.files:
        below(entry, manifest)
    files = {entry.uri: bytes_of(entry, path) for entry in manifest.files}
    return Stage(_blobs(manifest.base, login), files, access)


def _blobs(base: str, login: Callable[[], Any]) -> Blobs:
    from bakelift.uploading import Blobs

    return Blobs(base, login)
