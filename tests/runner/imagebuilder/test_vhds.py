"""A VHD goes with the image template: it is copied out first, or the template stays."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import fake_arm
import fake_blob
import fake_container
import fake_fetching
import pytest
from faults import Fault
from service_templates import IDENTITY

CHANGES = (
    ('managed_image_name                = "NAME-image"', 'capture_container_name = "vhds"'),
    ('managed_image_resource_group_name = "images"', 'capture_name_prefix = "NAME"\n  storage_account = "store"'),
    ("location        =", 'resource_group_name = "images"\n  location ='),
)
#: It has no word yet for an account of one's own.
OLD = ("-api-version", "2021-10-01")

Azure = tuple[fake_arm.Arm, fake_blob.Store]


@pytest.fixture
def containers(azure: Azure, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[fake_container.Containers, str]]:
    """The service's own account holds a VHD; another one takes what is copied."""
    monkeypatch.setenv("AZURE_STORAGE_KEY", fake_container.KEY)
    with fake_container.serving() as (store, account):
        store.blobs["vhds/web_1.vhd"] = b"a disk"
        azure[0].vhd = f"{account}/vhds/web_1.vhd"
        yield store, account


@pytest.fixture
def build_vhd(build: Callable[..., int], containers: object) -> Callable[..., int]:
    def run(*options: str) -> int:
        return build("web", options=options, changes=CHANGES)

    return run


def templates(azure: Azure) -> list[str]:
    return [key for key in azure[0].resources if fake_arm.TEMPLATES in key]


def test_a_template_with_a_vhd_stays(
    azure: Azure, build_vhd: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert build_vhd(*OLD, "-delete") == 0
    out = capsys.readouterr().out
    assert "with it a VHD would be lost" in out and "az image builder delete -g images -n web" in out
    assert templates(azure)


def test_a_vhd_is_copied_out_before_the_template_goes(
    azure: Azure,
    build_vhd: Callable[..., int],
    containers: tuple[fake_container.Containers, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    store, account = containers
    assert build_vhd(*OLD, "-delete", "-vhd-to", f"{account}/images/disks") == 0
    assert store.blobs["images/disks/web/web_1.vhd"] == b"a disk"
    told = capsys.readouterr()
    assert f"{account}/images/disks/web/web_1.vhd" in told.out and "sig=" not in told.out + told.err
    assert not templates(azure)


def test_a_copy_that_fails_lets_the_template_stay(
    azure: Azure,
    build_vhd: Callable[..., int],
    containers: tuple[fake_container.Containers, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    store, account = containers
    del store.blobs["vhds/web_1.vhd"]
    assert build_vhd(*OLD, "-delete", "-vhd-to", f"{account}/images") == 1
    out = capsys.readouterr().out
    assert "could not be copied" in out and "az image builder delete -g images -n web" in out
    assert templates(azure)


def test_a_copy_that_goes_on_is_waited_for(
    build_vhd: Callable[..., int], containers: tuple[fake_container.Containers, str]
) -> None:
    """A process that was killed has begun it."""
    store, account = containers
    store.blobs["images/web/web_1.vhd"] = b"a disk"
    store.copies["images/web/web_1.vhd"] = "1", ["pending"] * 5 + ["success"]
    assert build_vhd(*OLD, "-vhd-to", f"{account}/images") == 0
    assert store.copies["images/web/web_1.vhd"] == ("1", ["success"])


@pytest.mark.parametrize("refused", [False, True])
def test_a_copy_that_azure_gives_up_is_no_blob(
    build_vhd: Callable[..., int],
    containers: tuple[fake_container.Containers, str],
    capsys: pytest.CaptureFixture[str],
    refused: bool,
) -> None:
    """Azure leaves an empty blob; who may not remove it is told how it goes away."""
    store, account = containers
    store.ends = "failed"

    def refuse(handler: fake_container.Handler, _path: str) -> bool:
        if handler.command != "DELETE" or not refused:
            return False
        handler.refuse(403, "AuthorizationPermissionMismatch")
        return True

    store.before = refuse
    assert build_vhd(*OLD, "-delete", "-vhd-to", f"{account}/images") == 1
    out = capsys.readouterr().out
    line = f"--> web: az storage blob delete --auth-mode login --blob-url {account}/images/web/web_1.vhd"
    assert ("images/web/web_1.vhd" in store.blobs) == refused == (line in out.splitlines())
    assert "--> web: az image builder delete -g images -n web" in out


def test_who_cancels_a_copy_leaves_none(
    azure: Azure,
    build_vhd: Callable[..., int],
    containers: tuple[fake_container.Containers, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    store, account = containers

    def cancel(handler: fake_container.Handler, path: str) -> bool:
        known = store.copies.get("images/web/web_1.vhd")
        if handler.command == "HEAD" and known is not None:
            known[1][:] = ["pending"]
            os.kill(os.getpid(), signal.SIGINT)
        return False

    store.before = cancel
    assert build_vhd(*OLD, "-delete", "-vhd-to", f"{account}/images") == 1
    assert "the copying was cancelled" in capsys.readouterr().out
    assert "images/web/web_1.vhd" not in store.blobs and templates(azure)


def test_a_vhd_of_ones_own_account_is_not_in_danger(
    azure: Azure, build_vhd: Callable[..., int], containers: tuple[fake_container.Containers, str]
) -> None:
    assert build_vhd("-delete") == 0
    assert not templates(azure)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["503", "500", "401", "409", "reset", "lost"])
@pytest.mark.parametrize("at", range(40))
def test_a_fault_at_every_request_of_staging_and_copying(
    azure: Azure,
    build: Callable[..., int],
    containers: tuple[fake_container.Containers, str],
    quick: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    at: int,
) -> None:
    """Storage that has too much to do says 503, not 429."""
    arm, logs = azure
    store, account = containers
    monkeypatch.chdir(tmp_path)
    Path("setup.sh").write_text("#!/bin/sh\necho staged\n")
    fetcher = fake_fetching.Fetcher({IDENTITY})
    arm.judges.append(fetcher)
    fault = Fault(kind, at)
    arm.before = logs.before = fault  # type: ignore[assignment]
    # What the service itself fetches is none of ours.
    store.before = lambda handler, path: "Python-urllib" not in handler.headers["User-Agent"] and fault(handler, path)
    options = (*OLD, "-delete", "-scripts", f"{account}/scripts", "-vhd-to", f"{account}/images")
    script = ('inline = ["echo hello"]', 'script = "setup.sh"')
    status = build("web", options=options, changes=(*CHANGES, script))
    told = capsys.readouterr()
    assert status in (0, 1) and "Traceback" not in told.out + told.err and "sig=" not in told.out + told.err
    left = templates(azure)
    assert not left or "az image builder delete -g images -n web" in told.out
    if kind not in ("401", "409"):
        assert status == 0 and not left, f"{fault.seen[at]}: {told.out}"
    if status == 0:
        assert store.blobs["images/web/web_1.vhd"] == b"a disk"
    else:
        assert [line for line in told.out.splitlines() if line.startswith("--> web: ")], told.out
