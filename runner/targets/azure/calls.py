"""Requests to Azure's resource manager, awaited: each in a thread, tried again where that does no harm, and what Azure
says of a failure in one line. Resources go by their id; answers are the JSON as it came.

Every request here can be sent twice: the clients do so after 429, 5xx and a connection that broke, POST included.
"""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from urllib.parse import urlsplit

from bakelift.runner.azure.session import explained
from bakelift.runner.errors import BuildError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bakelift.runner.azure.session import Session

#: API versions: those of packer-plugin-azure 2.6, which every cloud has.
RESOURCES = "2022-09-01"
COMPUTE = "2022-03-01"
DISKS = "2022-03-02"
GALLERIES = "2023-07-03"
NETWORK = "2023-09-01"
STORAGE = "2023-01-01"
VAULTS = "2023-07-01"

#: By type, else by provider.
_VERSIONS = {
    "microsoft.compute/disks": DISKS,
    "microsoft.compute": COMPUTE,
    "microsoft.network": NETWORK,
    "microsoft.keyvault": VAULTS,
    "microsoft.resources": RESOURCES,
}

#: Seconds that an operation may take (``polling_duration_timeout``).
PATIENCE = 900.0

#: A request that is refused because of a token is sent once more: the next one may have another.
_UNAUTHORIZED = 401

#: States of a deployment that has come to its end.
_ENDS = ("Succeeded", "Failed", "Canceled")

_AGAIN = {"retry_on_methods": ("HEAD", "GET", "PUT", "DELETE", "POST")}


def version_of(id: str) -> str:
    """The API version to remove a resource with that a build has made; "" for what goes with something else."""
    kind = id.lower().partition("/providers/")[2].split("/")
    if len(kind) > 3:
        return ""  # a child, which goes with its parent
    return _VERSIONS.get("/".join(kind[:2])) or _VERSIONS.get(kind[0], "")


class Absent(BuildError):
    """There is no such thing."""


class Azure:
    """``patience``: seconds that an operation may take where nobody says otherwise."""

    def __init__(self, session: Session, patience: float = PATIENCE) -> None:
        self.session = session
        self.patience = patience

    @property
    def subscription(self) -> str:
        return self.session.subscription

    def group_id(self, group: str, subscription: str = "") -> str:
        return f"/subscriptions/{subscription or self.subscription}/resourceGroups/{group}"

    def id(self, group: str, kind: str, name: str, subscription: str = "") -> str:
        """``kind``: ``Microsoft.Compute/images``; of a child, ``kind`` and ``name`` have as many parts more."""
        provider, *kinds = kind.split("/")
        parts = [part for pair in zip(kinds, name.split("/"), strict=True) for part in pair]
        return f"{self.group_id(group, subscription)}/providers/{provider}/{'/'.join(parts)}"

    # -- resources ----------------------------------------------------------------------------------------------------

    async def get(self, id: str, version: str, **query: str) -> dict[str, Any]:
        """Raises Absent, BuildError."""
        return await self._send("GET", id, {"api-version": version, **query})

    async def find(self, id: str, version: str) -> dict[str, Any] | None:
        try:
            return await self.get(id, version)
        except Absent:
            return None

    async def listed(self, path: str, version: str, **query: str) -> list[dict[str, Any]]:
        """All pages of a list."""
        answer = await self._send("GET", path, {"api-version": version, **query})
        found = list(answer.get("value") or ())
        while answer.get("nextLink"):
            more = str(answer["nextLink"])
            if urlsplit(more).netloc != urlsplit(self.session.address).netloc:
                raise BuildError(f"Azure says that a list goes on elsewhere, where no token is sent: {more}")
            answer = await self._send("GET", more, None)
            found += answer.get("value") or ()
        return found

    async def put(self, id: str, version: str, body: dict[str, Any], patience: float | None = None) -> dict[str, Any]:
        """Makes a resource, and waits until it is there."""
        resources = self.session.resources(RESOURCES).resources

        def begin(**options: Any) -> Any:
            return resources.begin_create_or_update_by_id(id, body, api_version=version, **options)

        made = await self.operation(begin, patience)
        return dict(made.as_dict()) if made is not None else {}

    async def delete(self, id: str, version: str) -> None:
        """Removes a resource, and waits until it has gone; one that is not there is no error."""
        resources = self.session.resources(RESOURCES).resources
        try:
            await self.operation(lambda **options: resources.begin_delete_by_id(id, api_version=version, **options))
        except Absent:
            return

    async def group_exists(self, group: str) -> bool:
        groups = self.session.resources(RESOURCES).resource_groups
        return bool(await self.call(lambda: groups.check_existence(group)))

    async def make_group(self, group: str, location: str, tags: dict[str, str]) -> None:
        groups = self.session.resources(RESOURCES).resource_groups
        await self.call(lambda: groups.create_or_update(group, {"location": location, "tags": tags}))

    async def delete_group(self, group: str, wait: bool = True) -> None:
        groups = self.session.resources(RESOURCES).resource_groups

        def begin(**options: Any) -> Any:
            return groups.begin_delete(group, **options)

        try:
            if wait:
                await self.operation(begin)
            else:
                await self.call(lambda: begin(polling=False))
        except Absent:
            return

    # -- deployments --------------------------------------------------------------------------------------------------

    async def validate(self, group: str, name: str, deployment: dict[str, Any]) -> None:
        """Raises BuildError when Azure would not deploy it."""
        deployments = self.session.deployments(RESOURCES).deployments
        found = await self.operation(
            lambda **options: deployments.begin_validate(group, name, deployment, **_AGAIN, **options)
        )
        error = getattr(found, "error", None)
        if error is not None and getattr(error, "code", None):
            raise BuildError(f"{error.code}: {error.message}")

    async def deploy(self, group: str, name: str, deployment: dict[str, Any]) -> None:
        """Where the answer was lost and the request is sent again, Azure says that it is at it already."""
        deployments = self.session.deployments(RESOURCES).deployments

        def begin(**options: Any) -> Any:
            return deployments.begin_create_or_update(group, name, deployment, **options)

        try:
            await self.operation(begin)
        except BuildError as problem:
            if not str(problem).startswith("DeploymentActive"):
                raise
            await self._deployment_ended(group, name)

    async def _deployment_ended(self, group: str, name: str) -> None:
        id = self.id(group, "Microsoft.Resources/deployments", name)
        try:
            async with asyncio.timeout(self.patience):
                while True:
                    found = (await self.get(id, RESOURCES))["properties"]
                    state = str(found.get("provisioningState"))
                    if state in _ENDS:
                        break
                    await asyncio.sleep(self.session.poll)
        except TimeoutError:
            raise BuildError(f"The deployment is not done after {self.patience:.0f} seconds") from None
        if state != "Succeeded":
            error = found.get("error") or {}
            raise BuildError(
                f"{error.get('code') or state}: {error.get('message') or 'the deployment did not succeed'}"
            )

    async def delete_deployment(self, group: str, name: str) -> None:
        deployments = self.session.deployments(RESOURCES).deployments
        try:
            await self.operation(lambda **options: deployments.begin_delete(group, name, **options))
        except Absent:
            return

    async def stop_deployment(self, group: str, name: str) -> None:
        """Ends a deployment that is under way, so that what it has made can be removed."""
        deployments = self.session.deployments(RESOURCES).deployments
        try:
            await self.call(lambda: deployments.cancel(group, name, **_AGAIN))
        except BuildError:
            return  # it is not there, or has come to its end

    async def deployed(self, group: str, name: str) -> list[tuple[str, str, str]]:
        """What a deployment has made: type, name and id of each resource."""
        id = self.id(group, "Microsoft.Resources/deployments", name)
        found = []
        for item in await self.listed(f"{id}/operations", RESOURCES):
            target = (item.get("properties") or {}).get("targetResource")
            if target and target.get("id"):  # Azure lists operations without a resource as well
                found.append((target.get("resourceType", ""), target.get("resourceName", ""), target["id"]))
        return list(dict.fromkeys(found))

    # -- machines and disks -------------------------------------------------------------------------------------------

    async def deallocate(self, group: str, machine: str) -> None:
        machines = self.session.compute().virtual_machines

        def begin(**options: Any) -> Any:
            return machines.begin_deallocate(group, machine, hibernate=False, api_version=COMPUTE, **_AGAIN, **options)

        await self.operation(begin)

    async def generalize(self, group: str, machine: str) -> None:
        machines = self.session.compute().virtual_machines
        await self.call(lambda: machines.generalize(group, machine, api_version=COMPUTE, **_AGAIN))

    async def grant_access(self, group: str, disk: str, seconds: int) -> str:
        """An address from which the disk can be read, for so long: a secret."""
        disks = self.session.compute().disks
        body = {"access": "Read", "durationInSeconds": seconds}

        def begin(**options: Any) -> Any:
            return disks.begin_grant_access(group, disk, body, api_version=DISKS, **_AGAIN, **options)

        granted = await self.operation(begin)
        return str(granted.access_sas)

    async def revoke_access(self, group: str, disk: str) -> None:
        disks = self.session.compute().disks

        def begin(**options: Any) -> Any:
            return disks.begin_revoke_access(group, disk, api_version=DISKS, **_AGAIN, **options)

        try:
            await self.operation(begin)
        except Absent:
            return

    # -- how ----------------------------------------------------------------------------------------------------------

    async def _send(self, method: str, path: str, query: dict[str, str] | None) -> dict[str, Any]:
        client = self.session.resources(RESOURCES)

        def send() -> Any:
            from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
            from azure.core.rest import HttpRequest
            from azure.mgmt.core.exceptions import ARMErrorFormat

            answer = client.send_request(HttpRequest(method, path, params=query))
            if answer.status_code >= 400:
                kind = ResourceNotFoundError if answer.status_code == 404 else HttpResponseError
                raise kind(response=answer, error_format=ARMErrorFormat)
            return answer.json()

        return dict(await self.call(send))

    async def call(self, call: Callable[[], Any]) -> Any:
        """The answer to one request. Raises Absent, BuildError."""
        from azure.core.exceptions import AzureError

        try:
            return await in_background(call)
        except (AzureError, ValueError) as problem:
            if getattr(problem, "status_code", None) != _UNAUTHORIZED:
                raise _told(problem) from None
        try:
            return await in_background(call)
        except (AzureError, ValueError) as problem:
            raise _told(problem) from None

    async def operation(self, begin: Callable[..., Any], patience: float | None = None) -> Any:
        """The result of something that takes long. ``begin`` gives its poller; with a ``continuation_token``, that of
        one that has begun. Raises Absent, BuildError.
        """
        from azure.core.exceptions import AzureError

        seconds = patience or self.patience
        poller = await self.call(begin)
        again = True
        try:
            async with asyncio.timeout(seconds):
                while True:
                    while not poller.done():
                        await asyncio.sleep(min(0.2, max(0.005, self.session.poll / 10)))
                    try:
                        return poller.result()
                    except (AzureError, ValueError) as problem:
                        if not again or getattr(problem, "status_code", None) != _UNAUTHORIZED:
                            raise _told(problem) from None
                        again, token = False, poller.continuation_token()
                        poller = await self.call(partial(begin, continuation_token=token))
        except TimeoutError:
            raise BuildError(
                f"Azure is not done after {seconds:.0f} seconds; polling_duration_timeout allows for more"
            ) from None


def _told(problem: BaseException) -> BuildError:
    from azure.core.exceptions import ResourceNotFoundError

    return (Absent if isinstance(problem, ResourceNotFoundError) else BuildError)(explained(problem))


async def in_background(call: Callable[[], Any]) -> Any:
    """The outcome of a call that blocks, made in a thread that does not hold up the end of the program.

    Being cancelled, it waits for the call's end first, so that nothing is made behind the back of a clean-up; being
    cancelled again, it does not.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, problem: BaseException | None) -> None:
        if future.done():
            return
        if problem is not None:
            future.set_exception(problem)
        else:
            future.set_result(result)

    def work() -> None:
        result, problem = None, None
        try:
            result = call()
        except BaseException as raised:
            problem = raised
        try:
            loop.call_soon_threadsafe(settle, result, problem)
        except RuntimeError:
            return  # the program is at its end

    threading.Thread(target=work, daemon=True).start()
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        if not future.done():
            await asyncio.wait([future])
        if not future.cancelled():
            future.exception()
        raise
