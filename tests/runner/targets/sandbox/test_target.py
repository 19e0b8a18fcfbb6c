"""The target: what it refuses before anything runs, and what its log begins and ends with."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bakelift.runner.targets import SandboxOptions
from bakelift.runner.targets.sandbox import target
from bakelift.translator.diagnostics import TemplateError


class Said:
    """A log that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)


def context(type: str = "azure-arm", base: str | None = "host", out: str | None = None, **settings: str) -> Any:
    image = SimpleNamespace(name=f"{type}.x", type=type, source=SimpleNamespace(span=None))
    return SimpleNamespace(
        image=image,
        settings=SimpleNamespace(text=lambda name: settings.get(name, "")),
        options=SimpleNamespace(base=base, out=out, sandbox=SandboxOptions()),
        run_uuid="",
    )


@pytest.mark.parametrize("settings", [{"os_type": "Windows"}, {"communicator": "winrm"}])
def test_windows_is_refused_before_anything_runs(settings: dict[str, str]) -> None:
    with pytest.raises(TemplateError) as caught:
        target(context(**settings))
    assert caught.value.diagnostics[0].code == "build/sandbox-windows"


def test_a_base_must_be_named() -> None:
    with pytest.raises(TemplateError) as caught:
        target(context(base=None))
    assert "-base host" in caught.value.diagnostics[0].detail


@pytest.mark.parametrize(("type", "absent"), [("azure-arm", "the source image, "), ("null", "")])
def test_a_build_says_what_is_not_tested_and_what_it_made(lab: Any, type: str, absent: str) -> None:
    def work() -> tuple[list[str], str, list[str]]:
        async def build() -> tuple[list[str], str, list[str]]:
            said: Any = Said()
            made = target(context(type, out=str(lab.out)))
            machine = await made.prepare(said)
            try:
                assert machine.communicator is not None
                assert await machine.communicator.run("echo x | sudo tee /etc/added") == 0
                (artifact,) = await made.finish(said)
            finally:
                await made.cleanup(said)
            return said.lines, artifact.string, list(artifact.files or ())

        return asyncio.run(build())

    lines, string, files = lab.call(work)
    who = "packer, who may sudo" if type == "azure-arm" and lab.uid == 0 else "root"
    assert lines[:2] == [
        f"Building in a sandbox on a copy-on-write view of this machine, as {who}.",
        f"Not tested here: {absent}systemd, reboots, the kernel, deprovisioning.",
    ]
    assert string.splitlines() == [
        "A layer over a view of this machine: 1 added, 0 changed, 0 deleted",
        f"Layer: {lab.out}/{type}.x.tar",
        f"Manifest: {lab.out}/{type}.x.manifest.json",
    ]
    assert all(Path(file).is_file() for file in files) and len(files) == 2


def test_writing_a_large_layer_can_be_interrupted(lab: Any) -> None:
    def work() -> tuple[bool, float]:
        async def build() -> tuple[bool, float]:
            said: Any = Said()
            made = target(context("null", out=str(lab.out)))
            machine = await made.prepare(said)
            try:
                assert machine.communicator is not None
                assert await machine.communicator.run("truncate -s 40G /opt/large") == 0
                finishing = asyncio.ensure_future(made.finish(said))
                await asyncio.sleep(0.5)
                asyncio.get_running_loop().call_later(0, finishing.cancel)
                began = asyncio.get_running_loop().time()
                await asyncio.wait([finishing])
                return finishing.cancelled(), asyncio.get_running_loop().time() - began
            finally:
                await made.cleanup(said)

        return asyncio.run(build())

    cancelled, took = lab.call(work)
    assert cancelled and took < 5
    assert not lab.out.exists() or list(lab.out.iterdir()) == []
