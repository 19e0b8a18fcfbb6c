"""windows-restart, windows-update and windows-shell."""

from __future__ import annotations

from bakelift.translator.imagebuilder.customizers import PowerShell, WindowsRestart, WindowsUpdate
from bakelift.translator.imagebuilder.lowering import sysprep
from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.context import Lowered
from bakelift.translator.imagebuilder.lowering.environment import read_environment
from bakelift.translator.imagebuilder.lowering.gotext import parse_command, print_command, sprintf
from bakelift.translator.imagebuilder.lowering.scripts import missing, read_scripts
from bakelift.translator.imagebuilder.lowering.shell_spec import Script
from bakelift.translator.imagebuilder.lowering.staging import fetches, staged_script
from bakelift.translator.imagebuilder.lowering.upload import windows_path
from bakelift.translator.plan.expressions import ListExpr, Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bakelift.translator.imagebuilder.lowering.shell_spec import Variable
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.report import Class

_COMMON: dict[str, tuple[Class, str, str]] = {
    "pause_before": ("adapted", "aib/pause", "Start-Sleep in a customizer of its own"),
    "timeout": ("dropped", "aib/step-timeout", "Image Builder limits the whole build, not one step"),
    "max_retries": ("approximated", "aib/step-retries", "Image Builder runs the step once"),
}

RESTART: dict[str, tuple[Class, str, str]] = {
    **_COMMON,
    "restart_command": ("exact", "aib/windows-restart", "restartCommand"),
    "restart_check_command": ("exact", "aib/windows-restart", "restartCheckCommand"),
    "restart_timeout": ("exact", "aib/windows-restart", "restartTimeout"),
    "check_registry": ("adapted", "aib/check-registry", "a customizer after the restart waits until the keys are gone"),
    "registry_keys": ("adapted", "aib/check-registry", "a customizer after the restart waits until the keys are gone"),
}

UPDATE: dict[str, tuple[Class, str, str]] = {
    **_COMMON,
    "search_criteria": ("exact", "aib/windows-update", "searchCriteria"),
    "filters": ("exact", "aib/windows-update", "filters"),
    "update_limit": ("exact", "aib/windows-update", "updateLimit"),
    "restart_timeout": ("approximated", "aib/windows-update-option", "Image Builder has its own time limit"),
    "update_max_retries": ("approximated", "aib/windows-update-option", "Image Builder has its own number of tries"),
    "username": ("adapted", "aib/windows-update-option", "Image Builder runs updates as its own user"),
    "password": ("adapted", "aib/windows-update-option", "Image Builder runs updates as its own user"),
}

SHELL: dict[str, tuple[Class, str, str]] = {
    **_COMMON,
    "inline": ("adapted", "aib/windows-shell", "a batch file that PowerShell writes and runs"),
    "script": ("adapted", "aib/windows-shell", "a batch file that PowerShell writes and runs"),
    "scripts": ("adapted", "aib/windows-shell", "batch files that PowerShell writes and runs"),
    "environment_vars": ("adapted", "aib/windows-shell", "set on the command line, as Packer does"),
    "env": ("adapted", "aib/windows-shell", "set on the command line, as Packer does"),
    "env_var_format": ("adapted", "aib/windows-shell", "applied in the customizer's text"),
    "execute_command": ("adapted", "aib/windows-shell", "the command stands in the customizer's text"),
    "remote_path": ("adapted", "aib/remote-path", "the customizer writes its batch file there"),
    "valid_exit_codes": ("exact", "aib/valid-exit-codes", "validExitCodes"),
    "start_retry_timeout": ("adapted", "aib/start-retry", "Image Builder retries the start of a script itself"),
    "binary": ("adapted", "aib/shell-binary", "the bytes are written as they are"),
    "max_retries": ("adapted", "aib/retries", "a loop in the customizer's text"),
    "continue_on_error": ("adapted", "aib/continue-on-error", "the customizer's text ends as if it had worked"),
}


def _paused(reader: StepReader) -> list[Lowered]:
    from bakelift.translator.imagebuilder.lowering.gotext import plain_number

    pause = reader.duration("pause_before")
    if not pause or pause < 0:
        return []
    marker = t.marker({"pause_before": reader.text("pause_before")})
    lines = (Literal(marker), Literal(f"Start-Sleep -Seconds {plain_number(pause)}"))
    return [Lowered(PowerShell(inline=lines, leaves=reader.leaves()), None, f"pause {reader.text('pause_before')}")]


def lower_restart(reader: StepReader, _last: bool) -> list[Lowered]:
    """A windows-restart step; its three texts may be parameters."""
    reader.say_options(RESTART)
    command, check, timeout = (
        reader.symbolic(expr, name) if (expr := reader.expr(name)) is not None else None
        for name in ("restart_command", "restart_check_command", "restart_timeout")
    )
    restart = WindowsRestart(
        restart_command=command, restart_check_command=check, restart_timeout=timeout, leaves=reader.leaves()
    )
    return [*_paused(reader), Lowered(restart, reader.step.name), *_pending(reader)]


#: The fact of the customizer that waits for the keys of pending restarts.
CHECK_REGISTRY = "check_registry"

#: The keys that Packer looks for (provisioner/windows-restart, DefaultRegistryKeys).
_KEYS = tuple(
    f"HKLM:{top}\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\{key}"
    for top, key in (("SOFTWARE", "RebootPending"), ("SOFTWARE", "PackagesPending"), ("Software", "RebootInProgress"))
)
_RESTART_SECONDS = 300


def _pending(reader: StepReader) -> list[Lowered]:
    """The customizer that waits while a key of a pending restart is there, as Packer does within its time limit."""
    from bakelift.translator.imagebuilder.lowering.gotext import plain_number

    if not reader.flag("check_registry"):
        for name in ("check_registry", "registry_keys"):
            if name in reader.step.settings:
                reader.say(name, "adapted", "aib/unset", "nothing is waited for, here as there")
        return []
    keys = [reader.text_of(item, "registry_keys") for item in reader.items("registry_keys")]
    facts: dict[str, object] = {CHECK_REGISTRY: True, **({"registry_keys": keys} if keys else {})}
    said = reader.expr("restart_timeout")
    limit = reader.duration("restart_timeout") if isinstance(said, Literal) else None
    lines = [
        t.marker(facts),
        "$keys = @(",
        *(f"  {windows_path(key)}" for key in keys or _KEYS),
        ")",
        f"$limit = (Get-Date).AddSeconds({plain_number(limit) if limit else _RESTART_SECONDS})",
        "while ($keys | Where-Object { Test-Path $_ }) {",
        "  if ((Get-Date) -gt $limit) { Write-Error 'A restart is still pending.'; exit 1 }",
        "  Start-Sleep -Seconds 5",
        "}",
    ]
    inline = tuple(Literal(line) for line in lines)
    return [Lowered(PowerShell(inline=inline, leaves=reader.leaves()), None, "wait for pending restarts")]


def lower_update(reader: StepReader, _last: bool) -> list[Lowered]:
    """A windows-update step (rgl/windows-update)."""
    reader.say_options(UPDATE)
    criteria, limit = (
        reader.symbolic(expr, name) if (expr := reader.expr(name)) is not None else None
        for name in ("search_criteria", "update_limit")
    )
    filters = tuple(reader.symbolic(item, "filters") for item in reader.items("filters"))
    update = WindowsUpdate(
        search_criteria=criteria,
        filters=ListExpr(filters) if filters else None,
        update_limit=limit,
        leaves=reader.leaves(),
    )
    return [*_paused(reader), Lowered(update, reader.step.name)]


def _shared_facts(reader: StepReader, variables: tuple[Variable, ...], named: dict[str, object]) -> dict[str, object]:
    """What the marker lines of all customizers of a step say."""
    given = {v.name: v.value for v in variables}
    shared: dict[str, object] = {}
    for name in ("remote_path", "env_var_format", "start_retry_timeout"):
        if reader.expr(name) is not None:
            shared[name] = reader.text(name)
    if reader.expr("binary") is not None:
        shared["binary"] = reader.flag("binary")
    template = reader.rendered("execute_command")
    if template is not None:
        shared["execute_command"] = print_command(template)
    for option, names in named.items():
        assert isinstance(names, list)
        shared[option] = [f"{name}={given[name]}" for name in names]
    for name in ("max_retries", "continue_on_error"):
        if reader.expr(name) is not None:
            shared[name] = reader.number_of(name) if name == "max_retries" else reader.flag(name)
    if (reader.number_of("max_retries") > 0 or reader.flag("continue_on_error")) and reader.expr("pause_before"):
        shared["pause_before"] = reader.text("pause_before")
    return shared


def lower_windows_shell(reader: StepReader, last: bool) -> list[Lowered]:
    """A batch file, written and run by PowerShell with the command that Packer would run over WinRM (by cmd)."""
    reader.say_options(SHELL)
    reader.judge_start_retry()
    absent = missing(reader)
    if absent is not None:
        return [Lowered(PowerShell(inline=absent, leaves=reader.leaves()), reader.step.name)]
    items = [reader.text_of(item, "inline") for item in reader.items("inline")]
    override = sysprep.batch_override(items, reader) if last and items else None
    if override is not None:
        whole = PowerShell(inline=override, leaves=reader.leaves())
        return [Lowered(whole, reader.step.name, "DeprovisioningScript.ps1")] if override else []
    scripts = (
        (Script("".join(line + "\n" for line in items).encode()),)
        if items
        else tuple(staged_script(reader, script, script.data, script.name) for script in read_scripts(reader))
    )
    variables, named = read_environment(reader)
    shared = _shared_facts(reader, variables, named)
    path = reader.text("remote_path") or "c:/Windows/Temp/script.bat"
    command = _batch_command(reader, variables, path)
    codes = reader.numbers("valid_exit_codes")
    accepted, good = ", ".join(str(code) for code in codes or (0,)), (codes or (0,))[0]
    retries, carry_on = max(reader.number_of("max_retries"), 0), reader.flag("continue_on_error")
    together = bool(retries or carry_on)
    made = [] if together else list(_paused(reader))
    groups = [scripts] if together else [(script,) for script in scripts]
    for index, group in enumerate(groups):
        source = group[0].path
        facts: dict[str, object] = {"windows-shell": source or "inline", **shared}
        if source is not None and reader.items("scripts"):
            facts["part"] = f"{index + 1}/{len(groups)}"
        if len(group) > 1:
            facts["scripts"] = [script.path for script in group]
        facts.update(t.counted(items))
        staged = tuple(dict.fromkeys(script.staged for script in group if script.staged is not None))
        if staged:
            facts["staged"] = len(staged)
            made += fetches(reader, staged)
        failed = f"if ($LASTEXITCODE -notin {accepted}) {{ {'continue' if retries else f'exit {good}'} }}"
        body = _batch_lines(reader, group, path, command, failed)
        removal = [f"Remove-Item -Force '{item.path(True)}'" for item in staged]
        lines = [t.marker(facts), "$ErrorActionPreference = 'Stop'", *_tried(reader, body, retries, accepted)]
        end = f"exit {good}" if carry_on else "exit $LASTEXITCODE"
        shell = PowerShell(
            inline=tuple(Literal(line) for line in [*lines, *removal, end]),
            valid_exit_codes=ListExpr(tuple(Literal(code) for code in codes)) if codes else None,
            leaves=reader.leaves(),
        )
        made.append(Lowered(shell, reader.step.name, group[0].name or None))
    return made


def _batch_lines(reader: StepReader, group: Sequence[Script], path: str, command: str, failed: str) -> list[str]:
    """The lines that write batch files and run them, one after the other. ``failed``: what follows all but the last."""
    body: list[str] = []
    for script in group:
        body.append(f"$path = {_quoted(path)}")
        if script.staged is not None:
            body.append(f"[IO.File]::WriteAllBytes($path, [IO.File]::ReadAllBytes('{script.staged.path(True)}'))")
        else:
            readable = t.written_text(script.data) if not reader.flag("binary") else None
            body += readable or t.written_bytes(script.data)
        body += [f"$command = {_quoted(command)}", t.RUN_COMMAND]
        if script is not group[-1]:
            body.append(failed)
    return body


def _tried(reader: StepReader, lines: list[str], retries: int, accepted: str) -> list[str]:
    """The lines that write and run batch files, in a loop where they are tried several times."""
    from bakelift.translator.imagebuilder.lowering.gotext import plain_number

    pause = reader.duration("pause_before") if retries or reader.flag("continue_on_error") else None
    if pause and pause > 0:
        lines = [f"Start-Sleep -Seconds {plain_number(pause)}", *lines]
    if not retries:
        return lines
    tries = ", ".join(str(left) for left in range(retries, -1, -1))
    done = f"if ($LASTEXITCODE -in {accepted}) {{ break }}"
    return [f"foreach ($tries_left in {tries}) {{", *lines, done, "}"]


def _batch_command(reader: StepReader, variables: tuple[object, ...], path: str) -> str:
    from bakelift.translator.imagebuilder.lowering.context import CannotLower
    from bakelift.translator.imagebuilder.lowering.shell_spec import Variable
    from bakelift.translator.plan.expressions import Ref, Template

    context = reader.context
    values = {"PACKER_BUILDER_TYPE": context.builder_type, "PACKER_BUILD_NAME": context.build_name}
    for item in variables:
        assert isinstance(item, Variable)
        if not isinstance(item.value, str):
            raise CannotLower(
                "aib/windows-shell-parameter",
                f"environment variable {item.name} is a parameter, and cmd cannot quote it",
                "Give the variable a value with -var, or use a powershell step.",
                reader.span("environment_vars"),
            )
        values[item.name] = item.value
    format = reader.text("env_var_format") or 'set "%s=%s" && '
    pairs = [sprintf(format, name, values[name]) for name in sorted(values)]
    if None in pairs:
        raise CannotLower(
            "aib/windows-shell-command",
            f"env_var_format has a verb other than %s: {format}",
            'Write it as set "%s=%s" && .',
            reader.span("env_var_format"),
        )
    rendered = "".join(pair or "" for pair in pairs)
    expr = reader.expr("execute_command") or parse_command('{{.Vars}}"{{.Path}}"')
    text = ""
    for part in expr.parts if isinstance(expr, Template) else (expr,):
        if isinstance(part, Ref) and part.kind == "command":
            text += {"Vars": rendered, "Path": path}.get(part.name, "")
        else:
            text += reader.text_of(part, "execute_command")
    if "\n" in text:
        raise CannotLower(
            "aib/windows-shell-command",
            "the command has more than one line",
            "Write it as a powershell step.",
            reader.span("execute_command"),
        )
    return text


def _quoted(text: str) -> str:
    return t.powershell_single(text)


LOWERINGS: dict[str, Callable[[StepReader, bool], list[Lowered]]] = {
    "windows-restart": lower_restart,
    "windows-update": lower_update,
    "windows-shell": lower_windows_shell,
}
