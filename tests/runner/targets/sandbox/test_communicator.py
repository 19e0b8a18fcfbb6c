"""Commands and files of a sandbox, as over ssh."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from bakelift.runner.errors import BuildError, CommunicatorError
from bakelift.translator.files import Entry


def test_status_and_streams(lab: Any) -> None:
    async def work(sandbox: Any) -> list[object]:
        out, err = bytearray(), bytearray()
        run = sandbox.communicator.run
        return [
            await run("printf out; printf err >&2; exit 7", out.extend, err.extend),
            bytes(out),
            bytes(err),
            await run("kill -9 $$"),
            await run("cat; exit 3", out.extend, stdin=b"x" * 300_000),
            len(out),
            await run("nothing-like-this"),
        ]

    assert lab.sandbox(work) == [7, b"out", b"err", 137, 3, 300_003, 127]


def test_files_come_and_go(each_lab: Any) -> None:
    data = bytes(range(256)) * 1000

    async def work(sandbox: Any) -> list[object]:
        way = sandbox.communicator
        await way.upload(data, "/opt/data", 0o750)
        await way.upload(b"short", "relative")
        out = bytearray()
        await way.run("cat /root/relative; stat -c %a /opt/data; rm /opt/data; ls /opt/data 2>&1 | wc -l", out.extend)
        await way.upload(data, "/opt/data", 0o640)
        return [out.decode(), await way.download("/opt/data") == (data, 0o640)]

    assert each_lab.sandbox(work) == ["short750\n1\n", True]


def test_trees_come_and_go(each_lab: Any) -> None:
    entries = [
        Entry("a", None, 0o755),
        Entry("a/file", b"1", 0o600),
        Entry("a/script", b"#!/bin/sh\n", 0o755),
        Entry("link", None, 0o777, "a/file"),
    ]

    async def work(sandbox: Any) -> list[Entry]:
        way = sandbox.communicator
        await way.run("mkdir -p /opt/t/a && echo kept >/opt/t/a/kept")
        await way.upload_tree(entries, "/opt/t")
        found: list[Entry] = await way.download_tree("/opt/t")
        return found

    found = {entry.name: entry for entry in each_lab.sandbox(work)}
    assert sorted(found) == ["a", "a/file", "a/kept", "a/script", "link"]
    assert found["a/file"] == entries[1] and found["a/script"] == entries[2]
    assert found["link"].link == "a/file"


def test_what_cannot_be_written_or_read_says_so(lab: Any) -> None:
    async def work(sandbox: Any) -> list[str]:
        said = []
        for call in (
            sandbox.communicator.upload(b"x", "/nowhere/x"),
            sandbox.communicator.download("/nowhere"),
            sandbox.communicator.upload_tree([], "/nowhere"),
            sandbox.communicator.download_tree("/nowhere"),
        ):
            try:
                await call
            except CommunicatorError as error:
                said.append(str(error))
        return said

    said = lab.sandbox(work)
    assert len(said) == 4
    assert said[0].startswith("Cannot write /nowhere/x in the sandbox: ") and "\n" not in "".join(said)


def test_a_link_that_a_step_made_leads_nowhere_out(lab: Any) -> None:
    target = lab.folder / "outside"

    async def work(sandbox: Any) -> None:
        await sandbox.communicator.run(f"ln -s {target} /opt/link")
        with pytest.raises(CommunicatorError):
            await sandbox.communicator.upload(b"x", "/opt/link")

    lab.sandbox(work)
    assert not target.exists()


def test_cancelling_ends_the_command_and_its_children(lab: Any) -> None:
    async def work(sandbox: Any) -> float:
        began = time.monotonic()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(sandbox.communicator.run("(sleep 30 &) ; sleep 30; echo x >/opt/late"), 0.5)
        assert await sandbox.communicator.run("test ! -e /opt/late") == 0
        return time.monotonic() - began

    assert lab.sandbox(work) < 10


def test_what_runs_in_the_background_lives_on_and_holds_nobody_up(lab: Any) -> None:
    """As over ssh; but output that is left open ends a command after a moment without output."""

    async def work(sandbox: Any) -> list[object]:
        run, out = sandbox.communicator.run, bytearray()
        began = time.monotonic()
        status = await run("setsid sleep 60 & echo $! >/run/pid; echo begun", out.extend)
        took = time.monotonic() - began
        alive = await run("kill -0 $(cat /run/pid)")
        late = await run("(sleep 0.3; echo late) & echo soon", out.extend)
        return [status, took < 10, alive, late, out.decode()]

    assert lab.sandbox(work) == [0, True, 0, 0, "begun\nsoon\nlate\n"]


def test_a_command_that_kills_everything_ends_like_a_restart(lab: Any) -> None:
    async def work(sandbox: Any) -> list[object]:
        run, out = sandbox.communicator.run, bytearray()
        first = await run("echo kept >/etc/kept; touch /run/gone; kill -9 -1; sleep 9")
        second = await run("cat /etc/kept; ls /run/gone 2>&1 | wc -l; sleep 0", out.extend)
        return [first != 0, second, out.decode().split()[0]]

    assert lab.sandbox(work) == [True, 0, "kept"]


def test_a_command_that_cannot_be_started_says_so(lab: Any) -> None:
    async def work(sandbox: Any) -> list[str]:
        said = []
        for command in (f"echo {'x' * 200_000}", "echo a\0b"):
            try:
                await sandbox.communicator.run(command)
            except CommunicatorError as error:
                said.append(str(error))
        return said

    said = lab.sandbox(work)
    assert len(said) == 2 and "Argument list too long" in said[0]


def test_sudo(lab: Any) -> None:
    # One stream: the order of two is anybody's.
    script = """
    exec 2>&1
    export KEPT=1
    sudo sh -c 'echo "$KEPT,$HOME,$SUDO_USER,$USER"'
    sudo -E sh -c 'echo "$KEPT"'; sudo -nE A=b sh -c 'echo "$A$KEPT"'
    echo pass | sudo -S cat; sudo -u root -- id -u; sudo -i pwd; sudo -k; sudo -v; echo $?
    sudo no-such-command; echo $?; sudo -u no-such-user id; echo $?; sudo -s echo 'a  b'
    """
    ((status, said),) = lab.shell(script)
    assert status == 0
    assert said.splitlines() == [
        ",/root,root,root",
        "1",
        "b1",
        "pass",
        "0",
        "/root",
        "0",
        "sudo: no-such-command: command not found",
        "1",
        "sudo: unknown user no-such-user",
        "1",
        "a  b",
    ]


def test_a_base_that_is_none(lab: Any) -> None:
    for base, words in (
        ("/nowhere", "neither a folder nor a tar"),
        ("/proc", "no /bin/sh"),
        ("/etc/passwd", "unpacked"),
    ):
        with pytest.raises(AssertionError, match=words):
            lab.shell("true", base=base)
    assert issubclass(CommunicatorError, BuildError)
