"""Containers of storage accounts: opened as who is logged in, else with the account's key."""

from __future__ import annotations

from urllib.parse import urlsplit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.runner.azure.session import Session

API_VERSION = "2023-01-01"


def opened(session: Session, account: str, endpoint: str, name: str) -> Any:
    """A ContainerClient. ``account``: resource id; ``endpoint``: of its blobs. Raises what the clients raise."""
    from azure.core.exceptions import HttpResponseError

    from bakelift.runner.azure.storage import container

    address = f"{endpoint.rstrip('/')}/{name}"
    if urlsplit(endpoint).scheme == "https" and session.storage_credential is not None:
        client = container(address, session.storage_credential)
        try:
            next(iter(client.list_blobs(results_per_page=1)), None)
            return client
        except HttpResponseError as problem:
            if problem.status_code not in (401, 403):
                raise
    return container(address, key(session, account))


def key(session: Session, account: str) -> dict[str, str]:
    """The account's key, which whoever manages the account may ask for."""
    from azure.core.rest import HttpRequest

    request = HttpRequest("POST", f"{account}/listKeys", params={"api-version": API_VERSION})
    answer = session.resources().send_request(request, retry_on_methods=("POST",))
    answer.raise_for_status()
    return {"account_name": account.rpartition("/")[2], "account_key": answer.json()["keys"][0]["value"]}
