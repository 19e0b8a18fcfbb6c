"""From a template to images: translated, submitted, run, followed, its outputs told; by the official clients."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Callable
from pathlib import Path

import fake_arm
import fake_blob
import fake_container
import fake_fetching
import fake_runs
import fake_schemas
import pytest
from service_templates import IDENTITY, SUBSCRIPTION, TEMPLATE

from bakelift.__main__ import main

Azure = tuple[fake_arm.Arm, fake_blob.Store]
#: A run is shown between POST run and its outputs; polls of long operations are not in the manager's log.
SEQUENCE = re.compile(
    r"(GET T )(PUT T )(GET T )+(POST T/run )"
    r"(GET T |GET staging/resources |GET staging/account |POST staging/account/listkeys )*(GET T/runOutputs )(GET T )*"
    r"(DELETE T )"
)


def sequence(arm: fake_arm.Arm, name: str) -> str:
    """What was asked, in order, with short names."""
    found = ""
    for method, path, _ in arm.log:
        low = path.lower()
        if fake_arm.TEMPLATES in low:
            assert low.partition(fake_arm.TEMPLATES)[2].partition("/")[0] == name.lower()
            rest = path.partition("/imageTemplates/")[2].partition("/")[2]
            found += f"{method} T{'/' + rest if rest else ''} "
        else:
            rest = low.partition("/resourcegroups/it_")[2].partition("/")[2]
            found += f"{method} staging/{rest.replace('providers/microsoft.storage/storageaccounts/logs', 'account')} "
    return found


def test_the_requests_of_a_build(azure: Azure, build: Callable[..., int]) -> None:
    """Their order, and that all that is said of an image template is in its own API version."""
    arm, store = azure
    arm.judges.append(fake_schemas.judge)
    fake_runs.Runs(arm, store, arm.blob)
    assert build("web", options=("-delete",)) == 0
    assert SEQUENCE.fullmatch(sequence(arm, "web")), sequence(arm, "web")
    assert {version for _, path, version in arm.log if "/imageTemplates/" in path} == {"2024-02-01"}
    assert {version for _, path, version in arm.log if path.endswith("/storageAccounts/logs")} == {"2023-05-01"}


@pytest.mark.parametrize(
    "body",
    [
        {"properties": {"customize": [{"type": "Shell", "Inline": ["true"]}]}},
        {"properties": {"optimize": {"vmboot": {"state": "Enabled"}}}},
        {"properties": {"source": {"type": "SharedImageVersion", "imageVersionID": "x"}}},
        {"properties": {"vmProfile": {"vnetConfig": {"subnetid": "x"}}}},
        {"Properties": {}},
    ],
)
def test_the_fake_refuses_what_the_service_would(body: dict[str, object]) -> None:
    properties = {
        "source": {"type": "PlatformImage", "publisher": "p", "offer": "o", "sku": "s", "version": "latest"},
        "distribute": [{"type": "VHD", "runOutputName": "x"}],
    }
    good = {"location": "westeurope", "identity": {"type": "UserAssigned"}, "properties": properties}
    assert fake_schemas.judge("2024-02-01", "/web", good) is None
    said = body.get("properties")
    bad = {**good, "properties": {**properties, **said}} if isinstance(said, dict) else {**good, **body}
    assert fake_schemas.judge("2024-02-01", "/web", bad)


HARMLESS = TEMPLATE.replace(
    """  provisioner "shell" {
    name   = "hello"
    inline = ["echo hello"]
  }
""",
    """  provisioner "shell" {
    name             = "greet"
    environment_vars = ["WHOM=it's you"]
    inline           = ["echo \\"hello, $WHOM\\"", "echo kept > /tmp/kept"]
  }
  provisioner "shell" {
    script = "setup.sh"
  }
  provisioner "file" {
    content     = "of a file\\n"
    destination = "/tmp/file.txt"
  }
  provisioner "shell" {
    inline = ["cat /tmp/kept /tmp/file.txt", "test $(id -u) != 0", LAST]
  }
""",
)
SCRIPT = "#!/bin/sh\necho from a script >&2\n"


@pytest.mark.parametrize("staged", [False, True])
@pytest.mark.parametrize(("last", "status"), [("true", 0), ("exit 3", 1)])
def test_the_customizers_of_a_harmless_template_really_run(
    azure: Azure,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    staged: bool,
    last: str,
    status: int,
) -> None:
    if fake_runs.bwrap() is None:
        pytest.skip("needs bubblewrap, and leave to use it")
    arm, store = azure
    monkeypatch.setenv("AZURE_STORAGE_KEY", fake_container.KEY)
    monkeypatch.chdir(tmp_path)
    Path("setup.sh").write_text(SCRIPT)
    Path("web.pkr.hcl").write_text(HARMLESS.replace("NAME", "web").replace("LAST", f'"{last}"'))
    with fake_container.serving() as (_, account):
        fetcher = fake_fetching.Fetcher({IDENTITY})
        arm.judges += [fake_schemas.judge, fetcher]
        fake_runs.Runs(arm, store, arm.blob, tmp_path / "machines").fetched = fetcher.fetched
        words = ["build", "-on", "imagebuilder", "-identity", IDENTITY, "-color=false", "-timing"]
        where = ["-scripts", f"{account}/scripts"] if staged else []
        assert main([*words, *where, "web.pkr.hcl"]) == status
    out = capsys.readouterr().out
    assert bool(fetcher.fetched) == staged
    shown = [line.partition(": ")[2] for line in out.splitlines() if line.startswith("==> web: ")]
    texts = ["hello, it's you", "from a script", "kept", "of a file"]
    assert [line for line in shown if line in texts] == texts
    assert "greet" in out
    if status:
        assert "exited with non-zero exit status: 3" in out
    else:
        assert "web-managed: " in out


def test_the_log_of_an_earlier_run_is_not_shown(
    azure: Azure, build: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    _, store = azure
    for name, text, written in (("1", "earlier", time.time() - 3600), ("2", "this", time.time() + 1)):
        key = ("packerlogs", f"{name}/customization.log")
        store.blobs[key] = bytearray(f"[1] PACKER OUT     azure-arm: of {text} run\n".encode())
        store.written[key] = written
    assert build("web") == 0
    out = capsys.readouterr().out
    assert "of this run" in out and "of earlier run" not in out
    del store.blobs["packerlogs", "2/customization.log"]
    assert build("web") == 0
    assert "of earlier run" not in capsys.readouterr().out


@pytest.mark.slow
def test_real_templates_go_the_whole_way(
    azure: Azure, shared: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the units of the corpus, those that lack neither variables nor files. No script of theirs runs."""
    arm, store = azure
    arm.judges.append(fake_schemas.judge)
    monkeypatch.setenv("BAKELIFT_POLL_SECONDS", "0")
    corpus = shared / "corpus" / "packer-azure"
    with (shared / "corpus" / "UNITS.tsv").open() as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["class"] == "packer-azure"]
    units = [row["unit"] for row in rows if row["state"] == "complete"]
    good: dict[str, int] = {}
    for unit in units:
        arm.resources.clear()
        arm.operations.clear()
        arm.log.clear()
        store.blobs.clear()
        runs = fake_runs.Runs(arm, store, arm.blob)
        words = ["build", "-on", "imagebuilder", "-color=false", "-identity", IDENTITY, "-delete", "-partial"]
        place = ["-subscription", SUBSCRIPTION, "-resource-group", "images", "-root", str(corpus / unit.split("/")[0])]
        status = main([*words, *place, str(corpus / unit)])
        told = capsys.readouterr()
        assert status in (0, 1) and "Traceback" not in told.out + told.err and "[internal]" not in told.err, unit
        if status:
            assert "Error: " in told.err and not arm.log, f"{unit}: refused before anything is asked: {told.out}"
            continue
        good[unit] = len(runs.done)
        for name in runs.done:
            assert f"{name}-" in told.out.split("The artifacts of successful builds are:")[1], unit
        assert not [key for key in arm.resources if fake_arm.TEMPLATES in key]
        if len(runs.done) == 1:
            assert SEQUENCE.fullmatch(sequence(arm, runs.done[0])), f"{unit}: {sequence(arm, runs.done[0])}"
            steps = runs.steps[runs.done[0]]
            assert len(re.findall(rf"Customizer \d+ of {steps}: ", told.out)) == steps, unit
    assert len(good) >= 30, good
