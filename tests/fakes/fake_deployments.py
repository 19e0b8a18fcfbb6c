"""The part of the manager that deploys image templates: it works out what stands in a template, and makes them."""

from __future__ import annotations

import re
from typing import Any

import fake_arm
from arm_expressions import Values

_DEPLOYMENT = re.compile(
    r"(?P<group>/subscriptions/[^/]+/resourcegroups/[^/]+)/providers/microsoft\.resources/deployments/[^/]+"
)
_OPERATIONS = re.compile(r"(/subscriptions/[^/]+/resourcegroups/[^/]+)/deployments/([^/]+)/operations")


def part(handler: fake_arm.Handler, low: str) -> bool:
    """For :attr:`fake_arm.Arm.parts`."""
    listed = _OPERATIONS.fullmatch(low)
    if listed is not None:
        found = handler.arm.resources.get(f"{listed[1]}/providers/microsoft.resources/deployments/{listed[2]}")
        targets = found["_targets"] if found is not None else []
        handler.answer(200, {"value": [{"properties": {"targetResource": {"id": target}}} for target in targets]})
        return True
    at = _DEPLOYMENT.fullmatch(low)
    if at is None:
        return False
    arm = handler.arm
    if handler.command == "PUT":
        _deploy(handler, low, at[1])
    elif low not in arm.resources:
        handler.refuse(404, "DeploymentNotFound", f"Deployment '{low}' could not be found.")
    elif handler.command == "GET":
        arm.operations[arm.resources[low]["_deploys"]].look()
        handler.answer(200, fake_arm._shown(arm.resources[low]))
    else:

        def gone() -> None:
            arm.resources.pop(low, None)

        handler.later(202, arm.start(gone, "location"))
    return True


def _deploy(handler: fake_arm.Handler, low: str, group: str) -> None:
    arm, sent = handler.arm, handler.body  # of this request: the handler sees others after it
    properties: dict[str, Any] = {"provisioningState": "Running", "outputResources": []}
    item = {"id": low, "name": low.rpartition("/")[2], "tags": sent.get("tags", {}), "properties": properties}
    arm.resources[low] = {**item, "_targets": []}
    group = group.replace("/resourcegroups/", "/resourceGroups/")
    values = Values(sent["properties"], group, "westeurope")

    def deployed() -> dict[str, Any] | None:
        for resource in sent["properties"]["template"]["resources"]:
            body = values.of(
                {key: resource[key] for key in ("location", "tags", "identity", "properties") if key in resource}
            )
            path = f"{group}/providers/{resource['type']}/{values.of(resource['name'])}"
            arm.resources[low]["_targets"].append(path)
            wrong = next((found for judge in arm.judges if (found := judge(resource["apiVersion"], path, body))), None)
            if path.lower() in arm.resources:
                wrong = "Update/Upgrade of image templates is currently not supported"
            if wrong is not None:
                properties["provisioningState"] = "Failed"
                detail = {"code": "BadRequest", "message": wrong}
                return {"code": "DeploymentFailed", "message": "At least one resource failed.", "details": [detail]}  # type: ignore[dict-item]
            _, number = handler.make(path, body)
            arm.operations[number].looks = 1
            arm.operations[number].look()
            properties["outputResources"].append({"id": path})
        properties["provisioningState"] = "Succeeded"
        return None

    arm.resources[low]["_deploys"] = arm.start(deployed, "async")
    handler.later(201, arm.resources[low]["_deploys"], item)
