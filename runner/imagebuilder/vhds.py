"""Copies a VHD out of the service's own storage account, with which it would be lost."""

from __future__ import annotations

from bakelift.runner.azure.session import explained
from bakelift.runner.errors import BuildError
from bakelift.runner.imagebuilder.calls import Stopped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from bakelift.runner.imagebuilder.service import RunOutput, Template

    class Destination(Protocol):
        """``base``: the address of a container, or of a folder in it; ``credential``: as whom to write there."""

        base: str

        @property
        def credential(self) -> Any: ...


#: Hours that Azure may take to copy.
_HOURS = 24


def copied(template: Template, output: RunOutput, to: Destination) -> RunOutput:
    """The output where it was copied to, by Azure itself. Raises BuildError, and Stopped.

    Its name is the template's and that of the service, which is another for each run.
    """
    from urllib.parse import quote, urlsplit

    from azure.core.exceptions import AzureError

    name = f"{template.name}/{urlsplit(output.place).path.rpartition('/')[2]}"
    address = f"{to.base}/{quote(name)}"
    template.ui.say(f"Copying {output.name} to {address} ...")
    try:
        _copy(template, output.place, address, to)
    except AzureError as problem:
        raise BuildError(f"{output.name} could not be copied to {address}: {explained(problem)}") from None
    return output.but(place=address, kept=False)


def _copy(template: Template, place: str, address: str, to: Destination) -> None:
    from bakelift.runner.azure.storage import blob

    with blob(address, to.credential) as client:
        client.start_copy_from_url(f"{place}?{_token(template, place)}")
        while True:
            copy = client.get_blob_properties().copy
            if copy.status == "success":
                return
            if copy.status != "pending":
                raise BuildError(f"it could not be copied to {address}: {copy.status} {copy.status_description or ''}")
            if template.stop.is_set():
                client.abort_copy(copy.id)
                raise Stopped("the copying was cancelled")
            template.pause()


def _token(template: Template, place: str) -> str:
    """What lets Azure read the VHD. Raises AzureError, BuildError."""
    from datetime import timedelta

    from azure.core.exceptions import AzureError

    from bakelift.runner.azure.storage import Signer
    from bakelift.runner.imagebuilder.staging_account import found

    group = template.look().properties.exact_staging_resource_group
    account = found(template.session, group) if group else None
    if account is None:
        raise BuildError(f"there is no storage account that holds {place}")
    lasting = timedelta(hours=_HOURS)
    if account.login is not None:
        try:
            return Signer(account.login, lasting).token(place)
        except AzureError:
            pass  # whoever may not sign, may ask for the key
    return Signer(account.key(), lasting).token(place)
