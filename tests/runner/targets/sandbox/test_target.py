"""The target: what it refuses before anything runs, and what its log begins and ends with."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bakelift.runner.errors import BuildError
from bakelift.runner.settings import Settings
from bakelift.runner.targets import SandboxOptions
from bakelift.runner.targets.sandbox import target
from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.files import NoFiles
from bakelift.translator.plan.expressions import ListExpr, Literal
from bakelift.translator.plan.model import Setting, Step
from bakelift.translator.plan.scope import Scope


class Said:
    """A log that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    error = say


def context(
    type: str = "azure-arm",
    base: str | None = "host",
    out: str | None = None,
    steps: tuple[Step, ...] = (),
    **settings: str,
) -> Any:
    said = {name.replace("__", "."): Setting(Literal(value)) for name, value in settings.items()}
    image = SimpleNamespace(name=f"{type}.x", type=type, source=SimpleNamespace(span=None), settings=said, steps=steps)
    return SimpleNamespace(
        image=image,
        settings=Settings(said, Scope()),
        options=SimpleNamespace(base=base, out=out, sandbox=SandboxOptions()),
        files=NoFiles(),
        run_uuid="",
    )


@pytest.mark.parametrize("settings", [{"os_type": "Windows"}, {"communicator": "winrm"}])
def test_windows_is_refused_before_anything_runs(settings: dict[str, str]) -> None:
    with pytest.raises(BuildError, match="-on ssh -host"):
        asyncio.run(target(context(**settings)).prepare(Said()))  # type: ignore[arg-type]


def test_powershell_is_read_where_pwsh_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program here only stands for pwsh: it finds fault with the second script."""
    inline = [Setting(ListExpr((Literal(text),))) for text in ("Write-Host good", "if (")]
    steps = tuple(Step("powershell", {"inline": each}) for each in inline)
    monkeypatch.setenv("PATH", "/bin:/usr/bin")
    said: Any = Said()
    made = target(context(steps=steps, os_type="Windows"))
    made.preview(said)
    assert said.lines[1:] == ["Its PowerShell was not checked: there is no pwsh on this machine."]
    fake = tmp_path / "pwsh"
    fake.write_text("#!/bin/sh\ngrep -q 'if (' \"$BAKELIFT_SCRIPT\" && echo \"1:5: Missing ')'\"\nexit 0\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    said = Said()
    with pytest.raises(BuildError, match="1 of its PowerShell steps would not even start"):
        asyncio.run(target(context(steps=steps, os_type="Windows")).prepare(said))
    assert said.lines == ["step 2:1:5: Missing ')'"]


@pytest.mark.parametrize(
    ("image", "told"),
    [
        ({}, "no base to build on"),
        ({"image_publisher": "RedHat", "image_offer": "RHEL", "image_sku": "9"}, "RedHat, RHEL, 9 is none that can"),
        ({"image_publisher": "Debian", "image_offer": "debian-12", "image_sku": "12"}, "needs the package"),
    ],
)
def test_a_source_that_cannot_be_made_names_the_choices(
    image: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(TemplateError) as caught:
        target(context(base=None, **image))
    (item,) = caught.value.diagnostics
    assert item.code == "build/sandbox-base" and told in item.summary and "-base host" in item.detail


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
