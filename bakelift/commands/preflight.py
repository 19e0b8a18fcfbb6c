"""``bakelift preflight``: what Azure has to have before a template is built."""

from __future__ import annotations

import sys

from bakelift import parallel_builds
from bakelift.arguments import VARIABLES, Command, Option, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.arguments import Parsed

COMMAND = Command(
    "preflight",
    "Say what Azure has to have before a template is built: roles, regions, networks, quotas, terms, and the cost.",
    "TEMPLATE...",
    (
        *VARIABLES,
        Option("on", "how it is to be built", "TARGET", default="imagebuilder", choices=("imagebuilder", "azure")),
        Option("format", "how to say it", "FORMAT", default="text", choices=("text", "json", "markdown")),
        Option("live", "ask Azure for what can be asked; nothing is changed there"),
        Option("subscription", "the subscription; else the template's, ARM_SUBSCRIPTION_ID, or that of az", "ID"),
        Option("resource-group", "where the image template goes", "NAME"),
        Option("identity", "resource id of the identity that Image Builder works with", "ID"),
        Option("api-version", "of the image template", "VERSION"),
        Option("scripts", "where scripts go, as the build is told: inline, git or a base URL [inline]", "WHERE"),
        Option("staging-access", "how the service reads them [identity]", "HOW", choices=("identity", "sas")),
        Option("vhd-to", "where the build copies VHDs that the service keeps for the image template", "URL"),
        Option("run-command", "with -on azure, steps go over Azure's Run Command instead of ssh"),
        Option("parallel-builds", f"{parallel_builds.WHAT} that quotas have to take, {parallel_builds.DEFAULTS}", "N"),
        Option("prices", "prices instead of those of the table", "FILE"),
        Option("roles", "write the role definitions into this folder", "DIR"),
        Option("auth", "with -live, as whom to log in [auto]", "WAY"),
    ),
    "bakelift preflight -identity /subscriptions/…/builder -roles roles/ web.pkr.hcl",
    maximum=1000,
)


def run(parsed: Parsed) -> int:
    """0: nothing stands in the way; 1: something does; 2: misuse."""
    from bakelift import preflight_reports
    from bakelift.preflighting import preflighted
    from bakelift.runner.errors import BuildError

    if parsed.text("vhd-to") is not None and parsed.text("on") == "azure":
        raise Usage("-vhd-to goes with -on imagebuilder: a direct build keeps its VHDs where the template says")
    if parsed.text("auth") is not None and not parsed.flag("live"):
        raise Usage("-auth goes with -live: without it nobody is asked")
    try:
        found = preflighted(parsed)
    except BuildError as problem:
        sys.stderr.write(f"Error: {problem}\n")
        return 1
    folder = parsed.text("roles")
    if folder is not None:
        preflight_reports.write_roles(found, folder)
    sys.stdout.write(preflight_reports.FORMATS[parsed.text("format") or "text"](found))
    return 1 if found.blocked else 0
