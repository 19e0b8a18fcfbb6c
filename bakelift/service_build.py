"""``build -on imagebuilder``: templates become image templates in the service, which runs them."""

from __future__ import annotations

import asyncio
import os
import sys

from bakelift import parallel_builds
from bakelift.arguments import Parsed, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from bakelift.runner.azure.session import Session as Azure
    from bakelift.runner.build_scope import World
    from bakelift.runner.imagebuilder.submission import Submission
    from bakelift.runner.imagebuilder.vhds import Destination
    from bakelift.runner.log import Log
    from bakelift.sessions import Session
    from bakelift.translator.diagnostics import Diagnostic


def build_in_service(parsed: Parsed) -> int:
    """Submits, runs and follows the images of all templates that the command line names. Raises TemplateError."""
    from bakelift.runner.errors import BuildError

    try:
        return _build(parsed)
    except BuildError as problem:
        sys.stderr.write(f"Error: {problem}\n")
        return 1


def _build(parsed: Parsed) -> int:
    from bakelift.azure_options import login
    from bakelift.runner.imagebuilder import dry_run
    from bakelift.runner.imagebuilder.runs import ServiceOptions, ServiceRuns

    if parsed.text("patch") and len(parsed.positionals) > 1:
        raise Usage("-patch is for one image, so for one template")
    made: list[Azure] = []
    submissions, sessions = _read(parsed, lambda: made[0].storage_credential)
    names = [submission.name.lower() for submission in submissions]  # to Azure, case makes no other name
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Usage(f"two images would have the name {twice[0]} in one resource group: build them one after the other")
    submissions = _in_order(parsed, submissions, sessions)
    log = _log(parsed, submissions, sessions)
    if parsed.flag("dry-run"):
        dry_run.show(submissions, _group(parsed, sessions), log)
        return 0
    azure = login(parsed, sessions)
    made.append(azure)
    azure.token()
    log.redactor.hide(*azure.secrets)
    options = ServiceOptions(
        group=_group(parsed, sessions),
        state=_state(),
        parallel=parallel_builds.of_service(parsed),
        wait=not parsed.flag("no-wait"),
        resume=parsed.flag("resume"),
        delete=parsed.flag("delete"),
        keep_failed=parsed.text("on-error") == "abort",
        force=parsed.flag("force"),
        vhd_to=_vhd_to(parsed, azure),
    )
    try:
        return 0 if asyncio.run(ServiceRuns(azure, log, options).run(submissions)) else 1
    finally:
        azure.close()


def _read(parsed: Parsed, login: Callable[[], Any]) -> tuple[list[Submission], list[Session]]:
    """What all templates are for the service. Raises TemplateError with what is wrong with any of them, BuildError."""
    from bakelift.service_submissions import Told, submissions_of
    from bakelift.translator.diagnostics import TemplateError

    submissions: list[Submission] = []
    sessions: list[Session] = []
    wrong: list[Diagnostic] = []
    told = Told()
    for path in parsed.positionals:
        try:
            for submission, session in submissions_of(parsed, path, login, told):
                submissions.append(submission)
                sessions.append(session)
        except TemplateError as problem:
            wrong += problem.diagnostics
    told.tell_rest()
    if wrong:
        raise TemplateError(*wrong)
    if not submissions:
        raise Usage("no build of these templates is selected by -only and -except")
    return submissions, sessions


def _log(parsed: Parsed, submissions: Sequence[Submission], sessions: Sequence[Session]) -> Log:
    """The log, which knows what it must not show."""
    from bakelift.runner.builds import hide_secrets
    from bakelift.runner.imagebuilder.submission import secure_values
    from bakelift.runner.log import STYLES, LogOptions, make_log

    color = parsed.flag("color") and not os.environ.get("PACKER_NO_COLOR") and not os.environ.get("NO_COLOR")
    style = STYLES[parsed.text("log-style") or "current"]
    shown = LogOptions(
        style,
        color,
        parsed.flag("timestamp-ui"),
        parsed.flag("machine-readable"),
        None,
        parsed.text("log-format") == "json",
        timing=parsed.flag("timing"),
    )
    log = make_log(sys.stdout, shown)
    log.redactor.hide(os.environ.get("BAKELIFT_ARM_TOKEN", ""))
    seen: list[int] = []
    for submission, session in zip(submissions, sessions, strict=True):
        log.redactor.hide(*secure_values(submission.template, submission.parameters))
        if id(session) not in seen:
            seen.append(id(session))
            hide_secrets(_world(session), log)
    return log


def _world(session: Session) -> World:
    from bakelift.runner import VERSIONS
    from bakelift.runner.build_scope import World

    files, version = session.loaded.files, VERSIONS["current"]
    return World(session.plan, session.bindings.values, files, os.environ, version, session.clock)


def _in_order(parsed: Parsed, submissions: list[Submission], sessions: list[Session]) -> list[Submission]:
    """Each knows those that make its source. Raises TemplateError for a circle."""
    from bakelift import chains

    flows = [
        chains.of_body(one.label, one.body)
        if one.body is not None
        else chains.merged(one.label, chains.flows(session, parsed))
        for one, session in zip(submissions, sessions, strict=True)
    ]
    before = chains.before(flows)
    if any(before) and parsed.flag("no-wait"):
        late = submissions[next(place for place, needs in enumerate(before) if needs)].label
        raise Usage(f"-no-wait cannot be: {late} is built from what another of these makes, which has to be waited for")
    return [
        one.but(after=tuple(submissions[each].label for each in needs))
        for one, needs in zip(submissions, before, strict=True)
    ]


def _vhd_to(parsed: Parsed, azure: Azure) -> Destination | None:
    """Where -vhd-to lets VHDs be copied. Raises TemplateError for what is no container."""
    to = parsed.text("vhd-to")
    if to is None:
        return None
    from bakelift.uploading import Blobs

    return Blobs(to, lambda: azure.storage_credential)


def _group(parsed: Parsed, sessions: list[Session]) -> str:
    """-resource-group, else where the image of a template goes."""
    from bakelift.azure_options import group_of

    found = next((group for session in sessions if (group := group_of(session, parsed))), "")
    if not found:
        raise Usage("no resource group for the image template: say -resource-group")
    return found


def _state() -> str:
    top = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(top, "bakelift", "imagebuilder")
