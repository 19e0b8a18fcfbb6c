"""``build -on imagebuilder``: templates become image templates in the service, which runs them."""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial

from bakelift.arguments import Parsed, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.runner.azure.session import Session as Azure
    from bakelift.runner.imagebuilder.submission import Submission
    from bakelift.runner.imagebuilder.vhds import Destination
    from bakelift.sessions import Session

#: Options of a source that name a group to put the image template into, the likeliest first.
_GROUPS = ("build_resource_group_name", "managed_image_resource_group_name", "resource_group_name")


def build_in_service(parsed: Parsed) -> int:
    """Submits, runs and follows the images of all templates that the command line names. Raises TemplateError."""
    from bakelift.runner.errors import BuildError

    try:
        return _build(parsed)
    except BuildError as problem:
        sys.stderr.write(f"Error: {problem}\n")
        return 1


def _build(parsed: Parsed) -> int:
    from bakelift.runner.azure import clouds
    from bakelift.runner.azure.credentials import Login
    from bakelift.runner.azure.login import login_of, subscription_of
    from bakelift.runner.azure.session import Session as Azure
    from bakelift.runner.imagebuilder.runs import AT_ONCE, ServiceOptions, ServiceRuns
    from bakelift.runner.log import STYLES, LogOptions, make_log
    from bakelift.service_submissions import submissions_of

    submissions: list[Submission] = []
    facts: dict[str, str] = {}
    login = Login()
    made: list[Azure] = []
    sessions: list[Session] = []
    for path in parsed.positionals:
        for submission, session in submissions_of(parsed, path, lambda: made[0].storage_credential):
            submissions.append(submission)
            sessions.append(session)
            facts, login = facts or _facts(session), login if login != Login() else login_of(partial(_setting, session))
    names = [submission.name for submission in submissions]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Usage(f"two images would have the name {twice[0]} in one resource group: build them one after the other")
    submissions = _in_order(parsed, submissions, sessions)
    way = parsed.text("auth") or "auto"
    cloud = clouds.cloud(facts.get("cloud_environment_name", ""))
    subscription = subscription_of(parsed.text("subscription") or "", facts.get("subscription_id", ""), os.environ)
    azure = Azure(subscription, login.but(way=way), cloud, os.environ, _tell)
    made.append(azure)
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
    for secret in (login.secret, login.assertion, login.request_token, os.environ.get("BAKELIFT_ARM_TOKEN", "")):
        log.redactor.hide(secret)
    options = ServiceOptions(
        group=_group(parsed, facts),
        state=_state(),
        parallel=int(parsed.text("parallel-builds") or 0) or AT_ONCE,
        wait=not parsed.flag("no-wait"),
        resume=parsed.flag("resume"),
        delete=parsed.flag("delete"),
        keep_failed=parsed.text("on-error") == "abort",
        vhd_to=_vhd_to(parsed, azure),
    )
    try:
        return 0 if asyncio.run(ServiceRuns(azure, log, options).run(submissions)) else 1
    finally:
        azure.close()


def _facts(session: Session) -> dict[str, str]:
    """What the template says of the subscription, the cloud and the group."""
    names = ("subscription_id", "cloud_environment_name", *_GROUPS)
    return {name: value for name in names if (value := _setting(session, name))}


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _setting(session: Session, name: str) -> str:
    from bakelift.translator.plan.evaluate import evaluate

    for source in session.plan.sources:
        if source.type == "azure-arm" and name in source.settings:
            value = evaluate(source.settings[name].value, session.scope())
            if value.known and value.raw not in (None, ""):
                return "true" if value.raw is True else str(value.raw)
    return ""


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
    from bakelift.staging import checked_base
    from bakelift.uploading import Blobs

    return Blobs(checked_base(to), lambda: azure.storage_credential)


def _group(parsed: Parsed, facts: Mapping[str, str]) -> str:
    """-resource-group, else where the template's image goes."""
    found = parsed.text("resource-group") or next((facts[name] for name in _GROUPS if name in facts), "")
    if not found:
        raise Usage("no resource group for the image template: say -resource-group")
    return found


def _state() -> str:
    top = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(top, "bakelift", "imagebuilder")
