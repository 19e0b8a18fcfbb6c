"""``build -on imagebuilder`` against a resource manager on loopback, driven by the official clients."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("azure.mgmt.imagebuilder", reason="Azure's packages are not installed")

import fake_arm
import fake_blob
from service_templates import GROUPS, IDENTITY, SUBSCRIPTION, TEMPLATE

from bakelift.__main__ import main

LOG = b"""[1] PACKER OUT ==> azure-arm: Connected to SSH!
[1] PACKER ERR 2023/06/13 08:28:58 [INFO] (telemetry) Starting provisioner shell
[1] PACKER OUT     azure-arm: hello from the machine
[1] PACKER ERR 2023/06/13 08:28:58 [INFO] (telemetry) ending shell
"""


Build = Callable[..., int]


def asked(arm: fake_arm.Arm) -> list[str]:
    """The requests that change something, in order."""
    names = [f"{method} {path.rpartition('/')[2]}" for method, path, _ in arm.log if method not in ("GET", "HEAD")]
    return [name for name in names if name != "POST listKeys"]


def test_a_build(azure: tuple[fake_arm.Arm, fake_blob.Store], build: Build, capsys: pytest.CaptureFixture[str]) -> None:
    arm, store = azure
    store.blobs["packerlogs", "1/customization.log"] = bytearray(LOG)
    assert build("web") == 0
    out = capsys.readouterr().out
    lines = [line.strip() for line in out.splitlines()]
    assert "==> web: Creating image template web ..." in lines
    assert "==> web: Customizer 1 of 1: hello (shell)" in lines
    assert any(line.endswith("hello from the machine") for line in lines)
    assert f"web-managed: {GROUPS}/images/providers/Microsoft.Compute/images/web-image" in out
    assert asked(arm) == ["PUT web", "POST run"]
    versions = {version for method, path, version in arm.log if "imageTemplates" in path}
    assert len(versions) == 1, "all requests are of the template's API version"
    [item] = [item for key, item in arm.resources.items() if fake_arm.TEMPLATES in key]
    assert item["identity"]["userAssignedIdentities"] == {IDENTITY: {}}
    assert "bakelift-hash" in item["tags"]


def test_what_is_unchanged_is_used_and_what_changed_is_made_anew(
    azure: tuple[fake_arm.Arm, fake_blob.Store], build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    arm, _ = azure
    assert build("web") == build("web") == 0
    assert "which is unchanged" in capsys.readouterr().out
    assert build("web", change=("echo hello", "echo other")) == 0
    assert "Deleting image template web: it was made from another template" in capsys.readouterr().out
    assert asked(arm) == ["PUT web", "POST run", "POST run", "DELETE web", "PUT web", "POST run"]


def test_a_run_that_fails(
    azure: tuple[fake_arm.Arm, fake_blob.Store], build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    arm, _ = azure
    arm.runs["web"] = lambda *_: {"code": "BuildFailed", "message": "the script exited with status 3"}
    assert build("web", "api") == 1
    out = capsys.readouterr().out
    assert "BuildFailed: the script exited with status 3" in out
    assert "--> api:" in out, "the others are built all the same"


@pytest.mark.parametrize(("status", "headers"), [(429, {"Retry-After": "0"})])
@pytest.mark.parametrize("request_", [("PUT", "imagetemplates"), ("POST", "/run$"), ("GET", "imagetemplates")])
def test_faults_that_pass(
    azure: tuple[fake_arm.Arm, fake_blob.Store],
    build: Build,
    status: int,
    headers: dict[str, str],
    request_: tuple[str, str],
) -> None:
    arm, _ = azure
    arm.faults += [(*request_, status, headers)] * 2
    assert build("web") == 0
    assert arm.faults == []


@pytest.mark.parametrize("request_", [("PUT", "imagetemplates"), ("POST", "/run$")])
def test_faults_that_stay_are_told_in_a_line(
    azure: tuple[fake_arm.Arm, fake_blob.Store],
    build: Build,
    request_: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    arm, _ = azure
    arm.faults += [(*request_, 403, {})]
    assert build("web") == 1
    told = capsys.readouterr()
    assert "Fault: a fault of 403" in told.out
    assert "Traceback" not in told.out + told.err and fake_arm.TOKEN not in told.out + told.err


def test_a_log_that_may_not_be_read(
    azure: tuple[fake_arm.Arm, fake_blob.Store], build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    arm, store = azure
    arm.looks = 20  # long enough for its state to be seen
    store.forbidden = True
    assert build("web") == 0
    out = capsys.readouterr().out
    assert "Storage Blob Data Reader" in out and "Building ..." in out


def test_a_large_log_is_read_in_pieces(
    azure: tuple[fake_arm.Arm, fake_blob.Store], build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    _, store = azure
    line = b"[1] PACKER OUT     azure-arm: " + b"x" * 100 + b"\n"
    store.blobs["packerlogs", "1/customization.log"] = bytearray(line * 100_000)
    assert build("web") == 0
    assert capsys.readouterr().out.count("x" * 100) == 100_000
    assert store.largest <= 4 * 1024 * 1024


def test_begun_and_followed_later(
    azure: tuple[fake_arm.Arm, fake_blob.Store], build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    arm, _ = azure
    arm.looks = 4
    assert build("web", options=("-no-wait",)) == 0
    assert "-resume follows it" in capsys.readouterr().out
    assert build("api", "db", options=("-no-wait",)) == 0
    assert "==> 2 builds in Image Builder: 2 go on, 0 failed" in capsys.readouterr().out
    arm.log.clear()
    assert build("web", options=("-resume",)) == 0
    assert "web-managed:" in capsys.readouterr().out
    assert asked(arm) == [], "the run was not begun again"
    assert build("web", options=("-resume",)) == 0
    assert "There is no run of web to follow: it begins anew." in capsys.readouterr().out


def test_names_that_are_one_to_azure(
    azure: tuple[fake_arm.Arm, fake_blob.Store], build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    arm, _ = azure
    assert build("web", "WEB") == 1
    assert "two images would have the name web" in capsys.readouterr().err and arm.log == []


def test_image_templates_can_go_when_they_are_done(azure: tuple[fake_arm.Arm, fake_blob.Store], build: Build) -> None:
    arm, _ = azure
    assert build("web", options=("-delete",)) == 0
    assert not [key for key in arm.resources if fake_arm.TEMPLATES in key]


def test_many_at_once(
    azure: tuple[fake_arm.Arm, fake_blob.Store], build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    arm, _ = azure
    arm.faults += [("PUT", "imagetemplates", 429, {"Retry-After": "0"})] * 10
    names = [f"image{number:02}" for number in range(12)]
    assert build(*names, options=("-parallel-builds", "4")) == 0
    assert arm.busiest <= 4
    out = capsys.readouterr().out
    assert all(f"--> {name}:" in out for name in names)


@pytest.mark.slow
@pytest.mark.parametrize(("options", "most"), [((), 16), (("-parallel-builds", "0"), 18)])
def test_how_many_at_once(
    azure: tuple[fake_arm.Arm, fake_blob.Store], build: Build, options: tuple[str, ...], most: int
) -> None:
    """Runs wait for each other, until as many as may go on do."""
    arm, _ = azure
    names = [f"image{number:02}" for number in range(18)]
    full, late = threading.Event(), time.monotonic() + 60

    def look(_handler: fake_arm.Handler, _path: str) -> bool:
        with arm.lock:
            if (arm.busy >= most or time.monotonic() > late) and not full.is_set():
                full.set()
                for operation in arm.operations.values():
                    operation.looks = 1
            for item in arm.resources.values():
                item["_looks"] = 1 if full.is_set() else 1_000_000
        return False

    arm.before = look
    assert build(*names, options=options) == 0
    assert arm.busiest == most


def test_what_is_missing_is_said_before_anything_is_asked(
    azure: tuple[fake_arm.Arm, fake_blob.Store],
    build: Build,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arm, _ = azure
    path = tmp_path / "web.pkr.hcl"
    path.write_text(TEMPLATE.replace("NAME", "web"))
    assert main(["build", "-on", "imagebuilder", str(path)]) == 1
    assert "<identityId>" in capsys.readouterr().err
    assert arm.log == []


def test_what_a_team_shares_says_where(
    azure: tuple[fake_arm.Arm, fake_blob.Store], build: Build, tmp_path: Path
) -> None:
    """bakelift.toml goes before the template, and the command line before it."""
    arm, _ = azure
    other = SUBSCRIPTION.replace("1", "2")
    (tmp_path / "bakelift.toml").write_text(f'[azure]\nsubscription = "{other}"\nresource-group = "shared"\n')
    assert build("web") == 0
    (place,) = {path.partition("/providers/")[0] for _, path, _ in arm.log if path.endswith("/imageTemplates/web")}
    assert place == f"/subscriptions/{other}/resourceGroups/shared"
    arm.log.clear()
    assert build("api", options=("-subscription", SUBSCRIPTION, "-resource-group", "mine")) == 0
    (place,) = {path.partition("/providers/")[0] for _, path, _ in arm.log if path.endswith("/imageTemplates/api")}
    assert place == f"/subscriptions/{SUBSCRIPTION}/resourceGroups/mine"


SECRET = """variable "token" {
  default   = "t0ken-of-the-test"
  sensitive = true
}
"""
STEP = """
  provisioner "shell" {
    environment_vars = ["TOKEN=${var.token}"]
    inline           = ["true"]
  }
}
"""


def test_nothing_is_built_that_lacks_a_step(
    azure: tuple[fake_arm.Arm, fake_blob.Store], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Some steps have no form in Image Builder, as one whose text would hold a secret."""
    arm, _ = azure
    path = tmp_path / "web.pkr.hcl"
    path.write_text(SECRET + TEMPLATE.replace("NAME", "web").rstrip().removesuffix("}") + STEP)
    words = ["build", "-on", "imagebuilder", "-identity", IDENTITY, "-color=false"]
    assert main([*words, str(path)]) == 1
    told = capsys.readouterr()
    assert "[azure/incomplete]" in told.err and "aib/secret-in-text" in told.err and not arm.log
    assert main([*words, "-partial", str(path)]) == 0
    text = path.read_text().replace("  location ", '  user_assigned_managed_identities = ["IDENTITY"]\n  location ', 1)
    path.write_text(text.replace("IDENTITY", IDENTITY))
    assert main([*words, "-secrets", "keyvault:images-vault", str(path)]) == 0
    assert "t0ken-of-the-test" not in json.dumps(arm.resources) + capsys.readouterr().out


def test_a_dry_run_asks_for_nothing(
    azure: tuple[fake_arm.Arm, fake_blob.Store], build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    arm, _ = azure
    assert build("web", options=("-dry-run",)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "==> web: Would submit image template web to images, in API version 2024-02-01",
        "==> web: Built from canonical:ubuntu-24_04-lts:server:latest",
        "==> web: Customizer 1 of 1: hello (Shell)",
        f"==> web: web-managed (ManagedImage): {GROUPS}/images/providers/Microsoft.Compute/images/web-image",
    ]
    assert arm.log == []


@pytest.mark.parametrize(
    "options", [("-debug",), ("-on-error=ask",), ("-from", "2"), ("-base", "host"), ("-parallel-builds", "-1")]
)
def test_what_means_nothing_to_the_service_is_refused(
    azure: tuple[fake_arm.Arm, fake_blob.Store],
    build: Build,
    options: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    arm, _ = azure
    assert build("web", options=options) == 1
    assert options[0].partition("=")[0] in capsys.readouterr().err.splitlines()[0] and arm.log == []


def test_of_many_templates_the_same_is_said_once_and_all_that_is_wrong(
    azure: tuple[fake_arm.Arm, fake_blob.Store], build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    arm, _ = azure
    assert build("web", "api", "db", options=("-only", "azure-arm.api,azure-arm.db", "-except", "nothing")) == 0
    told = capsys.readouterr()
    assert told.err.count("-except 'nothing' matches no build") == 1 and "unmatched-only" not in told.err
    assert told.err.count("Warning:") == 2 and "aib/vm-size-default (1)" in told.err
    assert "web.pkr.hcl: no build of it is selected." in told.err and "web" not in told.out
    assert told.out.index("--> api:") < told.out.index("--> db:")
    arm.log.clear()
    assert build("web", "api", changes=(('provisioner "shell"', 'provisioner "nothing"'),)) == 1
    err = capsys.readouterr().err
    assert "settings of" in err and all(f"{name}.pkr.hcl, so nothing is submitted" in err for name in ("web", "api"))
    assert arm.log == []


ERRORS = b"""[1] PACKER 2026/01/01 10:00:00 [INFO] (telemetry) Starting provisioner shell
[1] PACKER 2026/01/01 10:00:30 ui error: ==> azure-arm: no such package
[1] PACKER 2026/01/01 10:00:40 ui:     azure-arm: token is t0ken-of-the-test?sig=c2VjcmV0 dDBrZW4tb2YtdGhlLXRlc3Q=
[1] PACKER 2026/01/01 10:00:42 [INFO] (telemetry) ending shell
[1] PACKER 2026/01/01 10:00:42 [INFO] (telemetry) found error: Script exited with non-zero exit status: 100.
"""


def test_the_log_says_what_failed_and_no_secret(
    azure: tuple[fake_arm.Arm, fake_blob.Store], build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    arm, store = azure
    store.blobs["packerlogs", "1/customization.log"] = bytearray(ERRORS)
    arm.runs["web"] = lambda *_: {"code": "PackerBuildFailed", "message": "the build t0ken-of-the-test failed"}
    changes = (('source "azure-arm"', SECRET + 'source "azure-arm"'),)
    assert build("web", changes=changes, options=("-timing",)) == 1
    out = capsys.readouterr().out
    assert "==> web: no such package" in out
    assert "PackerBuildFailed: the build <sensitive> failed (it was customizer 1 of 1: hello (shell))" in out
    assert "--> web: 1 hello    42.000 s  failed" in out
    assert "t0ken" not in out and "c2VjcmV0" not in out and "dDBrZW4" not in out


def test_a_second_interrupt_does_not_wait(
    azure: tuple[fake_arm.Arm, fake_blob.Store], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The cancelling of a run can take long; what goes on is listed, and -resume follows it."""
    arm, _ = azure
    path = tmp_path / "web.pkr.hcl"
    path.write_text(TEMPLATE.replace("NAME", "web"))
    words = [sys.executable, "-m", "bakelift", "build", "-on", "imagebuilder", "-identity", IDENTITY, str(path)]
    asked_to_cancel, over = threading.Event(), threading.Event()
    arm.runs["web"] = lambda *_: None
    arm.start = _lasting(arm)  # type: ignore[method-assign]

    def slow(_handler: fake_arm.Handler, path: str) -> bool:
        if path.endswith("/run"):
            threading.Timer(0.3, lambda: process.send_signal(signal.SIGINT)).start()
        if path.endswith("/cancel"):
            asked_to_cancel.set()
            over.wait(30)
        return False

    arm.before = slow
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp_path) as process:
        assert asked_to_cancel.wait(30)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
        over.set()
    assert process.returncode == 1
    left = out.split("Left in Azure")[1]
    assert "az image builder cancel -g images -n web" in left and "az image builder delete -g images -n web" in left
    assert "Cleanly" not in out and list((tmp_path / "state").glob("**/*.json"))


def _lasting(arm: fake_arm.Arm) -> Callable[..., str]:
    """Runs that do not end."""
    start = arm.start

    def begin(finish: Callable[[], dict[str, str] | None], style: str, looks: int | None = None) -> str:
        return start(finish, style, 1_000_000 if len(arm.operations) == 1 else looks)

    return begin


def test_plain_http_is_for_this_machine(
    build: Build, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BAKELIFT_ARM_ENDPOINT", "http://management.example.com")
    monkeypatch.setenv("BAKELIFT_ARM_TOKEN", "token")
    assert build("web") == 1
    assert "neither https nor an address of this machine" in capsys.readouterr().err


def test_an_interrupt_cancels_the_run(
    azure: tuple[fake_arm.Arm, fake_blob.Store], build: Build, tmp_path: Path
) -> None:
    arm, _ = azure
    arm.looks = 1_000_000
    path = tmp_path / "web.pkr.hcl"
    path.write_text(TEMPLATE.replace("NAME", "web"))
    arm.runs["web"] = lambda *_: None
    words = [sys.executable, "-m", "bakelift", "build", "-on", "imagebuilder", "-identity", IDENTITY, str(path)]
    # Creating takes two looks, running for ever.
    started = threading.Event()

    def watch() -> None:
        while not started.is_set():
            with arm.lock:
                for operation in arm.operations.values():
                    if operation.style == "async" and len(arm.operations) == 1:
                        operation.looks = min(operation.looks, 1)
                if any(method == "POST" and path.endswith("/run") for method, path, _ in arm.log):
                    arm.looks = 1
                    started.set()
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    pipe = subprocess.PIPE
    process = subprocess.Popen(words, stdout=pipe, stderr=subprocess.STDOUT, text=True, cwd=tmp_path)
    assert started.wait(30)
    watcher.join()
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Cancelling the run of web" in out
    assert "POST cancel" in asked(arm)


def test_no_azure_package_is_loaded_elsewhere(tmp_path: Path) -> None:
    code = (
        "import sys; from bakelift.__main__ import main; main(['build', '-help']); main(['translate', '-help']); "
        "import bakelift.runner, json; "
        "print(json.dumps([m for m in sys.modules if m.split('.')[0] in ('azure', 'msal', 'requests')]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert json.loads(done.stdout.splitlines()[-1]) == []
