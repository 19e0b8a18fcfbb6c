"""What a build and what it makes cost, about: list prices times what the template says."""

from __future__ import annotations

from bakelift.runner.azure.preflight.findings import Finding
from bakelift.runner.azure.preflight.quotas import CONTAINER_CORES, size_of
from bakelift.runner.azure.preflight.sizes import PROXY
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from bakelift.runner.azure.preflight.facts import Destination, Facts
    from bakelift.runner.azure.preflight.prices import Prices

RETAIL = "https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices"
#: Hours of a month, as Azure counts them.
_MONTH = 730
#: Sizes of disks in GB, each with its tier.
_TIERS = ((32, "4"), (64, "6"), (128, "10"), (256, "15"), (512, "20"), (1024, "30"), (2048, "40"), (4095, "50"))
#: How large the disks of marketplace images are, where the template does not make them larger.
_DISK = {"Linux": 30, "Windows": 127, "": 30}
_SNAPSHOTS = {
    "Standard_LRS": "LRS Snapshots",
    "Standard_ZRS": "ZRS Snapshots",
    "Premium_LRS": "Premium LRS Snapshots",
}


class Cost(Record):
    """``amount`` of ``unit`` at ``price`` US dollars make ``usd``, for an hour of the build or a month of keeping it.

    ``priced_in``: the region whose price it is; another one where the table has none of the region itself.
    """

    image: str
    what: str
    per: str
    amount: float
    unit: str
    price: float
    usd: float
    region: str
    priced_in: str
    date: str
    source: str

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._fields}


class Estimate(Record):
    """``missing``: what is not counted, each as a clause."""

    costs: tuple[Cost, ...]
    missing: tuple[str, ...]

    def total(self, per: str) -> float:
        return round(sum(cost.usd for cost in self.costs if cost.per == per), 4)

    def dates(self) -> tuple[str, str]:
        """The first and the last day that a price is of."""
        found = sorted(cost.date for cost in self.costs if cost.date)
        return (found[0], found[-1]) if found else ("", "")


class _Counter:
    def __init__(self, facts: Facts, prices: Prices) -> None:
        self.facts = facts
        self.prices = prices
        self.costs: list[Cost] = []
        self.missing: list[str] = []

    def add(self, what: str, meter: str, amount: float, per: str, place: str, anywhere: bool = True) -> bool:
        price = self.prices.near(meter, place) if anywhere else self.prices.of(meter, place)
        if price is None:
            return False
        rate = price.usd / _MONTH if per == "hour" and "month" in price.unit.lower() else price.usd
        usd = round(amount * rate, 5)
        unit = "hours" if "hour" in price.unit.lower() else price.unit
        self.costs.append(
            Cost(
                self.facts.image, what, per, amount, unit, price.usd, usd, place, price.region, price.date, price.source
            )
        )
        return True

    def count(self) -> None:
        facts, place = self.facts, self.facts.location
        self.machine(size_of(facts), place)
        size = facts.disk_gb or _DISK[facts.os]
        tier = next((f"S{name}" for most, name in _TIERS if size <= most), "")
        if not tier or not self.add(f"OS disk ({tier}, {size} GB)", f"{tier} LRS Disk", 1, "hour", place):
            self.missing.append(f"the OS disk of {size} GB")
        if facts.way == "imagebuilder":
            what = f"container instance ({CONTAINER_CORES} cores)"
            self.add(what, "Standard vCPU Duration", CONTAINER_CORES, "hour", place)
            self.missing.append("the memory of the container instance, which the service does not tell")
            if facts.subnet and not facts.container_subnet:
                self.add(f"proxy VM ({PROXY})", PROXY, 1, "hour", place, anywhere=False)
        for destination in facts.destinations:
            self.destination(destination, size)
        if facts.source.plan is not None:
            self.missing.append("what the publisher of the source asks for its plan")

    def machine(self, size: str, place: str) -> None:
        facts = self.facts
        name = f"{size} Spot" if facts.spot else size
        if facts.os == "Windows" and self.add(f"build VM ({size})", f"{name} Windows", 1, "hour", place, False):
            return
        if not self.add(f"build VM ({size})", name, 1, "hour", place, anywhere=False):
            self.missing.append(f"the build VM: there is no price of {name} in {place or 'a region that is not known'}")
        elif facts.os == "Windows":
            self.missing.append("the licence of Windows on the build VM")

    def destination(self, destination: Destination, size: int) -> None:
        if destination.kind == "vhd":
            self.missing.append("the storage account that keeps the VHD")
            return
        meters = _SNAPSHOTS if destination.kind == "gallery" else {"Standard_LRS": "LRS Snapshots"}
        places = [replica for replica in destination.regions if replica.region]
        for replica in places:
            meter = meters.get(replica.storage, "LRS Snapshots")
            copies = f"{replica.count} copies" if replica.count != 1 else "one copy"
            what = f"{destination.kind} image in {replica.region} ({copies} of at most {size} GB, {replica.storage})"
            self.add(what, meter, size * replica.count, "month", replica.region)
        if not places:
            self.missing.append("the image, since it is not known in which regions it is kept")
        if destination.kind == "gallery" and len(places) > 1:
            self.missing.append("the traffic of replication between regions")


def estimate(every: Sequence[Facts], prices: Prices) -> Estimate:
    costs: list[Cost] = []
    missing: dict[str, None] = {}
    for facts in every:
        counter = _Counter(facts, prices)
        counter.count()
        costs += counter.costs
        missing.update(dict.fromkeys(counter.missing))
    missing["what is kept for runs in storage accounts, and traffic out of Azure"] = None
    return Estimate(tuple(costs), tuple(missing))


def findings(every: Sequence[Facts], found: Estimate) -> Iterator[Finding]:
    first, last = found.dates()
    dates = first if first == last else f"{first} to {last}"
    hour, month = found.total("hour"), found.total("month")
    sizes = " or ".join(f"armSkuName eq '{name}'" for name in dict.fromkeys(size_of(facts) for facts in every))
    places = " or ".join(f"armRegionName eq '{p}'" for p in dict.fromkeys(f.location for f in every) if p)
    asked = f"({sizes})" + (f" and ({places})" if places else "") + " and priceType eq 'Consumption'"
    yield Finding(
        "note",
        "preflight/cost",
        f"An hour of building costs about ${hour:.3f}, and what is made about ${month:.2f} a month: an estimate at "
        f"list prices of {dates}, without "
        f"{'; '.join(found.missing)}",
        RETAIL,
        "Say -prices FILE to count with other prices: a file with the columns meter, region, unit, usd, date and "
        "source, or what the Retail Prices API answers.",
        commands=(
            f'curl -sG https://prices.azure.com/api/retail/prices --data-urlencode "\\$filter={asked}" -o prices.json',
        ),
    )
