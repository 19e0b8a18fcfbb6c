"""Reads ``customization.log`` of a run, piece by piece, from the storage account of its staging resource group."""

from __future__ import annotations

from bakelift.runner.azure.account_containers import opened
from bakelift.runner.imagebuilder.staging_account import found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from bakelift.runner.azure.session import Session

#: Where the service keeps logs, below its staging resource group.
CONTAINER = "packerlogs"
NAME = "customization.log"
#: Bytes that are read at a time: a log of any size costs this much memory.
PIECE = 4 * 1024 * 1024
#: Seconds that the clocks of a run and of its log may differ.
_SLACK = 2


class LogBlob:
    """``group``: resource id of the staging resource group; ``began``: when the run did, as ISO writes it: logs of runs
    before it lie beside its own. Reading again goes on where it ended.

    ``trouble``: why it cannot be read; ``whole``: all that was there was read the last time.
    """

    def __init__(self, session: Session, group: str, began: str) -> None:
        self._session = session
        self._group = group
        self._began = began
        self._container: Any = None
        self._blob: Any = None
        self._offset = 0
        self._which: tuple[object, ...] = ()
        self._last = b""
        self.trouble: str | None = None
        self.whole = False

    def pieces(self) -> Iterator[bytes]:
        """What came since the last time. Nothing, while there is no log yet, or it may not be read (``trouble``)."""
        from azure.core.exceptions import AzureError, HttpResponseError

        self.whole = False
        try:
            if self._container is None:
                account = found(self._session, self._group)
                if account is None:
                    return
                self._container = opened(self._session, account.id, account.place, CONTAINER)
            if self._blob is None:
                self._blob = self._newest()
                if self._blob is None:
                    return
            known = self._blob.get_blob_properties()
            if self._anew(known) and self._last not in (b"", b"\n"):
                yield b"\n"  # what it ended with before is no beginning of what it begins with now
            while self._offset < known.size:
                length = min(PIECE, known.size - self._offset)
                data = self._blob.download_blob(offset=self._offset, length=length).readall()
                self._offset += len(data)
                self._last = data[-1:]
                yield data
                if not data:
                    return
            self.whole = True
        except HttpResponseError as problem:
            if problem.status_code == 403:
                self.trouble = (
                    f"The log cannot be read ({_code(problem)}): the role Storage Blob Data Reader on {self._group} is "
                    "missing. The state of the run is shown instead."
                )
                self.whole = True
            elif problem.status_code == 404:
                self._container, self._blob = None, None
        except (AzureError, ValueError):
            return  # the next time may go better

    def _anew(self, known: Any) -> bool:
        """Whether it is another blob than before, or was written anew: then it is read from its beginning."""
        before, self._which = self._which, (self._blob.blob_name, known.creation_time)
        if before == self._which and known.size >= self._offset:
            return False
        self._offset = 0
        return bool(before)

    def _newest(self) -> Any:
        from datetime import datetime, timedelta

        blobs = [blob for blob in self._container.list_blobs() if blob.name.endswith(NAME)]
        if self._began:
            since = datetime.fromisoformat(self._began) - timedelta(seconds=_SLACK)
            blobs = [blob for blob in blobs if blob.last_modified >= since]
        if not blobs:
            return None
        return self._container.get_blob_client(max(blobs, key=lambda blob: blob.last_modified).name)


def _code(problem: Any) -> str:
    """Azure's word for what is wrong: of storage, or of the management plane."""
    error = getattr(problem, "error", None)
    return str(getattr(problem, "error_code", None) or getattr(error, "code", None) or problem.status_code)
