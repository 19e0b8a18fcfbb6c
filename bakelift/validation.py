"""All checks of a template: what the readers refuse, what Packer refuses of it, and the rules of Image Builder.

Nothing leaves the machine and no plugin is asked. What only a data source or a running machine can tell is not checked.
"""

from __future__ import annotations

import os

from bakelift.translator.diagnostics import Diagnostic, Diagnostics, TemplateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bakelift.arguments import Parsed
    from bakelift.runner.build_scope import World
    from bakelift.runner.settings import Settings
    from bakelift.sessions import Session
    from bakelift.translator.diagnostics import Span
    from bakelift.translator.packer.checks import Rule
    from bakelift.translator.packer.tables.rows import Kind
    from bakelift.translator.plan.expressions import Ref
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import PostProcessor, Setting, Step
    from bakelift.translator.plan.scope import Scope

#: What Packer tells of without looking into the bodies of components (``-syntax-only``), besides the codes of the
#: languages themselves; observed on 1.6.6.
_SYNTAX = frozenset(
    (
        "bicep/decorator",
        "bicep/number",
        "bicep/syntax",
        "bicep/too-deep",
        "json/bad-duration",
        "json/bad-version",
        "json/comment-type",
        "json/duplicate-builder",
        "json/duplicate-field",
        "json/missing-type",
        "json/nested-chain",
        "json/not-a-template",
        "json/syntax",
        "json/too-deep",
        "json/unknown-root-key",
        "json/variable-type",
        "packer/bad-name",
        "packer/default",
        "packer/default-type",
        "packer/duplicate-block",
        "packer/duplicate-local",
        "packer/duplicate-variable",
        "packer/labels",
        "packer/not-constant",
        "packer/required-plugins",
        "packer/too-deep",
        "packer/unknown-block",
        "packer/validation",
        "packer/var-file",
        "packer/version",
    )
)
#: Arguments of steps and post-processors that are no settings of theirs.
_READ_APART = ("only", "except", "override", "keep_input_artifact", "name")
#: Told again, and better, by the checks of the whole template.
_AGAIN = frozenset({"packer/no-build", "packer/unknown-component"})


def validate(parsed: Parsed, syntax_only: bool = False) -> list[Diagnostic]:
    """Everything that is to be said of the template that a command line names, in the order of its text."""
    from bakelift.runner import VERSIONS
    from bakelift.translator.packer.checks_template import check_version
    from bakelift.translator.plan.images import legacy

    found = Diagnostics()
    session = _opened(parsed, found, syntax_only)
    if syntax_only:
        if session is not None and session.loaded.is_packer and not legacy(session.plan):
            check_version(session.plan, VERSIONS["current"], found)
        said = [d for d in found if d.severity != "error" or _of_syntax(d.code)]
        return _in_order(said)
    if session is None:
        return _in_order(found)
    if session.loaded.is_packer:
        _check_packer(session, parsed, found)
    else:
        from bakelift.validation_azure import check_image_builder

        check_image_builder(parsed.positionals[0], session.loaded.files, found)
    return _in_order(found)


def _opened(parsed: Parsed, found: Diagnostics, syntax_only: bool) -> Session | None:
    """The template with its variables bound; None when that fails, and why is among ``found``."""
    from bakelift.loading import load_template
    from bakelift.sessions import Session, ask_data, bind, clock, configuration_of
    from bakelift.translator.plan.binding import Bindings

    read = Diagnostics()
    session: Session | None = None
    try:
        loaded = load_template(parsed.positionals[0], read, parsed.texts("root"), parsed.texts("var-file"))
        shared = configuration_of(loaded)
        session = Session(loaded, Bindings(), found, os.environ, clock(), shared)
        if not syntax_only:
            session.bindings = bind(loaded, parsed, read, os.environ, loaded.is_packer, session.clock, shared)
            ask_data(session, parsed)
    except TemplateError as error:
        read.extend(error.diagnostics)
        session = None
    found.extend(d for d in read if session is None or d.code not in _AGAIN)
    if session is not None and not session.loaded.is_packer:
        return session  # the service's rules are checked on the text, whatever reading it as a Plan found
    return None if found.failed else session


def _of_syntax(code: str) -> bool:
    return code in _SYNTAX or code.startswith(("hcl/", "files/", "arm/", "aib/"))


def _check_packer(session: Session, parsed: Parsed, found: Diagnostics) -> None:
    from bakelift.runner import VERSIONS
    from bakelift.runner.build_scope import World
    from bakelift.translator.packer.checks_template import check_template

    plan = session.plan
    check_template(plan, VERSIONS["current"], found)
    every = Diagnostics()
    secrets: list[str] = []
    try:
        world = World(plan, session.bindings.values, session.loaded.files, os.environ, VERSIONS["current"])
        secrets = [text for _, text in world.secrets()]
        _check_named(world, every)
        session.diagnostics = every
        for image in session.images(parsed):
            _Components(session, world, image, every).check()
    except TemplateError as error:
        every.extend(error.diagnostics)
    found.extend(_redacted(every, secrets))


def _check_named(world: World, found: Diagnostics) -> None:
    """Locals are evaluated whether something uses them or not."""
    from bakelift.translator.plan.evaluate import evaluate
    from bakelift.translator.plan.expressions import Ref

    scope = world.scope()
    for item in world.plan.named:
        try:
            evaluate(Ref("named", item.name), scope)
        except TemplateError as error:
            found.extend(error.diagnostics)


class _Components:
    """The components of one image."""

    def __init__(self, session: Session, world: World, image: Image, found: Diagnostics) -> None:
        self.session = session
        self.world = world
        self.image = image
        self.found = found
        self.scope: Scope = world.scope(image)

    def check(self) -> None:
        self.builder()
        cleanup = self.image.error_cleanup
        for step in (*self.image.steps, *((cleanup,) if cleanup is not None else ())):
            self.step(step)
        for chain in self.image.post_processors:
            for post in chain:
                self.post(post)

    def builder(self) -> None:
        from bakelift.translator.packer.checks_communicator import RULES

        image, settings = self.image, self.image.settings
        rules = RULES.get(image.type, ())
        if image.type == "azure-arm":
            from bakelift.translator.packer import checks_azure

            rules = checks_azure.RULES
            settings = self.settled(settings)
        self.apply(rules, "builder", image.type, self.settings(settings, "builder", image.type, image.source.span))

    def settled(self, settings: Mapping[str, Setting]) -> Mapping[str, Setting]:
        """The settings with every dynamic block that azure-arm takes once decided."""
        from bakelift.translator.plan.azure_options import SINGLE_BLOCKS
        from bakelift.translator.plan.binding import StructureBinder
        from bakelift.translator.plan.dynamic import settled_blocks

        binder = StructureBinder(self.session.plan, self.session.bindings, self.image, self.session.loaded.files)
        return settled_blocks(settings, SINGLE_BLOCKS, binder, self.found)[0]

    def step(self, step: Step) -> None:
        from bakelift.translator.packer.checks_steps import RULES

        self.names(step.settings)
        settings = self.settings(step.settings, "provisioner", step.type, step.span)
        self.apply(RULES.get(step.type, ()), "provisioner", step.type, settings)

    def post(self, post: PostProcessor) -> None:
        from bakelift.translator.packer.checks_posts import RULES

        self.names(post.settings)
        settings = self.settings(post.settings, "post-processor", post.type, post.span)
        self.apply(RULES.get(post.type, ()), "post-processor", post.type, settings)

    def names(self, settings: Mapping[str, Setting]) -> None:
        """A step may use what the builder gives, and no more."""
        from bakelift.translator.languages.go_template.generated import GENERATED_BY
        from bakelift.translator.plan.expressions import Ref
        from bakelift.translator.plan.suggest import did_you_mean

        known = GENERATED_BY.get(self.image.type)
        if known is None:
            return
        for setting in settings.values():
            for node in setting.value.walk():
                if isinstance(node, Ref) and node.kind == "build" and node.name not in known:
                    if self.world.json:
                        self.template_name(node, setting)
                        continue
                    detail = f'This object does not have an attribute named "{node.name}".'
                    detail += did_you_mean(node.name, known)
                    self.found.error("packer/unknown-name", "Unsupported attribute", detail, node.span or setting.span)

    def template_name(self, node: Ref, setting: Setting) -> None:
        """In a Go template ``build`` asks for it by name and fails; ``.Nope`` gives an empty text."""
        if node.span is not None and "build" in node.span.text:
            summary = f"error calling build: loaded data, but couldnt find {node.name} in it."
            self.found.error("template/not-available", summary, "", node.span or setting.span)

    def settings(self, settings: Mapping[str, Setting], kind: Kind, type: str, span: Span | None) -> Settings:
        from bakelift.runner.settings import Settings

        return Settings(settings, self.scope, f"{type} {kind}", span)

    def apply(self, rules: Iterable[Rule], kind: Kind, type: str, settings: Settings) -> None:
        from bakelift.translator.packer.checks import tell
        from bakelift.translator.packer.checks_template import known_component
        from bakelift.translator.packer.checks_types import typed
        from bakelift.translator.packer.tables import meta

        known = known_component(kind, type)
        if known is not None and not known.opaque:
            more = {name: option for name, option in meta(kind).items() if name not in _READ_APART}
            rules = (*typed({**known.options, **more}, strict=not self.world.json), *rules)
        tell(rules, settings, self.session.loaded.files, self.found, _accessible)


def _accessible(path: str) -> bool:
    return os.path.exists(os.path.expanduser(path))


def _redacted(diagnostics: Iterable[Diagnostic], secrets: list[str]) -> list[Diagnostic]:
    """Without the values of sensitive variables, which a rule may have quoted."""
    from bakelift.runner.redaction import Redactor

    hide = Redactor(secrets)
    return [d.but(summary=hide(d.summary), detail=hide(d.detail)) for d in diagnostics]


def _in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """By file and line; within a line and without place, as found. What several images share is said once."""
    files: dict[str, int] = {}

    def key(diagnostic: Diagnostic) -> tuple[int, int]:
        span = diagnostic.span
        if span is None:
            return (-1, 0)
        return (files.setdefault(span.file.path, len(files)), span.line)

    return sorted(diagnostics, key=key)
