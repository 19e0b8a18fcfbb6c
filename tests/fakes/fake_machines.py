"""The part of Azure's resource manager on loopback that makes machines and images: groups, deployments, what a
deployment makes, what is captured. It refuses what Azure refuses: other API versions than documented ones, removing
what something else uses, capturing a machine that runs.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import arm_expressions
import fake_arm

#: The API versions that the builder asks for, by type or action.
VERSIONS = {
    "resourcegroups": "2022-09-01",
    "deployments": "2022-09-01",
    "virtualmachines": "2022-03-01",
    "runcommands": "2022-03-01",
    "images": "2022-03-01",
    "vmimage": "2022-03-01",
    "disks": "2022-03-02",
    "snapshots": "2022-03-02",
    "galleries": "2023-07-03",
    "virtualnetworks": "2023-09-01",
    "networkinterfaces": "2023-09-01",
    "networksecuritygroups": "2023-09-01",
    "publicipaddresses": "2023-09-01",
    "storageaccounts": "2023-01-01",
    "vaults": "2023-07-01",
    "resources": "2022-09-01",
}

#: What the machine does with a command: the script, the text that is hidden; gives status, stdout, stderr.
Shell = Callable[[str, str], tuple[int, str, str]]


class Machines(fake_arm.Arm):
    """``bodies``: every request with its body. ``fault``: at which request (from 1 on, polls included) what happens.

    ``authorize`` hears of the public key that a machine lets in, ``password`` of its administrator's. ``held``:
    operations of this method and type take for ever; ``reached`` is set when one has begun. ``page``: of lists,
    which go on at ``elsewhere`` ("": here).
    """

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[tuple[str, str, str, dict[str, Any]]] = []
        self.fault: tuple[int, str] | None = None
        self.count = 0
        self.hit = ""
        self.patience = 1.0
        self.authorize: Callable[[str], None] = lambda key: None
        self.password: Callable[[str], None] = lambda password: None
        self.shell: Shell = lambda script, hidden: (0, "", "")
        self.failing: dict[tuple[str, str], dict[str, str]] = {}
        self.held: tuple[str, str] | None = None
        self.reached = threading.Event()
        self.page = 1000
        self.elsewhere = ""
        self.results: dict[str, Any] = {}
        self.versions = dict(VERSIONS)

    def add(self, id: str, **more: Any) -> None:
        """Something that is there before the build."""
        self.resources[id.lower()] = {"id": id, "name": id.rpartition("/")[2], "properties": {}, **more}

    def below(self, id: str) -> list[str]:
        return [key for key in self.resources if key.startswith(f"{id.lower()}/")]

    def ours(self) -> list[str]:
        """Ids of what builds have made, by their tag."""
        return sorted(item["id"] for item in self.resources.values() if "bakelift-run" in (item.get("tags") or {}))


class Handler(fake_arm.Handler):
    """Faults, then the requests for machines, then those of the core."""

    arm: Machines

    def handle_request(self) -> None:
        parts = urlsplit(self.path)
        self.query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        version = self.query.get("api-version", "")
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        path = unquote(parts.path).rstrip("/").replace("/resourcegroups/", "/resourceGroups/")
        with self.arm.lock:
            self.arm.count += 1
            kind = self.fault(path)
            if kind and self.broken(kind):
                return
            if "/operations/" in path and "/deployments/" not in path:
                self.lost = kind == "lost"
                self.poll(path)
                return
            self.arm.log.append((self.command, path, version))
            self.arm.bodies.append((self.command, path, version, body))
            if self.headers.get("Authorization") != f"Bearer {fake_arm.TOKEN}":
                self.refuse(401, "AuthenticationFailed", "there is no token, or another one")
                return
            self.lost, self.failed = kind == "lost", kind == "failed"
            self.route(path, version, body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_request
    lost = failed = False

    def handle(self) -> None:
        """A client that hangs up is no trouble of the fake's."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    # -- faults -------------------------------------------------------------------------------------------------------

    def fault(self, path: str) -> str:
        if self.arm.fault is None or self.arm.fault[0] != self.arm.count:
            return ""
        self.arm.hit = f"{self.command} {path}"
        return self.arm.fault[1]

    def broken(self, kind: str) -> bool:
        """Whether the fault takes the place of an answer."""
        if kind.isdigit():
            more = {"Retry_After": "0"} if kind == "429" else {}
            self.refuse(int(kind), "Fault", f"a fault of {kind}", **more)
            return True
        if kind == "timeout":
            self.arm.lock.release()
            try:
                time.sleep(self.arm.patience)
            finally:
                self.arm.lock.acquire()
            self.hang_up()
            return True
        if kind == "kill":
            self.arm.reached.set()  # whoever waits for it ends the client
        if kind in ("reset", "kill"):
            self.hang_up()
            return True
        return False

    def hang_up(self) -> None:
        """Ends the connection with a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
        self.wfile = _Nowhere()

    def answer(self, status: int, body: object = None, **headers: str) -> None:
        if self.lost:
            self.lost = False
            self.hang_up()  # what was asked for has happened, and nobody hears of it
            return
        super().answer(status, body, **headers)

    def poll(self, path: str) -> None:
        number = path.rpartition("/")[2]
        operation = self.arm.operations[number]
        if operation.style == "location" and number in self.arm.results:
            operation.look()
            if operation.status == "Succeeded":
                self.answer(200, self.arm.results[number])
                return
            operation.looks += 1
        super().poll(path)

    def begin(
        self, status: int, finish: Callable[[], None], style: str, body: object = None, result: Any = None
    ) -> str:
        """Answers with an operation; it fails where the fault, or the test, says so."""
        kind = (self.command, self.kind)
        failure = self.arm.failing.pop(kind, None)
        if self.failed:
            failure = {"code": "OperationFailed", "message": f"the operation of {self.command} {self.kind} failed"}

        def end() -> dict[str, str] | None:
            if failure is None:
                finish()
            return failure

        held = self.arm.held == kind
        number = self.arm.start(end, style, 1_000_000 if held else None)
        if held:
            self.arm.reached.set()
        if result is not None:
            self.arm.results[number] = result
        self.later(status, number, body)
        return number

    # -- what is asked for --------------------------------------------------------------------------------------------

    kind = ""

    def route(self, path: str, version: str, body: dict[str, Any]) -> None:
        low = path.lower()
        words = low.split("/")
        self.kind = _kind(words)
        wanted = self.arm.versions.get(_family(words))
        if wanted is not None and version != wanted:
            self.refuse(400, "InvalidApiVersionParameter", f"{path}: {version}")
        elif len(words) in (4, 5) and words[3] == "resourcegroups":
            self.group(path, low, body)
        elif len(words) > 4 and words[3] == "resourcegroups" and "/".join(words[:5]) not in self.arm.resources:
            self.refuse(404, "ResourceGroupNotFound", f"Resource group '{path.split('/')[4]}' could not be found.")
        elif "/microsoft.resources/deployments/" in low:
            self.deployment(path, low, body)
        elif low.endswith("/resources"):
            self.answer(200, {"value": self.tagged(self.arm.below(f"{low.removesuffix('/resources')}/providers"))})
        elif self.command == "POST":
            self.action(low.rpartition("/")[0], words[-1], body)
        elif "imagetemplates" in words:
            super().route(path, version, body)
        elif len(words) % 2 == 0 and self.command == "GET":
            found = self.children(low)
            at = int(self.query.get("$skiptoken", "0"))
            more = {}
            if len(found) > at + self.arm.page:
                address = f"http://{self.arm.elsewhere or self.headers['Host']}"
                more = {"nextLink": f"{address}{path}?api-version={version}&$skiptoken={at + self.arm.page}"}
            self.answer(200, {"value": found[at : at + self.arm.page], **more})
        elif "/runcommands/" in low:
            self.run_command(path, low, body)
        else:
            self.resource(path, low, body)

    def tagged(self, keys: list[str]) -> list[dict[str, Any]]:
        found = [self.arm.resources[key] for key in keys]
        wanted = re.findall(r"'([^']*)'", self.query.get("$filter", ""))
        if len(wanted) == 2:
            found = [item for item in found if (item.get("tags") or {}).get(wanted[0]) == wanted[1]]
            # Azure does not tell the tags of what it was told to find by its tags.
            found = [{key: value for key, value in item.items() if key != "tags"} for item in found]
        return [fake_arm._shown(item) for item in found]

    def children(self, low: str) -> list[dict[str, Any]]:
        """Of a list of one group, or of the whole subscription."""
        group, _, kind = low.rpartition("/providers/")
        found = [
            item
            for key, item in self.arm.resources.items()
            if key.startswith(f"{group}/") and f"/providers/{kind}/" in key and "/" not in key.rpartition(f"{kind}/")[2]
        ]
        return [fake_arm._shown(item) for item in found]

    def group(self, path: str, low: str, body: dict[str, Any]) -> None:
        arm = self.arm
        if low.endswith("/resourcegroups"):
            keys = [key for key in arm.resources if len(key.split("/")) == 5]
            self.answer(200, {"value": self.tagged(keys)})
        elif self.command == "PUT":
            new = low not in arm.resources
            name = path.rpartition("/")[2]
            kept = {"id": path, "name": name, "properties": {"provisioningState": "Succeeded"}}
            arm.resources[low] = {**body, **kept}
            self.answer(201 if new else 200, arm.resources[low])
        elif low not in arm.resources:
            self.answer(404) if self.command == "HEAD" else self.refuse(404, "ResourceGroupNotFound", path)
        elif self.command == "DELETE":
            read = [key for key in arm.below(low) if arm.resources[key].get("_read")]

            def gone() -> None:
                for key in [low, *arm.below(low)]:
                    arm.resources.pop(key, None)

            if read:
                self.refuse(409, "DiskInUse", f"{read[0]} has an active shared access signature")
                return
            self.begin(202, gone, "location")
        else:
            self.answer(204 if self.command == "HEAD" else 200, None if self.command == "HEAD" else arm.resources[low])

    def deployment(self, path: str, low: str, body: dict[str, Any]) -> None:
        arm = self.arm
        if low.endswith("/validate"):
            problem = _checked(body)
            if problem:
                self.refuse(400, "InvalidTemplate", problem)
            else:
                self.answer(200, {"properties": {"provisioningState": "Succeeded"}})
        elif low.endswith("/cancel"):
            self.answer(204)
        elif low.endswith("/operations"):
            made = arm.resources.get(low.removesuffix("/operations"), {}).get("_made")
            if made is None:
                self.refuse(404, "DeploymentNotFound", path)
                return
            self.answer(200, {"value": [{"properties": {}}, *made]})
        elif self.command == "PUT":
            group = path.partition("/providers/")[0]
            if arm.resources.get(low, {}).get("properties", {}).get("provisioningState") == "Running":
                self.refuse(409, "DeploymentActive", "the previous deployment is still active")
                return
            item = {**body, "id": path, "name": path.rpartition("/")[2], "_made": []}
            item["properties"] = {"provisioningState": "Running"}
            arm.resources[low] = item

            def deployed() -> None:
                item["properties"]["provisioningState"] = "Succeeded"

            # What comes before a failure stays, as in Azure.
            _deploy(arm, group, body["properties"], item["_made"])
            item["_deploys"] = [self.begin(201, deployed, "async", fake_arm._shown(item))]
        else:
            for number in arm.resources.get(low, {}).get("_deploys", ()):
                arm.operations[number].look()  # who looks sees it go on
            self.resource(path, low, body)

    def resource(self, path: str, low: str, body: dict[str, Any]) -> None:
        arm = self.arm
        if self.command == "PUT":
            problem = self.unfit(body)
            if problem:
                self.refuse(409, "OperationNotAllowed", problem)
                return
            new = low not in arm.resources
            properties = {**body.get("properties", {}), "provisioningState": "Creating"}
            if "/vaults/" in low:
                properties = {"secretUriWithVersion": "https://ours.vault/s/2"}  # the value is not shown again
            item = {**body, "id": path, "name": path.rpartition("/")[2], "properties": properties}
            arm.resources[low] = item

            def made() -> None:
                properties["provisioningState"] = "Succeeded"

            self.begin(201 if new else 200, made, "async", fake_arm._shown(item))
        elif low not in arm.resources:
            if self.command == "DELETE":
                self.answer(204)
            else:
                self.refuse(404, "ResourceNotFound", f"The Resource '{path}' was not found.")
        elif self.command == "DELETE":
            user = self.user_of(low)
            if user:
                self.refuse(409, "InUse", f"{path} is in use by {user}")
                return
            self.begin(202, lambda: self.remove(low), "location")
        else:
            self.answer(200, fake_arm._shown(arm.resources[low]))

    def remove(self, low: str) -> None:
        for key in [low, *self.arm.below(low)]:
            self.arm.resources.pop(key, None)

    def user_of(self, low: str) -> str:
        """What uses a resource, so that it cannot be removed."""
        if self.arm.resources[low].get("_read"):
            return "a shared access signature"
        for key, item in self.arm.resources.items():
            if key != low and not key.startswith(f"{low}/") and "deployments" not in key and "/images/" not in key:
                uses = json.dumps(item.get("properties", {})).lower()
                if f'"{low}"' in uses or f'"{low}/' in uses:
                    return key
        return ""

    def unfit(self, body: dict[str, Any]) -> str:
        """Why a machine cannot become an image yet."""
        properties = body.get("properties", {})
        source = properties.get("sourceVirtualMachine", {}).get("id") or properties.get("storageProfile", {}).get(
            "source", {}
        ).get("virtualMachineId")
        if not source:
            return ""
        machine = self.arm.resources.get(source.lower())
        if machine is None:
            return f"{source} was not found"
        if machine["_power"] != "deallocated":
            return "the virtual machine is not deallocated"
        if "sourceVirtualMachine" in properties and not machine.get("_generalized"):
            return "the virtual machine is not generalized"
        return ""

    def action(self, low: str, action: str, body: dict[str, Any]) -> None:
        item = self.arm.resources.get(low)
        if action == "listkeys":
            self.answer(200, {"keys": [{"keyName": "key1", "value": "a2V5"}]})
        elif item is None:
            self.refuse(404, "ResourceNotFound", low)
        elif action == "deallocate" and body:
            self.refuse(400, "BadRequest", "there is nothing to say about it")
        elif action == "deallocate":
            self.begin(202, lambda: item.update(_power="deallocated"), "async")
        elif action == "generalize":
            if item["_power"] != "deallocated":
                self.refuse(409, "OperationNotAllowed", "the virtual machine is not deallocated")
                return
            item["_generalized"] = True
            self.answer(200)
        elif action == "begingetaccess":
            if body != {"access": "Read", "durationInSeconds": body.get("durationInSeconds")}:
                self.refuse(400, "BadRequest", json.dumps(body))
                return
            result = {"accessSAS": f"https://md-x.blob.storage.azure.net/{item['name']}/abcd?sv=1&sig=signature"}
            self.begin(202, lambda: item.update(_read=True), "location", result=result)
        elif action == "endgetaccess":
            self.begin(202, lambda: item.update(_read=False), "location")
        else:
            self.refuse(404, "NotFound", action)

    def run_command(self, path: str, low: str, body: dict[str, Any]) -> None:
        arm = self.arm
        if self.command != "PUT":
            self.resource(path, low, body)
            return
        properties = body["properties"]
        hidden = {entry["name"]: entry["value"] for entry in properties.pop("protectedParameters", ())}
        item = {**body, "id": path, "name": path.rpartition("/")[2], "properties": properties}
        arm.resources[low] = item

        def ran() -> None:
            status, out, err = arm.shell(properties["source"]["script"], hidden.get("BAKELIFT", ""))
            properties["instanceView"] = {
                "executionState": "Succeeded" if status == 0 else "Failed",
                "exitCode": status,
                "output": out[-4096:],
                "error": err[-4096:],
            }

        self.begin(201, ran, "async", fake_arm._shown(item))


class _Nowhere:
    """Takes what would go to a connection that is closed."""

    closed = False

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None:
        return

    def close(self) -> None:
        return


def _kind(words: list[str]) -> str:
    """The type that a path ends in, or its action."""
    return words[-1] if len(words) % 2 == 0 else words[-2]


def _family(words: list[str]) -> str:
    """What says the API version of a path: the type of its resource, of its parent, or of what a list holds."""
    known = [word for word in words[5:] if word in VERSIONS] or words[3:4]
    return "galleries" if "galleries" in known else known[-1] if known else ""


def _checked(body: dict[str, Any]) -> str:
    """Parameters that a template wants and does not get, or gets and does not want."""
    properties = body["properties"]
    declared, given = properties["template"]["parameters"], properties["parameters"]
    missing = [name for name, item in declared.items() if "defaultValue" not in item and name not in given]
    unknown = [name for name in given if name not in declared]
    return f"missing {missing}, unknown {unknown}" if missing or unknown else ""


def _deploy(arm: Machines, group: str, properties: dict[str, Any], made: list[dict[str, Any]]) -> None:
    """Makes what a template says. A machine comes with its disks, which have its tags."""
    location = arm.resources[group.lower()]["location"]
    values = arm_expressions.Values(properties, group, location)
    for template in properties["template"]["resources"]:
        resource = values.of(template)
        if resource.get("condition") is False:
            continue
        id = f"{group}/providers/{_path(resource['type'], resource['name'])}"
        item = {
            **resource,
            "id": id,
            "properties": {**resource.get("properties", {}), "provisioningState": "Succeeded"},
        }
        target = {"id": id, "resourceType": resource["type"], "resourceName": resource["name"]}
        made.append({"properties": {"provisioningState": "Succeeded", "targetResource": target}})
        if resource["type"] == "Microsoft.Network/publicIPAddresses":
            item["properties"]["ipAddress"] = "127.0.0.1"
        elif resource["type"] == "Microsoft.Network/networkInterfaces":
            item["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"] = "127.0.0.1"
        elif resource["type"] == "Microsoft.KeyVault/vaults/secrets":
            item["properties"] = {"secretUriWithVersion": f"https://{resource['name'].partition('/')[0]}.vault/s/1"}
        elif resource["type"] == "Microsoft.Compute/virtualMachines":
            _machine(arm, group, item)
        arm.resources[id.lower()] = item


def _path(kind: str, name: str) -> str:
    provider, *kinds = kind.split("/")
    return "/".join([provider, *(part for pair in zip(kinds, name.split("/"), strict=True) for part in pair)])


def _machine(arm: Machines, group: str, item: dict[str, Any]) -> None:
    properties = item["properties"]
    item["_power"] = "running"
    properties["vmId"] = "11111111-2222-3333-4444-555555555555"
    profile = properties["storageProfile"]
    for disk in [profile["osDisk"], *profile.get("dataDisks", ())]:
        disk.setdefault("name", f"{item['name']}_lun_{disk.get('lun')}")  # of the source image
        id = f"{group}/providers/Microsoft.Compute/disks/{disk['name']}"
        arm.resources[id.lower()] = {"id": id, "name": disk["name"], "tags": item.get("tags"), "properties": {}}
        disk.setdefault("managedDisk", {})["id"] = id
    profile.setdefault("dataDisks", [])
    arm.password(properties.get("osProfile", {}).get("adminPassword", ""))
    keys = properties.get("osProfile", {}).get("linuxConfiguration", {}).get("ssh", {}).get("publicKeys", ())
    for key in keys:
        arm.authorize(key["keyData"])
