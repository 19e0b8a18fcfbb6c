"""What a build leaves behind in Azure, and how it goes away."""

from __future__ import annotations

from bakelift.runner.azure.preflight.facts import name_of, subscription_of
from bakelift.runner.azure.preflight.findings import OVERVIEW, PLUGIN, TEMPLATE, Finding
from bakelift.runner.azure.storage import place
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from bakelift.runner.azure.preflight.facts import Facts


class Leftover(Record):
    """``what`` stays ``where``; ``commands`` remove it."""

    image: str
    what: str
    where: str
    commands: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {"image": self.image, "what": self.what, "where": self.where, "commands": list(self.commands)}


CONTAINERS = "https://learn.microsoft.com/azure/storage/blobs/blob-containers-cli"
CLEAN = "bakelift clean -azure"


def leftovers(every: Sequence[Facts]) -> tuple[Leftover, ...]:
    return tuple(item for facts in every for item in _of(facts))


def _of(facts: Facts) -> Iterator[Leftover]:
    if facts.way == "imagebuilder":
        remove = f"az image builder delete -g {facts.group} -n {facts.image} --subscription {facts.subscription}"
        where = facts.staging or f"a resource group IT_{facts.group}_{facts.image}_<guid> of subscription "
        where += "" if facts.staging else facts.subscription
        what = "a storage account with the fetched scripts, the logs of the runs"
        what += " and the VHD" if facts.keeps_vhd else ""
        yield Leftover(facts.image, "the image template", facts.template_id, (remove, CLEAN))
        yield Leftover(facts.image, what, where, (remove,))
        return
    if facts.temporary:
        group = facts.group
        lines = (f"{CLEAN} -subscription {facts.subscription}",)
        yield Leftover(facts.image, "nothing, unless the build is killed: its resource group", group, lines)
    else:
        yield Leftover(
            facts.image,
            "nothing, unless the build is killed: its machine, disk, network interface and deployment (pkr…)",
            facts.group_id,
            (f"az resource list -g {facts.group} -o table", f"{CLEAN} -resource-group {facts.group}"),
        )


def findings(every: Sequence[Facts]) -> Iterator[Finding]:
    for facts in every:
        listed = list(_of(facts))
        service = facts.way == "imagebuilder"
        yield Finding(
            "note",
            "preflight/left-behind",
            f"Afterwards stays: {'; '.join(f'{item.what} ({item.where})' for item in listed)}",
            OVERVIEW if service else PLUGIN,
            "Delete the image template when its outputs are kept elsewhere: what the service made for it goes too. "
            "Delete it before its resource group, or the staging group is left alone."
            if service
            else "What a killed build leaves is listed and removed by bakelift clean -azure.",
            facts.image,
            tuple(dict.fromkeys(line for item in listed for line in item.commands)),
        )
        if facts.vhd_to:
            yield _copy(facts) if facts.copies_vhd else _no_copy(facts)
        elif facts.keeps_vhd:
            yield Finding(
                "warning",
                "preflight/vhd-in-staging",
                "The VHD is kept in the staging resource group, and is lost with the image template",
                TEMPLATE,
                "Let the build copy it out (-vhd-to URL), or give the destination an address (uri).",
                facts.image,
            )
        if service:
            yield from _own(facts) if facts.staging else _logs(facts)


def _copy(facts: Facts) -> Finding:
    at = place(f"{facts.vhd_to}/")
    return Finding(
        "note",
        "preflight/vhd-copy",
        f"The VHD is copied to {facts.vhd_to} as who runs bakelift: the container {at.container} of the storage "
        f"account {at.account} has to be there, and the account has to hold page blobs",
        CONTAINERS,
        "Make the container before the build, in an account of the kind StorageV2, and assign the role there.",
        facts.image,
        (make_container(at.account, at.container),),
    )


def _no_copy(facts: Facts) -> Finding:
    return Finding(
        "note",
        "preflight/vhd-to-unused",
        "Nothing is copied by -vhd-to: the service keeps no VHD for this image template",
        TEMPLATE,
        "Leave -vhd-to out. It copies VHDs that have no address of their own (uri).",
        facts.image,
    )


def make_container(account: str, name: str) -> str:
    return f"az storage container create --auth-mode login --account-name {account} -n {name}"


def _logs(facts: Facts) -> Iterator[Finding]:
    yield Finding(
        "note",
        "preflight/log-scope",
        "The log of a run is in the storage account of its staging group, which the service names: who reads it may "
        "read blobs in the whole subscription, since a role cannot be given for a group that is not there yet",
        OVERVIEW,
        "Name a staging resource group in the template (stagingResourceGroup), so that the role is for that group "
        "alone; or leave the role out: the states of the run are shown instead of its log.",
        facts.image,
    )


def _own(facts: Facts) -> Iterator[Finding]:
    yield Finding(
        "note",
        "preflight/staging-group",
        f"The staging resource group {name_of(facts.staging)} has to be empty, in the template's region and of no "
        "other template; the service makes it where it is not there",
        TEMPLATE,
        "Give each image template a staging group of its own.",
        facts.image,
        (f"az resource list -g {name_of(facts.staging)} --subscription {subscription_of(facts.staging)} -o table",),
    )
