"""All that templates alone tell of what Azure has to have."""

from __future__ import annotations

from bakelift.runner.azure.preflight import (
    costs,
    identities,
    images,
    marketplace,
    networks,
    providers,
    quotas,
    regions,
    staging,
)
from bakelift.runner.azure.preflight.findings import SEVERITIES, Finding, for_shell
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from bakelift.runner.azure.preflight.costs import Estimate
    from bakelift.runner.azure.preflight.facts import Facts
    from bakelift.runner.azure.preflight.permissions import BuiltIn, Role
    from bakelift.runner.azure.preflight.prices import Prices
    from bakelift.runner.azure.preflight.staging import Leftover

#: Pages that say what a name is, and what is evaluated when a template is deployed.
NAMES = "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules"
VALUES = "https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions"


class Preflight(Record):
    """``live``: Azure was asked."""

    way: str
    every: tuple[Facts, ...]
    findings: tuple[Finding, ...]
    roles: tuple[Role, ...]
    built_in: tuple[BuiltIn, ...]
    estimate: Estimate
    leftovers: tuple[Leftover, ...]
    live: bool = False

    @property
    def blocked(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)


def preflight(
    way: str,
    every: Sequence[Facts],
    served: Collection[str],
    parallel: int,
    prices: Prices,
    more: Iterable[Finding] = (),
) -> Preflight:
    """``served``: regions where Image Builder runs. ``parallel``: builds at a time. ``more``: what is known already."""
    estimate = costs.estimate(every, prices)
    found = (
        *more,
        *regions.findings(every, served),
        *marketplace.findings(every),
        *images.findings(every),
        *networks.findings(every),
        *_unknown(every),
        *identities.findings(every),
        *providers.findings(every),
        *quotas.findings(every, parallel),
        *costs.findings(every, estimate),
        *staging.findings(every),
    )
    return Preflight(
        way,
        tuple(every),
        in_order(found),
        identities.needed_roles(every),
        identities.needed_built_in(every),
        estimate,
        staging.leftovers(every),
    )


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The worst first; what is said of several images in the same words is said of each."""
    ready = (finding.but(commands=tuple(map(for_shell, finding.commands))) for finding in found)
    return tuple(sorted(dict.fromkeys(ready), key=lambda finding: SEVERITIES.index(finding.severity)))


def _unknown(every: Sequence[Facts]) -> Iterator[Finding]:
    for facts in every:
        if facts.bad:
            yield Finding(
                "error",
                "preflight/bad-name",
                f"Azure has no names like these: {', '.join(facts.bad)}",
                NAMES,
                "Correct the template; a name consists of letters, digits, dots, dashes, underscores and parentheses.",
                facts.image,
            )
        if facts.unknown:
            yield Finding(
                "warning",
                "preflight/not-known",
                f"There is no value here for {', '.join(facts.unknown)}: nothing that depends on it was looked at",
                VALUES,
                "Give them values: with -var, a variable file, or the parameters file beside the template.",
                facts.image,
            )
