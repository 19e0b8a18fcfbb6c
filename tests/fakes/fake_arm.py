"""Azure's resource manager on loopback, as far as Image Builder needs it: resources, long operations, faults.

The official clients drive it. It follows the contracts of their packages: which status answers which request, where a
long operation is polled (``Azure-AsyncOperation`` for PUT, run and cancel, ``Location`` for DELETE), what a poll says.
"""

from __future__ import annotations

import copy
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import loopback

TOKEN = "token-of-the-fake"
TEMPLATES = "/providers/microsoft.virtualmachineimages/imagetemplates/"
#: What a request for an image template may hold (2024-02-01 refuses anything else, and other cases).
FIELDS = {
    "source",
    "customize",
    "optimize",
    "validate",
    "distribute",
    "errorHandling",
    "buildTimeoutInMinutes",
    "vmProfile",
    "stagingResourceGroup",
    "autoRun",
    "managedResourceTags",
}


class Operation:
    """Something that takes a while: so many looks."""

    def __init__(self, looks: int, finish: Callable[[], dict[str, str] | None], style: str) -> None:
        self.looks = looks
        self.finish = finish
        self.style = style
        self.status = "InProgress"
        self.error: dict[str, str] | None = None
        self.failed: Callable[[], None] | None = None

    def look(self) -> None:
        if self.status != "InProgress":
            return
        self.looks -= 1
        if self.looks <= 0:
            self.error = self.finish()
            if self.error and self.failed is not None:
                self.failed()
            self.status = "Failed" if self.error else "Succeeded"


class Arm:
    """``faults``: (method, pattern of the path, status, headers), each used once. ``run``: what a run does, by the name
    of the image template; it gives None, or what went wrong. ``before``: sees every request, polls too, before anything
    else; where it gives True, it has answered. ``parts``: answer further kinds of resources, in the same way, once a
    request was let in; they are given the path in lower case. ``judges``: say of an image template's API version, id
    and body what is wrong with it, or None. ``runner``: what all other runs do;
    ``blob_of``: where the service keeps blobs of a template.
    """

    def __init__(self) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self.operations: dict[str, Operation] = {}
        self.log: list[tuple[str, str, str]] = []
        self.faults: list[tuple[str, str, int, dict[str, str]]] = []
        self.runs: dict[str, Callable[[Arm, str], dict[str, str] | None]] = {}
        self.before: Callable[[Handler, str], bool] | None = None
        self.parts: list[Callable[[Handler, str], bool]] = []
        self.judges: list[Callable[[str, str, dict[str, Any]], str | None]] = []
        self.runner: Callable[[Arm, str], dict[str, str] | None] = _succeed
        self.blob_of: Callable[[str], str] = lambda _name: self.blob
        self.looks = 2
        self.busy = 0
        self.busiest = 0
        self.blob = ""
        self.vhd = "https://account.blob.core.windows.net/vhds/a.vhd"
        self.lock = threading.RLock()

    def requests(self) -> list[str]:
        """What was asked, without the polls: method and path from the resource group on."""
        return [f"{method} {path.partition('/resourceGroups/')[2] or path}" for method, path, _ in self.log]

    def start(self, finish: Callable[[], dict[str, str] | None], style: str, looks: int | None = None) -> str:
        number = str(uuid.uuid4())
        self.operations[number] = Operation(self.looks if looks is None else looks, finish, style)
        return number


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer takes 40 ms: it is written in two pieces
    arm: Arm
    body: dict[str, Any]

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, body: object = None, **headers: str) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Type", "application/json")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def refuse(self, status: int, code: str, message: str, **headers: str) -> None:
        self.answer(status, {"error": {"code": code, "message": message}}, **headers)

    def handle_request(self) -> None:
        parts = urlsplit(self.path)
        version = parse_qs(parts.query).get("api-version", [""])[0]
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        self.body = body
        path = parts.path.rstrip("/")
        if self.arm.before is not None and self.arm.before(self, path):
            return
        with self.arm.lock:
            if "/operations/" in path:
                self.poll(path)
                return
            self.arm.log.append((self.command, path, version))
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self.refuse(401, "AuthenticationFailed", "there is no token, or another one")
                return
            for index, (method, pattern, status, headers) in enumerate(self.arm.faults):
                if method == self.command and re.search(pattern, path, re.IGNORECASE):
                    del self.arm.faults[index]
                    self.refuse(status, "Fault", f"a fault of {status}", **headers)
                    return
            self.route(path, version, body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_request

    def poll(self, path: str) -> None:
        operation = self.arm.operations[path.rpartition("/")[2]]
        operation.look()
        if operation.style == "location":
            if operation.status == "InProgress":
                self.answer(202, None, Location=f"http://{self.headers['Host']}{path}")
            elif operation.error:
                self.answer(400, {"error": operation.error})
            else:
                self.answer(204)
            return
        found: dict[str, object] = {"name": path.rpartition("/")[2], "status": operation.status}
        if operation.error:
            found["error"] = operation.error
        self.answer(200, found)

    def later(self, status: int, number: str, body: object = None) -> None:
        url = f"http://{self.headers['Host']}/subscriptions/s/operations/{number}"
        if self.arm.operations[number].style == "location":
            self.answer(status, body, Location=url)
        else:
            self.answer(status, body, Azure_AsyncOperation=url)

    # -- resources ----------------------------------------------------------------------------------------------------

    def route(self, path: str, version: str, body: dict[str, Any]) -> None:
        low = path.lower()
        if any(part(self, low) for part in self.arm.parts):
            return
        if low.endswith("/listkeys"):
            self.answer(200, {"keys": [{"keyName": "key1", "value": "a2V5"}]})
        elif low.endswith("/resources"):
            group = low.removesuffix("/resources")
            found = [item for key, item in self.arm.resources.items() if key.startswith(f"{group}/providers/")]
            self.answer(200, {"value": found})
        elif low.endswith("/runoutputs"):
            self.answer(200, {"value": self.arm.resources[low.removesuffix("/runoutputs")].get("_outputs", [])})
        elif TEMPLATES in low:
            self.template(path, low, version, body)
        elif low in self.arm.resources and self.command == "GET":
            self.answer(200, _shown(self.arm.resources[low]))
        else:
            self.refuse(404, "ResourceNotFound", f"{path} was not found")

    def template(self, path: str, low: str, version: str, body: dict[str, Any]) -> None:
        if self.command == "POST":
            key, _, action = low.rpartition("/")
            self.act(key, action)
            return
        if self.command == "PUT":
            self.put(path, low, version, body)
        elif low not in self.arm.resources:
            if self.command == "DELETE":
                self.answer(204)
            else:
                self.refuse(404, "ResourceNotFound", f"The Resource '{path}' was not found")
        elif self.command == "GET":
            item = self.arm.resources[low]
            seen = copy.deepcopy(_shown(item))
            for number in (item.get("_creates"), item.get("_runs")):
                # Who looks at the template sees it go on, as who polls its operation does.
                if number is not None:
                    self.arm.operations[number].look()
            self.answer(200, seen)
        else:

            def gone() -> None:
                self.arm.resources.pop(low, None)

            self.later(202, self.arm.start(gone, "location"))

    def put(self, path: str, low: str, version: str, body: dict[str, Any]) -> None:
        unknown = set(body.get("properties", {})) - FIELDS
        if version >= "2024-02-01" and unknown:
            self.refuse(400, "BadRequest", f"unknown fields: {', '.join(sorted(unknown))}")
            return
        wrong = next((found for judge in self.arm.judges if (found := judge(version, path, body))), None)
        if wrong is not None:
            self.refuse(400, "BadRequest", wrong)
            return
        if low in self.arm.resources:
            self.refuse(409, "Conflict", "Update/Upgrade of image templates is currently not supported")
            return
        item, number = self.make(path, body)
        self.later(201, number, _shown(item))

    def make(self, path: str, body: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """An image template that is being created, and the operation that does it."""
        staging = f"{path.partition('/resourceGroups/')[0]}/resourceGroups/IT_{path.rpartition('/')[2]}"
        properties = {**body.get("properties", {}), "provisioningState": "Creating"}
        item = {**body, "id": path, "name": path.rpartition("/")[2], "properties": properties}
        self.arm.resources[path.lower()] = item
        account = f"{staging}/providers/Microsoft.Storage/storageAccounts/logs"

        def created() -> None:
            properties.update(provisioningState="Succeeded", exactStagingResourceGroup=staging)
            self.arm.resources[account.lower()] = {
                "id": account,
                "name": "logs",
                "type": "Microsoft.Storage/storageAccounts",
                "properties": {"primaryEndpoints": {"blob": f"{self.arm.blob_of(item['name'])}/"}},
            }

        item["_creates"] = self.arm.start(created, "async")
        self.arm.operations[item["_creates"]].failed = lambda: properties.update(provisioningState="Failed")
        return item, item["_creates"]

    def act(self, key: str, action: str) -> None:
        item = self.arm.resources.get(key)
        if item is None:
            self.refuse(404, "ResourceNotFound", key)
            return
        properties = item["properties"]
        if action == "cancel":
            item["_cancelled"] = True
            properties["lastRunStatus"] = {**properties.get("lastRunStatus", {}), "runState": "Canceled"}
            self.later(202, self.arm.start(lambda: None, "async"))
            return
        if properties.get("lastRunStatus", {}).get("runState") == "Running":
            self.refuse(409, "Conflict", "a run of the image template goes on")
            return
        began = datetime.now(UTC).isoformat()
        item.pop("_cancelled", None)
        properties["lastRunStatus"] = {"startTime": began, "runState": "Running", "runSubState": "Building"}
        self.arm.busy += 1
        self.arm.busiest = max(self.arm.busiest, self.arm.busy)

        def ran() -> dict[str, str] | None:
            self.arm.busy -= 1
            if item.get("_cancelled"):
                return {"code": "Canceled", "message": "the run was cancelled"}
            error = self.arm.runs.get(item["name"], self.arm.runner)(self.arm, key)
            state = {"runState": "Failed" if error else "Succeeded", "message": (error or {}).get("message", "")}
            properties["lastRunStatus"] = {"startTime": began, "endTime": datetime.now(UTC).isoformat(), **state}
            if error is None:
                item["_outputs"] = [self.output(entry) for entry in properties.get("distribute", [])]
            return error

        item["_runs"] = self.arm.start(ran, "async", item.get("_looks"))
        self.later(202, item["_runs"])

    def output(self, entry: dict[str, Any]) -> dict[str, Any]:
        """What a run made of a distribution; a VHD lies in the service's own account, or in one of the user's."""
        vhd = entry["type"] == "VHD"
        place = entry.get("uri", self.arm.vhd) if vhd else entry.get("imageId", entry.get("galleryImageId"))
        return {"name": entry["runOutputName"], "properties": {"artifactUri" if vhd else "artifactId": place}}


def _succeed(_arm: Arm, _key: str) -> None:
    return None


def _shown(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if not key.startswith("_")}


@contextmanager
def serving(handler: type[Handler] = Handler, arm: Arm | None = None) -> Iterator[tuple[Any, str]]:
    """The manager and its address, until the context ends. ``handler``: one that knows more."""
    arm = arm or Arm()
    server = loopback.Server(("127.0.0.1", 0), type("Bound", (handler,), {"arm": arm}))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield arm, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
