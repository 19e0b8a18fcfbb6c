"""What builds have left in Azure: image templates, staging groups without one, and what a killed direct build made."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from bakelift.runner.errors import BuildError
from bakelift.runner.imagebuilder.submission import HASH_TAG
from bakelift.runner.targets.azure.building import persistently
from bakelift.runner.targets.azure.calls import RESOURCES, Absent, version_of
from bakelift.runner.targets.azure.resuming import end_access, kind_of, place
from bakelift.runner.targets.azure.undoing import CREATED_TAG, RUN_TAG
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from bakelift.runner.targets.azure.calls import Azure

TEMPLATES = "2024-02-01"
_TEMPLATE = "Microsoft.VirtualMachineImages/imageTemplates"
#: Names of the groups that Image Builder makes for its image templates, and its tags on them.
_STAGING = "IT_"
_OF_TEMPLATE, _OF_GROUP = "imageTemplateName", "imageTemplateResourceGroupName"
#: Removals at a time.
AT_ONCE = 8
#: In which order kinds go: what others belong to comes first.
KINDS = {
    "template": ("image template", "image templates"),
    "staging": ("staging resource group", "staging resource groups"),
    "group": ("resource group of a build", "resource groups of builds"),
    "resource": ("resource of a build", "resources of builds"),
    "deployment": ("deployment of a build", "deployments of builds"),
}


class Leftover(Record):
    """``kind``: of :data:`KINDS`. ``what``: what is known of it. ``kept``: why it stays; "" when it may go."""

    kind: str
    id: str
    what: str = ""
    kept: str = ""

    @property
    def name(self) -> str:
        return self.id.rpartition("/")[2]


class Search:
    """``group``: only what belongs to this resource group; "" for the whole subscription. ``older``: seconds that
    something has to be there before it counts as left. ``vhds``: what holds a VHD, or may, goes all the same.
    """

    def __init__(self, azure: Azure, group: str, older: float, vhds: bool, now: datetime | None = None) -> None:
        self._azure = azure
        self._group = group
        self._older = older
        self._vhds = vhds
        self._now = now or datetime.now(UTC)
        #: Whether there is no such group.
        self.absent = False

    async def all(self) -> list[Leftover]:
        """What is left, in the order in which it goes. Raises BuildError, also when there is no such subscription."""
        groups = await self._azure.listed(f"/subscriptions/{self._azure.subscription}/resourcegroups", RESOURCES)
        self.absent = bool(self._group) and not any(self._within(item["name"]) for item in groups)
        templates = await self._listed(f"{self._scope()}/providers/{_TEMPLATE}", TEMPLATES)
        found = [self._template(item) for item in templates if HASH_TAG in (item.get("tags") or {})]
        found += [one for item in groups if (one := await self._staging(item)) is not None]
        own = [self._build_group(item) for item in groups if self._ours(item) and self._within(item["name"])]
        return [*found, *own, *await self._resources({str(one.id).lower() for one in own})]

    def _scope(self) -> str:
        azure = self._azure
        return azure.group_id(self._group) if self._group else f"/subscriptions/{azure.subscription}"

    def _within(self, group: object) -> bool:
        return not self._group or str(group).lower() == self._group.lower()

    def _ours(self, item: dict[str, Any]) -> bool:
        return RUN_TAG in (item.get("tags") or {})

    async def _listed(self, path: str, version: str) -> list[dict[str, Any]]:
        """A list; empty where the subscription, or the group, has nothing of the kind."""
        try:
            return await self._azure.listed(path, version)
        except Absent:
            return []

    # -- image templates ----------------------------------------------------------------------------------------------

    def _template(self, item: dict[str, Any]) -> Leftover:
        properties = item.get("properties") or {}
        status = properties.get("lastRunStatus") or {}
        state = str(status.get("runState", ""))
        vhds = [d for d in properties.get("distribute") or [] if d.get("type") == "VHD" and not d.get("uri")]
        kept = ""
        if state in ("Running", "Canceling"):
            kept = "a run of it goes on"
        elif not state and self._young(item):
            kept = "its build may be about to run it; -older-than 0s takes it all the same"
        elif vhds and state in ("Succeeded", "PartiallySucceeded") and not self._vhds:
            kept = "with it a VHD would be lost: copy it out, then -all takes the image template"
        when = str(status.get("endTime") or status.get("startTime") or "")[:19]
        what = f"last run: {state} {when}".strip() if state else "never run"
        return Leftover("template", str(item["id"]), what, kept)

    def _young(self, item: dict[str, Any]) -> bool:
        """Whether somebody is making it, or has made it a little while ago."""
        age = self._age(str((item.get("systemData") or {}).get("createdAt") or ""))
        busy = (item.get("properties") or {}).get("provisioningState") in ("Creating", "Updating")
        return (busy and self._older > 0) if age is None else age < self._older

    async def _staging(self, item: dict[str, Any]) -> Leftover | None:
        """A group of the service whose image template is not there, or has another one by now. Where that is none of
        bakelift's, nobody knows whose it is, and what it holds.
        """
        tags = item.get("tags") or {}
        name, group = tags.get(_OF_TEMPLATE), tags.get(_OF_GROUP)
        if not str(item.get("name", "")).startswith(_STAGING) or not name or not self._within(group):
            return None
        id = self._azure.id(str(group), _TEMPLATE, str(name))
        template = await self._azure.find(id, TEMPLATES)
        staging = str(((template or {}).get("properties") or {}).get("exactStagingResourceGroup") or "")
        if template is not None and (
            not staging or staging.rstrip("/").rpartition("/")[2].lower() == item["name"].lower()
        ):
            return None
        why = "has another by now" if template is not None else "is gone"
        ours = HASH_TAG in ((template or {}).get("tags") or {})
        kept = (
            ""
            if ours or self._vhds
            else "nobody knows whether bakelift made that, and it may hold a VHD: -all takes it"
        )
        return Leftover("staging", str(item["id"]), f"of image template {name} in {group}, which {why}", kept)

    # -- direct builds ------------------------------------------------------------------------------------------------

    def _build_group(self, item: dict[str, Any]) -> Leftover:
        return self._made("group", item)

    def _made(self, kind: str, item: dict[str, Any]) -> Leftover:
        created = str((item.get("tags") or {}).get(CREATED_TAG, ""))
        age = self._age(created)
        kept = ""
        if age is None or age < self._older:
            kept = "its build may go on; -older-than 0s takes it all the same"
        return Leftover(kind, str(item["id"]), f"made {created}" if created else "made at an unknown time", kept)

    def _age(self, created: str) -> float | None:
        try:
            made = datetime.fromisoformat(created.replace("Z", "+00:00"))
        except ValueError:
            return None
        return (self._now - made.replace(tzinfo=made.tzinfo or UTC)).total_seconds()

    async def _resources(self, groups: set[str]) -> list[Leftover]:
        """What builds made in groups that are not theirs (``groups`` are, and go as a whole)."""
        listed = await self._listed(f"{self._scope()}/resources", RESOURCES)
        mine = [item for item in listed if self._ours(item) and _group_of(item["id"]) not in groups]
        mine = [item for item in mine if version_of(item["id"]) and kind_of(item) != "microsoft.resources/deployments"]
        found = [self._made("resource", item) for item in sorted(mine, key=place)]
        for group in dict.fromkeys(_group_of(item["id"]) for item in mine):
            path = f"{group}/providers/Microsoft.Resources/deployments"
            made = [item for item in await self._listed(path, RESOURCES) if self._ours(item)]
            found += [self._made("deployment", item) for item in made]
        return found


def _group_of(id: str) -> str:
    return "/".join(id.lower().split("/")[:5])


async def remove(azure: Azure, found: Sequence[Leftover], tell: Callable[[Leftover, str], None]) -> bool:
    """Removes what does not stay, and waits; ``tell`` hears of each with "" or what went wrong. Whether all went."""
    going = [one for one in found if not one.kept]
    good = True
    for kinds in (("template",), ("staging", "group"), ("resource",), ("deployment",)):
        wave = [one for one in going if one.kind in kinds]
        if kinds == ("resource",):
            for one in wave:  # in their order: what holds others goes first
                good = await _removed(azure, one, tell) and good
        else:
            good = await _at_once(azure, wave, tell) and good
    return good


async def _at_once(azure: Azure, wave: Iterable[Leftover], tell: Callable[[Leftover, str], None]) -> bool:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(item: Leftover) -> bool:
        async with room:
            return await _removed(azure, item, tell)

    return all(await asyncio.gather(*(one(item) for item in wave)))


async def _removed(azure: Azure, item: Leftover, tell: Callable[[Leftover, str], None]) -> bool:
    try:
        await persistently(lambda: _delete(azure, item), azure.session.poll)
    except BuildError as problem:
        tell(item, str(problem))
        return False
    tell(item, "")
    return True


async def _delete(azure: Azure, item: Leftover) -> None:
    group = item.id.split("/")[4]
    if item.kind == "template":
        await azure.delete(item.id, TEMPLATES)
    elif item.kind in ("staging", "group"):
        await end_access(azure, group)
        await azure.delete_group(group)
    elif item.kind == "deployment":
        await azure.stop_deployment(group, item.name)
        await azure.delete_deployment(group, item.name)
    else:
        if kind_of({"id": item.id}) == "microsoft.compute/disks":
            await azure.revoke_access(group, item.name)
        await azure.delete(item.id, version_of(item.id))
