"""Where staged files are put: Azure Blob Storage, or a folder. Content decides the name, so nothing is overwritten."""

from __future__ import annotations

import os
from functools import cached_property

from bakelift.translator.diagnostics import fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    class Target(Protocol):
        """``name``: path below the target, with slashes."""

        def shown(self, name: str) -> str: ...

        def has(self, name: str, sha256: str, size: int) -> bool:
            """Whether the file is there. Raises TemplateError when another stands in its place."""

        def put(self, name: str, data: bytes, sha256: str) -> None: ...


def target_of(to: str) -> Target:
    """The target that ``-to`` names. Raises TemplateError for one that cannot be uploaded to."""
    if "://" not in to:
        return Folder(to.removeprefix("file:"))
    if to.startswith("file://"):
        from urllib.parse import unquote, urlsplit

        return Folder(unquote(urlsplit(to).path))
    return Blobs(to)


def container_base(url: str) -> str:
    """The address of a container, or of a folder in it, without its last slash. Raises TemplateError for what is none
    of Azure Blob Storage.
    """
    from urllib.parse import urlsplit

    from bakelift.runner.azure.storage import place
    from bakelift.staging import checked_base, is_loopback

    base = checked_base(url)
    host = urlsplit(base).hostname or ""
    if not is_loopback(host) and ".blob." not in f"{host}.":
        raise fail(
            "stage/no-upload",
            f"Nothing is uploaded to {host}: it is no Azure Blob Storage",
            "Give the address of a container, or a folder (-to DIR) from which something else publishes.",
        )
    if not place(f"{base}/-").name:
        raise fail("stage/address", f"{base} names no container", "Add it: https://ACCOUNT.blob.core.windows.net/NAME.")
    return base


class Folder:
    """A folder of this machine, which something else serves."""

    def __init__(self, path: str) -> None:
        self.path = path

    def shown(self, name: str) -> str:
        return os.path.join(self.path, name)

    def has(self, name: str, sha256: str, size: int) -> bool:
        from bakelift.translator.imagebuilder.lowering.staging import sha256 as digest

        place = self.shown(name)
        if not os.path.lexists(place):
            return False
        if os.path.isfile(place):
            with open(place, "rb") as file:
                if digest(file.read()) == sha256:
                    return True
        raise _other(place)

    def put(self, name: str, data: bytes, sha256: str) -> None:
        from bakelift.output import write_bytes

        write_bytes(self.shown(name), data)


class Blobs:
    """A container of Azure Blob Storage, or a folder in it.

    Who uploads: ``AZURE_STORAGE_SAS_TOKEN`` or ``AZURE_STORAGE_KEY`` where set, as with az; else whom
    ``login`` gives; else whom DefaultAzureCredential finds (az login, a managed identity, …), who needs Storage Blob
    Data Contributor.
    """

    def __init__(self, base: str, login: Callable[[], Any] | None = None) -> None:
        self.base = container_base(base)
        try:
            import azure.storage.blob  # noqa: F401
        except ImportError:
            raise fail(
                "stage/azure-missing",
                "Uploading needs Azure's client libraries",
                "pip install 'bakelift[azure]' brings them.",
            ) from None
        import logging

        # Without a handler, logging prints what its libraries tell themselves, several times.
        logging.getLogger("azure").addHandler(logging.NullHandler())
        self._login = login

    @cached_property
    def credential(self) -> Any:
        token, key = os.environ.get("AZURE_STORAGE_SAS_TOKEN"), os.environ.get("AZURE_STORAGE_KEY")
        if token:
            from azure.core.credentials import AzureSasCredential

            return AzureSasCredential(token.lstrip("?"))
        if key:
            from bakelift.runner.azure.storage import place

            return {"account_name": place(self.base).account, "account_key": key}
        given = self._login() if self._login is not None else None
        if given is not None:
            return given
        from azure.identity import DefaultAzureCredential

        return DefaultAzureCredential()

    def _client(self, name: str) -> Any:
        from bakelift.runner.azure.storage import blob

        return blob(self.shown(name), self.credential)

    def shown(self, name: str) -> str:
        from urllib.parse import quote

        return f"{self.base}/{quote(name)}"

    def has(self, name: str, sha256: str, size: int) -> bool:
        from bakelift.translator.imagebuilder.lowering.staging import sha256 as digest

        client = self._client(name)
        with told(self.shown(name)):
            if not client.exists():
                return False
            found = client.get_blob_properties()
            if found.size == size and (found.metadata or {}).get("sha256") == sha256:
                return True
            if found.size == size and digest(client.download_blob().readall()) == sha256:
                return True
        raise _other(self.shown(name))

    def put(self, name: str, data: bytes, sha256: str) -> None:
        from azure.core.exceptions import ResourceExistsError
        from azure.storage.blob import ContentSettings

        kind = ContentSettings(content_type="application/octet-stream")
        with told(self.shown(name)):
            try:
                self._client(name).upload_blob(
                    data, overwrite=False, metadata={"sha256": sha256}, content_settings=kind
                )
                return
            except ResourceExistsError:
                pass
        # Somebody else was faster, or the answer to a first try was lost.
        self.has(name, sha256, len(data))


class told:
    """Azure's refusals as one line that holds no token."""

    def __init__(self, shown: str) -> None:
        self.shown = shown

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

        if not isinstance(problem, AzureError):
            return
        code = getattr(problem, "error_code", None) or getattr(getattr(problem, "response", None), "reason", None)
        code = getattr(code, "value", code)
        status = getattr(problem, "status_code", None)
        if isinstance(problem, ClientAuthenticationError) or status in (401, 403):
            detail = (
                "The one who uploads needs the role Storage Blob Data Contributor on the container; az login first."
            )
            raise fail("stage/refused", f"{self.shown}: not allowed ({code or status or 'no login'})", detail) from None
        reason = code if isinstance(problem, HttpResponseError) and code else type(problem).__name__
        raise fail(
            "stage/failed", f"{self.shown}: {reason}", "Look whether the container exists and is reached."
        ) from None


def _other(place: str) -> Exception:
    return fail(
        "stage/other",
        f"Another file stands at {place}",
        "The name is made of the content, so someone else wrote there. Look at it; nothing was overwritten.",
    )
