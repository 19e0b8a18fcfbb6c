"""What a template and a command line say of where in Azure, and as whom."""

from __future__ import annotations

import os
import sys
from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.arguments import Parsed
    from bakelift.runner.azure.session import Session as Azure
    from bakelift.sessions import Session

#: Options of a source that name a group to put an image template into, the likeliest first.
GROUPS = ("build_resource_group_name", "managed_image_resource_group_name", "resource_group_name")


def option(session: Session, name: str) -> str:
    """The text of an option of the template's azure-arm sources: of the first that says it; "" where none does."""
    from bakelift.translator.plan.evaluate import evaluate

    for source in session.plan.sources:
        if source.type == "azure-arm" and name in source.settings:
            value = evaluate(source.settings[name].value, session.scope())
            if value.known and value.raw not in (None, ""):
                return "true" if value.raw is True else str(value.raw)
    return ""


def said(session: Session, parsed: Parsed, name: str) -> str:
    """-subscription or -resource-group, of the command line, else of ``bakelift.toml``; "" where neither says it."""
    shared = session.configuration.azure(name) if session.configuration is not None else None
    return parsed.text(name) or shared or ""


def group_of(session: Session, parsed: Parsed) -> str:
    """-resource-group, else where the template's image goes; "" where nobody says one."""
    groups = (option(session, name) for name in GROUPS)
    return said(session, parsed, "resource-group") or next((name for name in groups if name), "")


def login(parsed: Parsed, sessions: Sequence[Session] = ()) -> Azure:
    """Logs in as the command line and the first of the templates say. Raises Usage, BuildError."""
    from bakelift.arguments import Usage
    from bakelift.runner.azure import clouds
    from bakelift.runner.azure.credentials import WAYS, Login
    from bakelift.runner.azure.login import login_of, subscription_of
    from bakelift.runner.azure.session import Session as Azure

    known, cloud, subscription = Login(), "", ""
    for session in sessions:
        known = known if known != Login() else login_of(partial(option, session))
        cloud = cloud or option(session, "cloud_environment_name")
        subscription = subscription or said(session, parsed, "subscription") or option(session, "subscription_id")
    subscription = subscription_of(parsed.text("subscription") or "", subscription, os.environ)
    way = parsed.text("auth") or "auto"
    if way not in WAYS:
        raise Usage(f"-auth takes one of {', '.join(WAYS)}, not {way}")
    return Azure(subscription, known.but(way=way), clouds.cloud(cloud), os.environ, _tell)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
