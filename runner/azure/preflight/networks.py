"""What a network of one's own has to let through."""

from __future__ import annotations

from bakelift.runner.azure.preflight.facts import subscription_of
from bakelift.runner.azure.preflight.findings import NETWORKING, NEWS, PLUGIN, TEMPLATE, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bakelift.runner.azure.preflight.facts import Facts

DELEGATION = "Microsoft.ContainerInstance/containerGroups"


def port(facts: Facts) -> int:
    """Where the build VM is reached."""
    return 5986 if facts.os == "Windows" else 22


def open_policies(subnet: str) -> str:
    return f"az network vnet subnet update --ids {subnet} --private-link-service-network-policies Disabled"


def delegate(subnet: str) -> str:
    return f"az network vnet subnet update --ids {subnet} --delegations {DELEGATION}"


def findings(every: Sequence[Facts]) -> Iterator[Finding]:
    for facts in every:
        if not facts.subnet:
            continue
        if facts.way == "imagebuilder":
            yield from _service(facts)
        else:
            yield from _direct(facts)


def _service(facts: Facts) -> Iterator[Finding]:
    if facts.container_subnet:
        yield Finding(
            "note",
            "preflight/container-subnet",
            f"The container's subnet has to be delegated to {DELEGATION}, and has to reach ports 443 and 445 of Azure "
            f"Storage and port {port(facts)} of the build VM's subnet: {facts.container_subnet}",
            NETWORKING,
            "Delegate it, and let its security group pass these ports; -live looks at the delegation.",
            facts.image,
            (delegate(facts.container_subnet),),
        )
        if facts.container_subnet.lower() == facts.subnet.lower():
            yield Finding(
                "error",
                "preflight/one-subnet",
                "The build VM and the container are to be in one subnet, and the container needs one of its own",
                TEMPLATE,
                "Give containerInstanceSubnetId another subnet of the same network.",
                facts.image,
            )
    else:
        yield Finding(
            "warning",
            "preflight/subnet-policies",
            "The service reaches the build VM through a private link and a proxy VM in the same subnet: the subnet's "
            "privateLinkServiceNetworkPolicies have to be Disabled, and its security group has to let "
            f"AzureLoadBalancer reach ports 60000 and 60001: {facts.subnet}",
            NETWORKING,
            "Disable the policies and open the ports, or give the container a subnet of its own "
            "(containerInstanceSubnetId), which needs neither.",
            facts.image,
            (open_policies(facts.subnet),),
        )
    if subscription_of(facts.subnet) not in ("", facts.subscription):
        yield Finding(
            "note",
            "preflight/foreign-network",
            "The network is in another subscription than the image template",
            NETWORKING,
            "Let the identity join it there; the network has to be in the region of the template.",
            facts.image,
        )
    yield Finding(
        "note",
        "preflight/outbound",
        "A network that was made after March 2026 has private subnets, from which nothing reaches the internet",
        NEWS,
        "Give the build VM's subnet a NAT gateway or a firewall where steps fetch something, and the container's too.",
        facts.image,
    )


def _direct(facts: Facts) -> Iterator[Finding]:
    if not facts.public_ip and not facts.run_command:
        yield Finding(
            "warning",
            "preflight/closed-network",
            f"The build VM has no public address: this machine has to reach port {port(facts)} of {facts.subnet}",
            PLUGIN,
            "Build from a machine in that network, or over Azure's Run Command (-run-command), or set "
            "private_virtual_network_with_public_ip.",
            facts.image,
        )
