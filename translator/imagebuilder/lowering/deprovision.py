"""Generalizing Linux: Packer templates do it in their last step, Image Builder does it by itself.

Recognised only at the end of the last step that changes the image. Sources: reference text of Image Builder's own last
customizer (``$WAAGENT -force -deprovision+user && export HISTSIZE=0 && sync``), and of the plugin's documentation.
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.generalizing import (
    LINUX_SCRIPT,
    OVERRIDE,
    note_emptied,
    say_own,
    scripts_option,
)
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.imagebuilder.lowering.context import Context
    from bakelift.translator.imagebuilder.lowering.shell_spec import ShellSpec
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.expressions import Expr

#: What may stand around the agent's command without an effect of its own on the image.
_AROUND = r"(?:export\s+HISTSIZE=0|HISTSIZE=0|sync|sleep\s+[0-9.]+[smh]?|history\s+-c|exit\s+0|true|:)"
_WAAGENT = (
    rf"(?:{_AROUND}\s*(?:&&|;)\s*)*"
    r"(?:sudo\s+(?:-[A-Za-z]+\s+)*)?(?:/usr/sbin/|/sbin/|/usr/bin/)?waagent\s+(?P<flags>(?:--?[a-z+]+\s*)+)"
    rf"(?:(?:&&|;|\|\|)\s*(?:sudo\s+)?{_AROUND}\s*)*;?"
)
_IDLE = rf"(?:sudo\s+)?{_AROUND}(?:\s*(?:&&|;)\s*(?:sudo\s+)?{_AROUND})*;?|#(?!!).*|set\s+[-+][eux]+|"
_SHEBANG = r"#!.*"

#: The flags with which Image Builder's own last customizer calls the agent.
_SERVICE_FLAGS = frozenset({"force", "deprovision+user"})


def split_lines(lines: list[str]) -> tuple[list[str], list[str], frozenset[str]] | None:
    """The lines before generalizing, the lines that generalize, and the agent's flags; None: they do not."""
    if not any("waagent" in line for line in lines):
        return None
    start = len(lines)
    flags: frozenset[str] | None = None
    while start:
        line = lines[start - 1].strip()
        agent = re.fullmatch(_WAAGENT, line)
        if agent is not None and "deprovision" in agent["flags"]:
            flags = frozenset(f.lstrip("-") for f in agent["flags"].split()) | (flags or frozenset())
        elif not re.fullmatch(_IDLE, line) or flags is not None:
            break
        start -= 1
    if flags is None:
        return None
    before = lines[:start]
    if all(re.fullmatch(_IDLE, line.strip()) or re.fullmatch(_SHEBANG, line.strip()) for line in before):
        return [], lines, flags
    return before, lines[start:], flags


class Rest(Record):
    """What is left of a step without its generalization. ``spec`` None: nothing.

    ``own``: the lines that generalize, where Image Builder's own would do it in another way.
    """

    spec: ShellSpec | None
    own: tuple[str, ...] | None = None


def without_deprovision(spec: ShellSpec, reader: StepReader) -> Rest:
    """The step without its trailing generalization."""
    if spec.inline is not None:
        lines = "\n".join(spec.inline).split("\n")
        found = split_lines(lines)
        if found is None:
            return Rest(spec)
        before, taken, flags = found
        reader.context.generalized = True
        note_emptied(reader, before)
        own = _say(reader, flags, "inline" if before else None, taken)
        if not before:
            return Rest(None, own)
        return Rest(spec.but(inline=tuple(before), facts={**spec.facts, "deprovision": taken}), own)
    if not spec.scripts:
        return Rest(spec)
    script = spec.scripts[-1]
    try:
        text = script.data.decode("utf-8")
    except UnicodeDecodeError:
        return Rest(spec)
    if spec.binary and "\r" in text:
        return Rest(spec)  # its lines do not end where the shell's do
    found = split_lines(t.unix_lines(script.data).decode().removesuffix("\n").split("\n"))
    if found is None:
        return Rest(spec)
    before, taken, flags = found
    reader.context.generalized = True
    earlier = [each.data.decode("utf-8", "replace") for each in spec.scripts[:-1]]
    note_emptied(reader, [*before, *(line for text in earlier for line in text.split("\n"))])
    option = scripts_option(reader)
    own = _say(reader, flags, option if before or len(spec.scripts) > 1 else None, taken)
    if not before:
        rest = spec.scripts[:-1]
        fact = {"script": script.path, "lines": taken}
        whole = spec.but(scripts=rest, facts={**spec.facts, "deprovision": fact}) if rest else None
        return Rest(whole, own)
    shortened = script.but(data="".join(line + "\n" for line in before).encode())
    return Rest(spec.but(scripts=(*spec.scripts[:-1], shortened), facts={**spec.facts, "deprovision": taken}), own)


def _say(reader: StepReader, flags: frozenset[str], option: str | None, taken: list[str]) -> tuple[str, ...] | None:
    """Gives the lines to be run. ``option``: the one whose last lines were taken; None: the whole step was."""
    names = list(reader.step.settings) if option is None else [option]
    if flags == _SERVICE_FLAGS and reader.context.emptied:
        reader.context.restored = True
        text = f"in {LINUX_SCRIPT} again: a step empties /tmp, where Image Builder keeps what it deprovisions with"
        for name in names:
            reader.say(name, "adapted", "aib/deprovision-again", text)
        return _without_shebang(taken)
    if flags == _SERVICE_FLAGS:
        text = "Image Builder deprovisions the image itself"
        for name in names:
            rest = "; the lines before that stand in a customizer" if option is not None else ""
            reader.say(name, "adapted", "aib/deprovision", text + rest)
        return None
    reader.context.restored = True
    say_own(reader, names, "aib/deprovision-flags", LINUX_SCRIPT)
    return _without_shebang(taken)


def _without_shebang(lines: list[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if not re.fullmatch(_SHEBANG, line.strip()))


def shell_override(lines: Sequence[str], facts: Mapping[str, object]) -> tuple[Expr, ...]:
    """The text that writes Image Builder's deprovisioning script. ``facts``: of the step, where it is all of it."""
    text = "".join(line + "\n" for line in lines)
    end = t.delimiter(text)
    made = [t.marker({**facts, OVERRIDE: True}), f"sudo tee {LINUX_SCRIPT} > /dev/null <<'{end}'", *lines, end]
    return t.to_lines("\n".join([*made, f"sudo chmod 0755 {LINUX_SCRIPT}"]))


#: The step that generalizes a Linux machine, as the documentation of Packer's Azure plugin writes it.
USUAL_LINE = "/usr/sbin/waagent -force -deprovision+user && export HISTSIZE=0 && sync"
USUAL = {"execute_command": "chmod +x {{.Path}}; {{.Vars}} sudo -E sh '{{.Path}}'", "inline_shebang": "/bin/sh -x"}


def written_again(context: Context) -> tuple[Expr, ...] | None:
    """The text that writes Image Builder's script again, where a step removes it and none generalizes."""
    if context.windows or not context.emptied or context.generalized or context.generalizing:
        return None
    context.restored = True
    return shell_override((USUAL_LINE,), USUAL)
