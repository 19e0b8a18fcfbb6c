"""Address ranges, as ARM counts them."""

from __future__ import annotations

from bakelift.translator.plan.operations.failure import ArgumentError
from bakelift.translator.plan.operations.network import network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.operations.network import Network


def _of(text: str) -> Network:
    found = network(text)
    if found is None:
        raise ArgumentError(0, f"{text} is no range of addresses")
    return found


def parse_cidr(text: str) -> dict[str, object]:
    of = _of(text)
    whole = of.max_prefixlen - of.prefixlen
    first = of[1] if whole > 1 else of[0]
    last = of[-2] if whole > 1 and of.version == 4 else of[-1]
    return {
        "network": str(of.network_address),
        "netmask": str(of.netmask),
        "broadcast": str(of.broadcast_address),
        "firstUsable": str(first),
        "lastUsable": str(last),
        "cidr": of.prefixlen,
    }


def cidr_subnet(text: str, length: int, index: int) -> str:
    of = _of(text)
    if not isinstance(length, int) or not of.prefixlen <= length <= of.max_prefixlen:
        raise ArgumentError(1, f"the new prefix must be between {of.prefixlen} and {of.max_prefixlen}")
    if not isinstance(index, int) or not 0 <= index < 1 << (length - of.prefixlen):
        raise ArgumentError(2, "there is no such subnet")
    start = int(of.network_address) + (index << (of.max_prefixlen - length))
    return f"{type(of.network_address)(start)}/{length}"


def cidr_host(text: str, index: int) -> str:
    """Index 0 is the first address that a host may have."""
    of = _of(text)
    if not isinstance(index, int) or not 0 <= index < of.num_addresses - 1:
        raise ArgumentError(1, "there is no such host")
    return str(of[index + 1])
