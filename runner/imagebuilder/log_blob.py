"""Finds and reads ``customization.log`` in the storage account of a run's staging resource group, piece by piece."""

from __future__ import annotations

from bakelift.runner.azure.account_containers import opened

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
_STORAGE = "2023-05-01"


class LogBlob:
    """``group``: resource id of the staging resource group. Reading again goes on where it ended."""

    def __init__(self, session: Session, group: str) -> None:
        self._session = session
        self._group = group
        self._container: Any = None
        self._name: str | None = None
        self._offset = 0
        self.trouble: str | None = None

    def pieces(self) -> Iterator[bytes]:
        """What came since the last time. Nothing, while there is no log yet, or it may not be read (``trouble``)."""
        from azure.core.exceptions import AzureError, HttpResponseError

        try:
            if self._container is None:
                self._container = self._find()
            if self._container is None:
                return
            if self._name is None:
                blobs = [blob for blob in self._container.list_blobs() if blob.name.endswith(NAME)]
                if not blobs:
                    return
                self._name = max(blobs, key=lambda blob: blob.last_modified).name
            blob = self._container.get_blob_client(self._name)
            size = blob.get_blob_properties().size
            if size < self._offset:
                self._offset = 0  # it was written anew
            while self._offset < size:
                length = min(PIECE, size - self._offset)
                data = blob.download_blob(offset=self._offset, length=length).readall()
                self._offset += len(data)
                yield data
                if not data:
                    return
        except HttpResponseError as problem:
            if problem.status_code in (401, 403):
                self.trouble = (
                    f"The log cannot be read: the role Storage Blob Data Reader on {self._group} is missing. "
                    "The state of the run is shown instead."
                )
            elif problem.status_code == 404:
                self._container, self._name = None, None
        except AzureError as problem:
            self.trouble = f"The log cannot be read: {problem}"

    def _find(self) -> Any:
        resources = self._session.resources().resources
        group = self._group.rstrip("/").rpartition("/")[2]
        kind = "resourceType eq 'Microsoft.Storage/storageAccounts'"
        for item in resources.list_by_resource_group(group, filter=kind):
            account = resources.get_by_id(item.id, api_version=_STORAGE)
            place = account.properties["primaryEndpoints"]["blob"].rstrip("/")
            return opened(self._session, item.id, place, CONTAINER)
        return None
