"""Generalizing Windows: sysprep at the end of the last step that changes the image is left to Image Builder.

Sources: reference text of Image Builder's own last customizer, and of the plugin's documentation.
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.generalizing import (
    BATCH,
    OFF,
    OVERRIDE,
    WINDOWS_SCRIPT,
    say_own,
    scripts_option,
)
from bakelift.translator.imagebuilder.lowering.script_text import decoded, encoded
from bakelift.translator.languages.powershell import shape
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.imagebuilder.lowering.shell_spec import Script
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.expressions import Expr

#: What the service waits for before sysprep, and until it is done.
_BEFORE = (
    "while ((Get-Service RdAgent).Status -ne 'Running') { Start-Sleep -s 5 }",
    "while ((Get-Service WindowsAzureGuestAgent).Status -ne 'Running') { Start-Sleep -s 5 }",
)
_AFTER = (
    "while ($true) {",
    "  $imageState = (Get-ItemProperty HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State).ImageState",
    "  Write-Output $imageState",
    "  if ($imageState -eq 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE') { break }",
    "  Start-Sleep -s 5",
    "}",
)


def powershell_override(lines: Sequence[str], facts: Mapping[str, object]) -> tuple[Expr, ...]:
    """The text that writes Image Builder's script, with the service's waits where the lines have none.

    ``facts``: of the step, where it is all of it.
    """
    text = "\n".join(lines)
    on = [kept_on(line) for line in lines]
    off = {OFF: True} if on != list(lines) else {}
    before = () if re.search(r"(?i)rdagent", text) else _BEFORE
    after = () if re.search(r"(?i)imagestate", text) else _AFTER
    waits = {"waits": [len(before), len(after)]} if before or after else {}
    made = t.written_lines(f"'{WINDOWS_SCRIPT}'", (*before, *on, *after))
    return t.to_lines("\n".join([t.marker({**facts, **waits, **off, OVERRIDE: True}), *made]))


def kept_on(line: str) -> str:
    """The line without turning the machine off: the service has to see first that it is generalized."""
    return re.sub(r"(?i)(?<=[\s'\"])/shutdown\b", "/quit", line) if "sysprep" in line.lower() else line


#: Lines of the usual Windows generalization, whichever their order, one statement or one line of a block each.
_SYSPREP_LINE = (
    r"(?ix)"
    r"  if(?:\s*\(){0,2}\s*test-path\s+['\"]?\$env:systemroot[\\/].*unattend\.xml.*"
    r"| (?:rm|remove-item)\s.*unattend\.xml.*|(?=\$\w*unattend)\$\w+\s*=.*|remove-item\s.*\$\w*unattend.*"
    r"| (?:cmd(?:\.exe)?\s+/c\s+)?(?:&\s*)?['\"]?(?:\$env:systemroot|\$env:windir|c:[\\/]{1,2}windows)[\\/]{1,2}"
    r"(?:system32[\\/]{1,2}|\\windows\\system32\\)?"
    r"sysprep[\\/]{1,2}sysprep(?:\.exe)?['\"]?\s.*"
    r"| start-process\s.*sysprep\.exe.*"
    r"| while\s*\(\s*(?:\$true|1)\s*\)\s*\{.*|while\s*\(\(?\s*get-service\s.*"
    r"| foreach\s*\(\$service\s+in\s+get-service.*"
    r"| \$imagestate\s*=.*|if\s*\(\s*\$imagestate.*|get-itemproperty\s.*setup\\state.*"
    r"| (?:write-(?:output|host)|start-sleep|sleep|echo)\b.*|break\s*;?|exit(?:\s+0)?\s*;?"
    r"| \}?\s*else\s*\{.*|\}|\{|\#.*|"
)
_SYSPREP = r"(?i)sysprep(?:\.exe)?['\"]?\s+(?:-Arg\w*\s+@?\(?\s*)?(?P<flags>(?:['\",\s]*/[^\s;|}'\",)]+)+)"
_FLAG = r"/[^\s;|}'\",)]+"
_SYSPREP_FLAGS = frozenset({"/oobe", "/generalize", "/quiet", "/quit"})


class SysprepRest(Record):
    """What is left of a powershell step without its generalization: lines, scripts, and the facts of what was taken.

    ``nothing``: nothing is left. ``own``: as in :class:`Rest`.
    """

    items: list[str]
    scripts: tuple[Script, ...]
    facts: dict[str, object] = {}
    nothing: bool = False
    own: tuple[str, ...] | None = None


def without_sysprep(items: list[str], scripts: tuple[Script, ...], reader: StepReader) -> SysprepRest:
    """A powershell step without its trailing generalization."""
    if items:
        lines = "\n".join(items).split("\n")
        found = split_sysprep(lines)
        if found is None:
            return SysprepRest(items, scripts)
        before, taken, flags = found
        reader.context.generalized = True
        own = _say_sysprep(reader, flags, "inline" if before else None, taken)
        facts = {"deprovision": taken, **t.counted(items)} if before else {}
        return SysprepRest(before, scripts, facts, not before, own)
    script = scripts[-1]
    try:
        text, ends = decoded(script.data)
    except UnicodeDecodeError:
        return SysprepRest(items, scripts)
    found = split_sysprep(text.split("\n"))
    if found is None:
        return SysprepRest(items, scripts)
    before, taken, flags = found
    reader.context.generalized = True
    whole = not before and len(scripts) == 1
    own = _say_sysprep(reader, flags, None if whole else scripts_option(reader), taken)
    if not before:
        fact: object = {"script": script.path, "lines": taken, **ends}
        return SysprepRest(items, scripts[:-1], {"deprovision": fact}, whole, own)
    ended = ends.pop("final_newline", True)
    shortened = script.but(data=encoded("\n".join(before), ends))
    fact = taken if ended else {"lines": taken, "final_newline": False}
    return SysprepRest(items, (*scripts[:-1], shortened), {"deprovision": fact}, False, own)


def batch_override(items: list[str], reader: StepReader) -> tuple[Expr, ...] | None:
    """The text of a windows-shell step that only generalizes, empty where Image Builder does all that it does.

    None: it does more, or says it as only cmd can.
    """
    text = "\n".join(items)
    found = split_sysprep(text.split("\n")) if "%" not in text and set(reader.step.settings) == {"inline"} else None
    if found is None or found[0]:
        return None
    reader.context.generalized = True
    own = _say_sysprep(reader, found[2], None, found[1])
    return () if own is None else powershell_override(own, {BATCH: "inline", **t.counted(items)})


def split_sysprep(lines: list[str]) -> tuple[list[str], list[str], frozenset[str]] | None:
    """The lines before generalizing, those that generalize, and sysprep's flags; None: they do not."""
    start = len(lines)
    flags: frozenset[str] | None = None
    while start and re.fullmatch(_SYSPREP_LINE, lines[start - 1].strip()):
        start -= 1
        call = re.search(_SYSPREP, lines[start])
        said = frozenset(flag.lower() for flag in re.findall(_FLAG, call["flags"])) if call is not None else frozenset()
        if "/generalize" in said:
            flags = said
    if flags is None:
        return None
    first = next(i for i in range(start, len(lines)) if re.search(_BELONGS, lines[i]))
    found = shape("\n".join(lines))
    if not found.whole or found.depths[first] or first in found.within:
        return None  # what comes before decides whether, or how often, these lines run
    before = lines[:first]
    if all(not line.strip() or line.lstrip().startswith("#") or re.match(_TELLS, line.strip()) for line in before):
        return [], lines, flags
    return before, lines[first:], flags


#: What begins the generalization, and not the work before it.
_BELONGS = r"(?i)sysprep|imagestate|rdagent|windowsazure|get-service"
_TELLS = r"(?i)(?:write-(?:output|host)|start-sleep|sleep|echo)\b"


def _say_sysprep(
    reader: StepReader, flags: frozenset[str], option: str | None, taken: list[str]
) -> tuple[str, ...] | None:
    names = list(reader.step.settings) if option is None else [option]
    if flags - {"/shutdown"} | {"/quit"} == _SYSPREP_FLAGS:
        text = "Image Builder runs sysprep itself, with these flags, and shuts the machine down"
        for name in names:
            reader.say(name, "adapted", "aib/sysprep", text)
        return None
    say_own(reader, names, "aib/sysprep-flags", WINDOWS_SCRIPT)
    return tuple(taken)
