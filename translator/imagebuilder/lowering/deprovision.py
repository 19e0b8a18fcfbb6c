"""Generalizing: Packer templates do it in their last step, Image Builder does it by itself.

Recognised only at the end of the last step that changes the image. Sources: reference text of Image Builder's own last
customizer (``$WAAGENT -force -deprovision+user && export HISTSIZE=0 && sync``), and of the plugin's documentation.
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.emptied import empties
from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.emptying import lines_of
from bakelift.translator.imagebuilder.lowering.script_text import decoded, encoded
from bakelift.translator.languages.powershell import shape
from bakelift.translator.plan.expressions import Literal
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.imagebuilder.lowering.context import Context, Lowered
    from bakelift.translator.imagebuilder.lowering.shell_spec import Script, ShellSpec
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.images import Image
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
        _note_emptied(reader, before)
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
    _note_emptied(reader, [*before, *(line for text in earlier for line in text.split("\n"))])
    option = _scripts_option(reader)
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
    _say_own(reader, names, "aib/deprovision-flags", LINUX_SCRIPT)
    return _without_shebang(taken)


def _without_shebang(lines: list[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if not re.fullmatch(_SHEBANG, line.strip()))


def _note_emptied(reader: StepReader, lines: Iterable[str]) -> None:
    """Whether the last step itself removes the script with which Image Builder generalizes."""
    if any(empties(line, reader.context.windows) for line in lines):
        reader.context.emptied = True


def _say_own(reader: StepReader, names: list[str], code: str, path: str) -> None:
    scripted = reader.expr("inline") is None or reader.step.type == "windows-shell"
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


#: The step that generalizes a Linux machine, as the documentation of Packer's Azure plugin writes it.
USUAL_LINE = "/usr/sbin/waagent -force -deprovision+user && export HISTSIZE=0 && sync"
USUAL = {"execute_command": "chmod +x {{.Path}}; {{.Vars}} sudo -E sh '{{.Path}}'", "inline_shebang": "/bin/sh -x"}


def written_again(context: Context) -> tuple[Expr, ...] | None:
    """The text that writes Image Builder's script again, where a step removes it and none generalizes."""
    if context.windows or not context.emptied or context.generalized or context.generalizing:
        return None
    context.restored = True
    return shell_override((USUAL_LINE,), USUAL)


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
    own = _say_sysprep(reader, flags, None if whole else _scripts_option(reader), taken)
    if not before:
        fact: object = {"script": script.path, "lines": taken, **ends}
        return SysprepRest(items, scripts[:-1], {"deprovision": fact}, whole, own)
    ended = ends.pop("final_newline", True)
    shortened = script.but(data=encoded("\n".join(before), ends))
    fact = taken if ended else {"lines": taken, "final_newline": False}
    return SysprepRest(items, (*scripts[:-1], shortened), {"deprovision": fact}, False, own)


def batch_of_sysprep(items: list[str], reader: StepReader) -> SysprepRest | None:
    """What is left of a windows-shell step that only generalizes; None: it does more, or says it as only cmd can."""
    text = "\n".join(items)
    found = split_sysprep(text.split("\n")) if "%" not in text else None
    if found is None or found[0]:
        return None
    reader.context.generalized = True
    return SysprepRest([], (), {}, True, _say_sysprep(reader, found[2], None, found[1]))


def _scripts_option(reader: StepReader) -> str:
    return "script" if "script" in reader.step.settings else "scripts"


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


def note_generalizing(reader: StepReader, made: Sequence[Lowered]) -> None:
    """Remembers a step that generalizes the machine, or uploads what does."""
    context = reader.context
    destination = reader.step.settings.get("destination")
    if destination is not None and _is_override(destination.value):
        context.generalized = True
        return
    word, command = ("sysprep", _SYSPREP_RUN) if context.windows else ("waagent", _WAAGENT_RUN)
    for line in lines_of(reader, made):
        if word in line.lower() and not line.lstrip().startswith("#") and re.search(command, line):
            context.generalizing.append(reader.step)
            return


_WAAGENT_RUN = r"\bwaagent\b.*-deprovision"
_SYSPREP_RUN = r"(?i)sysprep(?:\.exe)?['\"]?\s.*/generalize"


def _is_override(destination: Expr) -> bool:
    """Whether a step writes the script itself that Image Builder runs in place of its own."""
    path = destination.value if isinstance(destination, Literal) else None
    return isinstance(path, str) and path.lower().replace("\\", "/") in (
        LINUX_SCRIPT.lower(),
        WINDOWS_SCRIPT.lower().replace("\\", "/"),
    )


def _build_span(image: Image) -> Span | None:
    """Where the steps of an image are listed: the same for all images of a build, so that it is told of them once."""
    return image.group.span or (image.source.span if len(image.group.sources) == 1 else None)


def tell_generalizing(context: Context, image: Image | None = None) -> None:
    """Says what Image Builder will do that the template does not, or does already."""
    if context.generalized:
        return
    if not context.generalizing:
        kept = image.settings.get("shared_image_gallery_destination.specialized") if image is not None else None
        if kept is not None and context.binder.fold(kept.value) != Literal(False):
            return  # what becomes of that is told
        context.diagnostics.note(
            "aib/never-generalized",
            "The template does not generalize its machine; Image Builder does",
            "The image has no users and no machine's identity of its own: what runs it gets these from its creation.",
            _build_span(image) if image is not None else None,
        )
        return
    run = [step for step in context.generalizing if step.type != "file"]
    step = run[0] if run else context.generalizing[0]
    texts = (step.settings.get(name) for name in ("inline", "script", "scripts", "source", "content"))
    said = [leaf for setting in texts if setting is not None for leaf in setting.leaves]
    if run:
        summary = "The step generalizes the machine, and Image Builder does that again at the end"
        detail = (
            "What comes after it, and Image Builder itself, needs the machine as it was. Generalize in the last step, "
            "in lines of their own and outside of blocks; they are then left to Image Builder."
        )
    else:
        summary = "What the step uploads generalizes the machine when it is run, and Image Builder does that at the end"
        detail = (
            "If a step runs it, Image Builder's own generalization fails or finds the machine changed. Put these lines "
            "at the end of the last step; they are then left to Image Builder."
        )
    if run:
        context.accounting.say(said, "approximated", "aib/generalized-twice", summary[0].lower() + summary[1:])
    context.diagnostics.warning("aib/generalized-twice", summary, detail, said[0].span if said else step.span)
