"""Rules of Packer's own provisioners and of those that a Plan understands."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.packer.checks import Check, Rule

SYSTEMS = ("darwin", "freebsd", "linux", "openbsd", "solaris", "windows")
EXECUTION_POLICIES = (
    "allsigned",
    "bypass",
    "default",
    "none",
    "remotesigned",
    "restricted",
    "undefined",
    "unrestricted",
)
_ENVIRONMENT = "Environment variable not in format 'key=value': {}"


# Scripts: shell, powershell, windows-shell, shell-local


def one_script_option(check: Check) -> None:
    if len(check.given("script", "scripts")) == 2:
        check.error("build/several-scripts", "Only one of script or scripts can be specified.", name="scripts")


def some_script(check: Check) -> None:
    files, inline = check.given("script", "scripts"), check.given("inline")
    if files and inline:
        summary = "Only a script file or an inline script can be specified, not both."
        check.error("build/several-scripts", summary, name=files[0])
    elif not files and not inline:
        check.error("build/no-script", "Either a script file or inline script must be specified.")


def script_files(check: Check) -> None:
    """Every script that is a file is there, and is one."""
    option = "script" if check.options.given("script") else "scripts"
    for path in check.options.texts(option):
        found = check.files.find(path)
        if found is None or found.directory:
            problem = "is a directory" if found else "no such file or directory"
            check.error("build/bad-script", f"Bad script '{path}': stat {path}: {problem}", name=option)


def environment(check: Check) -> None:
    for pair in check.options.texts("environment_vars"):
        name, equals, _ = pair.partition("=")
        if not equals or not name:
            check.error("build/bad-environment-variable", _ENVIRONMENT.format(pair), name="environment_vars")


def one_local_script(check: Check) -> None:
    given = check.given("command", "inline", "script", "scripts")
    if not given:
        check.error("build/no-script", "Command, Inline, Script and Scripts options cannot all be empty.")
    elif len(given) > 1:
        summary = "You may only specify one of the following options: Command, Inline, Script or Scripts."
        check.error("build/several-scripts", summary, "Please consolidate these options in your config.", given[1])


def known_systems(check: Check) -> None:
    for system in check.options.texts("only_on"):
        if system not in SYSTEMS:
            summary = f"Invalid OS specified in only_on: '{system}'"
            check.error("build/bad-system", summary, f"Supported OS names: {', '.join(SYSTEMS)}", "only_on")


# powershell


def elevated_user(check: Check) -> None:
    if check.options.given("elevated_password") and not check.options.given("elevated_user"):
        summary = "Must supply an 'elevated_user' if 'elevated_password' provided"
        check.error("packer/no-elevated-user", summary, name="elevated_password")


def execution_policy(check: Check) -> None:
    policy = check.options.text("execution_policy")
    if policy and policy.lower() not in EXECUTION_POLICIES:
        detail = f"It is one of {', '.join(EXECUTION_POLICIES)}."
        check.error("packer/bad-execution-policy", f"Invalid execution policy {policy!r}", detail, "execution_policy")


def trace_level(check: Check) -> None:
    level = check.options.integer("debug_mode")
    if not 0 <= level <= 2:
        summary = f"{level} is an invalid Trace level for `debug_mode`; valid values are 0, 1, and 2"
        check.error("packer/bad-debug-mode", summary, name="debug_mode")


# file


def direction(check: Check) -> None:
    if check.options.text("direction", "upload") not in ("upload", "download", ""):
        check.error("build/bad-direction", "Direction must be one of: download, upload.", name="direction")


def destination(check: Check) -> None:
    if not check.options.given("destination"):
        check.error("build/no-destination", "Destination must be specified.")


def sources(check: Check) -> None:
    paths = [path for option in check.given("source", "sources") for path in check.options.texts(option)]
    if check.options.has("content"):
        if paths and check.options.given("content"):
            check.error("build/content-and-source", "source(s) conflicts with content.", name="content")
    elif not paths:
        check.error("build/no-source", "Source must be specified.")


def source_files(check: Check) -> None:
    options = check.options
    if options.text("direction", "upload") not in ("upload", "") or options.boolean("generated"):
        return
    for option in check.given("source", "sources"):
        for path in options.texts(option):
            if check.files.find(path) is None:
                summary = f"Bad source '{path}': stat {path}: no such file or directory"
                check.error("build/bad-source", summary, name=option)


# ansible


def playbook(check: Check) -> None:
    if not check.options.given("playbook_file"):
        check.error("packer/no-playbook", "playbook_file must be specified")
        return
    _exists(check, "playbook_file")


def one_playbook_option(check: Check) -> None:
    given = check.given("playbook_file", "playbook_files")
    if not given:
        check.error("packer/no-playbook", "Either playbook_file or playbook_files must be specified")
    elif len(given) == 2:
        summary = "Either playbook_file or playbook_files can be specified, not both"
        check.error("packer/several-playbooks", summary, name="playbook_files")
    for option in given:
        _exists(check, option)


def _exists(check: Check, option: str) -> None:
    for path in check.options.texts(option):
        if check.files.find(path) is None:
            check.error("build/bad-source", f"{option}: stat {path}: no such file or directory", name=option)


_SCRIPTS: tuple[Rule, ...] = (one_script_option, some_script, script_files, environment)
SHELL = _SCRIPTS
SHELL_LOCAL: tuple[Rule, ...] = (one_local_script, known_systems, script_files, environment)
FILE: tuple[Rule, ...] = (direction, destination, sources, source_files)
RULES: Mapping[str, tuple[Rule, ...]] = {
    "shell": SHELL,
    "windows-shell": _SCRIPTS,
    "powershell": (*_SCRIPTS, elevated_user, execution_policy, trace_level),
    "shell-local": SHELL_LOCAL,
    "file": FILE,
    "ansible": (playbook,),
    "ansible-local": (one_playbook_option,),
}
