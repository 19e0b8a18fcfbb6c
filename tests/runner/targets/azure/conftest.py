"""Configurations made from templates, or from options as Python data."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import azure_cloud
import pytest

from bakelift.__main__ import main
from bakelift.runner.build_scope import World
from bakelift.runner.settings import Settings
from bakelift.runner.targets import TargetContext, TargetOptions
from bakelift.runner.targets.azure.config import AzureConfig
from bakelift.runner.targets.azure.options import read_config
from bakelift.translator.diagnostics import SourceFile
from bakelift.translator.files import DictFiles
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.plan.images import images
from bakelift.translator.plan.model import Setting
from bakelift.translator.plan.values import from_python, to_expr

NOTHING = 'source "azure-arm" "x" {}\nbuild { sources = ["azure-arm.x"] }\n'


def _context_of(
    text: str, files: Mapping[str, bytes] | None = None, environment: Mapping[str, str] | None = None
) -> TargetContext:
    plan = read_hcl([SourceFile("image.pkr.hcl", text)], "image.pkr.hcl", ".")
    world = World(plan, {}, DictFiles(files or {}), environment or {}, "1.14.0")
    (image,) = images(plan)
    settings = Settings(image.settings, world.scope(image), f"{image.type} builder", image.source.span)
    return TargetContext(image, settings, world.files, TargetOptions())


@pytest.fixture
def context_of() -> Callable[..., TargetContext]:
    """The context of a template's only image: its text, the files beside it and the environment are given."""
    return _context_of


@pytest.fixture
def config_of() -> Callable[[Mapping[str, Any]], AzureConfig]:
    """The configuration of options of azure-arm as Python data, by their dotted names, with the names of a seed."""

    def made(options: Mapping[str, Any]) -> AzureConfig:
        empty = _context_of(NOTHING)
        settings = {name: Setting(to_expr(from_python(value))) for name, value in options.items()}
        given = Settings(settings, empty.settings.scope, empty.settings.where)
        return read_config(empty.but(image=empty.image.but(settings=settings), settings=given), random.Random(1))

    return made


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[azure_cloud.Cloud]:
    """A cloud on loopback, to which builds of this process go."""
    pytest.importorskip("azure.mgmt.compute", reason="Azure's packages are not installed")
    with azure_cloud.cloud(tmp_path) as (made, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def build(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Builds a template in Azure: the exit status, and what was said."""

    def run(path: str, *options: str) -> tuple[int, str]:
        status = main(["build", "-on", "azure", "-color=false", *options, path])
        said = capsys.readouterr()
        return status, said.out + said.err

    return run
