"""The clouds of Azure, and the endpoint that takes their place (``BAKELIFT_ARM_ENDPOINT``)."""

from __future__ import annotations

from urllib.parse import urlsplit

from bakelift.runner.errors import BuildError
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Cloud(Record):
    """``endpoint``: of the resource manager; ``scope``: of its tokens; ``authority``: who gives them."""

    name: str
    endpoint: str
    scope: str
    authority: str
    storage: str


CLOUDS = (
    Cloud(
        "public",
        "https://management.azure.com",
        "https://management.azure.com/.default",
        "https://login.microsoftonline.com",
        "core.windows.net",
    ),
    Cloud(
        "usgovernment",
        "https://management.usgovcloudapi.net",
        "https://management.core.usgovcloudapi.net/.default",
        "https://login.microsoftonline.us",
        "core.usgovcloudapi.net",
    ),
    Cloud(
        "china",
        "https://management.chinacloudapi.cn",
        "https://management.chinacloudapi.cn/.default",
        "https://login.chinacloudapi.cn",
        "core.chinacloudapi.cn",
    ),
)

#: What Packer's azure plugin calls them (``cloud_environment_name``, whatever the case).
_NAMES = {
    "": 0,
    "public": 0,
    "publiccloud": 0,
    "azurepubliccloud": 0,
    "usgovernment": 1,
    "usgovernmentcloud": 1,
    "azureusgovernmentcloud": 1,
    "china": 2,
    "chinacloud": 2,
    "azurechinacloud": 2,
}


def cloud(name: str) -> Cloud:
    """By any of its names. Raises BuildError."""
    index = _NAMES.get(name.lower())
    if index is None:
        raise BuildError(f"There is no cloud {name!r}: they are Public, USGovernment and China.")
    return CLOUDS[index]


def endpoint_of(environment: Mapping[str, str]) -> str | None:
    """``BAKELIFT_ARM_ENDPOINT``, without a slash at its end. Plain http is for this machine only.

    Raises BuildError.
    """
    given = environment.get("BAKELIFT_ARM_ENDPOINT", "").rstrip("/")
    if not given:
        return None
    check_address(given, "BAKELIFT_ARM_ENDPOINT")
    return given


def check_address(address: str, name: str) -> None:
    """Raises BuildError for what is neither https nor on this machine."""
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return
    raise BuildError(f"{name}: {address} is neither https nor an address of this machine")
