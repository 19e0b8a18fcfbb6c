"""Whether subnets are there, where the build runs, and set up as the service wants them."""

from __future__ import annotations

from bakelift.runner.azure.preflight.facts import region
from bakelift.runner.azure.preflight.findings import NETWORKING, NEWS, Finding
from bakelift.runner.azure.preflight.networks import DELEGATION, delegate, open_policies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.runner.azure.preflight.facts import Facts
    from bakelift.runner.azure.preflight.live.asker import Asker

#: Since when a subnet says whether it has a way to the internet of its own.
_NETWORK = "2024-05-01"


def ask(facts: Facts, asker: Asker) -> None:
    build = _subnet(facts, facts.subnet, asker)
    if build is not None:
        _region(facts, asker)
        _policies(facts, build, asker)
    container = _subnet(facts, facts.container_subnet, asker)
    if container is not None:
        _delegation(facts, container, asker)
    if facts.subnet and build is not None and (container is not None or not facts.container_subnet):
        asker.settle("preflight/outbound", facts.image)


def _subnet(facts: Facts, id: str, asker: Asker) -> dict[str, Any] | None:
    """The properties of a subnet."""
    if not id.startswith("/") or "<" in id:
        return None
    summary, way_out = f"There is no subnet {id}", "Make it, or name another."
    missing = Finding("error", "preflight/subnet-missing", summary, NETWORKING, way_out, facts.image)
    found = asker.wanted(id, _NETWORK, missing)
    if found is None:
        return None
    properties: dict[str, Any] = found.get("properties") or {}
    if properties.get("defaultOutboundAccess") is False and not properties.get("natGateway"):
        routed = "; its route table may lead out" if properties.get("routeTable") else ""
        asker.tell(
            "warning",
            "preflight/outbound",
            f"The subnet is private and has no NAT gateway, so that nothing in it reaches the internet{routed}: {id}",
            NEWS,
            "Give it a NAT gateway or a firewall where the build fetches something.",
            facts.image,
        )
    return properties


def _region(facts: Facts, asker: Asker) -> None:
    network = facts.subnet.partition("/subnets/")[0]
    found = asker.get(network, _NETWORK, absent=None)
    place = region(str((found or {}).get("location", "")))
    if place and facts.location and place != facts.location:
        asker.tell(
            "error",
            "preflight/network-region",
            f"The network is in {place}, and the build in {facts.location}: {network}",
            NETWORKING,
            "Build in the network's region, or take a network in this one.",
            facts.image,
        )


def _policies(facts: Facts, subnet: dict[str, Any], asker: Asker) -> None:
    if facts.way != "imagebuilder" or facts.container_subnet:
        return
    asker.settle("preflight/subnet-policies", facts.image)
    if str(subnet.get("privateLinkServiceNetworkPolicies", "Enabled")) != "Disabled":
        asker.tell(
            "error",
            "preflight/subnet-policies",
            f"The policies for private link services are enabled on {facts.subnet}: the service cannot reach its proxy",
            NETWORKING,
            "Disable them.",
            facts.image,
            (open_policies(facts.subnet),),
        )


def _delegation(facts: Facts, subnet: dict[str, Any], asker: Asker) -> None:
    asker.settle("preflight/container-subnet", facts.image)
    listed = [str((one.get("properties") or {}).get("serviceName", "")) for one in subnet.get("delegations") or []]
    if DELEGATION.lower() not in (name.lower() for name in listed):
        asker.tell(
            "error",
            "preflight/container-subnet",
            f"The container's subnet is not delegated to {DELEGATION}: {facts.container_subnet}",
            NETWORKING,
            "Delegate it.",
            facts.image,
            (delegate(facts.container_subnet),),
        )
