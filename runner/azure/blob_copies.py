"""Copies of blobs that Azure makes by itself from a signed address: begun, looked at, taken back.

All of these raise what the official client raises.
"""

from __future__ import annotations

from contextlib import suppress

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


NO_REASON = "Azure does not say why"


class Look(Record):
    """``state``: pending, success, failed or aborted; ``why``: what Azure says of it, if anything."""

    state: str
    why: str


def begin(blob: Any, source: str) -> None:
    """Begins a copy, unless one to this blob goes on: a request whose answer was lost, or a process that was killed,
    has asked for that.
    """
    from azure.core.exceptions import ResourceExistsError

    try:
        blob.start_copy_from_url(source)
    except ResourceExistsError as problem:
        if getattr(problem, "error_code", None) != "PendingCopyOperation":
            raise


def look(blob: Any) -> Look:
    copy = blob.get_blob_properties().copy
    return Look(str(copy.status or ""), str(copy.status_description or ""))


def remove(blob: Any) -> None:
    """Ends the copy where it goes on, and removes what there is of the blob, which else stays empty."""
    from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

    try:
        copy = blob.get_blob_properties().copy
        if copy.status == "pending":
            with suppress(ResourceExistsError):  # it has just ended
                blob.abort_copy(copy.id)
        blob.delete_blob()
    except ResourceNotFoundError:
        return
