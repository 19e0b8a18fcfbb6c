"""The storage account that the service makes in its staging resource group: logs, fetched scripts, VHDs."""

from __future__ import annotations

from urllib.parse import urlsplit

from bakelift.runner.azure.account_containers import key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.runner.azure.session import Session

_VERSION = "2023-05-01"
_KIND = "resourceType eq 'Microsoft.Storage/storageAccounts'"


class StagingAccount:
    """``id``: its resource id; ``place``: the address of its blobs."""

    def __init__(self, session: Session, id: str, place: str) -> None:
        self._session = session
        self.id = id
        self.place = place
        self._key: dict[str, str] | None = None

    @property
    def login(self) -> Any:
        """Who is logged in, where that counts for the account; None: only its key does."""
        return self._session.storage_credential if urlsplit(self.place).scheme == "https" else None

    def key(self) -> dict[str, str]:
        """The account's key, which whoever manages the account may ask for. Raises AzureError."""
        if self._key is None:
            self._key = key(self._session, self.id)
        return self._key


def found(session: Session, group: str) -> StagingAccount | None:
    """The account of a staging resource group (a resource id); None while there is none. Raises AzureError."""
    resources = session.resources().resources
    for item in resources.list_by_resource_group(group.rstrip("/").rpartition("/")[2], filter=_KIND):
        account = resources.get_by_id(item.id, api_version=_VERSION)
        return StagingAccount(session, item.id, account.properties["primaryEndpoints"]["blob"].rstrip("/"))
    return None
