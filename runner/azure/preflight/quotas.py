"""How much of the subscription's quotas builds take at a time."""

from __future__ import annotations

from bakelift.runner.azure.preflight.findings import DOCS, TROUBLES, Finding
from bakelift.runner.azure.preflight.images import generation
from bakelift.runner.azure.preflight.sizes import DEFAULTS, PROXY, cores, series
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bakelift.runner.azure.preflight.facts import Facts

QUOTAS = f"{DOCS}/quotas"
#: Cores of the container instance that runs each build of the service.
CONTAINER_CORES = 4


def usages(subscription: str, place: str) -> str:
    """The path that tells how much of the quotas of container instances is used."""
    return (
        f"/subscriptions/{subscription}/providers/Microsoft.ContainerInstance/locations/{place}/usages"
        "?api-version=2023-05-01"
    )


class Demand(Record):
    """What builds take at a time of one quota in a region. ``cores`` None: the size's name does not tell."""

    subscription: str
    region: str
    size: str
    builds: int
    cores: int | None
    spot: bool = False


def size_of(facts: Facts) -> str:
    """The size of the build VM; the service's default where the template names none."""
    return facts.vm_size or DEFAULTS.get(generation(facts), DEFAULTS["V1"])


def demands(every: Sequence[Facts], parallel: int) -> tuple[Demand, ...]:
    """Of sizes by subscription and region, as many at a time as may run (``parallel``)."""
    counted: dict[tuple[str, str, str, bool], int] = {}
    for facts in every:
        key = (facts.subscription, facts.location, size_of(facts), facts.spot)
        counted[key] = counted.get(key, 0) + 1
        if facts.subnet and not facts.container_subnet and facts.way == "imagebuilder":
            proxy = (facts.subscription, facts.location, PROXY, False)
            counted[proxy] = counted.get(proxy, 0) + 1
    found = []
    for (subscription, place, size, spot), count in counted.items():
        builds = min(count, parallel)
        each = cores(size)
        found.append(Demand(subscription, place, size, builds, None if each is None else each * builds, spot))
    return tuple(found)


def containers(every: Sequence[Facts], parallel: int) -> dict[tuple[str, str], int]:
    """Cores of container instances at a time, by subscription and region."""
    found: dict[tuple[str, str], int] = {}
    for facts in every:
        if facts.way == "imagebuilder":
            key = (facts.subscription, facts.location)
            found[key] = found.get(key, 0) + 1
    return {key: min(count, parallel) * CONTAINER_CORES for key, count in found.items()}


def findings(every: Sequence[Facts], parallel: int) -> Iterator[Finding]:
    for demand in demands(every, parallel):
        place = demand.region or "the region of the build"
        amount = f"{demand.cores} vCPUs" if demand.cores is not None else "the vCPUs"
        kind = "spot machines" if demand.spot else f"the series {series(demand.size)}"
        builds = "One build takes" if demand.builds == 1 else f"{demand.builds} builds at a time take"
        yield Finding(
            "note",
            "preflight/cores",
            f"{builds}, on {demand.size}, {amount} of the quota of {kind} in {place}",
            QUOTAS,
            "See that so many are free, build fewer at a time (-parallel-builds), or ask for more.",
            commands=(f"az vm list-usage -o table --location {demand.region or '<location>'}",),
        )
    for (subscription, place), wanted in containers(every, parallel).items():
        yield Finding(
            "note",
            "preflight/containers",
            f"Image Builder runs each build in a container instance of {CONTAINER_CORES} cores: {wanted} at a time"
            + (f" in {place}" if place else ""),
            TROUBLES,
            "See that the quota of standard cores of container instances has room, or build fewer at a time.",
            commands=(f"az rest --method get --url '{usages(subscription, place or '<location>')}'",),
        )
