"""Sandboxes for tests: as whoever runs the tests, and as an ordinary user where root runs them."""

from __future__ import annotations

import asyncio
import concurrent.futures.thread
import ctypes
import fcntl
import hashlib
import json
import os
import pickle
import resource
import shutil
import subprocess
import tarfile
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bakelift.runner import builds, journal
from bakelift.runner.artifacts import sandbox as artifacts
from bakelift.runner.communicators import archive
from bakelift.runner.errors import BuildError
from bakelift.runner.steps import file, shell
from bakelift.runner.targets.sandbox import (
    cache,
    cleaning,
    engine,
    host,
    inside,
    limits,
    machine,
    namespace,
    states,
    tars,
    trees,
)

ORDINARY = 65534
PR_SET_DUMPABLE = 4

#: Imported before a process becomes somebody who may not read our installation.
LOADED = (
    archive,
    artifacts,
    builds,
    cleaning,
    concurrent.futures.thread,
    host,
    inside,
    journal,
    limits,
    namespace,
    states,
)
LOADED += (resource, tars, trees, ctypes, fcntl, file, hashlib, json, shell, subprocess, tarfile)


class Lab:
    """Runs coroutines in a process of their own, as some user, with a cache and an output folder of their own."""

    def __init__(self, uid: int, folder: Path) -> None:
        self.uid = uid
        self.folder = folder
        self.cache = folder / "cache"
        self.out = folder / "out"

    def call(self, work: Callable[[], Any]) -> Any:
        """What ``work`` returns (anything that pickles); what it raises fails the test."""
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            answer: tuple[bool, Any]
            try:
                os.close(read)
                if self.uid != os.geteuid():
                    os.setgroups([])
                    os.setgid(self.uid)
                    os.setuid(self.uid)
                    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # as after exec: /proc/self is ours
                os.environ.update(HOME=str(self.folder), XDG_CACHE_HOME=str(self.cache), CALLERS_SECRET="hunter2")
                answer = (True, work())
            except BaseException:
                answer = (False, traceback.format_exc())
            with os.fdopen(write, "wb") as file:
                pickle.dump(answer, file)
            os._exit(0)
        os.close(write)
        with os.fdopen(read, "rb") as file:
            data = file.read()
        os.waitpid(pid, 0)
        assert data, "the process ended without an answer"
        good, value = pickle.loads(data)
        assert good, value
        return value

    def sandbox(self, work: Callable[[machine.Sandbox], Any], base: str = "host") -> Any:
        """Runs a coroutine function with a sandbox."""

        async def inside() -> Any:
            sandbox = machine.Sandbox.open(base)
            try:
                return await work(sandbox)
            finally:
                await sandbox.close()

        return self.call(lambda: asyncio.run(inside()))

    def shell(self, *scripts: str, base: str = "host") -> list[tuple[int, str]]:
        """Runs scripts, a layer each; their exit statuses, and what they wrote."""

        async def work(sandbox: machine.Sandbox) -> list[tuple[int, str]]:
            results = []
            for script in scripts:
                output = bytearray()
                status = await sandbox.communicator.run(script, output.extend, output.extend)
                results.append((status, output.decode("utf-8", "replace")))
                await sandbox.checkpoint()
            return results

        results: list[tuple[int, str]] = self.sandbox(work, base)
        return results

    def artifact(self, *scripts: str, base: str = "host", name: str = "null.x") -> Path:
        """Runs scripts, a layer each, which must succeed; the folder with the artifact."""

        async def work(sandbox: machine.Sandbox) -> None:
            for script in scripts:
                output = bytearray()
                assert await sandbox.communicator.run(script, output.extend, output.extend) == 0, output.decode()
                await sandbox.checkpoint()
            view = trees.BaseView(sandbox.base.mounts)
            kind = {"kind": sandbox.base.kind, "name": sandbox.base.name}
            artifacts.write(name, str(self.out), sandbox.stack.flatten(), view, kind)

        self.sandbox(work, base)
        return self.out


def usable() -> None:
    """Skips where the system has no bubblewrap or no user namespaces."""
    try:
        engine.find_bwrap()
        namespace.create().close()
    except BuildError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def folders() -> Iterator[Callable[[int], Path]]:
    """A folder for each user's lab: some of what the cache holds takes seconds to make."""
    made: dict[int, Path] = {}

    def folder(uid: int) -> Path:
        if uid not in made:
            made[uid] = Path(tempfile.mkdtemp(prefix="bakelift-test-", dir="/tmp"))
            os.chown(made[uid], uid, -1)
        return made[uid]

    yield folder
    for each in made.values():
        shutil.rmtree(each, ignore_errors=True)


def make_lab(uid: int, folder: Path) -> Iterator[Lab]:
    usable()
    lab = Lab(uid, folder)
    if uid != os.geteuid() and not lab.call(lambda: os.access(engine.find_bwrap(), os.X_OK)):
        pytest.skip("an ordinary user may not run the bubblewrap of this installation")
    yield lab
    shutil.rmtree(lab.out, ignore_errors=True)
    builds = lab.cache / "bakelift" / cache.BUILDS
    assert not builds.exists() or not os.listdir(builds)


@pytest.fixture
def lab(folders: Callable[[int], Path]) -> Iterator[Lab]:
    """A lab of whoever runs the tests."""
    yield from make_lab(os.geteuid(), folders(os.geteuid()))


@pytest.fixture(params=["caller", "ordinary"])
def each_lab(request: pytest.FixtureRequest, folders: Callable[[int], Path]) -> Iterator[Lab]:
    """The test runs twice: as whoever runs the tests, and as an ordinary user."""
    if request.param == "caller":
        yield from make_lab(os.geteuid(), folders(os.geteuid()))
    elif os.geteuid() == 0:
        yield from make_lab(ORDINARY, folders(ORDINARY))
    else:
        pytest.skip("the tests run as an ordinary user already")
