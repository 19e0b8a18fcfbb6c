"""Purchase plans and terms of marketplace images, and what the preview's Red Hat cases became."""

from __future__ import annotations

from bakelift.runner.azure.preflight.findings import PREVIEW, TEMPLATE, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bakelift.runner.azure.preflight.facts import Facts, Source

TERMS = "https://learn.microsoft.com/azure/virtual-machines/linux/cli-ps-findimage"
BYOS = "https://learn.microsoft.com/azure/virtual-machines/workloads/redhat/byos"
#: Images that have a purchase plan, as far as the documents name them: publisher, and offer or "".
_WITH_PLAN = (("center-for-internet-security-inc", ""), ("redhat", "rhel-byos"))


def findings(every: Sequence[Facts]) -> Iterator[Finding]:
    for facts in every:
        source = facts.source
        if source.kind == "platform":
            yield from _plan(facts, source)
            if source.offer.lower() == "rhel-byos":
                yield from _own_subscription(facts)
        if facts.iso:
            yield _iso(facts)


def accept(plan: tuple[str, str, str]) -> str:
    name, product, publisher = plan
    return f"az vm image terms accept --publisher {publisher} --offer {product} --plan {name}"


def _plan(facts: Facts, source: Source) -> Iterator[Finding]:
    if source.plan is not None:
        name, product, publisher = source.plan
        yield Finding(
            "warning",
            "preflight/terms",
            f"The source has the purchase plan {publisher}:{product}:{name}, whose terms have to be accepted in each "
            "subscription",
            TERMS,
            "Accept them once, or let -live look whether they are.",
            facts.image,
            (accept(source.plan),),
        )
        return
    for publisher, offer in _WITH_PLAN:
        if source.publisher.lower() == publisher and source.offer.lower().startswith(offer):
            field = "planInfo" if facts.way == "imagebuilder" else "plan_info"
            yield Finding(
                "error",
                "preflight/plan-missing",
                f"{source.urn} is sold with a purchase plan, and the template has no {field}",
                TEMPLATE,
                f"Add {field}; az vm image show --urn {source.urn} --query plan prints it.",
                facts.image,
                (f"az vm image show --urn {source.urn} --query plan",),
            )


def _own_subscription(facts: Facts) -> Iterator[Finding]:
    yield Finding(
        "note",
        "preflight/byos",
        "The source is Red Hat's image for own subscriptions: it has no update service of Azure behind it",
        BYOS,
        "Register with your own subscription in the first step (subscription-manager register) and unregister in the "
        "last one, so that machines of the image register themselves. The tenant has to be enabled for Red Hat's gold "
        "images.",
        facts.image,
        (f"az vm image list --publisher RedHat --offer rhel-byos --all --location {facts.location or '<location>'}",),
    )


def _iso(facts: Facts) -> Finding:
    return Finding(
        "warning",
        "preflight/iso",
        "The preview built this image from an installation ISO of Red Hat 7; since April 2020 the service takes none",
        PREVIEW,
        f"Take Red Hat's marketplace image for own subscriptions instead, with its purchase plan: {facts.source.urn}. "
        "bakelift translate writes it. It has other packages than an installation from the ISO.",
        facts.image,
        (accept(facts.source.plan),) if facts.source.plan is not None else (),
    )
