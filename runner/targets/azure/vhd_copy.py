"""Copies a disk into a blob, within Azure."""

from __future__ import annotations

import asyncio

from bakelift.runner.azure.account_containers import opened
from bakelift.runner.errors import BuildError
from bakelift.runner.targets.azure.calls import in_background

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bakelift.runner.targets.azure.calls import Azure
    from bakelift.runner.targets.azure.config import Vhd


async def copy(azure: Azure, vhd: Vhd, name: str, source: str) -> None:
    """Copies from an address, which is a secret, and waits for the end. Raises BuildError without it."""
    blob = await _called(lambda: _blob(azure, vhd, name), source)
    begun = await _called(lambda: blob.start_copy_from_url(source), source)
    state = str(begun.get("copy_status") or "")
    while state == "pending":
        await asyncio.sleep(min(5.0, azure.session.poll))
        found = (await _called(blob.get_blob_properties, source)).copy
        state = str(found.status or "")
        if state not in ("pending", "success"):
            raise BuildError(f"the copy ended as {state}: {found.status_description or 'Azure does not say why'}")
    if state != "success":
        raise BuildError(f"the copy ended as {state or 'nothing that Azure says'}")


async def remove(azure: Azure, vhd: Vhd, name: str) -> None:
    """Ends a copy that is under way, and removes what there is of the blob."""
    from azure.core.exceptions import AzureError, ResourceNotFoundError

    def gone() -> None:
        blob = _blob(azure, vhd, name)
        try:
            found = blob.get_blob_properties().copy
            if found.status == "pending":
                blob.abort_copy(found.id)
            blob.delete_blob()
        except ResourceNotFoundError:
            return

    try:
        await in_background(gone)
    except AzureError as problem:
        raise BuildError(" ".join(str(problem).split())[:600]) from None


def _blob(azure: Azure, vhd: Vhd, name: str) -> Any:
    account = azure.id(vhd.resource_group, "Microsoft.Storage/storageAccounts", vhd.storage_account)
    return opened(azure.session, account, vhd.blob_endpoint, vhd.container).get_blob_client(name)


async def _called(call: Callable[[], Any], secret: str) -> Any:
    from azure.core.exceptions import AzureError

    try:
        return await in_background(call)
    except AzureError as problem:
        said = str(problem).replace(secret, "the disk's address")
        raise BuildError(" ".join(said.split())[:600]) from None
