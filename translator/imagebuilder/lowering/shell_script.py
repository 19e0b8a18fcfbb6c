"""The script shape of a lowered shell step: a file as a heredoc, how it is run, and what becomes of its exit status."""

from __future__ import annotations

from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.gotext import parse_command, plain_number, sprintf
from bakelift.translator.imagebuilder.lowering.shell_spec import (
    DEFAULT_COMMAND,
    DEFAULT_COMMAND_WITH_FILE,
    DEFAULT_SHEBANG,
    Shape,
    Unshaped,
    fetched,
    vault_secrets,
)
from bakelift.translator.plan.expressions import Literal, Ref, Template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.imagebuilder.lowering.shell_spec import Script, ShellSpec
    from bakelift.translator.plan.expressions import Expr

#: Packer takes numbers below 9999 for its own scripts, and so does Image Builder for the script that holds this text.
SCRIPT_NUMBER = 10000


def inline_script(spec: ShellSpec) -> bytes:
    """The temporary file that Packer writes for inline lines (provisioner/shell, Provision)."""
    text = "".join(line + "\n" for line in spec.inline or ())
    if spec.shebang is None and text.startswith("#!"):
        return text.encode()
    return f"#!{spec.shebang or DEFAULT_SHEBANG}\n{text}".encode()


def scripted(
    spec: ShellSpec,
    scripts: Sequence[Script],
    facts: Mapping[str, object],
    build: Mapping[str, str],
    number: int,
    first: bool,
    last: bool,
) -> Shape:
    """The text that runs the scripts. ``first``, ``last``: whether the step begins and ends with it."""
    holes: list[Expr] = []
    if len(scripts) == 1 and scripts[0].path is not None:
        facts = {"script": scripts[0].path, **facts}
    path, env_file = remote_paths(spec, number)
    prelude: list[str] = []
    rendered = _variables(spec, build, prelude, holes)
    body = list(prelude)
    if first and spec.pause_before:
        body.append(f"sleep {plain_number(spec.pause_before)}")
    if spec.env_file:
        content = unix_text(rendered, spec.binary)
        body += f'printf %s "{_double(content)}" > {t.path_word(env_file)}'.split("\n")
        body.append(f"chmod 0600 {t.path_word(env_file)}")
    default = DEFAULT_COMMAND_WITH_FILE if spec.env_file else DEFAULT_COMMAND
    command = _render(spec.command, default, {"Vars": rendered, "Path": path, "EnvVarFile": env_file})
    for script in scripts:
        if script.staged is not None:
            body.append(f"cat {script.staged.path(False)} > {t.path_word(path)}")
        else:
            body += t.upload(uploaded(script, spec.binary), t.path_word(path))
        body.append(f"chmod 0755 {t.path_word(path)}")
        body += _run(spec, command)
        if not spec.skip_clean:
            body.append(f"rm -f {t.path_word(path)}")
    if spec.env_file and not spec.skip_clean:
        body.append(f"rm -f {t.path_word(env_file)}")
    if last and spec.pause_after:
        body.append(f"sleep {plain_number(spec.pause_after)}")
    staged = tuple(dict.fromkeys(script.staged for script in scripts if script.staged is not None))
    if staged:
        facts = {**facts, "staged": len(staged)}
    text = "\n".join([t.marker(facts), *_looped(spec, body, [f"rm -f {item.path(False)}" for item in staged])])
    return Shape(t.to_lines(text, holes), False, scripts[0].path, staged)


def _variables(spec: ShellSpec, build: Mapping[str, str], prelude: list[str], holes: list[Expr]) -> str:
    """What {{.Vars}} is, or what the environment file holds; lines that its values need are added to the prelude."""
    pairs = {**build, **{v.name: v.value for v in spec.variables}}
    own = {v.name for v in spec.variables}
    values: list[str] = []
    rendered = ""
    secrets = fetched(spec, prelude)
    default_format = "export %s='%s'\n" if spec.env_file else "%s='%s' "
    for name in sorted(pairs):
        value = pairs[name]
        if not isinstance(value, str):
            values.append(f"quoted_{len(values) + 1}")
            if secrets and vault_secrets(value):
                from bakelift.translator.imagebuilder.lowering.vault import shell_quoted, shell_word

                prelude += shell_quoted(values[-1], shell_word(value, secrets, holes))
            else:
                prelude.append(f"{values[-1]}='{t.single_value(value, holes, times=2)}'")
            # \1 and \2 stand for "${" and "}" until the command has been quoted.
            shown = f"\1{values[-1]}\2"
        else:
            shown = t.in_single(value) if name in own else value
        pair = sprintf(spec.env_format or default_format, name, shown)
        if pair is None:
            raise Unshaped(f"env_var_format has a verb other than %s: {spec.env_format}")
        rendered += pair
    return rendered


def uploaded(script: Script, binary: bool) -> bytes:
    """The bytes of a script as Packer uploads them."""
    return script.data if binary else t.unix_lines(script.data)


def remote_paths(spec: ShellSpec, number: int) -> tuple[str, str]:
    """Where the script and the environment file go. What is left behind gets a number of its own."""
    own = SCRIPT_NUMBER + number
    folder = spec.remote_folder or "/tmp"
    path = spec.remote_path or f"{folder}/{spec.remote_file or f'script_{own}.sh'}"
    return path, f"{folder}/varfile_{own}.sh"


def unix_text(text: str, binary: bool) -> str:
    return text if binary else t.unix_lines(text.encode()).decode()


def _double(text: str) -> str:
    return t.in_double(text).replace("\1", "${").replace("\2", "}").replace("\3", "$(id -un)")


def _render(command: Expr | None, default: str, values: Mapping[str, str]) -> str:
    text = ""
    expr = parse_command(default) if command is None else command
    for part in expr.parts if isinstance(expr, Template) else (expr,):
        if isinstance(part, Literal):
            text += str(part.value)
        elif isinstance(part, Ref) and part.kind == "command" and part.name in values:
            text += values[part.name]
        elif isinstance(part, Ref) and part.kind == "build" and part.name == "User":
            text += "\3"
        else:
            raise Unshaped("the execute command holds more than text and its own holes")
    return _double(text)


def _run(spec: ShellSpec, command: str) -> list[str]:
    limit = f"timeout {plain_number(spec.timeout)} " if spec.timeout else ""
    run = f'{limit}"${{SHELL:-/bin/sh}}" -c "{command}"'
    if spec.exit_codes in ((), (0,)):
        return run.split("\n")
    accepted = "|".join(str(code) for code in dict.fromkeys(spec.exit_codes))
    zero = "" if 0 in spec.exit_codes else "0) exit 1 ;; "
    return [
        "status=0",
        *f"{run} || status=$?".split("\n"),
        f'case "$status" in {accepted}) ;; {zero}*) exit "$status" ;; esac',
    ]


def _looped(spec: ShellSpec, body: list[str], removal: list[str]) -> list[str]:
    if not spec.retries and not spec.carry_on:
        return body + removal
    tries = " ".join(str(left) for left in range(spec.retries, -1, -1))
    return [
        "set +e",
        f"for tries_left in {tries}; do",
        "(",
        "set -e",
        *body,
        ")",
        "status=$?",
        '[ "$status" -ne 0 ] || break',
        "done",
        *removal,
        "exit 0" if spec.carry_on else 'exit "$status"',
    ]
