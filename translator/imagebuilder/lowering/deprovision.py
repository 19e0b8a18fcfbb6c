"""Generalizing: Packer templates do it in their last step, Image Builder does it by itself.

Recognised only at the end of the last step that changes the image. Sources: reference text of Image Builder's own last
customizer (``$WAAGENT -force -deprovision+user && export HISTSIZE=0 && sync``), and of the plugin's documentation.
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.script_text import decoded, encoded
from bakelift.translator.languages.powershell import shape
from bakelift.translator.plan.expressions import Literal
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.lowering.context import Context
    from bakelift.translator.imagebuilder.lowering.shell_spec import Script, ShellSpec
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.report import Class

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
        own = _say(reader, flags, "inline" if before else None, taken)
        if not before:
            return Rest(None, own)
        if any("\n" in item for item in spec.inline):
            kept: tuple[str, ...] = ("\n".join(before),)
            facts = {**spec.facts, "deprovision": taken, "items": [len(before)]}
            return Rest(spec.but(inline=kept, facts=facts), own)
        return Rest(spec.but(inline=tuple(before), facts={**spec.facts, "deprovision": taken}), own)
    if not spec.scripts:
        return Rest(spec)
    script = spec.scripts[-1]
    try:
        text = script.data.decode("utf-8")
    except UnicodeDecodeError:
        return Rest(spec)
    found = split_lines(text.splitlines())
    if found is None:
        return Rest(spec)
    before, taken, flags = found
    reader.context.generalized = True
    option = "script" if "script" in reader.step.settings else "scripts"
    own = _say(reader, flags, option if before or len(spec.scripts) > 1 else None, taken)
    if not before:
        rest = spec.scripts[:-1]
        whole = spec.but(scripts=rest, facts={**spec.facts, "deprovision": script.path}) if rest else None
        return Rest(whole, own)
    shortened = script.but(data="".join(line + "\n" for line in before).encode())
    return Rest(spec.but(scripts=(*spec.scripts[:-1], shortened), facts={**spec.facts, "deprovision": taken}), own)


def _say(reader: StepReader, flags: frozenset[str], option: str | None, taken: list[str]) -> tuple[str, ...] | None:
    """Gives the lines to be run. ``option``: the one whose last lines were taken; None: the whole step was."""
    names = list(reader.step.settings) if option is None else [option]
    if flags == _SERVICE_FLAGS:
        text = "Image Builder deprovisions the image itself"
        for name in names:
            rest = "; the lines before that stand in a customizer" if option is not None else ""
            reader.say(name, "adapted", "aib/deprovision", text + rest)
        return None
    _say_own(reader, names, "aib/deprovision-flags", LINUX_SCRIPT)
    return tuple(line for line in taken if not re.fullmatch(_SHEBANG, line.strip()))


def _say_own(reader: StepReader, names: list[str], code: str, path: str) -> None:
    scripted = reader.expr("inline") is None
    kind: Class = "approximated" if scripted else "adapted"
    for name in names:
        if name == "elevated_password":
            continue  # what is said of it everywhere holds here too
        reader.say(name, kind, code, f"in {path}, with which Image Builder generalizes instead of its own commands")


#: The scripts with which Image Builder generalizes, where a customizer has written them.
#: Source: image-builder-json, "Override the VM Image Builder commands".
LINUX_SCRIPT = "/tmp/DeprovisioningScript.sh"
WINDOWS_SCRIPT = "c:\\DeprovisioningScript.ps1"

#: The fact of the customizer that writes one of them.
OVERRIDE = "deprovisioning"


def shell_override(lines: Sequence[str], facts: Mapping[str, object]) -> tuple[Expr, ...]:
    """The text that writes Image Builder's deprovisioning script. ``facts``: of the step, where it is all of it."""
    text = "".join(line + "\n" for line in lines)
    end = t.delimiter(text)
    made = [t.marker({**facts, OVERRIDE: True}), f"sudo tee {LINUX_SCRIPT} > /dev/null <<'{end}'", *lines, end]
    return t.to_lines("\n".join([*made, f"sudo chmod 0755 {LINUX_SCRIPT}"]))


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
    """As :func:`shell_override`, with the service's waits where the lines have none."""
    text = "\n".join(lines)
    before = () if re.search(r"(?i)rdagent", text) else _BEFORE
    after = () if re.search(r"(?i)imagestate", text) else _AFTER
    waits = {"waits": [len(before), len(after)]} if before or after else {}
    made = t.written_lines(f"'{WINDOWS_SCRIPT}'", (*before, *lines, *after))
    return t.to_lines("\n".join([t.marker({**facts, **waits, OVERRIDE: True}), *made]))


def overridden(lines: Sequence[Expr], windows: bool) -> list[str] | None:
    """The lines that such a text was made of; None for any other text."""
    read = t.from_lines(lines)
    if read is None or read[1]:
        return None
    marked, start, *rest = read[0].split("\n") if "\n" in read[0] else ("", "")
    facts = t.read_marker(marked) or {}
    end = 1 if windows else 2
    if facts.get(OVERRIDE) is not True or len(rest) <= end or not start:
        return None
    found = [t.from_powershell(line[3:-1]) for line in rest[:-end]] if windows else rest[:-end]
    waits = facts.get("waits")
    if isinstance(waits, list) and len(waits) == 2 and all(isinstance(count, int) for count in waits):
        found = found[waits[0] : len(found) - waits[1]]
    return found


#: Lines of the usual Windows generalization, whichever their order, one statement or one line of a block each.
_SYSPREP_LINE = (
    r"(?ix)"
    r"  if(?:\s*\(){0,2}\s*test-path\s+['\"]?\$env:systemroot[\\/].*unattend\.xml.*"
    r"| (?:rm|remove-item)\s.*unattend\.xml.*|(?=\$\w*unattend)\$\w+\s*=.*|remove-item\s.*\$\w*unattend.*"
    r"| (?:cmd(?:\.exe)?\s+/c\s+)?(?:&\s*)?['\"]?(?:\$env:systemroot|\$env:windir|c:[\\/]windows)[\\/]"
    r"(?:system32[\\/]|\\windows\\system32\\)?"
    r"sysprep[\\/]sysprep(?:\.exe)?['\"]?\s.*"
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
        return SysprepRest(before, scripts, {"deprovision": taken}, not before, own)
    try:
        text, ends = decoded(scripts[-1].data)
    except UnicodeDecodeError:
        return SysprepRest(items, scripts)
    found = split_sysprep(text.split("\n") + ([] if "final_newline" in ends else [""]))
    if found is None:
        return SysprepRest(items, scripts)
    before, taken, flags = found
    reader.context.generalized = True
    whole = not before and len(scripts) == 1
    own = _say_sysprep(reader, flags, None if whole else "script" if reader.expr("script") else "scripts", taken)
    if not before:
        return SysprepRest(items, scripts[:-1], {"deprovision": scripts[-1].path}, whole, own)
    ends.pop("final_newline", None)
    shortened = scripts[-1].but(data=encoded("\n".join(before), ends))
    return SysprepRest(items, (*scripts[:-1], shortened), {"deprovision": taken}, False, own)


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
    _say_own(reader, names, "aib/sysprep-flags", WINDOWS_SCRIPT)
    # The machine has to stay on until the service has seen that it is generalized.
    return tuple(
        re.sub(r"(?i)(?<=[\s'\"])/shutdown\b", "/quit", line) if "sysprep" in line.lower() else line for line in taken
    )


def tell_generalizing(customizers: Sequence[Customizer], context: Context) -> None:
    """Says what Image Builder will do that the template does not, or does already. It is about no one line."""
    if context.generalized:
        return
    command = r"(?i)sysprep(?:\.exe)?['\"]?\s.*/generalize" if context.windows else r"\bwaagent\b.*-deprovision"
    for customizer in customizers:
        lines = getattr(customizer, "inline", None) or ()
        if any(re.search(command, str(line.value)) for line in lines if isinstance(line, Literal)):
            name = getattr(customizer.name, "value", "a customizer")
            summary = f"{name} generalizes the machine, and Image Builder does that again at the end"
            said = [leaf for leaf in customizer.leaves if re.search(r"\.(?:inline|scripts?)$", leaf.path)]
            context.accounting.say(said, "approximated", "aib/generalized-twice", summary)
            context.diagnostics.warning(
                "aib/generalized-twice",
                summary,
                "What comes after it, and Image Builder itself, needs the machine as it was. Generalize in the last "
                "step, in lines of their own and outside of blocks; they are then left to Image Builder.",
                said[0].span if said else None,
            )
            return
    context.diagnostics.note(
        "aib/never-generalized",
        "The template does not generalize its machine; Image Builder does",
        "The image has no users and no machine's identity of its own: what runs it gets these from its creation.",
    )
