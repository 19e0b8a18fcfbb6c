"""Customizers that fetch by URI (scriptUri, File), as Packer steps that download; and the way back.

The shape is fixed, so that lowering knows it again. Image Builder fetches when a template is submitted, with the
template's identity; such a step fetches on the build VM.
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.customizers import File, PowerShell, Shell
from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.plan.expressions import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.plan.expressions import Expr

_SCRIPT = "/tmp/bakelift_script"
_WINDOWS_SCRIPT = "C:\\Windows\\Temp\\bakelift-script.ps1"
#: In a process of its own: Packer stops an inline at an error that a script goes on after (since 1.13).
_RUN = t.powershell_single(f"& '{_WINDOWS_SCRIPT}'; exit $LASTEXITCODE")
#: Windows Server 2016 does not offer by itself what servers ask for.
_TLS = "[Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor 3072"
_KINDS = {"scriptUri": Shell, "file": File}


def shell_lines(customizer: Shell | File) -> tuple[Expr, ...]:
    """The lines that do on the build VM what the customizer does. Scripts run as root, as Image Builder runs them."""
    holes: list[Expr] = []
    uri = _quoted(customizer.script_uri if isinstance(customizer, Shell) else customizer.source_uri, holes)
    path = _SCRIPT if isinstance(customizer, Shell) else _quoted(customizer.destination, holes)
    facts = {"download": "scriptUri" if isinstance(customizer, Shell) else "file"}
    lines = [t.marker(facts), f"curl -fsSL --retry 9 -o {path} {uri}"]
    if customizer.sha256_checksum is not None:
        checksum = _quoted(customizer.sha256_checksum, holes)
        lines.append(f'printf "%s  %s\\n" {checksum} {path} | sha256sum -c - > /dev/null')
    if isinstance(customizer, Shell):
        lines += [f"chmod 0755 {path}", f"sudo -E {path}", f"sudo rm -f {path}"]
    return tuple(t.fill(line, holes) for line in lines)


def _quoted(value: Expr | None, holes: list[Expr]) -> str:
    return t.single_word(_known(value), holes)


def powershell_lines(customizer: PowerShell | File) -> tuple[Expr, ...]:
    """As :func:`shell_lines`, on Windows."""
    holes: list[Expr] = []
    uri = _windows(customizer.script_uri if isinstance(customizer, PowerShell) else customizer.source_uri, holes)
    path = (
        _windows(Literal(_WINDOWS_SCRIPT), holes)
        if isinstance(customizer, PowerShell)
        else _windows(customizer.destination, holes)
    )
    facts = {"download": "scriptUri" if isinstance(customizer, PowerShell) else "file"}
    lines = [t.marker(facts), "$ErrorActionPreference = 'Stop'", _TLS]
    lines.append(f"Invoke-WebRequest -UseBasicParsing -Uri {uri} -OutFile {path}")
    if customizer.sha256_checksum is not None:
        checksum = _windows(customizer.sha256_checksum, holes)
        lines.append(f"if ((Get-FileHash {path}).Hash -ne {checksum}) {{ throw 'checksum mismatch' }}")
    if isinstance(customizer, PowerShell):
        lines += [f"powershell -executionpolicy bypass -command {_RUN}", f"Remove-Item -Force {path}"]
        lines.append("exit $LASTEXITCODE")
    return tuple(t.fill(line, holes) for line in lines)


def _windows(value: Expr | None, holes: list[Expr]) -> str:
    return t.powershell_word(_known(value), holes)


def _known(value: Expr | None) -> str | Expr:
    """What is known as text; nothing as an empty one."""
    if value is None:
        return ""
    return str(value.value) if isinstance(value, Literal) else value


def recognised(lines: Sequence[Expr], windows: bool) -> Customizer | None:
    """The customizer that such lines stand for; None when they are of no such shape, or were edited."""
    first = lines[0] if lines else None
    if not isinstance(first, Literal) or not isinstance(first.value, str):
        return None
    facts = t.read_marker(first.value)
    if facts is None or facts.get("download") not in _KINDS or len(lines) < 2:
        return None
    script = facts["download"] == "scriptUri"
    words: list[list[Expr]] = [_words(line, windows) for line in lines[1:]]
    flat = [w for line in words for w in line]
    candidates: list[Customizer] = []
    for checksum in (None, *flat):
        for uri in flat[:4]:
            if script and not windows:
                candidates.append(Shell(script_uri=uri, sha256_checksum=checksum))
            elif script:
                candidates.append(PowerShell(script_uri=uri, sha256_checksum=checksum))
            else:
                candidates += [File(source_uri=uri, destination=d, sha256_checksum=checksum) for d in flat[:4]]
    for candidate in candidates:
        made = powershell_lines(candidate) if windows else shell_lines(candidate)  # type: ignore[arg-type]
        if [t.bare(line) for line in made] == [t.bare(line) for line in lines]:
            return candidate
    return None


def _words(line: Expr, windows: bool) -> list[Expr]:
    """What stands in single quotes in a line: texts, and symbolic values unquoted."""
    import re

    read = t.from_lines([line])
    if read is None:
        return []
    text, holes = read
    found: list[Expr] = []
    pattern = r"'((?:[^']|'')*)'" if windows else r"'((?:[^']|'\"'\"')*)'"
    for word in re.findall(pattern, text):
        hole = re.fullmatch("\0([0-9]+)\0", word)
        if hole is None:
            found.append(Literal(t.from_powershell(word) if windows else word.replace(t.APOSTROPHE, "'")))
            continue
        whole = holes[int(hole[1])]
        value = t.powershell_unquoted(whole) if windows else t.unquoted(whole, t.APOSTROPHE)
        if value is not None:
            found.append(value)
    return found
