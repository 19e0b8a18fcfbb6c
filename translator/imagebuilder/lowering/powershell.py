"""powershell steps: the text of the script in a PowerShell customizer, after the environment that it sees.

Image Builder runs an inline as Packer runs a script file: ``powershell -executionpolicy bypass "& { …; &'FILE'; exit
$LastExitCode }"``, as the build user or, elevated, as a scheduled task. So a script's text stands as it is, after a
prelude of ``$env:X = '…'`` lines.
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.customizers import PowerShell
from bakelift.translator.imagebuilder.lowering import sysprep
from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.context import CannotLower, Lowered
from bakelift.translator.imagebuilder.lowering.elevation import (
    BUILD_USER,
    ELEVATED_USER,
    is_build_user,
    say_elevated,
)
from bakelift.translator.imagebuilder.lowering.environment import read_environment
from bakelift.translator.imagebuilder.lowering.gotext import plain_number
from bakelift.translator.imagebuilder.lowering.powershell_environment import environment_prelude, environment_values
from bakelift.translator.imagebuilder.lowering.powershell_process import (
    SERVICE,
    facts_of_process,
    lower_in_process,
    read_process,
)
from bakelift.translator.imagebuilder.lowering.script_text import OF_BYTES, decoded
from bakelift.translator.imagebuilder.lowering.scripts import found_name, missing, read_scripts
from bakelift.translator.imagebuilder.lowering.shell_spec import Script
from bakelift.translator.languages.powershell import joined, shape
from bakelift.translator.plan.expressions import TRUE, ListExpr, Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.lowering.shell_spec import Variable
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.report import Class

OPTIONS: dict[str, tuple[Class, str, str]] = {
    "inline": ("exact", "aib/powershell-inline", "the same lines in one script"),
    "script": ("adapted", "aib/powershell-script", "the file's text stands in the customizer"),
    "scripts": ("adapted", "aib/powershell-script", "each file's text stands in a customizer"),
    "environment_vars": ("adapted", "aib/powershell-environment", "set in the customizer's text"),
    "env": ("adapted", "aib/powershell-environment", "set in the customizer's text"),
    "env_var_format": ("adapted", "aib/powershell-environment", "the same variables are set"),
    "elevated_env_var_format": (
        "adapted",
        "aib/powershell-environment",
        "the customizer's text sets the same variables",
    ),
    "elevated_user": ("adapted", "aib/elevated", "runElevated and runAsSystem"),
    "elevated_password": ("adapted", "aib/elevated", "Image Builder knows the password of its own build user"),
    "valid_exit_codes": ("exact", "aib/valid-exit-codes", "validExitCodes"),
    "execution_policy": ("approximated", "aib/execution-policy", SERVICE),
    "debug_mode": ("adapted", "aib/powershell-debug", "Set-PsDebug in the customizer's text"),
    "remote_path": ("adapted", "aib/remote-path", "the customizer's text writes its script there"),
    "remote_env_var_path": ("adapted", "aib/remote-path", "the environment stands in the customizer's text"),
    "skip_clean": ("adapted", "aib/skip-clean", "the customizer's text leaves its script"),
    "binary": ("adapted", "aib/shell-binary", "the script's text stands in the customizer"),
    "start_retry_timeout": ("adapted", "aib/start-retry", "Image Builder retries the start of a script itself"),
    "pause_before": ("adapted", "aib/pause", "Start-Sleep in the customizer's text"),
    "pause_after": ("adapted", "aib/pause", "Start-Sleep in a customizer of its own"),
    "max_retries": ("adapted", "aib/retries", "a loop in the customizer's text"),
    "continue_on_error": ("adapted", "aib/continue-on-error", "the customizer's text ends as if it had worked"),
    "timeout": ("dropped", "aib/powershell-timeout", "Image Builder limits the whole build, not one script"),
    "use_pwsh": ("adapted", "aib/use-pwsh", "the customizer's text runs pwsh"),
    "execute_command": ("adapted", "aib/execute-command", "the command stands in the customizer's text"),
    "elevated_execute_command": ("adapted", "aib/execute-command", "the command stands in the customizer's text"),
}

#: The fields of a customizer that are not its text.
_FRAME = ("run_elevated", "run_as_system", "valid_exit_codes")


def lower_powershell(reader: StepReader, last: bool) -> list[Lowered]:
    """The customizers of a powershell step. ``last``: no later step changes the image."""
    reader.say_options(OPTIONS)
    reader.judge_start_retry()
    if "inline" in reader.step.settings:
        fetched = _fetched(reader)
        if fetched is not None:
            reader.say("inline", "adapted", "aib/download", "Image Builder fetches it when the template is submitted")
            return [Lowered(fetched.but(leaves=reader.leaves()), reader.step.name)]
    absent = missing(reader)
    if absent is not None:
        return [Lowered(PowerShell(inline=absent, leaves=reader.leaves()), reader.step.name)]
    items = [reader.text_of(item, "inline") for item in reader.items("inline")]
    scripts = () if items else read_scripts(reader)
    variables, facts = read_environment(reader)
    facts = {**_facts(reader), **facts}
    process = read_process(reader, items, scripts, variables)
    rest = sysprep.without_sysprep(items, scripts, reader) if last else None
    if rest is not None and rest.nothing and rest.own is None:
        return []
    frame = _frame(reader)
    override: list[Lowered] = []
    if rest is not None:
        if rest.own is not None:
            text = sysprep.powershell_override(rest.own, facts if rest.nothing else {})
            whole = frame.but(inline=text, leaves=reader.leaves())
            override = [Lowered(whole, reader.step.name, "DeprovisioningScript.ps1")]
        if rest.nothing:
            return override
        items, scripts, facts = rest.items, rest.scripts, {**facts, **rest.facts}
    if reader.context.options.staging is not None:
        scripts = tuple(_staged(script, reader) for script in scripts)
    if process is not None:
        facts = {**facts, **facts_of_process(reader, process, variables)}
        made = lower_in_process(reader, frame, process, items, scripts, variables, facts)
        return [*made, *_pause_after(reader), *override]
    made = []
    parts: list[dict[str, object]] = []
    for index, script in enumerate(scripts or (None,)):
        listed = len(scripts) > 1 or (script is not None and reader.items("scripts"))
        parts.append({**facts, **({"part": f"{index + 1}/{len(scripts)}"} if listed else {})})
    texts = [_lines(reader, items, s, variables, own, number) for number, (s, own) in _each(scripts, parts)]
    if not all(texts) and any(texts):
        # The scripts of a list are known again as one step by their names, or by their texts: all by the same.
        texts = [_lines(reader, items, s, variables, own, n, alone=False) for n, (s, own) in _each(scripts, parts)]
    for number, (script, own) in _each(scripts, parts):
        made += _lowered(reader, frame, texts[number], items, script, str(own.get("part", "")))
    return [*made, *_pause_after(reader), *override]


def _pause_after(reader: StepReader) -> list[Lowered]:
    """The customizer that only waits, where a step does at its end."""
    after = reader.duration("pause_after")
    if not after or after < 0:
        return []
    line = Literal(f"Start-Sleep -Seconds {plain_number(after)}")
    marker = Literal(t.marker({"pause_after": reader.text("pause_after")}))
    pause = PowerShell(inline=(marker, line), leaves=reader.leaves())
    return [Lowered(pause, None, f"pause {reader.text('pause_after')}")]


def _fetched(reader: StepReader) -> Customizer | None:
    """The customizer that the lines are the text of, if they are one's."""
    lines = reader.items("inline")
    if not t.is_marked(lines):
        return None
    from bakelift.translator.imagebuilder.lowering.download import recognised

    found = recognised(lines, windows=True)
    return found.but(**{k: getattr(_frame(reader), k) for k in _FRAME}) if isinstance(found, PowerShell) else found


def _each(
    scripts: Sequence[Script], parts: Sequence[dict[str, object]]
) -> Iterator[tuple[int, tuple[Script | None, dict[str, object]]]]:
    """The scripts of a step, or None for its lines, by number, with what the text cannot carry."""
    return enumerate(zip(scripts or (None,), parts, strict=True))


def _lowered(
    reader: StepReader,
    frame: PowerShell,
    lines: tuple[Expr, ...],
    items: list[str],
    script: Script | None,
    part: str,
) -> list[Lowered]:
    found = found_name(items, script)
    whole = Lowered(frame.but(inline=lines, leaves=reader.leaves()), reader.step.name, found)
    if script is None or script.staged is None:
        return [whole]
    from bakelift.translator.imagebuilder.lowering.staging import fetches

    if not lines:
        # What Packer's powershell provisioner does with a script is what Image Builder does with a scriptUri.
        own = {"script_uri": Literal(script.staged.uri), "sha256_checksum": Literal(script.staged.sha256)}
        said = f"{found} ({part})" if part else found
        return [whole.but(customizer=frame.but(**own, leaves=reader.leaves()), found_name=said)]
    return [*fetches(reader, (script.staged,)), whole]


def _staged(script: Script, reader: StepReader) -> Script:
    """The script with a place of its own. PowerShell runs files that are called .ps1 only."""
    from bakelift.translator.imagebuilder.lowering.staging import staged_script

    name = script.name if script.name.lower().endswith(".ps1") else f"{script.name}.ps1"
    return staged_script(reader, script, script.data, name)


def _frame(reader: StepReader) -> PowerShell:
    """The customizer without its text: elevation and exit codes."""
    user = reader.expr("elevated_user")
    elevated = system = None
    if user is not None:
        elevated = TRUE
        system = None if reader.own and is_build_user(user) else TRUE
        if system is None:
            reader.say("elevated_user", "adapted", "aib/elevated", "runElevated: the build user, elevated")
        else:
            say_elevated(reader, user)
    codes = reader.numbers("valid_exit_codes")
    return PowerShell(
        run_elevated=elevated,
        run_as_system=system,
        valid_exit_codes=ListExpr(tuple(Literal(code) for code in codes)) if codes else None,
    )


_TEXT_FACTS = (
    "env_var_format",
    "elevated_env_var_format",
    "execution_policy",
    "remote_path",
    "remote_env_var_path",
    "start_retry_timeout",
    "pause_before",
)


def _facts(reader: StepReader) -> dict[str, object]:
    facts: dict[str, object] = {}
    for name in _TEXT_FACTS:
        text = reader.text(name)
        if text is not None:
            facts[name] = text
    for name in ("binary", "skip_clean"):
        if reader.expr(name) is not None:
            facts[name] = reader.flag(name)
    if reader.expr("debug_mode") is not None:
        facts["debug_mode"] = reader.number_of("debug_mode")
    user = reader.expr("elevated_user")
    if user is not None and is_build_user(user) and not reader.own:
        facts[ELEVATED_USER] = BUILD_USER
    return facts


def _lines(
    reader: StepReader,
    items: list[str],
    script: Script | None,
    variables: tuple[Variable, ...],
    facts: Mapping[str, object],
    number: int,
    alone: bool = True,
) -> tuple[Expr, ...]:
    """The lines of a customizer; none where it is a script that runs from its address, which ``alone`` allows."""
    body = "\n".join(items)
    if script is not None:
        body, ends = _script_text(script, reader)
        facts = {"script": script.path, **facts, **ends}
    holes: list[Expr] = []
    prelude: list[str] = []
    pause = reader.duration("pause_before")
    if number == 0 and pause and pause > 0:
        prelude.append(f"Start-Sleep -Seconds {plain_number(pause)}")
    environment, secret_facts = environment_prelude(
        reader, variables, environment_values(reader, variables, body), holes
    )
    prelude += environment
    facts = {**facts, **secret_facts}
    mode = reader.number_of("debug_mode")
    if mode:
        prelude.append(f"Set-PsDebug -Trace {mode}")
    if script is not None and script.staged is not None:
        # Which of a list of scripts it is can stand in a name only, where no other has been chosen.
        known = {"script", ELEVATED_USER, *OF_BYTES, *(["part"] if reader.step.name is None else [])}
        if alone and not prelude and set(facts) <= known:
            return ()
        return _calling(script.staged.path(True), {**facts, "staged": 1}, prelude, holes)
    shown, said = inline_lines(items, bool(prelude)) if script is None else script_lines(body)
    taken = facts.get("deprovision")
    if "items" in said and isinstance(taken, list):
        said["items"] = facts.get("items") or [1] * (len(items) + len(taken))
    facts = {**facts, **said}
    if prelude and script is None and _USING.search(body):
        reader.context.diagnostics.warning(
            "aib/powershell-using",
            "PowerShell wants using statements before everything else",
            "Put the lines into a script of their own, which is then run as a file.",
            reader.step.span,
        )
    if prelude or facts or (items and items[0].startswith(t.MARKER)):
        prelude = [t.marker({**facts, "prelude": len(prelude)}), *prelude]
    return (*(t.fill(line, holes) for line in prelude), *(Literal(line) for line in shown))


def _calling(path: str, facts: Mapping[str, object], prelude: list[str], holes: list[Expr]) -> tuple[Expr, ...]:
    """A text that runs a fetched script as Packer's own command does, which ends with its last exit code."""
    lines = [t.marker({**facts, "prelude": len(prelude)}), *prelude]
    lines += [f"& '{path}'", f"Remove-Item -Force '{path}'", "exit $LASTEXITCODE"]
    return tuple(t.fill(line, holes) for line in lines)


def inline_lines(items: list[str], preluded: bool) -> tuple[list[str], dict[str, object]]:
    """The items of an inline, and what the marker line says of them. ``preluded``: other lines stand before them.

    Each line is an item, but Packer indents items (since 1.13): the lines that one string goes over become one.
    """
    lines = joined("\n".join(items).split("\n"))
    facts: dict[str, object] = {} if lines == items else {"items": [item.count("\n") + 1 for item in items]}
    return _in_block(lines, facts) if preluded and _must_be_first("\n".join(items)) else (lines, facts)


def script_lines(text: str) -> tuple[list[str], dict[str, object]]:
    """The items of an inline that say what a script does, and what the marker line says of them.

    Packer puts an inline into a block of its own (since 1.13), in which nothing is the first of a script.
    """
    lines = joined(text.split("\n"))
    return _in_block(lines, {}) if _must_be_first(text) else (lines, {})


def _in_block(lines: list[str], facts: dict[str, object]) -> tuple[list[str], dict[str, object]]:
    """A script block may begin with param, wherever it stands."""
    return ["& {", *lines, "}"], {**facts, "block": True}


def _must_be_first(text: str) -> bool:
    """Whether a script has parameters of its own; those of its functions stand in their blocks."""
    if _MUST_BE_FIRST.search(text) is None:
        return False
    found = shape(text)
    places = (text.count("\n", 0, match.end() - 1) for match in _MUST_BE_FIRST.finditer(text))
    return any(found.depths[line] == 0 and line not in found.within for line in places)


_MUST_BE_FIRST = re.compile(r"(?im)^[^\S\n]*(?:param\s*\(|\[CmdletBinding)")
_USING = re.compile(r"(?im)^[^\S\n]*using\s+(?:namespace|module|assembly)\b")


def _script_text(script: Script, reader: StepReader) -> tuple[str, dict[str, object]]:
    """The text of a script file without its final line end, and what the text does not show of it."""
    try:
        return decoded(script.data)
    except UnicodeDecodeError:
        raise CannotLower(
            "aib/script-encoding",
            f"{script.path} is neither UTF-8 nor UTF-16",
            "Save it as UTF-8.",
            reader.step.span,
        ) from None
