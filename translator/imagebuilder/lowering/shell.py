"""Reading a shell step into what it does (:class:`~.shell_spec.ShellSpec`), and lowering it."""

from __future__ import annotations

import re
from functools import lru_cache

from bakelift.translator.imagebuilder.customizers import Shell
from bakelift.translator.imagebuilder.lowering import deprovision
from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.commands import read_command
from bakelift.translator.imagebuilder.lowering.context import CannotLower, Lowered
from bakelift.translator.imagebuilder.lowering.environment import read_environment, vault_facts, vault_of
from bakelift.translator.imagebuilder.lowering.gotext import parse_command, print_command
from bakelift.translator.imagebuilder.lowering.names import first_comment, last_part
from bakelift.translator.imagebuilder.lowering.scripts import missing, read_scripts
from bakelift.translator.imagebuilder.lowering.shell_shape import shapes
from bakelift.translator.imagebuilder.lowering.shell_spec import (
    DEFAULT_COMMAND,
    DEFAULT_COMMAND_WITH_FILE,
    DISCONNECT,
    ShellSpec,
    Unshaped,
)
from bakelift.translator.plan.expressions import Literal, Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.lowering.shell_spec import Script, Shape
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.report import Class

#: What is said of each option once the step has been lowered: class, code, summary.
OPTIONS: dict[str, tuple[Class, str, str]] = {
    "inline": ("exact", "aib/shell-inline", "the same lines in one script"),
    "script": ("adapted", "aib/shell-script", "the file's text stands in the customizer"),
    "scripts": ("adapted", "aib/shell-script", "each file's text stands in a customizer"),
    "environment_vars": ("adapted", "aib/shell-environment", "set in the customizer's text"),
    "env": ("adapted", "aib/shell-environment", "set in the customizer's text"),
    "env_var_format": ("adapted", "aib/shell-environment", "applied in the customizer's text"),
    "use_env_var_file": ("adapted", "aib/shell-environment", "the file is written by the customizer's text"),
    "execute_command": ("adapted", "aib/execute-command", "the command stands in the customizer's text"),
    "inline_shebang": ("adapted", "aib/inline-shebang", "the customizer's text starts the same shell"),
    "remote_folder": ("adapted", "aib/remote-path", "the customizer's text writes its script there"),
    "remote_file": ("adapted", "aib/remote-path", "the customizer's text writes its script there"),
    "remote_path": ("adapted", "aib/remote-path", "the customizer's text writes its script there"),
    "binary": ("adapted", "aib/shell-binary", "the bytes are written as they are"),
    "skip_clean": ("adapted", "aib/skip-clean", "the customizer's text leaves its script, or removes it"),
    "valid_exit_codes": ("adapted", "aib/exit-codes", "the customizer's text judges the exit status"),
    "max_retries": ("adapted", "aib/retries", "a loop in the customizer's text"),
    "continue_on_error": ("adapted", "aib/continue-on-error", "the customizer's text ends with status 0"),
    "pause_before": ("adapted", "aib/pause", "sleep in the customizer's text"),
    "pause_after": ("adapted", "aib/pause", "sleep in the customizer's text"),
    "start_retry_timeout": ("adapted", "aib/start-retry", "Image Builder retries the start of a script itself"),
    "timeout": (
        "approximated",
        "aib/timeout",
        "timeout(1) ends the script; what runs as another user (sudo) is not ended by it",
    ),
    "expect_disconnect": ("adapted", "aib/expect-disconnect", "the script does not seem to restart the machine"),
}

_RESTARTS = r"\b(reboot|shutdown|poweroff|kexec|init\s+6|restart\s+(ssh|sshd|networking|network))\b"


def _fetched(reader: StepReader) -> Customizer | None:
    """The File customizer that the lines are the text of, if they are one's."""
    lines = reader.items("inline")
    if not t.is_marked(lines):
        return None
    from bakelift.translator.imagebuilder.lowering.download import recognised

    return recognised(lines, windows=False)


def lower_shell(reader: StepReader, last: bool) -> list[Lowered]:
    """The customizers of a shell step. ``last``: no later step changes the image."""
    reader.say_options(OPTIONS)
    reader.judge_start_retry()
    fetched = _fetched(reader) if set(reader.step.settings) == {"inline"} else None
    if fetched is not None:
        reader.say("inline", "adapted", "aib/download", "Image Builder fetches it when the template is submitted")
        return [Lowered(fetched.but(leaves=reader.leaves()), reader.step.name)]
    absent = missing(reader)
    if absent is not None:
        return [Lowered(Shell(inline=absent, leaves=reader.leaves()), reader.step.name)]
    spec = read_spec(reader)
    own: list[Lowered] = []
    if last:
        rest = deprovision.without_deprovision(spec, reader)
        if rest.own is not None:
            text = deprovision.shell_override(rest.own, {} if rest.spec is not None else spec.facts)
            own = [Lowered(Shell(inline=text, leaves=reader.leaves()), reader.step.name, "DeprovisioningScript.sh")]
        if rest.spec is None:
            return own
        spec = rest.spec
    restarting = _restarting(spec, reader)
    if restarting is not None:
        spec = restarting
        own = [_restart(reader), *own]
        if not spec.inline and not spec.scripts:
            return own
    if reader.context.options.staging is not None:
        spec = spec.but(scripts=tuple(_staged(script, spec, reader) for script in spec.scripts))
    build = {"PACKER_BUILDER_TYPE": reader.context.builder_type, "PACKER_BUILD_NAME": reader.context.build_name}
    try:
        found = shapes(spec, build, reader.context.leave_behind() if spec.skip_clean else 0)
    except Unshaped as problem:
        raise CannotLower("aib/shell-text", str(problem), "Write the step in another way.", reader.step.span) from None
    if restarting is None:
        _judge(spec, reader, found)
    return [*(lowered for shape in found for lowered in _lowered(shape, spec, reader)), *own]


def _restarting(spec: ShellSpec, reader: StepReader) -> ShellSpec | None:
    """The step without the restart that it is expected to end with; None where there is none."""
    if not (reader.flag("expect_disconnect") or DISCONNECT in spec.exit_codes):
        return None
    from bakelift.translator.imagebuilder.lowering.restart import without_restart

    found = without_restart(spec)
    if found is None:
        return None
    for name in reader.step.settings:
        summary = "the machine restarts when the script has ended, and the next step waits until it is back"
        reader.say(name, "approximated", "aib/restart", summary)
    codes = tuple(code for code in spec.exit_codes if code != DISCONNECT)
    facts = {name: fact for name, fact in spec.facts.items() if name not in ("expect_disconnect", "valid_exit_codes")}
    return found.but(exit_codes=codes, facts={**facts, **({"valid_exit_codes": list(codes)} if codes else {})})


def _restart(reader: StepReader) -> Lowered:
    from bakelift.translator.imagebuilder.lowering.restart import LINES

    lines = tuple(Literal(line) for line in LINES)
    return Lowered(Shell(inline=lines, leaves=reader.leaves()), reader.step.name, "restart")


def _lowered(shape: Shape, spec: ShellSpec, reader: StepReader) -> list[Lowered]:
    made = Lowered(Shell(inline=shape.lines, leaves=reader.leaves()), reader.step.name, _found_name(shape, spec))
    if not shape.staged:
        return [made]
    from bakelift.translator.imagebuilder.lowering.staging import fetches

    return [*fetches(reader, shape.staged), made]


def _staged(script: Script, spec: ShellSpec, reader: StepReader) -> Script:
    """The script with a place of its own, for the bytes that Packer would upload."""
    from bakelift.translator.imagebuilder.lowering.shell_script import uploaded
    from bakelift.translator.imagebuilder.lowering.staging import staged_script

    if script.path is None:
        return script
    return staged_script(reader, script, uploaded(script, spec.binary), script.name, "the customizer's text")


def _found_name(shape: Shape, spec: ShellSpec) -> str | None:
    return last_part(shape.path) if shape.path is not None else first_comment(spec.inline or (), ("#!", t.MARKER))


def read_spec(reader: StepReader) -> ShellSpec:
    """What the step does. Raises CannotLower, Unbound, or TemplateError for bad values."""
    env_file = reader.flag("use_env_var_file")
    command, command_fact = _command(reader, DEFAULT_COMMAND_WITH_FILE if env_file else DEFAULT_COMMAND)
    inline = _inline(reader, plain=command is None)
    scripts = () if inline is not None else read_scripts(reader)
    variables, environment_facts = read_environment(reader)
    pause = reader.duration("pause_before")
    limit = reader.duration("timeout")
    if limit and pause:
        limit = _limit_beside_pause(limit, pause, reader)
    spec = ShellSpec(
        inline=inline,
        scripts=scripts,
        variables=variables,
        shebang=reader.text("inline_shebang") if inline is not None else None,
        command=command,
        env_file=env_file,
        env_format=reader.text("env_var_format"),
        remote_folder=reader.text("remote_folder"),
        remote_file=reader.text("remote_file"),
        remote_path=reader.text("remote_path"),
        binary=reader.flag("binary"),
        skip_clean=reader.flag("skip_clean"),
        exit_codes=tuple(c for c in reader.numbers("valid_exit_codes")),
        retries=max(reader.number_of("max_retries"), 0),
        carry_on=reader.flag("continue_on_error"),
        pause_before=pause if pause and pause > 0 else None,
        pause_after=_positive(reader.duration("pause_after")),
        timeout=_positive(limit),
    )
    shown = spec.env_file or command is None or any(n == Ref("command", "Vars") for n in command.walk())
    if (spec.env_format or not shown) and all(isinstance(v.value, str) for v in variables):
        # Values cannot be read back out of a format of one's own, or of a command that has none.
        values = {v.name: v.value for v in variables}
        for option, names in list(environment_facts.items()):
            pairs = [f"{name}={values[name]}" for name in names] if isinstance(names, list) else names
            environment_facts[option] = pairs
    return spec.but(
        facts={**_facts(reader, command_fact, spec), **environment_facts, **vault_facts(reader, variables)},
        vault=vault_of(reader, variables),
    )


def _positive(number: Decimal | None) -> Decimal | None:
    return number if number and number > 0 else None


def _limit_beside_pause(limit: Decimal, pause: Decimal, reader: StepReader) -> Decimal | None:
    """Packer's time limit covers the pause (HCL); in legacy JSON a pause replaces the limit."""
    if reader.context.options.pause_replaces_timeout:
        reader.say("timeout", "dropped", "packer/pause-replaces-timeout", "Packer ignores it beside pause_before")
        return None
    if limit <= pause:
        raise CannotLower(
            "packer/timeout-in-pause",
            "the timeout ends within pause_before, so the step always fails",
            "Raise timeout above pause_before.",
            reader.span("timeout"),
        )
    return limit - pause


def _inline(reader: StepReader, plain: bool) -> tuple[str, ...] | None:
    items = reader.items("inline")
    if not items:
        return None
    found = []
    asks = False
    for item in items:
        user_known = reader.run_time_user(item) if plain and reader.expr("inline_shebang") is None else item
        asks = asks or user_known != item
        text = reader.text_of(user_known, "inline")
        if reader.flag("binary"):
            found.append(text)
            continue
        found.append(t.unix_lines(text.encode() + b"\n").decode()[:-1])
    if any("\r\n" in (scalar_text_of(item) or "") for item in items) and not reader.flag("binary"):
        reader.say("inline", "adapted", "aib/line-ends", "CR LF became LF, as in Packer's upload")
    elif asks:
        reader.say("inline", "adapted", "aib/build-user", "the build VM is asked for the name of the build's user")
    return tuple(found)


def scalar_text_of(expr: Expr) -> str | None:
    return str(expr.value) if isinstance(expr, Literal) and expr.value is not None else None


def _command(reader: StepReader, default: str) -> tuple[Expr | None, str | None]:
    """The execute command as text and holes, and its template text; (None, …) where it is the default."""
    command = read_command(reader, "execute_command", told=("User",))
    if command is None:
        return None, None
    written = print_command(command)
    return (None if command == _parsed_default(default) else command), written


@lru_cache(2)
def _parsed_default(text: str) -> Expr:
    return parse_command(text)


#: Options that the marker line repeats, because the text does not show them as they were written.
_TEXT_FACTS = ("inline_shebang", "env_var_format", "remote_folder", "remote_file", "remote_path", "timeout")
_TEXT_FACTS_LATER = ("pause_before", "pause_after", "start_retry_timeout")
_FLAG_FACTS = ("binary", "skip_clean", "use_env_var_file", "expect_disconnect", "continue_on_error")


def _facts(reader: StepReader, command: str | None, spec: ShellSpec) -> dict[str, object]:
    facts: dict[str, object] = {}
    facts.update(t.counted(spec.inline or ()))
    if command is not None:
        facts["execute_command"] = command
    for name in (*_TEXT_FACTS, *_TEXT_FACTS_LATER):
        text = reader.text(name)
        if text is not None:
            facts[name] = text
    for name in _FLAG_FACTS:
        if reader.expr(name) is not None:
            facts[name] = reader.flag(name)
    if reader.expr("max_retries") is not None:
        facts["max_retries"] = reader.number_of("max_retries")
    if reader.expr("valid_exit_codes") is not None:
        facts["valid_exit_codes"] = list(spec.exit_codes)
    if len(spec.scripts) == 1 and reader.items("scripts"):
        facts["part"] = "1/1"
    ends = [line_ends(s.data) for s in spec.scripts]
    if set(ends) - {"LF"} and not spec.binary:
        facts["line_ends"] = ends
    if not spec.binary and spec.scripts and not all(s.data.endswith(b"\n") for s in spec.scripts):
        facts["final_newline"] = [s.data.endswith(b"\n") for s in spec.scripts]
    return facts


def line_ends(data: bytes) -> str:
    """How the lines of a file end, one way for all; ``mixed``: what is uploaded does not tell the file's bytes."""
    unix = t.unix_lines(data)
    for kind, end in (("LF", b"\n"), ("CRLF", b"\r\n")):
        whole = unix.replace(b"\n", end)
        if data == (whole if data.endswith(b"\n") else whole.removesuffix(end)):
            return kind
    return "mixed"


def _judge(spec: ShellSpec, reader: StepReader, found: list[Shape]) -> None:
    """Classes that depend on what the step does."""
    if spec.inline is not None and "deprovision" not in spec.facts and not all(shape.plain for shape in found):
        if spec.shebang is None and spec.inline[0].startswith("#!"):
            reader.say(
                "inline",
                "adapted",
                "aib/inline-own-shebang",
                "runs under its own #! line, as in Packer since 1.13 (before, that line was a comment to /bin/sh -e)",
            )
        else:
            reader.say("inline", "adapted", "aib/shell-inline", "the same lines, in a file that the customizer runs")
    texts = [*(spec.inline or ()), *(s.data.decode("utf-8", "replace") for s in spec.scripts)]
    disconnects = reader.flag("expect_disconnect") or DISCONNECT in spec.exit_codes
    if disconnects and any(re.search(_RESTARTS, text) for text in texts):
        summary = "the script seems to restart the machine; Image Builder has no restart for Linux and may fail there"
        reader.context.diagnostics.warning(
            "aib/expect-disconnect",
            "A script seems to restart the machine, and Image Builder does not expect to be cut off",
            "Restart in the last line of the step; it is then done when the script has ended.",
            reader.step.span,
        )
        for name in ("expect_disconnect", "valid_exit_codes"):
            if reader.expr(name) is not None:
                reader.say(name, "approximated", "aib/expect-disconnect", summary)
    if spec.timeout and len(found) > 1:
        reader.say("timeout", "approximated", "aib/timeout", "timeout(1) gives each script the whole time")
