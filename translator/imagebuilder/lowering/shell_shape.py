r"""The shape of a lowered shell step: what it does as a :class:`ShellSpec`, and the text that does it.

Two shapes. *Plain*: the inline lines as they are, after at most a marker line, a ``set`` line for the shebang's flags,
``sleep`` for a pause and ``export K='…'`` for the environment. *Script*: the file as a heredoc, its execute command,
what becomes of its exit status, its removal:

    # bakelift: {"script":"scripts/setup.sh","environment_vars":["TIER"]}
    cat > /tmp/script_10000.sh <<'BAKELIFT'
    #!/bin/bash
    …
    BAKELIFT
    chmod 0755 /tmp/script_10000.sh
    "${SHELL:-/bin/sh}" -c "chmod +x /tmp/script_10000.sh; PACKER_BUILD_NAME=… TIER='1'  /tmp/script_10000.sh"
    rm -f /tmp/script_10000.sh

Packer has the execute command run by the login shell of a new ssh session: hence ``$SHELL -c``, with the command as
Packer renders it. Image Builder runs the whole under ``/bin/sh -e``: a failing script ends it with its own status and
leaves the script behind, as in Packer. With retries the body is a subshell in a loop.

PACKER_BUILD_NAME and PACKER_BUILDER_TYPE are always passed to a script. The plain shape exports them only where its
text mentions them, lists its environment, or runs a file that may: the lines stay readable where nothing can tell.
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.gotext import plain_number, sprintf
from bakelift.translator.plan.expressions import Literal, Ref, Template
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from bakelift.translator.imagebuilder.lowering.staging import Staged
    from bakelift.translator.imagebuilder.lowering.vault import Vault
    from bakelift.translator.plan.expressions import Expr

DEFAULT_COMMAND = "chmod +x {{.Path}}; {{.Vars}} {{.Path}}"
DEFAULT_COMMAND_WITH_FILE = "chmod +x {{.Path}}; . {{.EnvVarFile}} && {{.Path}}"
DEFAULT_SHEBANG = "/bin/sh -e"

#: Packer takes numbers below 9999 for its own scripts, and so does Image Builder for the script that holds this text.
SCRIPT_NUMBER = 10000

#: Exit status that Packer's ssh communicator gives to a connection that was lost.
DISCONNECT = 2300218

#: Shells treat these specially: assigning one inside a running shell is not the same as starting it with it.
_SPECIAL = frozenset(
    [
        "BASHOPTS",
        "BASH_ENV",
        "ENV",
        "EUID",
        "GROUPS",
        "HOME",
        "IFS",
        "LINENO",
        "OLDPWD",
        "OPTIND",
        "PATH",
        "POSIXLY_CORRECT",
        "PPID",
        "PS4",
        "PWD",
        "RANDOM",
        "SECONDS",
        "SHELL",
        "SHELLOPTS",
        "SHLVL",
        "TMPDIR",
        "UID",
        "_",
    ]
)
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"

#: Where a command starts. What follows stays on its line, for every line is a start: so thousands of blank lines are
#: looked at once each, and not from each of them.
_START = r"(?:^|[;&|({`!]|\b(?:do|then|else|exec|nohup|xargs|time|env|sudo(?:\s+-\S+){0,20}))[^\S\n]*"

#: Text that can see the environment as a whole, or runs a file that may. It may find more than that, never less:
#: what it finds only makes two more lines of prelude.
_SEES_ENVIRONMENT = (
    r"PACKER_|\benviron\b|\bENV\b|\b(?:env|printenv|declare|typeset|compgen)\b"
    rf"|{_START}(?:set|export)(?:\s+-p)?\s*(?:$|[;&|)}}`>])"
    rf"|{_START}(?:\w+=\S*[^\S\n]+)*[\"']?(?:\.{{0,2}}/(?!usr/s?bin/|s?bin/)|~/|\$)\S+"
    r"|\b(?:sh|bash|dash|zsh|ksh|python[0-9.]*|perl|ruby|node|pwsh|source|make|ansible-playbook)\s+[^\s;&|]"
    rf"|{_START}\.\s+\S|\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:ba)?sh\b"
)


class Variable(Record):
    """One environment variable. A value that only the deployment knows is an expression."""

    name: str
    value: str | Expr


class Script(Record):
    """A file to run. ``path``: as the marker line shows it; None: the inline lines.

    ``origin``: where it was read on disk; ``staged``: where it is fetched from, None when the text holds it.
    """

    data: bytes
    path: str | None = None
    origin: str | None = None
    staged: Staged | None = None

    @property
    def name(self) -> str:
        """The last part of its path."""
        return (self.path or "").replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


class ShellSpec(Record):
    """What a shell provisioner does, with Packer's defaults applied where None does not say "default".

    ``inline`` has the items as rendered. ``shebang`` None: not said. ``command`` None: the default. ``facts``: what the
    marker line carries (options as written that the text does not show).
    """

    inline: tuple[str, ...] | None = None
    scripts: tuple[Script, ...] = ()
    variables: tuple[Variable, ...] = ()
    shebang: str | None = None
    command: Expr | None = None
    command_user: bool = False
    env_file: bool = False
    env_format: str | None = None
    remote_folder: str | None = None
    remote_file: str | None = None
    remote_path: str | None = None
    binary: bool = False
    skip_clean: bool = False
    exit_codes: tuple[int, ...] = ()
    retries: int = 0
    carry_on: bool = False
    pause_before: Decimal | None = None
    pause_after: Decimal | None = None
    timeout: Decimal | None = None
    vault: Vault | None = None
    facts: Mapping[str, object] = {}


class Unshaped(Exception):
    """The text cannot be written; says why."""


class Shape:
    """A lowered text: its lines, whether it is the plain shape, and the script that it holds."""

    __slots__ = ("lines", "path", "plain", "staged")

    def __init__(
        self, lines: tuple[Expr, ...], plain: bool, path: str | None = None, staged: tuple[Staged, ...] = ()
    ) -> None:
        self.lines = lines
        self.plain = plain
        self.path = path
        self.staged = staged


def shapes(spec: ShellSpec, build: Mapping[str, str], number: int) -> list[Shape]:
    """One text for each customizer. ``build``: PACKER_BUILD_NAME and PACKER_BUILDER_TYPE; ``number``: of the step."""
    if spec.inline is not None and _plain(spec):
        return [Shape(_plain_lines(spec, spec.inline, build), True)]
    scripts = spec.scripts if spec.inline is None else (Script(inline_script(spec)),)
    if len(scripts) == 1 or spec.retries or spec.carry_on or spec.env_file:
        facts = dict(spec.facts)
        if len(scripts) > 1:
            facts["scripts"] = [s.path for s in scripts]
        return [_scripted(spec, scripts, facts, build, number, first=True, last=True)]
    found = []
    for index, script in enumerate(scripts):
        facts = {**spec.facts, "part": f"{index + 1}/{len(scripts)}"}
        found.append(
            _scripted(spec, (script,), facts, build, number, index == 0, index == len(scripts) - 1),
        )
    return found


# -- the plain shape ------------------------------------------------------------------------------------------------


def _plain(spec: ShellSpec) -> bool:
    """Whether the inline lines may stand as they are, because Image Builder's own script is what Packer would run."""
    lines = spec.inline or ()
    return (
        spec.command is None
        and spec.env_format is None
        and not (spec.env_file or spec.remote_folder or spec.remote_file or spec.remote_path or spec.skip_clean)
        and not (spec.retries or spec.carry_on or spec.pause_after or spec.timeout or spec.binary)
        and spec.exit_codes in ((), (0,))
        and shell_flags(spec.shebang or DEFAULT_SHEBANG) is not None
        and not (lines[0].startswith(("#!", t.MARKER)))
        and not any("\0" in line for line in lines)
        and all(re.fullmatch(_NAME, v.name) and v.name not in _SPECIAL and v.name[:3] != "LD_" for v in spec.variables)
    )


def shell_flags(shebang: str) -> str | None:
    """The ``set`` line that makes a running ``/bin/sh -e`` behave as this interpreter line; "" none; None: another."""
    found = re.fullmatch(r"/bin/sh(?:[ \t]+-([eux]+))?[ \t]*", shebang)
    if found is None:
        return None
    flags = "".join(f for f in "ux" if f in (found[1] or ""))
    if "e" in (found[1] or ""):
        return f"set -{flags}" if flags else ""
    return f"set +e -{flags}" if flags else "set +e"


def _plain_lines(spec: ShellSpec, inline: tuple[str, ...], build: Mapping[str, str]) -> tuple[Expr, ...]:
    exported = {v.name: v for v in spec.variables}
    if any(re.search(_SEES_ENVIRONMENT, line, re.MULTILINE) for line in inline):
        exported = {**{k: Variable(k, v) for k, v in build.items()}, **exported}
    holes: list[Expr] = []
    prelude: list[str] = []
    if spec.pause_before:
        prelude.append(f"sleep {plain_number(spec.pause_before)}")
    secrets = _fetched(spec, prelude)
    for name in sorted(exported):
        value = exported[name].value
        if secrets and not isinstance(value, str) and vault_secrets(value):
            from bakelift.translator.imagebuilder.lowering.vault import shell_word

            prelude.append(f"export {name}={shell_word(value, secrets, holes)}")
        else:
            prelude.append(f"export {name}='{_prelude_value(value, holes)}'")
    flags = shell_flags(spec.shebang or DEFAULT_SHEBANG)
    if flags:
        prelude.append(flags)
    marked = [t.marker({**spec.facts, "prelude": len(prelude)})] if prelude or spec.facts else []
    lines = [t.fill(line, holes) for line in [*marked, *prelude]]
    return (*lines, *(Literal(line) for line in inline))


def vault_secrets(value: Expr) -> bool:
    """Whether a value has secrets of a vault in it."""
    return any(isinstance(node, Ref) and node.kind == "vault" for node in value.walk())


def _fetched(spec: ShellSpec, prelude: list[str]) -> list[str]:
    """The secrets that the variables need; the lines that fetch them are added to the prelude."""
    if spec.vault is None:
        return []
    from bakelift.translator.imagebuilder.lowering.vault import secrets_of, shell_fetch

    values = [v.value for v in sorted(spec.variables, key=lambda v: v.name)]
    secrets = list(dict.fromkeys(name for value in values for name in secrets_of(value)))
    prelude += shell_fetch(spec.vault, secrets)
    return secrets


def _prelude_value(value: str | Expr, holes: list[Expr], times: int = 1) -> str:
    if isinstance(value, str):
        for _ in range(times):
            value = t.in_single(value)
        return value
    holes.append(t.quoted_at_deployment(value, times))
    return t.HOLE % (len(holes) - 1)


# -- the script shape -----------------------------------------------------------------------------------------------


def inline_script(spec: ShellSpec) -> bytes:
    """The temporary file that Packer writes for inline lines (provisioner/shell, Provision)."""
    text = "".join(line + "\n" for line in spec.inline or ())
    if spec.shebang is None and text.startswith("#!"):
        return text.encode()
    return f"#!{spec.shebang or DEFAULT_SHEBANG}\n{text}".encode()


def _scripted(
    spec: ShellSpec,
    scripts: Sequence[Script],
    facts: Mapping[str, object],
    build: Mapping[str, str],
    number: int,
    first: bool,
    last: bool,
) -> Shape:
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
    secrets = _fetched(spec, prelude)
    default_format = "export %s='%s'\n" if spec.env_file else "%s='%s' "
    for name in sorted(pairs):
        value = pairs[name]
        if not isinstance(value, str):
            values.append(f"quoted_{len(values) + 1}")
            if secrets and vault_secrets(value):
                from bakelift.translator.imagebuilder.lowering.vault import shell_quoted, shell_word

                prelude += shell_quoted(values[-1], shell_word(value, secrets, holes))
            else:
                prelude.append(f"{values[-1]}='{_prelude_value(value, holes, times=2)}'")
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
    """Where the script and the environment file go. What is left behind gets the step's own number."""
    own = SCRIPT_NUMBER + (number if spec.skip_clean else 0)
    folder = spec.remote_folder or "/tmp"
    path = spec.remote_path or f"{folder}/{spec.remote_file or f'script_{own}.sh'}"
    return path, f"{folder}/varfile_{own}.sh"


def unix_text(text: str, binary: bool) -> str:
    return text if binary else t.unix_lines(text.encode()).decode()


def _double(text: str) -> str:
    return t.in_double(text).replace("\1", "${").replace("\2", "}").replace("\3", "$(id -un)")


def _render(command: Expr | None, default: str, values: Mapping[str, str]) -> str:
    from bakelift.translator.imagebuilder.lowering.gotext import parse_command

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
