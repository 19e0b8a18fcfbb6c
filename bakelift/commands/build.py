"""``bakelift build``: runs a template's builds with a log that reads like Packer's."""

from __future__ import annotations

import os
import sys

from bakelift import parallel_builds
from bakelift.arguments import VARIABLES, Command, Option, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.arguments import Parsed
    from bakelift.runner.journal import Past
    from bakelift.runner.progress import StepOptions
    from bakelift.runner.targets import AzureOptions, SandboxOptions, SshHost
    from bakelift.sessions import Session

ON_ERROR = ("cleanup", "abort", "ask", "run-cleanup-provisioner")

_WAYS = ("auto", "cli", "env", "workload", "secret", "cert", "oidc", "jwt", "msi", "device")

COMMAND = Command(
    "build",
    "Run a template. A null builder goes to its own ssh host, everything else to a sandbox on this machine.",
    "TEMPLATE",
    (
        *VARIABLES,
        Option(
            "on",
            "where to build: sandbox, vm, ssh, azure, imagebuilder",
            "TARGET",
            choices=("sandbox", "ssh", "vm", "azure", "imagebuilder"),
        ),
        Option(
            "base",
            "what to begin with: a folder, a tar file, or host (this machine, copy on write); for a vm, a disk",
            "BASE",
        ),
        Option("host", "with -on ssh, the host, instead of the template's", "USER@HOST[:PORT]"),
        Option("key", "a private key for -host; else the agent and your own keys are tried", "FILE"),
        Option("bastion", "the way to -host leads through this one", "USER@HOST[:PORT]"),
        Option("host-key", "what -host has to show (SHA256:…); else known_hosts has to know it", "KEY"),
        Option("allow-local", "let shell-local run scripts of the template on this machine"),
        Option("subscription", "in Azure, the subscription; else the template's, or that of az", "ID"),
        Option("resource-group", "with -on imagebuilder, where the image template goes", "NAME"),
        Option("identity", "with -on imagebuilder, resource id of the identity that the service works with", "ID"),
        Option("api-version", "with -on imagebuilder, of the image template", "VERSION"),
        Option("auth", "as whom to log in to Azure [auto: as the template says]", "WAY", choices=_WAYS),
        Option("scripts", "with -on imagebuilder, where scripts go: inline, git or a base URL [inline]", "WHERE"),
        Option(
            "staging-access",
            "how the service reads what -scripts uploads: its identity, or a signature for the while",
            "HOW",
            default="identity",
            choices=("identity", "sas"),
        ),
        Option("secrets", "with -on imagebuilder, the build VM fetches secrets from this vault", "keyvault:NAME"),
        Option("partial", "with -on imagebuilder, build without what Image Builder has no form of"),
        Option("run-command", "with -on azure, reach machines over Run Command instead of ssh"),
        Option("no-wait", "with -on imagebuilder, begin the runs and let them go on; -resume follows them"),
        Option("delete", "with -on imagebuilder, delete image templates when their runs have ended"),
        Option("patch", "with -on imagebuilder, only bring this image of the template up to date", "ID"),
        Option("vhd-to", "with -on imagebuilder, copy VHDs there that the service keeps for the image template", "URL"),
        Option("out", "where images go", "DIR", default="bakelift-out"),
        Option("format", "of a sandbox's image: tar, vhd, raw, qcow2; else as its distributions ask", "LIST"),
        Option(
            "network", "this machine's network in a sandbox: on or off", "WHAT", default="on", choices=("on", "off")
        ),
        Option("max-time", "end a build in the sandbox that takes longer, as 90m", "DURATION"),
        Option("max-size", "end a build in the sandbox that writes more, as 10G", "BYTES"),
        Option("dry-run", "show the steps, their keys, and which need not run; run nothing"),
        Option("resume", "go on with the last build of this template, which was interrupted"),
        Option("from", "begin with this step (its number or name), on what the last run left before it", "STEP"),
        Option("until", "stop after this step; no image is made", "STEP"),
        Option("step", "run this step only: -from and -until at once", "STEP"),
        Option("no-cache", "run every step, whatever is kept of earlier builds"),
        Option("on-error", "what to do with a build that failed", "WHAT", default="cleanup", choices=ON_ERROR),
        Option("parallel-builds", f"{parallel_builds.WHAT}, {parallel_builds.DEFAULTS}", "N"),
        Option("force", "overwrite what an earlier build made"),
        Option("debug", "pause between steps"),
        Option("machine-readable", "a log for machines, in Packer's records"),
        Option("log-format", "text, or json: an event a line", "FORMAT", default="text", choices=("text", "json")),
        Option("timestamp-ui", "begin each line with the time"),
        Option("timing", "end the log with the time of each step"),
        Option("color", "colour the log (-color=false: do not)", default=True),
        Option("log-style", "current (Packer since 1.13) or classic (1.6.6)", "STYLE", default="current"),
    ),
    "bakelift build -on sandbox -base host web.pkr.hcl",
    maximum=1000,
)


#: Options that mean something with -on imagebuilder only, and those that mean nothing there.
_SERVICE = ("resource-group", "identity", "api-version", "scripts", "secrets", "partial", "no-wait", "delete", "patch")
_NOT_SERVICE = ("base", "format", "max-time", "max-size", "from", "until", "step", "no-cache", "debug")


def _check_target(parsed: Parsed) -> None:
    """Raises Usage for what means nothing where the build is to go: whoever says it counts on it."""
    on = parsed.text("on")
    if on == "azure" and (parsed.text("from") or parsed.text("step")):
        raise Usage("in Azure each build begins with a new machine: -from and -step have nothing to go on with")
    if parsed.flag("run-command") and on != "azure":
        raise Usage("-run-command goes with -on azure")
    said = [name for name in (*_SERVICE, "vhd-to") if parsed.values[name]] if on != "imagebuilder" else []
    if said:
        raise Usage(f"-{said[0]} goes with -on imagebuilder")
    said = [name for name in _NOT_SERVICE if parsed.values[name]] if on == "imagebuilder" else []
    if on == "imagebuilder" and parsed.text("on-error") not in ("cleanup", "abort"):
        said.append(f"on-error={parsed.text('on-error')}")
    if said:
        raise Usage(f"-{said[0]} does not go with -on imagebuilder: the service runs the steps, from first to last")


def run(parsed: Parsed) -> int:
    """Status 0: all built; 1: something failed, as Packer has it."""
    parallel = parallel_builds.said(parsed)
    _check_target(parsed)
    if any(parsed.text(name) for name in ("key", "bastion", "host-key")) and not parsed.text("host"):
        raise Usage("-key, -bastion and -host-key go with -host")
    if parsed.text("host") and parsed.text("on") != "ssh":
        raise Usage("-host goes with -on ssh")
    style = parsed.text("log-style")
    if style not in ("current", "classic"):
        raise Usage("-log-style takes current or classic")
    if parsed.text("on") == "imagebuilder":
        from bakelift.service_build import build_in_service

        return build_in_service(parsed)
    if len(parsed.positionals) > 1:
        raise Usage("build takes one template; several go with -on imagebuilder")
    if parsed.text("on") != "sandbox" or parsed.flag("dry-run"):
        return _build(parsed, style, parallel)
    # The sandbox gets ready while the template is read.
    from bakelift.runner.targets.sandbox import keeper

    keeper.start_early()
    try:
        return _build(parsed, style, parallel)
    finally:
        keeper.stop_early()


def _build(parsed: Parsed, style: str, parallel: int) -> int:
    from bakelift import runner, terminal
    from bakelift.sessions import clock, open_template

    past = _past(parsed)
    resumed = runner.clock_of(past) if past is not None and parsed.flag("resume") else None
    session = open_template(parsed, environment=os.environ, require=True, clock=resumed or clock())
    images = session.images(parsed)
    if parsed.text("on") in (None, "sandbox"):
        from bakelift.deprovisioning import without_deprovisioning

        images = tuple(without_deprovisioning(image) for image in images)
    terminal.show(session.diagnostics)
    color = parsed.flag("color") and not os.environ.get("PACKER_NO_COLOR") and not os.environ.get("NO_COLOR")
    on_error = parsed.text("on-error")
    return runner.build(
        session.plan,
        images,
        session.bindings.values,
        files=session.loaded.files,
        on=parsed.text("on"),
        log_style=style,  # type: ignore[arg-type]
        color=color,
        timestamp_ui=parsed.flag("timestamp-ui"),
        machine_readable=parsed.flag("machine-readable"),
        json_events=parsed.text("log-format") == "json",
        timing=parsed.flag("timing"),
        on_error=on_error,  # type: ignore[arg-type]
        parallel_builds=parallel,
        debug=parsed.flag("debug"),
        force=parsed.flag("force"),
        base=parsed.text("base"),
        host=_host(parsed),
        allow_local=parsed.flag("allow-local"),
        out=parsed.text("out"),
        stdout=sys.stdout,
        clock=resumed,
        run_uuid=past.run if past is not None and resumed is not None else None,
        steps=_steps(parsed, past),
        sandbox=_sandbox(parsed),
        azure=_azure(session, parsed, resumed is not None),
    )


def _azure(session: Session, parsed: Parsed, resume: bool) -> AzureOptions:
    from bakelift.azure_options import said
    from bakelift.runner.targets import AzureOptions

    subscription, way = said(session, parsed, "subscription"), parsed.text("auth") or "auto"
    return AzureOptions(subscription, way, parsed.flag("run-command"), resume)


def _sandbox(parsed: Parsed) -> SandboxOptions:
    from bakelift.runner import durations
    from bakelift.runner.targets import SandboxOptions
    from bakelift.runner.targets.sandbox.limits import size

    try:
        seconds = durations.parse(parsed.text("max-time") or "0")
    except ValueError:
        raise Usage("-max-time takes a duration: 30s, 90m, 2h") from None
    try:
        most = size(parsed.text("max-size") or "0")
    except ValueError:
        raise Usage("-max-size takes a number of bytes, with K, M, G or T: 10G") from None
    return SandboxOptions(parsed.text("network") != "off", seconds, most, _formats(parsed))


def _formats(parsed: Parsed) -> tuple[str, ...] | None:
    text = parsed.text("format")
    if text is None:
        return None
    from bakelift.runner.artifacts.sandbox_disk import FORMATS

    wanted = tuple(each.strip() for each in text.split(",") if each.strip())
    if not wanted or not set(wanted) <= {"tar", *FORMATS}:
        raise Usage(f"-format takes some of tar, {', '.join(FORMATS)}, not {text}")
    return wanted


def _past(parsed: Parsed) -> Past | None:
    """The last run of the template, where an option goes back to it."""
    if not any(parsed.flag(name) if name == "resume" else parsed.text(name) for name in ("resume", "from", "step")):
        return None
    from bakelift.runner import journal

    past = journal.latest(os.path.abspath(parsed.positionals[0]), parsed.text("on") or "")
    if parsed.flag("resume"):
        if past is None:
            sys.stderr.write("Nothing to resume: no build of this template was interrupted here. It begins anew.\n")
        elif past.ended:
            sys.stderr.write("Nothing was interrupted: the last build of this template came to its end.\n")
    return past


def _steps(parsed: Parsed, past: Past | None) -> StepOptions:
    from bakelift.runner.progress import StepOptions

    step = parsed.text("step")
    if step is not None and (parsed.text("from") or parsed.text("until")):
        raise Usage("-step is -from and -until at once: say one or the other")
    return StepOptions(
        step or parsed.text("from"),
        step or parsed.text("until"),
        parsed.flag("no-cache"),
        parsed.flag("resume"),
        past,
        parsed.flag("dry-run"),
    )


def _host(parsed: Parsed) -> SshHost | None:
    """-host and what goes with it. A password comes from the environment, as arguments can be read by everybody."""
    address = parsed.text("host")
    if not address:
        return None
    from bakelift.runner.targets import SshHost

    return SshHost(
        address,
        parsed.text("key") or "",
        os.environ.get("BAKELIFT_SSH_PASSWORD", ""),
        parsed.text("bastion") or "",
        parsed.text("host-key") or "",
    )
