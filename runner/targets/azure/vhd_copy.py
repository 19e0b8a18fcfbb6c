"""Copies a disk into a blob, within Azure."""

from __future__ import annotations

import asyncio

from bakelift.runner.azure import blob_copies
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
    await _called(lambda: blob_copies.begin(blob, source), source)
    while True:
        found = await _called(lambda: blob_copies.look(blob), source)
        if found.state == "success":
            return
        if found.state != "pending":
            raise BuildError(f"the copy ended as {found.state or 'nothing'}: {found.why or blob_copies.NO_REASON}")
        await asyncio.sleep(min(5.0, azure.session.poll))


async def remove(azure: Azure, vhd: Vhd, name: str) -> None:
    """Ends a copy that is under way, and removes what there is of the blob."""
    from azure.core.exceptions import AzureError

    try:
        await in_background(lambda: blob_copies.remove(_blob(azure, vhd, name)))
    except (AzureError, ValueError) as problem:
        raise BuildError(" ".join(str(problem).split())[:600]) from None


def _blob(azure: Azure, vhd: Vhd, name: str) -> Any:
    account = azure.id(vhd.resource_group, "Microsoft.Storage/storageAccounts", vhd.storage_account)
    return opened(azure.session, account, vhd.blob_endpoint, vhd.container).get_blob_client(name)


async def _called(call: Callable[[], Any], secret: str) -> Any:
    from azure.core.exceptions import AzureError

    try:
        return await in_background(call)
    except (AzureError, ValueError) as problem:
        said = str(problem).replace(secret, "the disk's address")
        raise BuildError(" ".join(said.split())[:600]) from None
