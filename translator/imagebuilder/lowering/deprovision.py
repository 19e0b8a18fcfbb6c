"""Generalizing: Packer templates do it in their last step, Image Builder does it by itself.

Recognised only at the end of the last step that changes the image. Sources: reference text of Image Builder's own last
customizer (``$WAAGENT -force -deprovision+user && export HISTSIZE=0 && sync``), and of the plugin's documentation.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.lowering.context import StepReader
    from bakelift.translator.imagebuilder.lowering.shell_shape import Script, ShellSpec

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


def without_deprovision(spec: ShellSpec, reader: StepReader) -> ShellSpec | None:
    """The step without its trailing generalization; None when nothing else is left of it."""
    if spec.inline is not None:
        lines = "\n".join(spec.inline).split("\n")
        found = split_lines(lines)
        if found is None:
            return spec
        before, taken, flags = found
        _say(reader, flags, "inline" if before else None)
        if not before:
            return None
        if any("\n" in item for item in spec.inline):
            kept: tuple[str, ...] = ("\n".join(before),)
            return spec.but(inline=kept, facts={**spec.facts, "deprovision": taken, "items": [len(before)]})
        return spec.but(inline=tuple(before), facts={**spec.facts, "deprovision": taken})
    if not spec.scripts:
        return spec
    script = spec.scripts[-1]
    try:
        text = script.data.decode("utf-8")
    except UnicodeDecodeError:
        return spec
    found = split_lines(text.splitlines())
    if found is None:
        return spec
    before, taken, flags = found
    option = "script" if "script" in reader.step.settings else "scripts"
    _say(reader, flags, option if before or len(spec.scripts) > 1 else None)
    if not before:
        rest = spec.scripts[:-1]
        return spec.but(scripts=rest, facts={**spec.facts, "deprovision": script.path}) if rest else None
    shortened = script.but(data="".join(line + "\n" for line in before).encode())
    return spec.but(scripts=(*spec.scripts[:-1], shortened), facts={**spec.facts, "deprovision": taken})


def _say(reader: StepReader, flags: frozenset[str], option: str | None) -> None:
    """``option``: the one whose last lines were taken; None: the whole step was."""
    names = list(reader.step.settings) if option is None else [option]
    if flags == _SERVICE_FLAGS:
        for name in names:
            reader.say(name, "adapted", "aib/deprovision", "Image Builder deprovisions the image itself")
        return
    shown = " ".join(sorted(f"-{flag}" for flag in flags))
    summary = f"Image Builder deprovisions with -force -deprovision+user, not with {shown}"
    for name in names:
        reader.say(name, "approximated", "aib/deprovision-flags", summary)
    reader.context.diagnostics.warning(
        "aib/deprovision-flags",
        summary,
        "Where these flags matter, let a step write /tmp/DeprovisioningScript.sh; Image Builder then runs that.",
        reader.step.span,
    )


#: Lines of the usual Windows generalization, whichever their order, one statement or one line of a block each.
_SYSPREP_LINE = (
    r"(?ix)"
    r"  if(?:\s*\(){0,2}\s*test-path\s+['\"]?\$env:systemroot[\\/].*unattend\.xml.*"
    r"| (?:rm|remove-item)\s.*unattend\.xml.*|(?=\$\w*unattend)\$\w+\s*=.*|remove-item\s.*\$\w*unattend.*"
    r"| (?:&\s*)?['\"]?(?:\$env:systemroot|\$env:windir|c:[\\/]windows)[\\/](?:system32[\\/]|\\windows\\system32\\)?"
    r"sysprep[\\/]sysprep(?:\.exe)?['\"]?\s.*"
    r"| start-process\s.*sysprep\.exe.*"
    r"| while\s*\(\s*(?:\$true|1)\s*\)\s*\{.*|while\s*\(\(?\s*get-service\s.*"
    r"| foreach\s*\(\$service\s+in\s+get-service.*"
    r"| \$imagestate\s*=.*|if\s*\(\s*\$imagestate.*|get-itemproperty\s.*setup\\state.*"
    r"| (?:write-(?:output|host)|start-sleep|sleep|echo)\b.*|break\s*;?|\}?\s*else\s*\{.*|\}|\{|\#.*|"
)
_SYSPREP = r"(?i)sysprep(?:\.exe)?['\"]?\s+(?P<flags>(?:/[^\s;|}]+\s*)+)"
_SYSPREP_FLAGS = frozenset({"/oobe", "/generalize", "/quiet", "/quit"})


def without_sysprep(
    items: list[str], scripts: tuple[Script, ...], reader: StepReader
) -> tuple[list[str], tuple[Script, ...], dict[str, object]] | None:
    """A powershell step without its trailing generalization, and the facts of what was taken; None: nothing is left."""
    if items:
        lines = "\n".join(items).split("\n")
        found = split_sysprep(lines)
        if found is None:
            return items, scripts, {}
        before, taken, flags = found
        _say_sysprep(reader, flags, "inline" if before else None)
        return (before, scripts, {"deprovision": taken}) if before else None
    try:
        lines = scripts[-1].data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return items, scripts, {}
    found = split_sysprep(lines)
    if found is None or (found[0] and len(lines) > 0):
        # A script that does more stays whole: what precedes generalization may belong to its own control flow.
        return items, scripts, {}
    _say_sysprep(reader, found[2], None if len(scripts) == 1 else "scripts")
    rest = scripts[:-1]
    return (items, rest, {"deprovision": scripts[-1].path}) if rest else None


def split_sysprep(lines: list[str]) -> tuple[list[str], list[str], frozenset[str]] | None:
    """The lines before generalizing, those that generalize, and sysprep's flags; None: they do not."""
    start = len(lines)
    flags: frozenset[str] | None = None
    while start and re.fullmatch(_SYSPREP_LINE, lines[start - 1].strip()):
        start -= 1
        call = re.search(_SYSPREP, lines[start])
        if call is not None and "/generalize" in call["flags"].lower():
            flags = frozenset(call["flags"].lower().split())
    if flags is None:
        return None
    first = next(i for i in range(start, len(lines)) if re.search(_BELONGS, lines[i]))
    before = lines[:first]
    if all(not line.strip() or line.lstrip().startswith("#") or re.match(_TELLS, line.strip()) for line in before):
        return [], lines, flags
    return before, lines[first:], flags


#: What begins the generalization, and not the work before it.
_BELONGS = r"(?i)sysprep|imagestate|rdagent|windowsazure|get-service"
_TELLS = r"(?i)(?:write-(?:output|host)|start-sleep|sleep|echo)\b"


def _say_sysprep(reader: StepReader, flags: frozenset[str], option: str | None) -> None:
    names = list(reader.step.settings) if option is None else [option]
    if flags == _SYSPREP_FLAGS:
        for name in names:
            reader.say(name, "adapted", "aib/sysprep", "Image Builder runs sysprep itself, with these flags")
        return
    summary = f"Image Builder runs sysprep with /oobe /generalize /quiet /quit, not with {' '.join(sorted(flags))}"
    for name in names:
        reader.say(name, "approximated", "aib/sysprep-flags", summary)
    reader.context.diagnostics.warning(
        "aib/sysprep-flags",
        summary,
        "Where these flags matter, let a step write c:\\DeprovisioningScript.ps1; Image Builder then runs that.",
        reader.step.span,
    )
