"""From a command line to a preflight: reads the templates, and finds out what their builds are made of."""

from __future__ import annotations

import os
import sys

from bakelift import parallel_builds, team
from bakelift.arguments import Parsed, Usage
from bakelift.azure_options import group_of, option, said
from bakelift.translator.diagnostics import Diagnostics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.runner.azure.preflight.facts import Facts
    from bakelift.runner.azure.preflight.findings import Finding
    from bakelift.runner.azure.preflight.live import Asker
    from bakelift.runner.azure.preflight.offline import Preflight
    from bakelift.runner.azure.preflight.prices import Prices
    from bakelift.sessions import Session
    from bakelift.translator.diagnostics import Diagnostic

#: Told by the readers and writers, and said by findings of the preflight's own.
_SAID_ELSEWHERE = ("aib/fill-in", "aib/iso-source", "aib/never-generalized", "azure/no-location")
_TRANSLATING = "https://learn.microsoft.com/azure/virtual-machines/linux/image-builder-json"


def preflighted(parsed: Parsed) -> Preflight:
    """What the templates of a command line need. Raises TemplateError, BuildError, Usage."""
    prices, parallel = _prices(parsed), _parallel(parsed)
    sessions = [_opened(parsed, path) for path in parsed.positionals]
    if not parsed.flag("live"):
        return _offline(parsed, sessions, "", prices, parallel)
    from bakelift.azure_options import login
    from bakelift.runner.azure.preflight.live import Asker, asked

    azure = login(parsed, [session for session, _ in sessions])
    try:
        asker = Asker(azure)
        return asked(_offline(parsed, sessions, azure.subscription, prices, parallel, asker), asker, parallel)
    finally:
        azure.close()


def _offline(
    parsed: Parsed,
    sessions: list[tuple[Session, Parsed]],
    subscription: str,
    prices: Prices,
    parallel: int,
    asker: Asker | None = None,
) -> Preflight:
    """``subscription``: where the templates say none. ``asker``: for the regions of groups, where they say none."""
    from bakelift.runner.azure.preflight.offline import preflight
    from bakelift.translator.imagebuilder.names import REGIONS

    way = parsed.text("on") or "imagebuilder"
    told: list[Finding] = []
    every: list[Facts] = []
    for session, one in sessions:
        own = _subscription(session, one) or subscription
        every += _service(session, one, own, told) if way == "imagebuilder" else _direct(session, one, own, told)
    if asker is not None:
        from bakelift.runner.azure.preflight.live import located

        every = located(every, asker)
    return preflight(way, every, REGIONS, parallel, prices, told)


def _opened(parsed: Parsed, path: str) -> tuple[Session, Parsed]:
    from bakelift.sessions import open_template

    one = Parsed([path], parsed.values)
    return open_template(one, environment=os.environ), one


def _prices(parsed: Parsed) -> Prices:
    from bakelift.runner.azure.preflight.prices import Prices, read

    path = parsed.text("prices")
    if path is None:
        return Prices()
    try:
        return Prices(read(path))
    except OSError as problem:
        raise Usage(f"-prices {path}: {problem.strerror}") from None
    except ValueError as problem:
        raise Usage(f"-prices {path}: {problem}") from None


def _parallel(parsed: Parsed) -> int:
    """How many builds the quotas have to take at a time: as many as the build would begin."""
    service = parsed.text("on") == "imagebuilder"
    return (parallel_builds.of_service(parsed) if service else parallel_builds.said(parsed)) or sys.maxsize


def _subscription(session: Session, parsed: Parsed) -> str:
    found = said(session, parsed, "subscription") or _plain(option(session, "subscription_id"))
    return found or os.environ.get("ARM_SUBSCRIPTION_ID") or os.environ.get("AZURE_SUBSCRIPTION_ID") or ""


def _service(session: Session, parsed: Parsed, own: str, told: list[Finding]) -> Iterator[Facts]:
    """Of each image template that the service would get. ``own``: the subscription; "" where nobody says one."""
    from bakelift.deployed_values import settling
    from bakelift.runner.azure.preflight.facts import GROUP, SUBSCRIPTION
    from bakelift.runner.azure.preflight.image_template import facts
    from bakelift.runner.imagebuilder.submission import TYPE
    from bakelift.sessions import clock
    from bakelift.translator.imagebuilder.rest import said_version
    from bakelift.translator.imagebuilder.translate import TranslateOptions, translate
    from bakelift.translator.imagebuilder.versions import DEFAULT

    origin = session.plan.origin
    assert origin is not None
    # As the build hands it over: a deployment as such, anything else as bare image templates. What is in Bicep is
    # deployed by other means.
    deployed = origin.format in ("arm", "bicep")
    staging = team.staging(session, parsed, uploads=True)
    version = team.said(session, parsed, "api-version")
    options = TranslateOptions(
        shape="arm" if deployed else "resource",
        api_version=version or said_version(session.plan) or DEFAULT,
        identity=team.said(session, parsed, "identity"),
        resolve=True,
        partial=True,
        only=tuple(parsed.texts("only")),
        excepted=tuple(parsed.texts("except")),
        missing_files="placeholder",
        allow_secrets=True,
        staging=staging,
        clock=session.clock or clock(),  # a build would ask the clock
    )
    made = Diagnostics()
    translated = translate(session.plan, session.bindings, session.loaded.files, options, made)
    told += [_refused(d, session) for d in made if d.severity == "error" and d.code not in _SAID_ELSEWHERE]
    places = {"subscription": own or SUBSCRIPTION, "group": _plain(group_of(session, parsed)) or GROUP}
    iso = any(d.code == "aib/iso-source" for d in session.diagnostics)
    os = option(session, "os_type").capitalize() if len({*_systems(session)}) == 1 else ""
    for output in translated.outputs:
        template = output.template or {}
        settle = settling(template, _given(output.parameters), places)
        for resource in template.get("resources", [template]) if template else ():
            if str(resource.get("type")).lower() == TYPE:
                one = {**resource, "apiVersion": _written_for(session) or resource.get("apiVersion")}
                found = facts(one, output.name, places["subscription"], places["group"], settle, deployed, iso, os)
                yield _with_uploads(found, staging, parsed)


def _plain(text: str) -> str:
    """A name of a template, unless it is none."""
    from bakelift.runner.azure.preflight.facts import is_plain

    return text if is_plain(text) else ""


def _with_uploads(found: Facts, staging: object, parsed: Parsed) -> Facts:
    """With what -scripts uploads beforehand; the service reads that with the identity, or by signatures."""
    from bakelift.staging import ByUrl

    found = _with_copies(found, parsed)
    if not isinstance(staging, ByUrl):
        return found
    mine = tuple(address for address in staging.files() if ".blob." in address)
    signed = parsed.text("staging-access") == "sas"
    return found.but(uploads=mine, fetched=tuple(a for a in found.fetched if not (signed and a in mine)))


def _with_copies(found: Facts, parsed: Parsed) -> Facts:
    """With where the build copies VHDs. Raises TemplateError for what is no container."""
    from bakelift.runner.azure.preflight.facts import is_plain
    from bakelift.uploading import container_base

    to = parsed.text("vhd-to")
    if to is None:
        return found
    base = container_base(to)
    return found.but(vhd_to=base) if is_plain(base) else found.but(bad=(*found.bad, f"-vhd-to ({base[:80]!r})"))


def _systems(session: Session) -> Iterator[str]:
    """What the sources say of their operating systems, as it is written."""
    for source in session.plan.sources:
        setting = source.settings.get("os_type")
        yield repr(setting.value) if setting is not None else ""


def _written_for(session: Session) -> str:
    """The API version that the template itself says, also one that is no longer written; "" where it says none."""
    from bakelift.translator.imagebuilder.rest import rest
    from bakelift.translator.plan.expressions import Literal

    kept = [(rest(source.settings) or {}).get("apiVersion") for source in session.plan.sources]
    return next((str(said.value) for said in kept if isinstance(said, Literal)), "")


def _given(parameters: dict[str, object] | None) -> dict[str, object]:
    listed = (parameters or {}).get("parameters")
    found = listed.items() if isinstance(listed, dict) else ()
    return {name: item["value"] for name, item in found if isinstance(item, dict) and "value" in item}


def _direct(session: Session, parsed: Parsed, own: str, told: list[Finding]) -> Iterator[Facts]:
    """Of each image that azure-arm would build."""
    from bakelift.runner.azure.preflight.direct import facts
    from bakelift.translator.plan.azure_view import azure_image
    from bakelift.translator.plan.binding import StructureBinder

    mine = [image for image in session.images(parsed) if image.type == "azure-arm"]
    if not mine:
        raise Usage("there is no azure-arm build in the template")
    for image in mine:
        made = Diagnostics()
        binder = StructureBinder(session.plan, session.bindings, image, session.loaded.files)
        view = azure_image(image, binder, made)
        told += [_refused(d, session) for d in made if d.severity == "error"]
        yield facts(view, binder, own, parsed.flag("run-command"))


def _refused(diagnostic: Diagnostic, session: Session) -> Finding:
    from bakelift.runner.azure.preflight.findings import Finding
    from bakelift.runner.redaction import Redactor, texts

    values = session.bindings.values
    secret = [values[item.name] for item in session.plan.inputs if item.sensitive and item.name in values]
    hide = Redactor([text for value in secret for text in texts(value)])
    return Finding(
        "error",
        "preflight/refused",
        f"{hide(diagnostic.summary)} [{diagnostic.code}]" + (f" at {diagnostic.span}" if diagnostic.span else ""),
        _TRANSLATING,
        f"{hide(diagnostic.detail)} bakelift explain {diagnostic.code} says more.".strip(),
    )
