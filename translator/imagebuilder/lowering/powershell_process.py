"""powershell steps in a process of their own: retries, commands, shells and policies that Image Builder has not.

The customizer's text writes the script where Packer uploads it, and runs Packer's command in cmd, as WinRM does. So its
exit code is the one that Packer judges, and the script may end its process. Source: provisioner/powershell.
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.commands import read_command
from bakelift.translator.imagebuilder.lowering.context import CannotLower, Lowered
from bakelift.translator.imagebuilder.lowering.gotext import plain_number, print_command, sprintf
from bakelift.translator.imagebuilder.lowering.powershell_environment import environment_prelude, environment_values
from bakelift.translator.imagebuilder.lowering.scripts import found_name
from bakelift.translator.imagebuilder.lowering.shell_script import SCRIPT_NUMBER
from bakelift.translator.imagebuilder.lowering.shell_spec import Script
from bakelift.translator.plan.expressions import Literal, Ref, Template
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.imagebuilder.customizers import PowerShell
    from bakelift.translator.imagebuilder.lowering.shell_spec import Variable
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.expressions import Expr

#: The fact of a customizer that runs its script in a process of its own.
PROCESS = "process"

_COMMANDS = ("execute_command", "elevated_execute_command")
_FORMATS = ("env_var_format", "elevated_env_var_format")

#: Execute commands that do what Image Builder does, without regard to space.
_LIKE_SERVICE = re.compile(
    r"powershell(?:\.exe)?\s+-executionpolicy\s+bypass\s+(?:-file\s+\{\{\.Path\}\}"
    r"|\"& \{ if \(Test-Path variable:global:ProgressPreference\)\{set-variable"
    r" -name variable:global:ProgressPreference -value 'SilentlyContinue'\};\s?"
    r"\. \{\{\.Vars\}\}; &'\{\{\.Path\}\}'; exit \$LastExitCode \}\")",
    re.IGNORECASE,
)
#: Formats of variables that set the script's own environment and nothing else.
_USUAL_FORMAT = re.compile(r"\s*\$(?:\{env:%s\}|env:%s)\s*=\s*\"%s\"\s*;?\s*", re.IGNORECASE)
SERVICE = "Image Builder runs its scripts with -executionpolicy bypass"
#: Policies under which every script on the machine's own disk runs, as under Image Builder's.
_OPEN_POLICIES = ("bypass", "unrestricted")
_LOOKS_AT_ITSELF = r"(?i)PSScriptRoot|PSCommandPath|MyInvocation"
_USING = re.compile(r"(?im)^[^\S\n]*using\s+(?:namespace|module|assembly)\b")
#: What Packer puts a backtick before in the values of variables.
_ESCAPED = re.compile("[$\"`']")


class Process(Record):
    """How the scripts of a step are run. ``command``: with its holes; None: Packer's own.

    ``shell`` and ``policy`` (None: none is said) are of Packer's own command; ``format``: of variables, where it is no
    usual one; ``path`` and ``vars``: of the uploaded script, and of the one that sets the variables.
    """

    path: str
    vars: str
    command: Expr | None = None
    shell: str = "powershell"
    policy: str | None = "bypass"
    trace: int = 0
    retries: int = 0
    carry_on: bool = False
    codes: tuple[int, ...] = (0,)
    keep: bool = False
    format: str | None = None


def read_process(
    reader: StepReader, items: Sequence[str], scripts: Sequence[Script], variables: Sequence[Variable]
) -> Process | None:
    """How the step runs its scripts; None where Image Builder's own way does the same. Says what becomes of options."""
    elevated = reader.expr("elevated_user") is not None
    command = _command(reader, elevated)
    own = command is not None and not _LIKE_SERVICE.fullmatch((print_command(command) or "").strip())
    format = _format(reader, elevated, variables)
    retries = max(reader.number_of("max_retries"), 0)
    policy = (reader.text("execution_policy") or "bypass").lower()
    looks = _looks_at_itself(reader, [*items, *(s.data.decode("utf-8", "replace") for s in scripts)])
    needed = {
        _COMMANDS[elevated]: own,
        _COMMANDS[not elevated]: False,
        _FORMATS[elevated]: format is not None,
        _FORMATS[not elevated]: False,
        "max_retries": bool(retries),
        "continue_on_error": reader.flag("continue_on_error"),
        "use_pwsh": command is None and reader.flag("use_pwsh"),
        "execution_policy": command is None and policy not in (*_OPEN_POLICIES, "none"),
        "skip_clean": reader.flag("skip_clean"),
        "remote_path": looks and reader.expr("remote_path") is not None,
        "scripts": any(_USING.search(script.data.decode("utf-8", "replace")) for script in scripts),
    }
    _say(reader, any(needed.values()), needed, looks)
    _say_unused(reader, any(needed.values()), command)
    if not any(needed.values()):
        return None
    number = SCRIPT_NUMBER + (reader.context.leave_behind() if reader.flag("skip_clean") else 0)
    return Process(
        path=reader.text("remote_path") or f"c:/Windows/Temp/script-{number}.ps1",
        vars=reader.text("remote_env_var_path") or f"c:/Windows/Temp/packer-ps-env-vars-{number}.ps1",
        command=command,
        shell="pwsh" if reader.flag("use_pwsh") else "powershell",
        policy=None if policy == "none" else policy,
        trace=reader.number_of("debug_mode"),
        retries=retries,
        carry_on=reader.flag("continue_on_error"),
        codes=reader.numbers("valid_exit_codes") or (0,),
        keep=reader.flag("skip_clean"),
        format=format,
    )


def _command(reader: StepReader, elevated: bool) -> Expr | None:
    own, other = _COMMANDS[elevated], _COMMANDS[not elevated]
    if reader.expr(other) is not None:
        whose = "are not elevated" if elevated else "are elevated"
        reader.say(other, "dropped", "aib/execute-command", f"Packer uses it for steps that {whose}")
    command = read_command(reader, own)
    if command is None:
        return None
    for part in command.walk():
        if isinstance(part, Ref) and not (part.kind == "command" and part.name in ("Path", "Vars")):
            raise CannotLower(
                "aib/execute-command",
                f"{own} needs {part.name}, which only a build by Packer knows",
                "Write what it does as the inline lines of the step.",
                reader.span(own),
            )
    reader.say(own, "adapted", "aib/execute-command", "Image Builder's own command does the same")
    if "\n" in (print_command(command) or ""):
        raise CannotLower(
            "aib/execute-command",
            f"{own} has more than one line",
            "Write what it does as the inline lines of the step.",
            reader.span(own),
        )
    return command


def _format(reader: StepReader, elevated: bool, variables: Sequence[Variable]) -> str | None:
    """The format of variables, where more or something else is to be set than the script's own environment."""
    own, other = _FORMATS[elevated], _FORMATS[not elevated]
    if reader.expr(other) is not None:
        whose = "are not elevated" if elevated else "are elevated"
        reader.say(other, "dropped", "aib/powershell-environment", f"Packer uses it for steps that {whose}")
    format = reader.text(own)
    if format is None or not variables or _USUAL_FORMAT.fullmatch(format):
        return None
    if not all(isinstance(variable.value, str) for variable in variables):
        summary = "the variables are set in the script's environment, and not in this format: a value is a parameter"
        reader.say(own, "approximated", "aib/powershell-environment", summary)
        return None
    return format


def _looks_at_itself(reader: StepReader, texts: Sequence[str]) -> bool:
    """Whether a script asks where it lies."""
    path = (reader.text("remote_path") or "").replace("\\", "/").rsplit("/", 1)[-1]
    return any(re.search(_LOOKS_AT_ITSELF, text) or (path and path in text) for text in texts)


_SAID = {
    "inline": ("aib/powershell-inline", "the same lines, in a script that the customizer writes and runs"),
    "script": ("aib/powershell-script", "a script that the customizer writes and runs"),
    "scripts": ("aib/powershell-script", "scripts that the customizers write and run"),
    "execute_command": ("aib/execute-command", "the command stands in the customizer's text"),
    "elevated_execute_command": ("aib/execute-command", "the command stands in the customizer's text"),
    "env_var_format": ("aib/powershell-environment", "applied in the customizer's text"),
    "elevated_env_var_format": ("aib/powershell-environment", "applied in the customizer's text"),
    "max_retries": ("aib/retries", "a loop in the customizer's text"),
    "continue_on_error": ("aib/continue-on-error", "the customizer's text ends as if it had worked"),
    "use_pwsh": ("aib/use-pwsh", "the customizer's text runs pwsh"),
    "skip_clean": ("aib/skip-clean", "the customizer's text leaves its script"),
    "remote_path": ("aib/remote-path", "the customizer's text writes its script there"),
    "remote_env_var_path": ("aib/remote-path", "the customizer's text sets the environment"),
}


#: Options that decide what is written even where they are no reason for it.
_ALWAYS = ("remote_path", "scripts")


def _say(reader: StepReader, process: bool, needed: Mapping[str, bool], looks: bool) -> None:
    """What becomes of the options that decide how a script is run."""
    for name, why in (
        ("max_retries", "the step is run once, here as there"),
        ("continue_on_error", "an error ends the build, here as there"),
        ("use_pwsh", "it is Windows PowerShell, here as there"),
        ("skip_clean", "the script is removed, here as there"),
    ):
        if name in reader.step.settings and not needed[name]:
            reader.say(name, "adapted", "aib/unset", why)
    if not process:
        if not looks:
            reader.say("remote_path", "adapted", "aib/remote-path", "nothing in the script asks where it lies")
        return
    for name, (code, summary) in _SAID.items():
        if name in reader.step.settings and (needed.get(name, True) or name in _ALWAYS):
            reader.say(name, "adapted", code, summary)


def _say_unused(reader: StepReader, process: bool, command: Expr | None) -> None:
    """What becomes of the options of Packer's own command."""
    policy = reader.text("execution_policy")
    if command is not None:
        for name, code in (("use_pwsh", "aib/use-pwsh"), ("execution_policy", "aib/execution-policy")):
            if name in reader.step.settings:
                reader.say(name, "dropped", code, "an option of Packer's own command, which the step replaces")
    elif policy is not None and (process or policy.lower() in _OPEN_POLICIES):
        why = "the customizer's text runs the script with this policy" if process else SERVICE
        reader.say("execution_policy", "adapted", "aib/execution-policy", why)


def facts_of_process(reader: StepReader, process: Process, variables: Sequence[Variable]) -> dict[str, object]:
    """What the marker line says of it beside what it says of every step."""
    facts: dict[str, object] = {PROCESS: True}
    for name in _COMMANDS:
        command = read_command(reader, name)
        if command is not None and (written := print_command(command)) is not None:
            facts[name] = written
    for name in ("use_pwsh", "continue_on_error"):
        if reader.expr(name) is not None:
            facts[name] = reader.flag(name)
    if reader.expr("max_retries") is not None:
        facts["max_retries"] = reader.number_of("max_retries")
    if process.format is not None:
        given = {variable.name: variable.value for variable in variables}
        for name in ("environment_vars", "env"):
            if reader.expr(name) is not None:
                facts[name] = [f"{key}={given[key]}" for key in _names(reader, name)]
    return facts


def _names(reader: StepReader, option: str) -> list[str]:
    if option == "env":
        return [name for name, _ in reader.entries(option)]
    return [reader.text_of(item, option).partition("=")[0] for item in reader.items(option)]


def formatted(process: Process, values: Mapping[str, str | Expr]) -> str:
    """The variables as Packer writes them for PowerShell."""
    made = ""
    for name in sorted(values):
        value = _ESCAPED.sub(lambda found: f"`{found[0]}", str(values[name]))
        pair = sprintf(process.format or "", name, value)
        if pair is None:
            summary = f"the format of variables has a verb other than %s: {process.format}"
            raise CannotLower("aib/powershell-environment", summary, 'Write it as $env:%s="%s";.')
        made += pair
    return made


#: What stands around the lines of an inline, which a terminating error ends (since 1.13).
_BEFORE = ("$ProgressPreference = 'SilentlyContinue'",)
TRY = "try {"
AFTER = (
    "$status = 0",
    "} catch {",
    'Write-Error "An error occurred: $_"',
    "$status = 1",
    "}",
    "if ((Test-Path variable:LASTEXITCODE) -and $LASTEXITCODE) { $status = $LASTEXITCODE }",
    "exit $status",
)


def inline_file(process: Process, items: Sequence[str], environment: str) -> bytes:
    """The script that Packer makes of inline lines."""
    trace = [f"Set-PsDebug -Trace {process.trace}"] if process.trace else []
    own = [environment] if environment else []
    return "".join(f"{line}\n" for line in (*_BEFORE, *trace, TRY, *own, *items, *AFTER)).encode()


def process_lines(
    process: Process, files: Sequence[Script], inline: bool, environment: str, pause: object, staged: Sequence[str]
) -> list[str]:
    """The lines that write the scripts and run them. ``environment``: of a format of the step's own, else empty."""
    lines = ["$ErrorActionPreference = 'Stop'"]
    if process.retries:
        tries = ", ".join(str(left) for left in range(process.retries, -1, -1))
        lines.append(f"foreach ($tries_left in {tries}) {{")
    if pause:
        lines.append(f"Start-Sleep -Seconds {plain_number(pause)}")  # type: ignore[arg-type]
    accepted = ", ".join(str(code) for code in process.codes)
    for number, file in enumerate(files):
        path, command = _run(process, file, inline, environment)
        lines.append(f"$path = {t.powershell_single(path)}")
        lines += _written(file)
        if "Vars" in _holes(process, environment):
            own = environment.split("\n") if environment else []
            lines += t.written_lines(t.powershell_single(process.vars), own or [""], last=False)
        lines += [f"$command = {t.powershell_single(command)}", t.RUN_COMMAND]
        if not process.keep:
            lines.append("Remove-Item -Force -ErrorAction Ignore $path")
        if number + 1 < len(files):
            failed = "continue" if process.retries else _exit(process)
            lines.append(f"if ($LASTEXITCODE -notin {accepted}) {{ {failed} }}")
    if process.retries:
        lines += [f"if ($LASTEXITCODE -in {accepted}) {{ break }}", "}"]
    lines += [f"Remove-Item -Force '{path}'" for path in staged]
    return [*lines, _exit(process)]


def _exit(process: Process) -> str:
    return f"exit {process.codes[0]}" if process.carry_on else "exit $LASTEXITCODE"


def _written(file: Script) -> list[str]:
    if file.staged is not None:
        return [f"[IO.File]::WriteAllBytes($path, [IO.File]::ReadAllBytes('{file.staged.path(True)}'))"]
    return t.written_text(file.data) or t.written_bytes(file.data)


def _holes(process: Process, environment: str) -> set[str]:
    if process.command is None:
        return {"Vars"} if environment else set()
    return {part.name for part in process.command.walk() if isinstance(part, Ref)}


def _run(process: Process, file: Script, inline: bool, environment: str) -> tuple[str, str]:
    """Where a script is written, and the command that runs it."""
    path = process.path + (file.name or "script.ps1") if process.path.endswith("/") else process.path
    if process.command is not None:
        text = ""
        for part in process.command.parts if isinstance(process.command, Template) else (process.command,):
            if isinstance(part, Literal):
                text += str(part.value)
            else:
                assert isinstance(part, Ref)
                text += path if part.name == "Path" else process.vars
        return path, text
    policy = f" -executionpolicy {process.policy}" if process.policy else ""
    if inline:
        return path, f"{process.shell}{policy} -file {path}"
    trace = f"Set-PsDebug -Trace {process.trace}; " if process.trace else ""
    dotted = f". {process.vars}; " if environment else ""
    silent = "$ProgressPreference = 'SilentlyContinue'; "
    return path, f"{process.shell}{policy} -command \"{silent}{trace}{dotted}& '{path}'; exit $LastExitCode\""


def lower_in_process(
    reader: StepReader,
    frame: PowerShell,
    process: Process,
    items: list[str],
    scripts: tuple[Script, ...],
    variables: tuple[Variable, ...],
    facts: dict[str, object],
) -> list[Lowered]:
    """The customizers that run the scripts with a command: one for all that are tried together."""
    from bakelift.translator.imagebuilder.lowering.staging import fetches

    together = bool(process.retries or process.carry_on)
    groups = [scripts] if together or not scripts else [(script,) for script in scripts]
    made: list[Lowered] = []
    for number, group in enumerate(groups):
        own = dict(facts)
        if len(group) > 1:
            own["scripts"] = [script.path for script in group]
        elif group:
            own = {"script": group[0].path, **own}
        if group and len(group) == 1 and reader.items("scripts"):
            own["part"] = f"{number + 1}/{len(groups)}"
        own = {**t.counted(items), **own}
        holes: list[Expr] = []
        body = "\n".join([*items, *(script.data.decode("utf-8", "replace") for script in group)])
        values = environment_values(reader, variables, body)
        environment = formatted(process, values) if process.format is not None else ""
        if process.format is None:
            prelude, said = environment_prelude(reader, variables, values, holes)
            own.update(said)
        else:
            prelude = []
        files = group or (Script(inline_file(process, items, environment)),)
        staged = tuple(dict.fromkeys(script.staged for script in group if script.staged is not None))
        if staged:
            own["staged"] = len(staged)
        pause = reader.duration("pause_before") if number == 0 else None
        lines = [
            t.marker({**own, "prelude": len(prelude)}),
            *prelude,
            *process_lines(process, files, not group, environment, pause, [item.path(True) for item in staged]),
        ]
        whole = frame.but(inline=tuple(t.fill(line, holes) for line in lines), leaves=reader.leaves())
        made += fetches(reader, staged)
        made.append(Lowered(whole, reader.step.name, found_name(items, group[0] if group else None)))
    return made
