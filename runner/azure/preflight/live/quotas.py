"""Whether sizes are offered in the region, and whether quotas have room for the builds."""

from __future__ import annotations

from bakelift.runner.azure.preflight.findings import DOCS, TROUBLES
from bakelift.runner.azure.preflight.quotas import QUOTAS, containers, demands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bakelift.runner.azure.preflight.facts import Facts
    from bakelift.runner.azure.preflight.live.asker import Asker
    from bakelift.runner.azure.preflight.quotas import Demand

_SKUS = "2021-07-01"
_USAGES = "2024-07-01"
_CONTAINERS = "2023-05-01"
#: The quota of all spot machines of a region, as usages name it.
_SPOT = "lowprioritycores"


def ask(every: Sequence[Facts], parallel: int, asker: Asker) -> None:
    answers = []
    families: dict[tuple[str, str, str], int] = {}
    for demand in demands(every, parallel):
        if not demand.region or "<" in demand.subscription:
            answers.append(False)
            continue
        size = _size(demand, asker)
        if size is None:
            answers.append(False)
            continue
        family, cores = size
        if family:
            quota = _SPOT if demand.spot else family.lower()
            for name in (quota, *(() if demand.spot else ("cores",))):
                key = (demand.subscription, demand.region, name)
                families[key] = families.get(key, 0) + cores * demand.builds
    answers += [_room(*key, wanted, asker) for key, wanted in families.items()]
    asker.settle_if_all(answers, "preflight/cores")
    answers = [_containers(*key, wanted, asker) for key, wanted in containers(every, parallel).items()]
    asker.settle_if_all(answers, "preflight/containers")


def _size(demand: Demand, asker: Asker) -> tuple[str, int] | None:
    """The family of a size and its vCPUs, ("", 0) for one that is not offered; None when nobody says."""
    path = f"/subscriptions/{demand.subscription}/providers/Microsoft.Compute/skus"
    listed = asker.listed(path, _SKUS, f"&$filter=location eq '{demand.region}'")
    if listed is None:
        return None
    found = next(
        (s for s in listed if s.get("resourceType") == "virtualMachines" and _named(s, demand.size)),
        None,
    )
    barred = [r for r in (found or {}).get("restrictions") or [] if r.get("type") == "Location"]
    if found is None or barred:
        why = f" ({barred[0].get('reasonCode')})" if barred else ""
        asker.tell(
            "error",
            "preflight/size-not-offered",
            f"The size {demand.size} is not offered to the subscription in {demand.region}{why}",
            f"{DOCS}/sizes/overview",
            "Take another size, or ask for this one.",
            commands=(f"az vm list-skus -l {demand.region} --size {demand.size} --all -o table",),
        )
        return "", 0
    able = {str(c.get("name")): str(c.get("value")) for c in found.get("capabilities") or []}
    cores = able.get("vCPUs", "")
    return str(found.get("family", "")), int(cores) if cores.isdigit() else (demand.cores or 0) // max(1, demand.builds)


def _named(sku: dict[str, Any], size: str) -> bool:
    return str(sku.get("name", "")).lower() == size.lower()


def _room(subscription: str, place: str, name: str, wanted: int, asker: Asker) -> bool:
    path = f"/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{place}/usages"
    usages = asker.listed(path, _USAGES)
    if usages is None:
        return False
    found = _quota(usages, name)
    if found is None:
        return True  # a quota that the region does not have does not limit anything
    if (free := _free(found)) < wanted:
        asker.tell(
            "error",
            "preflight/cores",
            f"The quota {found['name'].get('localizedValue') or name} has {free} vCPUs free in {place}, and the builds "
            f"take {wanted}",
            QUOTAS,
            "Build fewer at a time (-parallel-builds), take another size or region, or ask for more.",
            commands=(f"az vm list-usage -o table --location {place}",),
        )
    return True


def _quota(usages: Sequence[dict[str, Any]], name: str) -> dict[str, Any] | None:
    """The one of a name, in lower case."""
    return next((u for u in usages if str((u.get("name") or {}).get("value", "")).lower() == name), None)


def _free(quota: dict[str, Any]) -> int:
    return int(quota.get("limit", 0)) - int(quota.get("currentValue", 0))


def _containers(subscription: str, place: str, wanted: int, asker: Asker) -> bool:
    if not place or "<" in subscription:
        return False
    path = f"/subscriptions/{subscription}/providers/Microsoft.ContainerInstance/locations/{place}/usages"
    found = _quota(asker.listed(path, _CONTAINERS) or [], "standardcores")
    if found is None:
        return False
    if (free := _free(found)) < wanted:
        asker.tell(
            "error",
            "preflight/containers",
            f"The quota of standard cores of container instances has {free} free in {place}, and the builds "
            f"take {wanted}",
            TROUBLES,
            "Build fewer at a time (-parallel-builds), or ask for more.",
        )
    return True
