"""What the templates of a command line are for Azure VM Image Builder."""

from __future__ import annotations

import json
import os
import re
import sys

from bakelift.arguments import Parsed
from bakelift.translator.diagnostics import Diagnostics, fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from bakelift.runner.imagebuilder.submission import Stage, Submission
    from bakelift.sessions import Session
    from bakelift.translator.diagnostics import Diagnostic
    from bakelift.translator.report import Item


#: That -only or -except matches nothing in a template; of several templates, it may in another.
_UNMATCHED = ("plan/unmatched-only", "plan/unmatched-except")


class Told:
    """What is said of the templates of a command line, once: of many, most lack the same."""

    def __init__(self) -> None:
        self._said: set[tuple[str, str, str]] = set()
        self._again: dict[str, int] = {}
        self._unmatched: list[Diagnostic] = []
        self._templates = 0

    def show(self, diagnostics: Iterable[Diagnostic]) -> None:
        """What is said of one template."""
        from bakelift import terminal

        self._templates += 1
        new = []
        for diagnostic in diagnostics:
            what = diagnostic.code, diagnostic.summary, diagnostic.detail
            if diagnostic.code in _UNMATCHED:
                self._unmatched.append(diagnostic)
            elif what in self._said:
                self._again[diagnostic.code] = self._again.get(diagnostic.code, 0) + 1
            else:
                new.append(diagnostic)
                self._said.add(what)
        terminal.show(new)

    def tell_rest(self) -> None:
        """How often the same was not said again, and what matches in no template."""
        from bakelift import terminal

        if self._again:
            counts = ", ".join(f"{code} ({count})" for code, count in self._again.items())
            sys.stderr.write(f"The same holds elsewhere: {counts}\n\n")
        listed = [d.summary for d in self._unmatched]
        nowhere = {d.summary: d for d in self._unmatched if listed.count(d.summary) == self._templates}
        terminal.show(nowhere.values())


def submissions_of(
    parsed: Parsed, path: str, login: Callable[[], Any], said: Told
) -> Iterator[tuple[Submission, Session]]:
    """What a template is for the service. ``login``: gives as whom to upload what -scripts puts elsewhere. Of several
    templates, those of which -only and -except select nothing are passed over.

    Raises TemplateError, and BuildError for what has to be given first.
    """
    from bakelift import team
    from bakelift.runner.imagebuilder.submission import bare
    from bakelift.service_staging import of_translation
    from bakelift.sessions import clock, open_template
    from bakelift.staging import ByUrl
    from bakelift.translator.imagebuilder.lowering.context import SECRET
    from bakelift.translator.imagebuilder.translate import TranslateOptions, translate
    from bakelift.translator.imagebuilder.versions import DEFAULT

    access = parsed.text("staging-access") or "identity"
    one = Parsed([path], parsed.values)
    session = open_template(one, environment=os.environ, require=True)
    origin = session.plan.origin
    assert origin is not None
    base = parsed.text("patch")
    if base is not None:
        from bakelift.patching import patch

        patch(session, one, base)
    elif origin.format == "arm":
        data = _json(path)
        yield _deployment(path, data).but(stage=_staged(parsed, session, path, login)), session
        return
    elif origin.format == "resource":
        data = _json(path)
        name = str(data.get("name") or re.sub(r"[^A-Za-z0-9_.-]+", "-", os.path.splitext(os.path.basename(path))[0]))
        found = bare(name, name, str(data.get("apiVersion") or DEFAULT), data)
        yield found.but(stage=_staged(parsed, session, path, login)), session
        return
    if len(parsed.positionals) > 1 and not session.images(one):
        sys.stderr.write(f"{path}: no build of it is selected.\n")
        return
    staging = team.staging(session, one, uploads=True)
    options = TranslateOptions(
        shape="resource",
        api_version=team.said(session, parsed, "api-version") or DEFAULT,
        identity=team.said(session, parsed, "identity"),
        resolve=True,
        only=tuple(parsed.texts("only")),
        excepted=tuple(parsed.texts("except")),
        staging=staging,
        vault=team.vault(session, Parsed([path], {**parsed.values, "allow-secrets-inline": False})),
        clock=clock(),
    )
    told = Diagnostics()
    made = translate(session.plan, session.bindings, session.loaded.files, options, told)
    said.show(d for d in told if d.code != "aib/fill-in")
    told.extend(session.diagnostics)
    told.stop_if_failed(but=(SECRET,))
    if not parsed.flag("partial"):
        # Of a template whose image is only updated, the rest is left behind on purpose.
        _whole(path, [item for item in made.report.items if base is None or item.code != "report/unaccounted"])
    stage = of_translation(staging, access, login) if isinstance(staging, ByUrl) else None
    for output in made.outputs:
        if output.template is not None:
            name, body = output.name, _filled(session, parsed, output.template)
            if base is not None:
                from bakelift.patching import SUFFIX, distributed

                name, body = output.name[: 64 - len(SUFFIX)] + SUFFIX, distributed(body, base)
            yield bare(name, name, options.api_version, body).but(stage=stage), session


def _whole(path: str, items: Sequence[Item]) -> None:
    """Raises TemplateError where something that matters has no form in Image Builder: the image would lack it."""
    lacking = [item for item in items if item.kind == "unsupported"]
    if not lacking:
        return
    codes = dict.fromkeys(item.code for item in lacking)
    raise fail(
        "azure/incomplete",
        f"Image Builder has no form of {len(lacking)} settings of {path}, so nothing is submitted",
        f"They are {', '.join(codes)}; bakelift translate -report report.md lists them. -partial builds without them.",
        lacking[0].span,
    )


def _staged(parsed: Parsed, session: Session, path: str, login: Callable[[], Any]) -> Stage | None:
    """What the manifest beside an Image Builder template lists, where -scripts says that it be uploaded."""
    from bakelift import team
    from bakelift.service_staging import of_manifest

    where = team.said(session, parsed, "scripts") or ""
    return of_manifest(path, where, parsed.text("staging-access") or "identity", login) if "://" in where else None


def _filled(session: Session, parsed: Parsed, template: Mapping[str, object]) -> Mapping[str, object]:
    """With the subscription and the resource group that were said, or are those of the surroundings, in the place of
    what stands for them.
    """
    from bakelift.azure_options import said
    from bakelift.runner.azure.login import known_subscription

    subscription = known_subscription(said(session, parsed, "subscription"), "", os.environ)
    given = {"<subscriptionId>": subscription, "<resourceGroup>": said(session, parsed, "resource-group")}
    text = json.dumps(template)
    for name, value in given.items():
        if value:
            text = text.replace(name, json.dumps(value)[1:-1])
    return json.loads(text)  # type: ignore[no-any-return]


def _json(path: str) -> dict[str, object]:
    with open(path, encoding="utf-8-sig") as file:
        try:
            return dict(json.load(file))
        except ValueError as problem:
            way_out = "Azure takes JSON without comments and trailing commas."
            raise fail("azure/not-json", f"{path} cannot be submitted: {problem}", way_out) from None


def _deployment(path: str, data: dict[str, object]) -> Submission:
    """A deployment template, with the parameters file beside it."""
    from bakelift.runner.imagebuilder.submission import Submission, image_templates
    from bakelift.translator.imagebuilder.versions import DEFAULT

    beside = re.sub(r"\.json$", "", path) + ".parameters.json"
    parameters: dict[str, object] = {}
    if os.path.isfile(beside):
        found = _json(beside).get("parameters")
        parameters = dict(found) if isinstance(found, dict) else {}
    templates = image_templates(data.get("resources"))
    version = str(templates[0].get("apiVersion")) if templates else ""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(-preview)?", version):
        version = DEFAULT
    name = re.sub(r"[^A-Za-z0-9_.()-]+", "-", os.path.splitext(os.path.basename(path))[0])[:64]
    return Submission(name, name, version, template=data, parameters=parameters)
