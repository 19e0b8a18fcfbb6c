"""Prepares builds: everything that can be refused is, before anything happens. Nothing here has effects."""

from __future__ import annotations

from bakelift.runner import steps, targets, validators
from bakelift.runner.build_scope import World
from bakelift.runner.log_timing import StepLabel
from bakelift.runner.settings import Settings
from bakelift.runner.steps import StepContext, meta
from bakelift.runner.targets import TargetContext, TargetOptions
from bakelift.runner.ui import Ui
from bakelift.translator.diagnostics import Diagnostics, TemplateError
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from bakelift.runner.log import Style
    from bakelift.runner.steps.meta import Meta
    from bakelift.runner.steps.post_processors import PostProcessorKind
    from bakelift.runner.targets import Target
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Body, PostProcessor, Step
    from bakelift.translator.plan.scope import Scope


class ReadyStep(Record):
    """A step that can run: its module, its settings (build data still to be bound) and what wraps it."""

    type: str
    module: ModuleType
    settings: Settings
    meta: Meta
    label: StepLabel
    name: str | None = None


class ReadyPost(Record):
    """A post-processor that can run. ``label``: how the log calls it."""

    type: str
    label: str
    kind: PostProcessorKind
    settings: Settings
    keep: bool | None


class ReadyBuild(Record):
    """One image's build, ready to run. ``environment``: Packer's own variables for its scripts."""

    name: str
    image: Image
    target: Target
    steps: tuple[ReadyStep, ...]
    error_cleanup: ReadyStep | None
    posts: tuple[tuple[ReadyPost, ...], ...]
    environment: Mapping[str, str]
    validators: tuple[ReadyStep, ...] = ()


def shown_name(world: World, image: Image, style: Style) -> str:
    """The build's name in the log: legacy JSON shows the type as well, since Packer 1.8.6, when a name is given."""
    if world.json and style.typed_names and image.name != image.type:
        return f"{image.type}.{image.name}"
    return image.name


def prepare(world: World, image: Image, on: str | None, options: TargetOptions, style: Style) -> ReadyBuild:
    """Checks one image's build. Raises TemplateError with all that was found."""
    scope = world.scope(image)
    found = Diagnostics()
    environment = {"PACKER_BUILD_NAME": image.source_name, "PACKER_BUILDER_TYPE": image.type}
    place = on or targets.OWN_TARGETS.get(image.type, "sandbox")
    allowed = "here" if options.allow_local else ""
    context = StepContext(Ui(), style, world.files, environment, local="machine" if place == "sandbox" else allowed)
    after = context.but(local=allowed)
    target = None
    try:
        settings = Settings(image.settings, scope, f"{image.type} builder", image.source.span)
        target = targets.make(place, TargetContext(image, settings, world.files, options, world.run_uuid))
        if place in targets.OWN_TARGETS:
            _refuse_unknown(settings, image.opaque)
        scope = world.scope(image, getattr(target, "placeholders", None))
    except TemplateError as error:
        found.extend(error.diagnostics)
    ready = []
    for number, step in enumerate((*image.steps, *((image.error_cleanup,) if image.error_cleanup else ())), 1):
        try:
            ready.append(_step(step, 0 if step is image.error_cleanup else number, scope, context))
        except TemplateError as error:
            found.extend(error.diagnostics)
    try:
        tests = tuple(_step(step, 0, scope, context) for step in validators.validators(image))
    except TemplateError as error:
        found.extend(error.diagnostics)
        tests = ()
    chains = []
    for chain in image.post_processors:
        posts = []
        for post in chain:
            try:
                posts.append(_post(world, post, scope, after))
            except TemplateError as error:
                found.extend(error.diagnostics)
        chains.append(tuple(posts))
    found.stop_if_failed()
    assert target is not None
    cleanup = ready.pop() if image.error_cleanup else None
    name = shown_name(world, image, style)
    return ReadyBuild(name, image, target, tuple(ready), cleanup, tuple(chains), environment, tests)


def _step(step: Step, number: int, scope: Scope, context: StepContext) -> ReadyStep:
    settings = Settings(step.settings, scope, f"{step.type} provisioner", step.span)
    module = steps.module(step.type)
    if module is None:
        raise settings.failure(
            "build/step-not-runnable",
            f"a {step.type} provisioner cannot be run here",
            f"Steps that can: {', '.join(sorted(steps.STEPS))}.",
        )
    _refuse_unknown(settings, step.opaque)
    module.check(settings, context)
    label = StepLabel(number, step.type, _what(step, settings))
    return ReadyStep(step.type, module, settings, meta.read(settings), label, step.name)


def _what(step: Step, settings: Settings) -> str:
    """What tells a step from others of its type: its name, else its script or files."""
    if step.name:
        return step.name
    try:
        for option in ("script", "scripts", "source", "sources", "playbook_file"):
            said = settings.texts(option)
            if said and said[0]:
                return f"{said[0]} and {len(said) - 1} more" if len(said) > 1 else said[0]
    except TemplateError:
        return ""  # only a running machine can tell
    return ""


def _post(world: World, post: PostProcessor, scope: Scope, context: StepContext) -> ReadyPost:
    from bakelift.runner.steps.post_processors import POST_PROCESSORS

    settings = Settings(post.settings, scope, f"{post.type} post-processor", post.span)
    kind = POST_PROCESSORS.get(post.type)
    if kind is None:
        raise settings.failure(
            "build/post-processor-not-runnable",
            f"a {post.type} post-processor cannot be run here",
            f"Post-processors that can: {', '.join(sorted(POST_PROCESSORS))}. -except={post.type} leaves it out.",
        )
    _refuse_unknown(settings, post.opaque)
    kind.check(settings, context)
    # HCL knows no default name; legacy JSON's is the type, and then it is not said twice.
    name = post.name or (post.type if world.json else "")
    label = post.type if name == post.type else f"{name} (type {post.type})"
    keep = None
    if post.keep_input_artifact is not None:
        keep = Settings({"keep_input_artifact": post.keep_input_artifact}, scope).boolean("keep_input_artifact")
    return ReadyPost(post.type, label, kind, settings, keep)


def _refuse_unknown(settings: Settings, opaque: Body) -> None:
    """Options that no table knows: Packer refuses them as well."""
    for entry in opaque.entries:
        name = getattr(entry, "name", None) or getattr(entry, "type", "")
        raise settings.failure(
            "build/unknown-option", f"unknown configuration key: '\"{name}\"'", f"In the {settings.where}."
        )
