"""Answers of the service that are not as usual: where to poll, what went wrong, what was made all the same."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fake_arm
import fake_blob
import pytest
from azure.core.credentials import AccessToken
from service_templates import GROUPS, SUBSCRIPTION

from bakelift.runner.azure.session import explained
from bakelift.runner.imagebuilder.log_blob import LogBlob

Azure = tuple[fake_arm.Arm, fake_blob.Store]
Build = Callable[..., int]
PATH = f"{GROUPS}/images/providers/Microsoft.VirtualMachineImages/imageTemplates/web"
#: How often who looks at the image template sees the run go on.
LOOKS = 3


def running(arm: fake_arm.Arm, headers: dict[str, str], state: str = "Succeeded", message: str = "") -> None:
    """A run is answered with these headers, and ends in this state when the image template was looked at often."""
    looks = [0]

    def before(handler: fake_arm.Handler, path: str) -> bool:
        item = arm.resources.get(PATH.lower(), {})
        if path == f"{PATH}/run":
            item["properties"]["lastRunStatus"] = {"startTime": "2026-01-01T00:00:00Z", "runState": "Running"}
            item["_outputs"] = [{"name": "web-managed", "properties": {"artifactId": "/images/web-image"}}]
            arm.log.append(("POST", path, ""))
            host = {name: value.format(host=handler.headers["Host"]) for name, value in headers.items()}
            handler.answer(202, None, **host)
            return True
        if path == "/polled":
            over = looks[0] >= LOOKS
            handler.answer(200, {"status": "Succeeded" if over else "InProgress"})
            looks[0] += 1
            return True
        if handler.command == "GET" and path == PATH and "lastRunStatus" in item.get("properties", {}):
            looks[0] += 1
            if looks[0] > LOOKS:
                item["properties"]["lastRunStatus"] |= {"runState": state, "message": message}
        return False

    arm.before = before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Azure_AsyncOperation": "http://{host}/polled"},
        {"Azure_AsyncOperation": "http://{host}/polled", "Retry_After": formatdate(usegmt=True)},
        {"Azure_AsyncOperation": "http://{host}/nowhere"},
    ],
)
def test_a_run_is_over_when_the_image_template_says_so(
    azure: Azure, build: Build, capsys: pytest.CaptureFixture[str], headers: dict[str, str]
) -> None:
    """Also where the operation cannot be polled, or the clients take the answer for the end."""
    arm, _ = azure
    running(arm, headers)
    assert build("web") == 0
    assert "web-managed: /images/web-image" in capsys.readouterr().out
    assert arm.resources[PATH.lower()]["properties"]["lastRunStatus"]["runState"] == "Succeeded"
    assert len([path for _, path, _ in arm.log if path.endswith("/run")]) == 1


def test_what_a_run_has_made_that_did_not_make_all(
    azure: Azure, build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    arm, _ = azure
    running(arm, {}, "PartiallySucceeded", "1 of 2 images could not be replicated")
    assert build("web") == 1
    out = capsys.readouterr().out
    assert "It has made web-managed: /images/web-image" in out
    assert "--> web: PartiallySucceeded: 1 of 2 images could not be replicated" in out


def test_why_an_image_template_could_not_be_created(
    azure: Azure, build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    """The operation says less than what it leaves behind."""
    arm, _ = azure
    error = {"provisioningErrorCode": "BadCustomizerType", "message": "no script at https://a/x.sh?sig=c2VjcmV0"}
    start = arm.start

    def failing(finish: Callable[[], Any], style: str, looks: int | None = None) -> str:
        def fails() -> dict[str, str]:
            arm.resources[PATH.lower()]["properties"]["provisioningError"] = error
            return {"code": "Failed", "message": "Internal error occurred."}

        return start(finish if arm.operations else fails, style, looks)

    arm.start = failing  # type: ignore[method-assign]
    assert build("web") == 1
    out = capsys.readouterr().out
    assert "Internal error occurred.; BadCustomizerType: no script at https://a/x.sh?sig=<sensitive>" in out
    assert PATH.lower() not in arm.resources


def test_what_goes_to_this_machine_goes_through_no_proxy(
    azure: Azure, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    _, store = azure
    store.blobs["packerlogs", "1/customization.log"] = bytearray(b"PACKER OUT ==> azure-arm: seen\n")
    assert build("web") == 0
    assert store.largest


class Container:
    """One with one blob, which is its own client."""

    creation_time = None
    last_modified = 0

    def __init__(self, name: str, data: bytes) -> None:
        self.name = self.blob_name = name
        self.size = len(data)
        self._data = data

    def list_blobs(self) -> list[Container]:
        return [self]

    def get_blob_client(self, _name: str) -> Container:
        return self

    def get_blob_properties(self) -> Container:
        return self

    def download_blob(self, offset: int, length: int) -> Container:
        return Container(self.name, self._data[offset : offset + length])

    def readall(self) -> bytes:
        return self._data


def test_a_log_that_is_begun_anew_is_read_from_its_beginning() -> None:
    log = LogBlob(None, "group", "")  # type: ignore[arg-type]
    log._container = Container("a/customization.log", b"one\nhalf")
    assert list(log.pieces()) == [b"one\nhalf"]
    log._container, log._blob = Container("b/customization.log", b"another, longer\n"), None
    assert list(log.pieces()) == [b"\n", b"another, longer\n"]
    assert list(log.pieces()) == []


def test_what_says_nothing_is_told_in_few_words() -> None:
    from azure.core.exceptions import HttpResponseError, ServiceRequestError

    class Request:
        method, url = "GET", "https://management.azure.com/subscriptions/s/x?api-version=1"

    class Answer:
        request, status_code, reason, headers = Request(), 403, "Forbidden", {}

        def text(self) -> str:
            return "<html>a page of a proxy</html>"

    problem = HttpResponseError(response=Answer())  # type: ignore[arg-type]
    assert explained(problem) == "GET /subscriptions/s/x: 403 Forbidden"
    assert explained(ServiceRequestError("no route to host")) == "Azure does not answer: no route to host"


def test_errors_of_deployments_are_not_shown_as_json() -> None:
    """What a detail says is the JSON of the error below it, which may have details of its own."""
    lower = {"code": "SkuNotAvailable", "message": "Standard_A1 is not available in westeurope"}
    inner = json.dumps({"error": {"code": "Conflict", "message": "no machine", "details": [lower]}})
    detail = SimpleNamespace(code="BadRequest", message=inner)
    error = SimpleNamespace(code="DeploymentFailed", message="At least one resource failed", details=[detail])
    assert explained(SimpleNamespace(error=error)) == (  # type: ignore[arg-type]
        "DeploymentFailed: At least one resource failed; Conflict: no machine; "
        "SkuNotAvailable: Standard_A1 is not available in westeurope"
    )
    detail.message = "{ half of it"
    assert explained(SimpleNamespace(error=error)).endswith("; BadRequest: { half of it")  # type: ignore[arg-type]


def test_who_is_not_logged_in_hears_it_once(
    azure: Azure, build: Build, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arm, _ = azure
    monkeypatch.delenv("BAKELIFT_ARM_TOKEN")
    assert build("web", "api", options=("-auth", "env")) == 1
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("Error: The login to Azure failed: ") == 1 and arm.log == []
    oidc = (
        '  client_id = "x"\n  tenant_id = "11111111-1111-1111-1111-111111111111"\n'
        '  oidc_request_url = "http://127.0.0.1:1/t"\n  oidc_request_token = "t0ken-of-the-test"\n  os_type '
    )
    assert build("web", change=("  os_type ", oidc)) == 1
    err = capsys.readouterr().err
    assert "oidc_request_url gives no token ([Errno 111] Connection refused)" in err


def test_the_subscription_of_the_surroundings(
    azure: Azure, build: Build, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Also where it stands in the ids of what is made."""
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path))
    without = (f'  subscription_id = "{SUBSCRIPTION}"\n', "")
    assert build("web", change=without) == 1
    assert "<subscriptionId>" in (err := capsys.readouterr().err) and "say -subscription" in err
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", SUBSCRIPTION)
    assert build("web", change=without) == 0
    assert f"web-managed: {GROUPS}/images/providers" in capsys.readouterr().out


def test_a_token_that_is_none_is_told(
    azure: Azure, build: Build, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What gives tokens can be down for long, and answer with a page of its own; also amid a run."""
    arm, _ = azure
    asked = []

    def token(_self: object, *_scopes: str, **_options: object) -> object:
        asked.append(1)
        if len(asked) > good:
            json.loads("<html>")
        return AccessToken(fake_arm.TOKEN, 0)

    monkeypatch.setattr("bakelift.runner.azure.credentials.StaticToken.get_token", token)
    good = 0
    assert build("web") == 1
    told = capsys.readouterr()
    assert told.err.endswith("is not understood: Expecting value: line 1 column 1 (char 0)\n") and arm.log == []
    monkeypatch.setattr("bakelift.runner.imagebuilder.following.PATIENCE", 0.1)
    for good in range(3, 9):
        asked.clear()
        assert build(f"web{good}") == 1
        out = capsys.readouterr().out
        assert "is not understood" in out and "Traceback" not in out
        if any(f"web{good}" in key for key in arm.resources):
            assert f"az image builder delete -g images -n web{good} " in out


def test_a_run_that_is_being_cancelled_is_waited_for(
    azure: Azure, build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    """Though the operation of cancelling it cannot be polled."""
    arm, _ = azure
    looks: list[str] = []

    def before(handler: fake_arm.Handler, path: str) -> bool:
        found = arm.resources.get(PATH.lower(), {}).get("properties", {}).get("lastRunStatus")
        if path == f"{PATH}/cancel":
            found["runState"] = "Canceling"
            handler.answer(202, None, Azure_AsyncOperation=f"http://{handler.headers['Host']}/nowhere")
            return True
        if found is not None and found["runState"] == "Running":
            arm.operations[arm.resources[PATH.lower()]["_runs"]].looks = 1_000_000
            if not looks:
                looks.append("interrupted")
                os.kill(os.getpid(), signal.SIGINT)
        elif found is not None and handler.command == "GET" and path == PATH:
            looks.append("look")
            if len(looks) > LOOKS:
                found["runState"] = "Canceled"
        return False

    arm.before = before
    assert build("web", options=("-delete",)) == 1
    out = capsys.readouterr().out
    assert "the run was cancelled" in out and "could not be cancelled" not in out
    assert PATH.lower() not in arm.resources
