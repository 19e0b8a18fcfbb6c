"""A subscription with what builds have left, beside :mod:`fake_machines`: lists of it, and image templates in it."""

from __future__ import annotations

from typing import Any

import fake_arm
import fake_machines

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUPS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
_TEMPLATES = "/providers/microsoft.virtualmachineimages/imagetemplates"


class Handler(fake_machines.Handler):
    """Lists resources of the whole subscription, and image templates, of which each takes its staging group along."""

    def route(self, path: str, version: str, body: dict[str, Any]) -> None:
        low = path.lower()
        if low == f"/subscriptions/{SUBSCRIPTION}/resources":
            listed = [item for key, item in self.arm.resources.items() if "/providers/" in key]
            self.answer(200, {"value": [fake_arm._shown(item) for item in listed]})
        elif low.endswith(_TEMPLATES):
            scope = low.removesuffix(_TEMPLATES)
            within = f"{scope}/" if "/resourcegroups/" in scope else f"{scope}/resourcegroups/"
            listed = [item for key, item in self.arm.resources.items() if key.startswith(within) and _TEMPLATES in key]
            self.answer(200, {"value": [fake_arm._shown(item) for item in listed]})
        elif _TEMPLATES in low and low not in self.arm.resources:
            self.refuse(404, "ResourceNotFound", f"The Resource '{path}' was not found.")
        elif _TEMPLATES in low and self.command == "GET":
            self.answer(200, fake_arm._shown(self.arm.resources[low]))
        elif _TEMPLATES in low and self.command == "DELETE":
            staging = self.arm.resources[low]["properties"].get("exactStagingResourceGroup", "")

            def gone() -> None:
                self.remove(low)
                self.remove(staging.lower())

            self.kind = "imagetemplates"
            self.begin(202, gone, "location")
        else:
            super().route(path, version, body)


class Left:
    """Puts into a subscription what builds leave."""

    def __init__(self, arm: fake_machines.Machines) -> None:
        self.arm = arm

    def group(self, name: str, **tags: str) -> str:
        id = f"{GROUPS}/{name}"
        self.arm.add(id, location="westeurope", tags=tags)
        return id

    def template(self, name: str, group: str = "home", ours: bool = True, **properties: object) -> str:
        """An image template with its staging group."""
        id = f"{GROUPS}/{group}/providers/Microsoft.VirtualMachineImages/imageTemplates/{name}"
        staging = self.staging(name, group)
        tags = {"bakelift-hash": "0"} if ours else {}
        self.arm.add(id, tags=tags, properties={"exactStagingResourceGroup": staging, **properties})
        return id

    def staging(self, name: str, group: str = "home", number: int = 1) -> str:
        return self.group(
            f"IT_{group}_{name}_{number}", imageTemplateName=name, imageTemplateResourceGroupName=group, createdBy="x"
        )

    def resource(self, group: str, kind: str, name: str, **more: Any) -> str:
        id = f"{GROUPS}/{group}/providers/{kind}/{name}"
        self.arm.add(id, **more)
        return id
