"""The whole way from a Plan to Image Builder templates, for the images that a command line selects."""

from __future__ import annotations

from bakelift.translator.imagebuilder.placeholders import put_in
from bakelift.translator.imagebuilder.versions import VALIDATORS, has
from bakelift.translator.imagebuilder.writer import Job, check_version, write
from bakelift.translator.imagebuilder.writer_account import account_rest
from bakelift.translator.imagebuilder.writer_options import WriteOptions
from bakelift.translator.plan.binding import BindingRecord, StructureBinder, scope_of
from bakelift.translator.plan.record import Record
from bakelift.translator.report import Accounting, Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.files import Files
    from bakelift.translator.imagebuilder.arranging import Arrangement
    from bakelift.translator.imagebuilder.deployment import Deployment
    from bakelift.translator.imagebuilder.lowering.staging import Staging
    from bakelift.translator.imagebuilder.output import Output
    from bakelift.translator.plan.binding import Bindings
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Plan
    from bakelift.translator.plan.scope import Clock


class TranslateOptions(WriteOptions):
    """``only``, ``excepted``: the command line's selection. ``missing_files``: ``error`` or ``placeholder``.

    ``staging``: where files go that the template names by address; None: it holds them. ``allow_secrets``, ``vault``: a
    sensitive environment value may be a parameter that stands readable, or is fetched from this Key Vault.
    ``arrangement``: what a team says for all its templates.
    """

    only: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()
    missing_files: str = "error"
    staging: Staging | None = None
    arrangement: Arrangement | None = None
    allow_secrets: bool = False
    vault: str | None = None


class Translation(Record):
    """Files to write, the account, and what is to be told (the report has the diagnostics too)."""

    outputs: tuple[Output, ...]
    report: Report
    diagnostics: Diagnostics


def translate(
    plan: Plan, bindings: Bindings, files: Files, options: TranslateOptions, diagnostics: Diagnostics | None = None
) -> Translation:
    """Image Builder templates of a Plan's azure-arm images.

    Raises TemplateError when nothing can be decided: no such image (``aib/no-image``), inputs without value that
    structure needs (``plan/missing-inputs``), contradictions in a source (``azure/…``), missing files. What Image
    Builder has no form of is told in the diagnostics and in the report; an output without template was given up.
    """
    from bakelift.translator.diagnostics import Diagnostics as Collected
    from bakelift.translator.imagebuilder.lowering import LoweringOptions, lower_steps
    from bakelift.translator.plan.azure_view import azure_image
    from bakelift.translator.plan.images import images
    from bakelift.translator.plan.secrets import sensitive_symbols, with_secrets_marked

    told = diagnostics if diagnostics is not None else Collected()
    given = plan
    plan = with_secrets_marked(put_in(plan, bindings.values))
    check_version(options.api_version)
    chosen = images(plan, options.only, options.excepted, inputs=bindings.values, diagnostics=told)
    mine = [image for image in chosen if image.type == "azure-arm"]
    if not mine:
        raise _nothing(plan, chosen)
    accounting = Accounting(plan.origin.leaves if plan.origin is not None else ())
    for item in given.inputs:
        if item.placeholder is not None and item.name not in bindings.values:
            summary = f"the text {item.placeholder} again, as in the image template that it comes from"
            accounting.say(item.leaves, "adapted", "aib/fill-in", summary)
    record = BindingRecord(plan, bindings)
    lowering = LoweringOptions(
        missing_files=options.missing_files,
        staging=options.staging,
        allow_secrets=options.allow_secrets,
        vault=options.vault,
        plan=plan,
        sensitive=sensitive_symbols(plan),
        validators=has(options.api_version, VALIDATORS),
        pause_replaces_timeout=plan.origin is not None and plan.origin.format == "json",
    )
    jobs: list[Job] = []
    for image in mine:
        binder = (
            _ResolvingBinder(plan, bindings, image, files, record, options.clock)
            if options.resolve
            else StructureBinder(plan, bindings, image, files, record)
        )
        view = azure_image(image, binder, told)
        if options.arrangement is not None:
            from bakelift.translator.imagebuilder.arranging import Arranger

            view = Arranger(options.arrangement, binder, accounting).image(view)
        lowered = lower_steps(view, binder, files, accounting, told, lowering)
        jobs.append(Job(view, binder, lowered.customizers, lowered.validators))
    if any(d.severity == "error" and d.code.startswith("azure/") for d in told):
        record.stop_if_missing()
        told.stop_if_failed()
    written = write(plan, jobs, bindings.but(values=record.values), options, accounting, told)
    record.stop_if_missing()
    frozen = [item.name for item in record.frozen()]
    account_rest(plan, chosen, mine, written, frozen, bindings.values, accounting, told)
    outputs = written.outputs
    if options.shape == "bicep" and written.deployment is not None:
        outputs = tuple(_in_bicep(output, written.deployment, plan, mine, accounting, told) for output in outputs)
    return Translation(outputs, _report(plan, chosen, options, record, accounting, told), told)


def _in_bicep(
    output: Output,
    deployment: Deployment,
    plan: Plan,
    written: Sequence[Image],
    accounting: Accounting,
    told: Diagnostics,
) -> Output:
    """The output in Bicep, with the template's comments where the account says that what they are about has gone."""
    from bakelift.translator.imagebuilder.bicep_writer import bicep_text
    from bakelift.translator.imagebuilder.writer_comments import comments_by_place

    if output.template is None:
        return output
    comments = comments_by_place(plan, written, accounting)
    return output.but(bicep=bicep_text(deployment, comments, plan.comments, told))


def _report(
    plan: Plan,
    chosen: Sequence[Image],
    options: TranslateOptions,
    record: BindingRecord,
    accounting: Accounting,
    told: Diagnostics,
) -> Report:
    from bakelift.translator.plan.images import images

    origin = plan.origin
    return Report(
        input={"format": origin.format if origin else "", "path": origin.path if origin else ""},
        output={"format": options.shape, "path": ""},
        selected={
            "builds": [image.name for image in chosen],
            "of": len(images(plan, inputs=record.bindings.values)),
        },
        frozen=record.frozen(),
        items=tuple(accounting.items()),
        diagnostics=tuple(told),
    )


def _nothing(plan: Plan, chosen: Sequence[Image]) -> Exception:
    from bakelift.translator.diagnostics import fail

    kinds = sorted({image.type for image in chosen})
    what = f"only builds with {', '.join(kinds)}" if kinds else "no build"
    summary = f"There is {what}, and Image Builder builds what azure-arm builds"
    where = plan.sources[0].span if plan.sources else None
    return fail("aib/no-azure-build", summary, "Select other builds, or translate to another format.", where)


class _ResolvingBinder(StructureBinder):
    """Leaves nothing symbolic that has a value, but secrets. ``clock``: what the time is, where that is said."""

    def __init__(
        self,
        plan: Plan,
        bindings: Bindings,
        image: Image | None = None,
        files: Files | None = None,
        record: BindingRecord | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(plan, bindings, image, files, record)
        group = image.group if image is not None else None
        use = image.use if image is not None else None
        plain = {name: value for name, value in self.record.values.items() if not value.sensitive}
        self._symbolic = scope_of(plan, plain, files, group, use, keep_named=True, clock=clock)
        self._bound.clock = clock
