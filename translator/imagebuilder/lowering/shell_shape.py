r"""The shapes of a lowered shell step, and which of them says what a :class:`ShellSpec` does.

Two shapes. *Plain*: the inline lines as they are, after at most a marker line, a ``set`` line for the shebang's flags,
``sleep`` for a pause and ``export K='…'`` for the environment. *Script*: the file as a heredoc, its execute command,
what becomes of its exit status, its removal (:mod:`.shell_script`):

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
from bakelift.translator.imagebuilder.lowering.gotext import plain_number
from bakelift.translator.imagebuilder.lowering.shell_spec import (
    DEFAULT_SHEBANG,
    Script,
    Shape,
    Variable,
    fetched,
    vault_secrets,
)
from bakelift.translator.plan.expressions import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.imagebuilder.lowering.shell_spec import ShellSpec
    from bakelift.translator.plan.expressions import Expr

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


def shapes(spec: ShellSpec, build: Mapping[str, str], number: int) -> list[Shape]:
    """One text for each customizer. ``build``: PACKER_BUILD_NAME and PACKER_BUILDER_TYPE; ``number``: for the names of
    scripts that stay on the machine.
    """
    if spec.inline is not None and _plain(spec):
        return [Shape(_plain_lines(spec, spec.inline, build), True)]
    from bakelift.translator.imagebuilder.lowering.shell_script import inline_script, scripted

    scripts = spec.scripts if spec.inline is None else (Script(inline_script(spec)),)
    if len(scripts) == 1 or spec.retries or spec.carry_on or spec.env_file:
        facts = dict(spec.facts)
        if len(scripts) > 1:
            facts["scripts"] = [s.path for s in scripts]
        return [scripted(spec, scripts, facts, build, number, first=True, last=True)]
    found = []
    for index, script in enumerate(scripts):
        facts = {**spec.facts, "part": f"{index + 1}/{len(scripts)}"}
        found.append(
            scripted(spec, (script,), facts, build, number, index == 0, index == len(scripts) - 1),
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
    secrets = fetched(spec, prelude)
    for name in sorted(exported):
        value = exported[name].value
        if secrets and not isinstance(value, str) and vault_secrets(value):
            from bakelift.translator.imagebuilder.lowering.vault import shell_word

            prelude.append(f"export {name}={shell_word(value, secrets, holes)}")
        else:
            prelude.append(f"export {name}={t.single_word(value, holes)}")
    flags = shell_flags(spec.shebang or DEFAULT_SHEBANG)
    if flags:
        prelude.append(flags)
    marked = [t.marker({**spec.facts, "prelude": len(prelude)})] if prelude or spec.facts else []
    lines = [t.fill(line, holes) for line in [*marked, *prelude]]
    return (*lines, *(Literal(line) for item in inline for line in item.split("\n")))
