"""Asks Azure for what can be asked before a build. Nothing is changed there; what may not be asked is said."""

from __future__ import annotations

from bakelift.runner.azure.preflight.live import (
    access,
    containers,
    destinations,
    networks,
    quotas,
    sources,
    subscriptions,
    templates,
)
from bakelift.runner.azure.preflight.live.asker import Asker
from bakelift.runner.azure.preflight.offline import in_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.runner.azure.preflight.facts import Facts
    from bakelift.runner.azure.preflight.offline import Preflight

__all__ = ["Asker", "asked", "located"]

_GROUPS = "2021-04-01"


def located(every: Sequence[Facts], asker: Asker) -> list[Facts]:
    """With the region of the resource group where the template leaves it to that, and the storage accounts by id."""
    found = []
    for facts in every:
        place = facts.location
        if not place and not facts.temporary and "<" not in facts.group_id:
            place = str((asker.get(facts.group_id, _GROUPS, absent=None) or {}).get("location", ""))
        found.append(facts.but(location=place.lower().replace(" ", "")))
    return containers.known(found, asker)


def asked(found: Preflight, asker: Asker, parallel: int) -> Preflight:
    """The same with what Azure says: where it has answered, that takes the place of what the template alone tells."""
    subscriptions.ask(found.every, asker)
    access.ask(found, asker)
    for facts in found.every:
        source = sources.ask(facts, asker)
        destinations.ask(facts, source, asker)
        networks.ask(facts, asker)
        templates.ask(facts, asker)
        containers.ask(facts, asker)
    quotas.ask(found.every, parallel, asker)
    kept = [finding for finding in found.findings if (finding.code, finding.image) not in asker.settled]
    return found.but(findings=in_order([*kept, *asker.findings]), live=True)
