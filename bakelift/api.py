"""The public API: what the commands do, for Python. Everything raises :class:`TemplateError` for a bad template."""

from __future__ import annotations

import os

from bakelift.loading import load_template
from bakelift.translator.diagnostics import Diagnostics, fail
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO

    from bakelift.loading import Loaded
    from bakelift.runner.build_run import OnError
    from bakelift.translator.diagnostics import Diagnostic
    from bakelift.translator.plan.binding import Bindings
    from bakelift.translator.plan.model import Plan
    from bakelift.translator.report import Report


class Translation(Record):
    """What :func:`dump` gives. ``text``: the first output; ``texts``: all by name, parameters files too."""

    text: str
    texts: Mapping[str, str]
    report: Report
    diagnostics: tuple[Diagnostic, ...]


class _Home:
    """What a Plan that was loaded came from: where it finds files, and its variables' values."""

    __slots__ = ("loaded", "values")

    def __init__(self, loaded: Loaded, values: list[str]) -> None:
        self.loaded = loaded
        self.values = values


def load(path: str | os.PathLike[str], variables: Mapping[str, str] | None = None, roots: Sequence[str] = ()) -> Plan:
    """Reads a template: a file, a folder of HCL. ``variables``: as ``-var``; ``roots``: as ``-root``.

    Nothing is run or fetched, and no environment variable is looked at.
    """
    diagnostics = Diagnostics()
    loaded = load_template(os.fspath(path), diagnostics, roots)
    diagnostics.stop_if_failed()
    values = [f"{name}={value}" for name, value in (variables or {}).items()]
    _bindings(loaded, values, None, require=False)
    assert loaded.plan.origin is not None
    loaded.plan.origin.home = _Home(loaded, values)
    return loaded.plan


def dump(
    plan: Plan,
    format: str,
    *,
    only: Sequence[str] = (),
    excepted: Sequence[str] = (),
    identity: str | None = None,
    api_version: str | None = None,
    resolve: bool = False,
    missing_files: str = "error",
) -> Translation:
    """Writes a Plan as ``arm``, ``bicep``, ``resource``, ``hcl`` or ``json`` (a legacy Packer template)."""
    loaded, values = _of(plan)
    if format in ("hcl", "json"):
        from bakelift.packer_output import write_packer

        found = Diagnostics()
        packer = write_packer(plan, format, "-", loaded.scripts, found, alone=True)
        name = "template.pkr.hcl" if format == "hcl" else "template.json"
        return Translation(packer.text, {name: packer.text}, packer.report, tuple(found))
    if format not in ("arm", "bicep", "resource"):
        known = "The formats are arm, bicep, resource, hcl and json."
        raise fail("files/format", f"there is no format {format!r}", known)
    from bakelift.translator.imagebuilder.translate import TranslateOptions, translate
    from bakelift.translator.imagebuilder.versions import DEFAULT

    options = TranslateOptions(
        shape=format,
        api_version=api_version or DEFAULT,
        identity=identity,
        resolve=resolve,
        only=tuple(only),
        excepted=tuple(excepted),
        missing_files=missing_files,
    )
    bindings = _bindings(loaded, values, None, require=False)
    made = translate(plan, bindings, loaded.files, options)
    made.diagnostics.stop_if_failed()
    texts: dict[str, str] = {}
    for output in made.outputs:
        texts[f"{output.name}{output.suffix}"] = output.text()
        parameters = output.parameters_text()
        if parameters is not None:
            texts[f"{output.name}.parameters.json"] = parameters
    return Translation(next(iter(texts.values())), texts, made.report, tuple(made.diagnostics))


def build(
    plan: Plan,
    on: str | None = None,
    *,
    base: str | None = None,
    out: str | None = "bakelift-out",
    only: Sequence[str] = (),
    excepted: Sequence[str] = (),
    on_error: OnError = "cleanup",
    parallel_builds: int = 0,
    force: bool = False,
    allow_local: bool = False,
    log_style: str = "current",
    color: bool = False,
    stdout: IO[str] | None = None,
    environment: Mapping[str, str] | None = None,
    subscription: str = "",
    auth: str = "auto",
) -> int:
    """Builds a Plan's images and gives the exit status; the log goes to ``stdout``.

    ``on``: ``sandbox``, ``vm``, ``ssh`` or ``azure``; None: a null builder goes to its own host, all else to the
    sandbox. ``allow_local``: shell-local may run scripts on this machine. ``environment``: what ``env()`` reads; None:
    this process's. ``subscription`` and ``auth``: of Azure, as the command's options of these names.
    """
    from bakelift import runner
    from bakelift.deprovisioning import without_deprovisioning
    from bakelift.runner.targets import AzureOptions
    from bakelift.translator.plan.images import images

    loaded, values = _of(plan)
    world = os.environ if environment is None else environment
    bindings = _bindings(loaded, values, world, require=True)
    chosen = images(plan, only, excepted, bindings.values)
    if on in (None, "sandbox"):
        chosen = tuple(without_deprovisioning(image) for image in chosen)
    return runner.build(
        plan,
        chosen,
        bindings.values,
        files=loaded.files,
        on=on,
        log_style=log_style,  # type: ignore[arg-type]
        color=color,
        on_error=on_error,
        parallel_builds=parallel_builds,
        force=force,
        allow_local=allow_local,
        base=base,
        out=out,
        stdout=stdout,
        environment=world,
        azure=AzureOptions(subscription, auth),
    )


def _of(plan: Plan) -> tuple[Loaded, list[str]]:
    """Where a Plan came from; one that was made by hand sees the current folder."""
    home = plan.origin.home if plan.origin is not None else None
    if isinstance(home, _Home):
        return home.loaded, home.values
    from bakelift.disk import DiskFiles
    from bakelift.loading import Loaded

    return Loaded(plan, DiskFiles("."), []), []


def _bindings(loaded: Loaded, values: list[str], environment: Mapping[str, str] | None, require: bool) -> Bindings:
    from bakelift.translator.packer.variables import bind_inputs

    return bind_inputs(loaded.plan, values, [], loaded.auto_files, environment, None, require)
