"""What subscriptions have: registered providers, accepted terms."""

from __future__ import annotations

from bakelift.runner.azure.preflight import marketplace, providers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.runner.azure.preflight.facts import Facts
    from bakelift.runner.azure.preflight.live.asker import Asker

_PROVIDERS = "2021-04-01"
_TERMS = "2021-01-01"


def ask(every: Sequence[Facts], asker: Asker) -> None:
    wanted = providers.by_subscription(every)
    answers = [_provider(subscription, name, asker) for subscription, names in wanted.items() for name in names]
    asker.settle_if_all(answers, "preflight/providers")


def _provider(subscription: str, name: str, asker: Asker) -> bool:
    """Whether there was an answer."""
    found = asker.get(f"/subscriptions/{subscription}/providers/{name}", _PROVIDERS, absent={})
    if found is None:
        return False
    state = str(found.get("registrationState", "NotRegistered"))
    if state != "Registered":
        asker.tell(
            "warning" if state == "Registering" else "error",
            "preflight/provider-missing",
            f"The resource provider {name} is {state} in subscription {subscription}",
            providers.REGISTERING,
            "Register it and wait until it is.",
            commands=(providers.register(name, subscription),),
        )
    return True


def terms(facts: Facts, plan: tuple[str, str, str], asker: Asker) -> None:
    """Whether the terms of a purchase plan (name, product, publisher) are accepted."""
    name, product, publisher = plan
    offer = f"offerTypes/virtualmachine/publishers/{publisher}/offers/{product}/plans/{name}"
    path = f"/subscriptions/{facts.subscription}/providers/Microsoft.MarketplaceOrdering/{offer}/agreements/current"
    found = asker.get(path, _TERMS, absent={})
    if found is None:
        return
    asker.settle("preflight/terms", facts.image)
    if (found.get("properties") or {}).get("accepted") is not True:
        asker.tell(
            "error",
            "preflight/terms-open",
            f"The terms of the purchase plan {publisher}:{product}:{name} are not accepted in subscription "
            f"{facts.subscription}",
            marketplace.TERMS,
            "Accept them once.",
            facts.image,
            (f"{marketplace.accept(plan)} --subscription {facts.subscription}",),
        )
