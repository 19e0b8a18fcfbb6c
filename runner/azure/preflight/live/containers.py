"""Containers that a command line names by the addresses of blobs: whether they are there, and take disks."""

from __future__ import annotations

from bakelift.runner.azure.preflight import needs_service, staging
from bakelift.runner.azure.preflight.facts import name_of
from bakelift.runner.azure.preflight.live.asker import Absent
from bakelift.runner.azure.storage import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bakelift.runner.azure.preflight.facts import Facts
    from bakelift.runner.azure.preflight.live.asker import Asker

_TYPE = "Microsoft.Storage/storageAccounts"
_VERSION = "2023-05-01"
#: Kinds of storage accounts that hold no page blobs, which disks are.
_NO_PAGES = ("BlobStorage", "BlockBlobStorage")
_KINDS = "https://learn.microsoft.com/azure/storage/blobs/storage-feature-support-in-storage-accounts"


def known(every: Sequence[Facts], asker: Asker) -> list[Facts]:
    """With the ids of the storage accounts that are named, as far as their subscriptions have them."""
    return [facts.but(accounts=_accounts(facts, asker)) if _named(facts) else facts for facts in every]


def _accounts(facts: Facts, asker: Asker) -> tuple[tuple[str, str], ...]:
    if "<" in facts.subscription:
        return ()
    listed = asker.listed(f"/subscriptions/{facts.subscription}/providers/{_TYPE}", _VERSION) or []
    ids = {str(_endpoint(item)).rstrip("/").lower(): str(item.get("id", "")) for item in listed}
    wanted = dict.fromkeys(place(address).service for address in _named(facts))
    return tuple((service, ids[service.lower()]) for service in wanted if service.lower() in ids)


def _endpoint(account: dict[str, Any]) -> object:
    return ((account.get("properties") or {}).get("primaryEndpoints") or {}).get("blob", "")


def _named(facts: Facts) -> dict[str, str]:
    """What the containers are for, by the addresses that name them."""
    found = dict.fromkeys(facts.fetched, "the service fetches scripts and files from there")
    found |= dict.fromkeys(facts.uploads, "scripts and files are uploaded there")
    return {**found, facts.vhd_to: "VHDs are copied there"} if facts.copies_vhd else found


def ask(facts: Facts, asker: Asker) -> None:
    """Each container once."""
    found = {needs_service.container(facts, address): (address, why) for address, why in _named(facts).items()}
    for id, (address, why) in found.items():
        if not id.startswith("/"):
            _elsewhere(facts, address, why, asker)
            continue
        there = _there(facts, id, why, asker)
        if address == facts.vhd_to and there is not None:
            asker.settle("preflight/vhd-copy", facts.image)
            _takes_disks(facts, id.partition("/blobServices/")[0], asker)


def _elsewhere(facts: Facts, address: str, why: str, asker: Asker) -> None:
    if "<" in facts.subscription:
        return
    account = place(address).account
    asker.tell(
        "note",
        "preflight/account-elsewhere",
        f"The storage account {account} is not among those of subscription {facts.subscription} that this login sees: "
        f"nothing was asked of its containers ({why})",
        staging.CONTAINERS,
        "Look whether its name is right; the account may be in another subscription.",
        facts.image,
        (f"az storage account check-name -n {account}",),
    )


def _there(facts: Facts, id: str, why: str, asker: Asker) -> bool | None:
    """Whether a container is there; None when nobody says."""
    try:
        return True if asker.get(id, _VERSION) is not None else None
    except Absent:
        account = name_of(id.partition("/blobServices/")[0])
        asker.tell(
            "error",
            "preflight/container-missing",
            f"There is no container {name_of(id)} in the storage account {account}: {why}",
            staging.CONTAINERS,
            "Make it, or name another.",
            facts.image,
            (staging.make_container(account, name_of(id)),),
        )
        return False


def _takes_disks(facts: Facts, account: str, asker: Asker) -> None:
    found = asker.get(account, _VERSION, absent=None) or {}
    layered = (found.get("properties") or {}).get("isHnsEnabled") is True
    kind = str(found.get("kind", ""))
    if kind in _NO_PAGES or layered:
        what = "has a hierarchical namespace" if layered else f"is of the kind {kind}"
        asker.tell(
            "error",
            "preflight/account-no-disks",
            f"The storage account {name_of(account)} {what}, and holds no page blobs, which VHDs are",
            _KINDS,
            "Copy VHDs to an account of the kind StorageV2 without a hierarchical namespace.",
            facts.image,
        )
