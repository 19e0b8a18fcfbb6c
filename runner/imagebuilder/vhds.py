"""Copies a VHD out of the service's own storage account, with which it would be lost."""

from __future__ import annotations

from contextlib import suppress

from bakelift.runner.azure.blob_copies import NO_REASON, begin, look, remove
from bakelift.runner.azure.session import explained
from bakelift.runner.errors import BuildError
from bakelift.runner.imagebuilder.calls import Stopped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from bakelift.runner.imagebuilder.service import RunOutput, Template

    class Destination(Protocol):
        """``base``: the address of a container, or of a folder in it; ``credential``: as whom to write there."""

        base: str

        @property
        def credential(self) -> Any: ...


#: Hours that Azure may take to copy.
_HOURS = 24


def copied(template: Template, output: RunOutput, to: Destination, leave: Callable[[str], None]) -> RunOutput:
    """The output where it was copied to, by Azure itself. Raises BuildError, and Stopped.

    Its name is the template's and that of the service, which is another for each run. ``leave``: is told the line that
    removes what could not be removed of a copy that is not whole.
    """
    from urllib.parse import quote, urlsplit

    from azure.core.exceptions import AzureError

    from bakelift.runner.azure.storage import blob

    name = f"{template.name}/{urlsplit(output.place).path.rpartition('/')[2]}"
    address = f"{to.base}/{quote(name)}"
    template.ui.say(f"Copying {output.name} to {address} ...")
    try:
        with blob(address, to.credential) as client:
            _copy(template, output.place, address, client, leave)
    except AzureError as problem:
        raise BuildError(f"{output.name} could not be copied to {address}: {explained(problem)}") from None
    return output.but(place=address, kept=False)


def _copy(template: Template, place: str, address: str, client: Any, leave: Callable[[str], None]) -> None:
    from azure.core.exceptions import AzureError, HttpResponseError

    source = f"{place}?{_token(template, place)}"
    begun = False
    try:
        begin(client, source)
        begun = True
        _wait(template, address, client)
    except (AzureError, BuildError) as problem:
        if begun or not isinstance(problem, HttpResponseError):  # else Azure has refused it
            _take_back(template, address, client, leave)
        raise


def _wait(template: Template, address: str, client: Any) -> None:
    while (found := look(client)).state != "success":
        if found.state != "pending":
            raise BuildError(f"it could not be copied to {address}: {found.state}: {found.why or NO_REASON}")
        if template.stop.is_set():
            raise Stopped("the copying was cancelled")
        template.pause()


def _take_back(template: Template, address: str, client: Any, leave: Callable[[str], None]) -> None:
    """Removes what there is of a copy that is not whole."""
    from azure.core.exceptions import AzureError

    try:
        remove(client)
    except AzureError as problem:
        template.ui.error(f"What there is of {address} could not be removed: {explained(problem)}")
        leave(f"az storage blob delete --auth-mode login --blob-url {address}")


def _token(template: Template, place: str) -> str:
    """What lets Azure read the VHD. Raises AzureError, BuildError."""
    from datetime import timedelta

    from azure.core.exceptions import AzureError

    from bakelift.runner.azure.storage import Signer, blob
    from bakelift.runner.imagebuilder.staging_account import found

    group = template.look().properties.exact_staging_resource_group
    account = found(template.session, group) if group else None
    if account is None:
        raise BuildError(f"there is no storage account that holds {place}")
    lasting = timedelta(hours=_HOURS)
    if account.login is not None:
        with suppress(AzureError):
            token = Signer(account.login, lasting).token(place)
            with blob(f"{place}?{token}", None) as source:
                source.get_blob_properties()
            return token
    # Whoever may not sign, or gets a signature that does not let anyone read, may ask for the key.
    return Signer(account.key(), lasting).token(place)
