"""Writes images as Image Builder templates: a deployment template with one resource an image, or bare resources."""

from __future__ import annotations

from bakelift.translator.imagebuilder.deployment import Deployment, Resource, deployment_template, rendered
from bakelift.translator.imagebuilder.names import words
from bakelift.translator.imagebuilder.output import Output
from bakelift.translator.imagebuilder.parameters import parameters_file
from bakelift.translator.imagebuilder.rest import REST, deployment_rest, fields
from bakelift.translator.imagebuilder.rules import check_deployment, check_resource
from bakelift.translator.imagebuilder.versions import API_VERSIONS, OLDEST_WRITTEN, has
from bakelift.translator.imagebuilder.writer_ids import TEMPLATES
from bakelift.translator.imagebuilder.writer_leaves import Leaves
from bakelift.translator.imagebuilder.writer_options import WriteOptions
from bakelift.translator.imagebuilder.writer_resource import ResourceWriter
from bakelift.translator.imagebuilder.writer_symbols import TemplateSymbols
from bakelift.translator.plan.expressions import Expr, Literal, Ref
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.deployment import Draft
    from bakelift.translator.plan.azure import AzureImage
    from bakelift.translator.plan.binder import Binder
    from bakelift.translator.plan.binding import Bindings
    from bakelift.translator.plan.model import Plan
    from bakelift.translator.report import Accounting

#: Own parameters that stand before the inputs.
_FIRST = ("imageTemplateName", "identityId", "location")


class Job(Record):
    """One image to write: its typed view, its binder, its steps as customizers, and what validates it."""

    image: AzureImage
    binder: Binder
    customizers: tuple[Customizer, ...]
    validators: tuple[Customizer, ...] = ()


class Written(Record):
    """``outputs``: a file each. ``inputs``, ``named``: what became a parameter or variable, and its name there.

    ``deployment``: what the output is made of; None for bare resources.
    ``expected``: the inputs whose default does not do, so that their parameter has none.
    ``bound``: the inputs whose default is made of others, with the values that these have.
    ``without_default``: those whose default cannot be said, so that their parameter has none.
    """

    outputs: tuple[Output, ...]
    inputs: dict[str, str]
    named: dict[str, str]
    deployment: Deployment | None = None
    expected: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    without_default: frozenset[str] = frozenset()


def write(
    plan: Plan,
    jobs: Sequence[Job],
    bindings: Bindings,
    options: WriteOptions,
    accounting: Accounting,
    diagnostics: Diagnostics,
) -> Written:
    """The templates of some images, with an account of the leaves that they say.

    An image that cannot be built leaves an error in ``diagnostics``, and no template unless ``options.partial``. What
    structure needs and has no value, is with the binders: the caller asks them (``stop_if_missing``).
    """
    check_version(options.api_version)
    from bakelift.translator.plan.secrets import sensitive_symbols

    symbols = TemplateSymbols(plan, bindings, sensitive_symbols(plan), options.shape == "bicep")
    if options.shape == "resource":
        outputs = tuple(_bare(job, symbols, options, accounting, diagnostics) for job in jobs)
        return Written(outputs, {}, {})
    return _deployment(jobs, symbols, bindings, options, accounting, diagnostics)


def check_version(version: str) -> None:
    """Raises TemplateError for an API version that is not written."""
    from bakelift.translator.diagnostics import fail

    if version not in API_VERSIONS or not has(version, OLDEST_WRITTEN):
        known = ", ".join(v for v in API_VERSIONS if has(v, OLDEST_WRITTEN))
        raise fail("aib/api-version", f"API version {version!r} is not written", f"Written are: {known}.")


class _Made(Record):
    """One image's part of a deployment: its image template, and what the deployment makes beside it.

    ``slug``: the image's words in names; ``leaves``: how its expressions are said.
    """

    slug: str
    draft: dict[str, Draft]
    beside: tuple[Resource, ...]
    leaves: Leaves


def _deployment(
    jobs: Sequence[Job],
    symbols: TemplateSymbols,
    bindings: Bindings,
    options: WriteOptions,
    accounting: Accounting,
    diagnostics: Diagnostics,
) -> Written:
    before = diagnostics.errors
    several = len(jobs) > 1
    made: list[_Made] = []
    for index, job in enumerate(jobs):
        as_said = REST in job.image.image.settings and not options.resolve
        base = f"/resources/{index}"
        leaves = Leaves(symbols, job.binder, accounting, diagnostics, base, options.api_version, as_said=as_said)
        made.append(_image_template(job, leaves, options, several))
    resources = _arranged(made)
    inputs, named = _used(resources, jobs, made, symbols)
    frozen = {entry.name for job in jobs for entry in job.binder.frozen if entry.value is not None}
    around = deployment_rest(symbols.plan)
    deployment = Deployment(
        symbols.parameters(inputs, _FIRST, frozen),
        symbols.named_values(named),
        tuple(resource.but(symbol=symbols.resource_name(resource.symbol)) for resource in resources),
        symbols.symbols,
        {} if around is None else fields(around.value),
    )
    template = deployment_template(deployment, diagnostics)
    if around is not None:
        from bakelift.translator.imagebuilder.writer_rest import surrounded

        template = surrounded(template, rendered(around.value, symbols.symbols, diagnostics))
        accounting.say(around.leaves, "exact", "aib/around", "as it stood around the image templates", to=[""])
    values = _given(inputs, symbols, options, diagnostics)
    check_deployment(template, options.api_version, diagnostics)
    written = options.partial or diagnostics.errors == before
    names = symbols.symbols
    return Written(
        (
            Output(
                made[0].slug if len(made) == 1 else "image-templates",
                template if written else None,
                parameters_file(values) if written else None,
            ),
        ),
        {item.name: names.parameters[item.name] for item in symbols.plan.inputs if item.name in inputs},
        {name: names.variables[name] for name in named if symbols.variables.get(name) is not None},
        deployment,
        frozenset(bindings.came_from) - frozenset(bindings.values),
        symbols.bound_defaults(inputs, frozen),
        _without_default(deployment, symbols),
    )


def _without_default(deployment: Deployment, symbols: TemplateSymbols) -> frozenset[str]:
    """The inputs whose parameter has no default although they have one."""
    names = {
        symbols.symbols.parameters[item.name]: item.name for item in symbols.plan.inputs if item.default is not None
    }
    bare = [name for name, facts in deployment.parameters.items() if "defaultValue" not in facts]
    return frozenset(names[name] for name in bare if name in names)


def _image_template(job: Job, leaves: Leaves, options: WriteOptions, several: bool) -> _Made:
    """``several``: the deployment has other image templates too."""
    writer = ResourceWriter(job, leaves, options, [])
    body = writer.body()
    head: dict[str, Draft] = {"type": TEMPLATES, "apiVersion": options.api_version}
    if "name" in body:  # as the template said it
        return _Made(writer.slug, {**head, "name": body.pop("name"), **body}, (), leaves)
    image = job.image.image
    facts = {"source": f"{image.type}.{image.local_name}"}
    if image.group_name:
        facts["build"] = image.group_name
    if image.local_name != image.source_name:
        facts["block"] = image.source_name
    key = "imageTemplateName" + (words(writer.slug) if several else "")
    draft = {**head, "name": leaves.symbols.ask(key, Literal(writer.slug), **facts), **body}
    beside: list[Resource] = []
    if writer.vhd is not None:
        from bakelift.translator.imagebuilder.vhd import with_source_image

        draft, source = with_source_image(draft, writer.vhd)
        beside.append(source)
    if options.trigger:
        from bakelift.translator.imagebuilder.triggers import source_trigger

        beside += source_trigger(draft, image, leaves.diagnostics)
    return _Made(writer.slug, draft, tuple(beside), leaves)


def _arranged(made: Sequence[_Made]) -> list[Resource]:
    """The image templates in their order, then what is made beside them, those of one kind together."""
    templates = [Resource("imageTemplate" + (words(part.slug) if len(made) > 1 else ""), part.draft) for part in made]
    beside = [resource for part in made for resource in part.beside]
    return [*templates, *sorted(beside, key=lambda resource: resource.symbol)]


def _used(
    resources: Sequence[Resource], jobs: Sequence[Job], made: Sequence[_Made], symbols: TemplateSymbols
) -> tuple[set[str], set[str]]:
    """The inputs that become parameters, and the named values that become variables."""
    inputs, named = symbols.used([expr for resource in resources for expr in _exprs(resource.draft)])
    if any(REST in job.image.image.settings for job in jobs):  # whoever deploys it may give any of its parameters
        inputs |= {item.name for item in symbols.plan.inputs if item.name not in symbols.refused}
        for item in symbols.plan.named:
            made[-1].leaves.expr(Ref("named", item.name), item.name)
        named = {name for name, value in symbols.variables.items() if value is not None}
    return inputs, named


def _given(
    inputs: set[str], symbols: TemplateSymbols, options: WriteOptions, diagnostics: Diagnostics
) -> dict[str, Any]:
    """The values of the parameters file. Secrets have none there, and that is said."""
    values, secrets = symbols.given(inputs)
    if options.identity is not None and "identityId" in symbols.own:
        values = {symbols.symbols.parameters["own:identityId"]: options.identity, **values}
    for secret in secrets:
        diagnostics.note(
            "aib/secret-parameter",
            f"{secret} is a secret: give it when deploying",
            "The parameters file does not hold secrets; there it can be a Key Vault reference. What is made of it "
            "stands in the image template, where whoever may read that reads it.",
        )
    return values


def _bare(
    job: Job, symbols: TemplateSymbols, options: WriteOptions, accounting: Accounting, diagnostics: Diagnostics
) -> Output:
    before = diagnostics.errors
    leaves = Leaves(
        symbols, job.binder, accounting, diagnostics, "", options.api_version, bind_all=True, clock=options.clock
    )
    fill_in: list[str] = []
    writer = ResourceWriter(job, leaves, options, fill_in)
    draft = {"type": TEMPLATES, **writer.body()}
    template = rendered(draft, symbols.symbols, diagnostics, expressions=False)
    if fill_in:
        places = ", ".join(f"<{name}>" for name in fill_in)
        diagnostics.warning(
            "aib/fill-in",
            f"Replace {places} in the output before using it",
            "A bare resource has no parameters, and the template does not say these.",
            job.image.image.source.span,
        )
    check_resource(template, options.api_version, "", diagnostics)
    failed = diagnostics.errors > before
    return Output(writer.slug, None if failed and not options.partial else template)


def _exprs(draft: Any) -> Iterator[Expr]:
    if isinstance(draft, Expr):
        yield draft
    elif isinstance(draft, dict):
        for value in draft.values():
            yield from _exprs(value)
    elif isinstance(draft, list):
        for value in draft:
            yield from _exprs(value)
