"""What a subscription says of itself, beside :mod:`fake_arm`: providers, groups, sizes, usages, marketplace, terms.

Paths, API versions and shapes are those of the official packages, which a test reads it with.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import fake_arm

#: The API versions that answer: those that a preflight asks with, and those of the official packages.
VERSIONS = {
    "groups": ("2021-04-01",),
    "providers": ("2021-04-01",),
    "skus": ("2021-07-01",),
    "usages": ("2024-07-01", "2026-04-01"),
    "containers": ("2023-05-01",),
    "accounts": ("2023-05-01",),
    "terms": ("2021-01-01",),
}
_OF = r"/subscriptions/[^/]+"


class Subscription:
    """``states``: of providers that are not registered. ``groups``: regions by name in lower case.

    ``sizes``: (family, vCPUs) by name. ``usages``: (used, limit) by name, ``container_usages`` too. ``images``: of the
    marketplace, properties by ``publisher:offer:sku``. ``accepted``: plans whose terms are. ``denied``: patterns of
    paths that this login may not look at. ``page``: entries of a list at a time, of those that have pages.
    """

    def __init__(self, arm: fake_arm.Arm) -> None:
        self.arm = arm
        self.states: dict[str, str] = {}
        self.groups: dict[str, str] = {}
        self.sizes: dict[str, tuple[str, int]] = {
            "Standard_A1_v2": ("standardAv2Family", 1),
            "Standard_D2s_v5": ("standardDSv5Family", 2),
        }
        self.barred: set[str] = set()
        self.usages: dict[str, tuple[int, int]] = {"cores": (0, 100), "standardDSv5Family": (0, 100)}
        self.container_usages: dict[str, tuple[int, int]] = {"StandardCores": (0, 100)}
        self.images: dict[str, dict[str, Any]] = {}
        self.accepted: set[str] = set()
        self.denied: list[str] = []
        self.page = 2
        arm.parts.append(self.answer)

    def add(self, id: str, properties: dict[str, Any], **more: Any) -> None:
        """A resource as its id, its location and its properties."""
        self.arm.resources[id.lower()] = {
            "id": id, "name": id.rpartition("/")[2], "location": "westeurope", **more, "properties": properties
        }  # fmt: skip

    def answer(self, handler: fake_arm.Handler, path: str) -> bool:
        if any(re.search(pattern, path, re.IGNORECASE) for pattern in self.denied):
            handler.refuse(403, "AuthorizationFailed", "the client has no authorization to perform the action")
            return True
        if handler.command != "GET":
            return False
        for pattern, method, kind in (
            (rf"{_OF}/resourcegroups/([^/]+)", self.group, "groups"),
            (rf"{_OF}/providers/([^/]+)", self.provider, "providers"),
            (rf"{_OF}/providers/microsoft.storage/storageaccounts", self.accounts, "accounts"),
            (rf"{_OF}/providers/microsoft.compute/skus", self.skus, "skus"),
            (rf"{_OF}/providers/microsoft.compute/locations/[^/]+/usages", self.compute, "usages"),
            (rf"{_OF}/providers/microsoft.containerinstance/locations/[^/]+/usages", self.containers, "containers"),
            (
                rf"{_OF}/providers/microsoft.compute/locations/[^/]+/publishers/([^/]+)/artifacttypes/vmimage/offers/"
                r"([^/]+)/skus/([^/]+)/versions(/[^/]+)?",
                self.image,
                "",
            ),
            (
                rf"{_OF}/providers/microsoft.marketplaceordering/offertypes/virtualmachine/publishers/([^/]+)/offers/"
                r"([^/]+)/plans/([^/]+)/agreements/current",
                self.terms,
                "terms",
            ),
            (rf"{_OF}/resourcegroups/[^/]+/providers/microsoft.compute/galleries/[^/]+/images/[^/]+/versions",
             self.versions, ""),
        ):  # fmt: skip
            found = re.fullmatch(pattern, path)
            if found is not None:
                query = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
                if kind and query.get("api-version") not in VERSIONS[kind]:
                    handler.refuse(400, "NoRegisteredProviderFound", f"no such API version for {path}")
                    return True
                method(handler, query, *found.groups())
                return True
        return False

    def group(self, handler: fake_arm.Handler, _query: dict[str, str], name: str) -> None:
        if name not in self.groups:
            handler.refuse(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")
            return
        id = handler.path.partition("?")[0]
        handler.answer(200, {"id": id, "name": name, "location": self.groups[name], "properties": {}})

    def provider(self, handler: fake_arm.Handler, _query: dict[str, str], name: str) -> None:
        state = next((s for n, s in self.states.items() if n.lower() == name), "Registered")
        handler.answer(200, {"namespace": name, "registrationState": state, "resourceTypes": []})

    def skus(self, handler: fake_arm.Handler, query: dict[str, str]) -> None:
        place = re.fullmatch(r"location eq '(\w+)'", query.get("$filter", ""))
        assert place is not None, "sizes are asked for in one region"
        listed = [
            {
                "resourceType": "virtualMachines",
                "name": name,
                "family": family,
                "locations": [place[1]],
                "capabilities": [{"name": "vCPUs", "value": str(cores)}],
                "restrictions": [
                    {"type": "Location", "values": [place[1]], "reasonCode": "NotAvailableForSubscription"}
                ]
                if name in self.barred
                else [],
            }
            for name, (family, cores) in self.sizes.items()
        ]
        self.paged(handler, query, listed)

    def paged(self, handler: fake_arm.Handler, query: dict[str, str], listed: list[dict[str, Any]]) -> None:
        """A page of a list, and the address of the next one."""
        at = int(query.get("$skiptoken", 0))
        answer: dict[str, Any] = {"value": listed[at : at + self.page]}
        if at + self.page < len(listed):
            here = re.sub(r"&\$skiptoken=\d+", "", handler.path)
            answer["nextLink"] = f"http://{handler.headers['Host']}{here}&$skiptoken={at + self.page}"
        handler.answer(200, answer)

    def accounts(self, handler: fake_arm.Handler, query: dict[str, str]) -> None:
        own = re.compile(r".*/providers/microsoft.storage/storageaccounts/[^/]+")
        self.paged(handler, query, [item for key, item in self.arm.resources.items() if own.fullmatch(key)])

    def compute(self, handler: fake_arm.Handler, query: dict[str, str]) -> None:
        self.paged(handler, query, [_usage(name, *numbers) for name, numbers in self.usages.items()])

    def containers(self, handler: fake_arm.Handler, _query: dict[str, str]) -> None:
        handler.answer(200, {"value": [_usage(name, *numbers) for name, numbers in self.container_usages.items()]})

    def image(self, handler: fake_arm.Handler, _query: dict[str, str], *names: str | None) -> None:
        publisher, offer, sku, version = names
        properties = self.images.get(f"{publisher}:{offer}:{sku}")
        id = handler.path.partition("?")[0]
        if properties is None:
            handler.refuse(404, "NotFound", "Artifact: VMImage was not found.")
        elif version is None:
            handler.answer(200, [{"id": f"{id}/1.0.20260101", "name": "1.0.20260101", "location": "westeurope"}])
        else:
            handler.answer(
                200, {"id": id, "name": version.strip("/"), "location": "westeurope", "properties": properties}
            )

    def terms(self, handler: fake_arm.Handler, _query: dict[str, str], publisher: str, offer: str, plan: str) -> None:
        accepted = f"{publisher}:{offer}:{plan}" in self.accepted
        handler.answer(200, {"properties": {"publisher": publisher, "plan": plan, "accepted": accepted}})

    def versions(self, handler: fake_arm.Handler, query: dict[str, str]) -> None:
        path = handler.path.partition("?")[0].lower()
        below = [
            item
            for key, item in self.arm.resources.items()
            if key.startswith(f"{path}/") and "/" not in key[len(path) + 1 :]
        ]
        self.paged(handler, query, below)


def _usage(name: str, used: int, limit: int) -> dict[str, Any]:
    return {"unit": "Count", "currentValue": used, "limit": limit, "name": {"value": name, "localizedValue": name}}
