"""Lowering: Packer's provisioners as Image Builder's customizers, with the same effect.

What Image Builder cannot say is written into shell or PowerShell text of a fixed shape (:mod:`.shell_shape`,
:mod:`.powershell`, :mod:`.upload`). Every leaf of a step is put into a class; ``Customizer.leaves`` lets the writer add
where in the output it went: saying a leaf again with a class that is no worse only adds targets.
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.customizers import Shell
from bakelift.translator.imagebuilder.lowering.context import (
    SECRET,
    CannotLower,
    Context,
    Lowered,
    LoweringOptions,
    Unbound,
    passwords,
)
from bakelift.translator.imagebuilder.lowering.emptying import tell_emptying
from bakelift.translator.imagebuilder.lowering.generalizing import note_generalizing, tell_generalizing
from bakelift.translator.imagebuilder.lowering.names import named
from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
from bakelift.translator.imagebuilder.rest import EXTRA, INLINE, REST, fields
from bakelift.translator.plan.expressions import TRUE, Literal, ObjectExpr
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.files import Files
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.plan.azure import AzureImage
    from bakelift.translator.plan.binder import Binder
    from bakelift.translator.plan.model import Step
    from bakelift.translator.report import Accounting

__all__ = ["LoweredSteps", "LoweringOptions", "lower_steps"]


class LoweredSteps(Record):
    """The customizers of an image, in order, with unique names; and what validates the image after them."""

    customizers: tuple[Customizer, ...]
    validators: tuple[Customizer, ...] = ()


def lower_steps(
    image: AzureImage,
    binder: Binder,
    files: Files,
    accounting: Accounting,
    diagnostics: Diagnostics,
    options: LoweringOptions = LoweringOptions(),  # noqa: B008 (a record is immutable)
) -> LoweredSteps:
    """The customizers of an image, and what validates it.

    Raises TemplateError for missing files and malformed values. A step that Image Builder cannot run makes no
    customizer; it is accounted as unsupported, with a warning that says the way out. A step that needs an input without
    a value makes none either: the binder has noted the input (``binder.stop_if_missing``).
    """
    context = Context(
        binder,
        files,
        accounting,
        diagnostics,
        options,
        build_name=_build_name(image, binder),
        builder_type=image.image.type,
        windows=image.os_type == "Windows",
        credentials=passwords(image.image.settings),
        identities=image.identities.value if image.identities is not None else None,
    )
    customizers = lower_all(image.image.steps, context, REST in image.image.settings)
    if context.vaulted:
        _tell_vaulted(context, image)
    if REST not in image.image.settings:
        tell_generalizing(context, image.image)
    if context.emptying:
        tell_emptying(context)
    return LoweredSteps(tuple(customizers), tuple(named(context.validators)))


def _tell_vaulted(context: Context, image: AzureImage) -> None:
    """What has to be in the vault, and who has to be let in."""
    for item in context.options.plan.inputs if context.options.plan is not None else ():
        if item.name in context.vaulted.values():
            summary = f"a secret of the vault {context.options.vault}, not a parameter"
            context.accounting.say(item.leaves, "adapted", "aib/secret-vault", summary)
    listed = ", ".join(f"{secret} (the variable {name})" for secret, name in context.vaulted.items())
    context.diagnostics.note(
        "aib/secret-vault",
        f"{image.image.local_name} fetches secrets from the vault {context.options.vault}: {listed}",
        "They have to be there when the image is built. The build VM's identity (user_assigned_managed_identities) "
        "needs the role Key Vault Secrets User on the vault, and the vault has to be reachable from the build VM.",
        image.image.source.span,
    )


def _build_name(image: AzureImage, binder: Binder) -> str:
    """PACKER_BUILD_NAME: the source block's name, whatever a build calls it (hcl2template, ``builderVariables``).

    In legacy JSON a builder's name may be a template; the image keeps it as written.
    """
    name = image.image.source_name
    if "{{" not in name:
        return name
    from bakelift.translator.languages.go_template.reading import parse_template

    return binder.text(parse_template(name), "the name of the builder") or name


def lower_all(steps: tuple[Step, ...], context: Context, only_own_names: bool = False) -> list[Customizer]:
    """As :func:`lower_steps`, for steps and a context. ``only_own_names``: of an image template's own steps."""
    context.steps = steps
    effective = [i for i, step in enumerate(steps) if step.type not in _NO_EFFECT]
    found: list[Lowered] = []
    for index, step in enumerate(steps):
        last = not effective or index >= effective[-1]
        extra = step.settings.get(EXTRA)
        said = step.but(settings={name: s for name, s in step.settings.items() if name != EXTRA})
        kept = fields(extra.value) if extra is not None else {}
        if kept.pop(INLINE, None) == TRUE and "script" in said.settings:
            from bakelift.translator.imagebuilder.lowering.verbatim import inline_again

            said = inline_again(said, context)
        made = lower_step(said, index + 1, last, context, only_own_names and not last, own=only_own_names)
        if kept and len(made) == 1:
            left = ObjectExpr(tuple((Literal(name), value) for name, value in kept.items()))
            made = [made[0].but(customizer=made[0].customizer.but(extra=left))]
        validates = step.type == "goss" and context.options.validators
        (context.validators if validates else found).extend(made)
    if context.emptied and not only_own_names:
        from bakelift.translator.imagebuilder.lowering.deprovision import written_again

        again = written_again(context)
        if again is not None:
            found.append(Lowered(Shell(inline=again), None, "DeprovisioningScript.sh"))
    return named(found, only_own_names)


def lower_step(
    step: Step, number: int, last: bool, context: Context, as_said: bool = False, own: bool = False
) -> list[Lowered]:
    """The customizers of one step, not named yet. ``number``: from 1; ``last``: no later step changes the image.

    ``as_said``: the step was a customizer, whose lines may be expressions; ``own``: the step is an image template's,
    which may not fit the build VM's system, and which elevates in one of the service's two ways.
    """
    if _is_tool(step.type):
        from bakelift.translator.imagebuilder.lowering.parts import with_known_options

        step = with_known_options(step)
    reader = StepReader(step, number, context, own)
    try:
        said = _verbatim(reader) if as_said else None
        if said is not None:
            reader.settle()
            return said
        if not own:
            _same_system(reader)
        found = _lowering_of(step.type)(reader, last)
    except Unbound as problem:
        if not problem.names:
            return []
        from bakelift.translator.imagebuilder.lowering.scripts import unbound

        return unbound(reader, problem.names)
    except CannotLower as problem:
        reader.give_up("unsupported", problem.code, problem.summary)
        advice = f"The image template goes without this step. {problem.advice}"
        tell = context.diagnostics.error if problem.code == SECRET else context.diagnostics.warning
        tell(problem.code, problem.summary, advice, problem.span or step.span)
        return []
    if not own:
        from bakelift.translator.imagebuilder.lowering.emptying import note_emptying

        note_emptying(reader, found)
        note_generalizing(reader, found)
    reader.settle()
    return found


#: Steps that do nothing to the image: a step before them may still be the last that does.
_NO_EFFECT = frozenset({"breakpoint", "sleep"})

#: Steps of which most templates are made.
_COMMON = frozenset({"shell", "powershell", "file"})

#: Steps that only machines of one system can run; the service refuses their customizers on the other.
_OF_LINUX = frozenset({"shell"})
_OF_WINDOWS = frozenset({"powershell", "windows-restart", "windows-shell", "windows-update"})


def _same_system(reader: StepReader) -> None:
    type, windows = reader.step.type, reader.context.windows
    if type not in (_OF_LINUX if windows else _OF_WINDOWS):
        return
    mine, other = ("Windows", "Linux") if windows else ("Linux", "Windows")
    raise CannotLower(
        "aib/other-system",
        f"{type} is for {other}, and os_type says {mine}",
        f"Write the step as {'powershell' if windows else 'shell'}, or leave it to the {other} images with only.",
    )


def _verbatim(reader: StepReader) -> list[Lowered] | None:
    from bakelift.translator.imagebuilder.lowering.verbatim import verbatim

    return verbatim(reader)


def _lowering_of(type: str) -> Callable[[StepReader, bool], list[Lowered]]:
    if type == "shell":
        from bakelift.translator.imagebuilder.lowering.shell import lower_shell

        return lower_shell
    if type == "file":
        from bakelift.translator.imagebuilder.lowering.upload import lower_file

        return lower_file
    if type == "powershell":
        from bakelift.translator.imagebuilder.lowering.powershell import lower_powershell

        return lower_powershell
    if type in ("windows-restart", "windows-update", "windows-shell"):
        from bakelift.translator.imagebuilder.lowering.windows import LOWERINGS

        return LOWERINGS[type]
    if type == "sleep":
        from bakelift.translator.imagebuilder.lowering.pause import lower_sleep

        return lower_sleep
    if _is_tool(type):
        return _lower_tool
    from bakelift.translator.imagebuilder.lowering.others import lower_other

    return lower_other


def _is_tool(type: str) -> bool:
    """Whether a step stands for the steps of another tool."""
    if type in _COMMON:
        return False
    from bakelift.translator.imagebuilder.lowering.tools import TYPES

    return type in TYPES


def _lower_tool(reader: StepReader, _last: bool) -> list[Lowered]:
    """The customizers of the steps that a tool's step stands for."""
    from bakelift.translator.imagebuilder.lowering.tools import expanded

    made: list[Lowered] = []
    for step in expanded(reader):
        made += lower_step(step, reader.number, False, reader.context)
    return made
