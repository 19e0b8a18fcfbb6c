"""Resource providers that a subscription has to have registered."""

from __future__ import annotations

from bakelift.runner.azure.preflight.findings import TRIGGERS, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bakelift.runner.azure.preflight.facts import Facts

#: For Image Builder, all of them whatever the template says.
_SERVICE = (
    "Microsoft.VirtualMachineImages",
    "Microsoft.Compute",
    "Microsoft.ContainerInstance",
    "Microsoft.KeyVault",
    "Microsoft.Network",
    "Microsoft.Storage",
)
REGISTERING = "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types"


def wanted(facts: Facts) -> tuple[str, ...]:
    if facts.way == "imagebuilder":
        more = ("Microsoft.ManagedIdentity",)
        return (*_SERVICE, *more)
    found = ["Microsoft.Compute", "Microsoft.Network"]
    found += ["Microsoft.KeyVault"] if facts.vault else []
    found += ["Microsoft.Storage"] if any(d.kind == "vhd" for d in facts.destinations) else []
    found += ["Microsoft.ManagedIdentity"] if facts.machine_identities else []
    return tuple(found)


def by_subscription(every: Sequence[Facts]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for facts in every:
        found.setdefault(facts.subscription, {}).update(dict.fromkeys(wanted(facts)))
    return {subscription: tuple(names) for subscription, names in found.items()}


def register(name: str, subscription: str) -> str:
    return f"az provider register --wait -n {name} --subscription {subscription}"


def findings(every: Sequence[Facts]) -> Iterator[Finding]:
    for subscription, names in by_subscription(every).items():
        yield Finding(
            "note",
            "preflight/providers",
            f"Subscription {subscription} has to have {len(names)} resource providers registered: {', '.join(names)}",
            TRIGGERS if any(facts.way == "imagebuilder" for facts in every) else REGISTERING,
            "Register them once; a provider that is registered stays as it is.",
            commands=tuple(register(name, subscription) for name in names),
        )
