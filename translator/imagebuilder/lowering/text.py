"""Shell and PowerShell text with holes: quoting, heredocs, the marker line, and lines of expressions.

A text under construction is a plain string in which ``HOLE % n`` stands for the n-th symbolic value (one that only
the deployment knows). A hole is always inside single quotes; its value is quoted by an operation at deployment.
"""

from __future__ import annotations

import json
import re

from bakelift.translator.plan.expressions import Call, Literal, Template, template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.plan.expressions import Expr

#: Starts the one comment line that carries what the text itself cannot say.
MARKER = "# bakelift: "

#: What Packer, and every POSIX shell idiom, writes for an apostrophe inside single quotes.
APOSTROPHE = "'\"'\"'"

HOLE = "\0%d\0"
_HOLES = "\0([0-9]+)\0"


def marker(facts: Mapping[str, object]) -> str:
    """The marker line: compact JSON, ASCII, in the order given."""
    return MARKER + json.dumps(facts, ensure_ascii=True, separators=(",", ":"))


def read_marker(line: str) -> dict[str, object] | None:
    """The facts of a marker line; None when the line is none, or was edited into something else."""
    if not line.startswith(MARKER):
        return None
    try:
        facts = json.loads(line[len(MARKER) :])
    except ValueError:
        return None
    return facts if isinstance(facts, dict) else None


def is_marked(lines: Sequence[Expr]) -> bool:
    """Whether lines begin with what starts a marker line."""
    first = lines[0] if lines else None
    return isinstance(first, Literal) and isinstance(first.value, str) and first.value.startswith(MARKER)


def in_single(text: str) -> str:
    """Text as it stands between single quotes."""
    return text.replace("'", APOSTROPHE)


def single(text: str) -> str:
    return "'" + in_single(text) + "'"


def in_double(text: str) -> str:
    """Text as it stands between double quotes, where nothing of it is expanded."""
    return re.sub(r'([\\$"`])', r"\\\1", text)


def from_double(text: str) -> str:
    """What :func:`in_double` was given."""
    return re.sub(r'\\([\\$"`])', r"\1", text)


def quoted_at_deployment(value: Expr, times: int = 1) -> Expr:
    """A symbolic value as it stands between single quotes, ``times`` layers deep."""
    for _ in range(times):
        value = Call("replace", (value, Literal("'"), Literal(APOSTROPHE)))
    return value


def single_value(value: str | Expr, holes: list[Expr], times: int = 1) -> str:
    """A value as it stands between single quotes, ``times`` layers deep; a symbolic one becomes a hole."""
    if isinstance(value, str):
        for _ in range(times):
            value = in_single(value)
        return value
    return _hole(quoted_at_deployment(value, times), holes)


def single_word(value: str | Expr, holes: list[Expr]) -> str:
    """A value in single quotes; a symbolic one becomes a hole."""
    return f"'{single_value(value, holes)}'"


def _hole(value: Expr, holes: list[Expr]) -> str:
    holes.append(value)
    return HOLE % (len(holes) - 1)


def unquoted_at_deployment(expr: Expr, times: int = 1) -> Expr | None:
    """What :func:`quoted_at_deployment` was given; None when the expression is not of that shape."""
    found: Expr | None = expr
    for _ in range(times):
        found = unquoted(found, APOSTROPHE) if found is not None else None
    return found


def unquoted(expr: Expr, apostrophe: str) -> Expr | None:
    """The value of which an operation replaces ``'`` by ``apostrophe``; None for any other expression."""
    expr = bare(expr)
    if not (isinstance(expr, Call) and expr.operation == "replace" and len(expr.args) == 3):
        return None
    return expr.args[0] if expr.args[1:] == (Literal("'"), Literal(apostrophe)) else None


#: What PowerShell takes for an apostrophe: two of one kind stand for it between single quotes.
#: Source: PowerShell's tokenizer, CharTraits (IsSingleQuote).
_POWERSHELL_QUOTES = "'\u2018\u2019\u201a\u201b"


def powershell_single(text: str) -> str:
    """Text in PowerShell's single quotes, where nothing of it is expanded."""
    return "'" + in_powershell(text) + "'"


def in_powershell(text: str) -> str:
    """Text as it stands between PowerShell's single quotes."""
    return re.sub(f"[{_POWERSHELL_QUOTES}]", lambda found: found[0] * 2, text)


def from_powershell(text: str) -> str:
    """What :func:`in_powershell` was given."""
    return re.sub(rf"([{_POWERSHELL_QUOTES}])\1", r"\1", text)


def powershell_at_deployment(value: Expr) -> Expr:
    """A symbolic value as it stands between PowerShell's single quotes."""
    for quote in _POWERSHELL_QUOTES:
        value = Call("replace", (value, Literal(quote), Literal(quote * 2)))
    return value


def powershell_word(value: str | Expr, holes: list[Expr]) -> str:
    """As :func:`single_word`, for PowerShell."""
    return powershell_single(value) if isinstance(value, str) else f"'{_hole(powershell_at_deployment(value), holes)}'"


def powershell_unquoted(expr: Expr) -> Expr | None:
    """What :func:`powershell_at_deployment` was given; None when the expression is not of that shape."""
    for quote in reversed(_POWERSHELL_QUOTES):
        expr = bare(expr)
        if not (isinstance(expr, Call) and expr.operation == "replace" and len(expr.args) == 3):
            return None
        if expr.args[1:] != (Literal(quote), Literal(quote * 2)):
            return None
        expr = expr.args[0]
    return expr


#: Runs ``$command`` as WinRM does: with /s, cmd takes all between the first quote and the last as it is. The space lets
#: PowerShell put quotes around it, which it adds to what has spaces outside of quotes. (After --%, && would end it.)
RUN_COMMAND = 'cmd.exe /s /c " $command"'

#: How lines are joined in a text that PowerShell writes.
_JOINS = {"\n": '"`n"', "\r\n": '"`r`n"'}


def written_text(data: bytes) -> list[str] | None:
    """The PowerShell lines that write text to ``$path``; None for what is no plain text, or has mixed line ends.

    Plain: printable ASCII. Windows PowerShell reads a script without a mark in the machine's own code page.
    """
    if not data or re.search(rb"[^\t\r\n -~]", data):
        return None
    end = "\r\n" if b"\r\n" in data else "\n"
    text = data.decode("ascii")
    lines = text.removesuffix(end).split(end)
    if any("\r" in line or "\n" in line for line in lines):
        return None
    return written_lines("$path", lines, end, text.endswith(end))


def written_lines(path: str, lines: Sequence[str], end: str = "\n", last: bool = True) -> list[str]:
    """The PowerShell lines that write lines to a file. ``last``: the last one has a line end too.

    Each is a string of its own: Packer indents the items of an inline (provisioner/powershell, since 1.13), which would
    end no here-string, and would indent what it writes.
    """
    ending = f" + {_JOINS[end]}" if last else ""
    quoted = (f"  {powershell_single(line)}" for line in lines)
    return [f"[IO.File]::WriteAllText({path}, (@(", *quoted, f") -join {_JOINS[end]}){ending})"]


#: What :func:`written_lines` gives, from the path on: the quoted lines, their line end, and whether the last has one.
WRITTEN_TEXT = r"\(@\(\n(.*?)\n\) -join \"((?:`r)?`n)\"\)(?:( \+ )\"(?:`r)?`n\")?\)"


def from_written_text(lines: str, end: str, last: str) -> bytes:
    """The bytes that such a text writes: what :data:`WRITTEN_TEXT` finds."""
    newline = end.replace("`r", "\r").replace("`n", "\n")
    text = newline.join(from_powershell(line[3:-1]) for line in lines.split("\n"))
    return (text + (newline if last else "")).encode()


def written_bytes(data: bytes) -> list[str]:
    """The PowerShell lines that write bytes, which stand in them, to ``$path``."""
    import base64

    encoded = base64.encodebytes(data).decode("ascii").splitlines()
    quoted = (f"  '{line}'" for line in encoded or [""])
    return ["[IO.File]::WriteAllBytes($path, [Convert]::FromBase64String((@(", *quoted, ") -join '')))"]


#: What :func:`written_bytes` gives, from the path on: the quoted lines.
WRITTEN_BYTES = r"\(\$path, \[Convert\]::FromBase64String\(\(@\(\n(.*?)\n\) -join ''\)\)\)"


def from_written_bytes(lines: str) -> bytes:
    """The bytes that such a text writes: what :data:`WRITTEN_BYTES` finds. Raises ValueError."""
    import base64

    return base64.b64decode(lines.replace("'", ""))


def bare(expr: Expr) -> Expr:
    """Without the template of one part that only says "as text"."""
    while isinstance(expr, Template) and len(expr.parts) == 1:
        expr = expr.parts[0]
    return expr


def path_word(path: str) -> str:
    """A remote path as a word of a shell command: bare where it is safe, else quoted.

    Packer writes such a path into its own commands as it is, so ``~`` and ``$HOME`` in it are expanded; here too.
    """
    if re.fullmatch(r"[A-Za-z0-9_./+,:@%~-]+", path):
        return path
    if re.fullmatch(r"(?:[A-Za-z0-9_./+,:@%-]|\$\w+|\$\{\w+\})+", path):
        return f'"{path}"'
    return single(path)


def delimiter(text: str) -> str:
    """A heredoc delimiter that is no line of the text."""
    lines = set(text.split("\n"))
    found, number = "BAKELIFT", 1
    while found in lines:
        found = f"BAKELIFT_{number}"
        number += 1
    return found


def upload(data: bytes, target: str) -> list[str]:
    """Shell lines that write the bytes to ``target`` (a word): readable where they are text, else base64."""
    text = as_text(data)
    cut = text is None and not data.endswith(b"\n")
    if cut:  # a heredoc ends its last line, which this one has not
        text = as_text(data + b"\n")
    if text is None:
        import base64

        encoded = base64.encodebytes(data).decode("ascii")
        return [f"base64 -d > {target} <<'BAKELIFT'", *encoded.splitlines(), "BAKELIFT"]
    if not text:
        return [f": > {target}"]
    end = delimiter(text)
    return [f"{'head -c -1' if cut else 'cat'} > {target} <<'{end}'", *text[:-1].split("\n"), end]


def as_text(data: bytes) -> str | None:
    """The text of bytes that a heredoc can carry: UTF-8, no NUL, LF ends (Image Builder converts CRLF), a last LF."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if "\0" in text or "\r\n" in text or text.startswith("\ufeff") or (text and not text.endswith("\n")):
        return None
    return text


def unix_lines(data: bytes) -> bytes:
    r"""What Packer's shell provisioner uploads unless ``binary``: each line without one final CR, each with a final LF.

    Source: provisioner/shell/unix_reader.go (bufio.ScanLines, then ``\n``).
    """
    if not data:
        return b""
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return b"".join(line.removesuffix(b"\r") + b"\n" for line in lines)


def counted(items: Sequence[str]) -> dict[str, object]:
    """The fact that tells lines from the items of an inline, where some have several; nothing where none has."""
    return {"items": [item.count("\n") + 1 for item in items]} if any("\n" in item for item in items) else {}


def to_lines(text: str, holes: Sequence[Expr] = ()) -> tuple[Expr, ...]:
    """A text as one expression a line, its holes filled."""
    return tuple(fill(line, holes) for line in text.split("\n"))


def fill(text: str, holes: Sequence[Expr] = ()) -> Expr:
    """A text as one expression, its holes filled."""
    if "\0" not in text:
        return Literal(text)
    pieces = re.split(_HOLES, text)
    return template([holes[int(p)] if i % 2 else Literal(p) for i, p in enumerate(pieces)])


def from_lines(lines: Sequence[Expr]) -> tuple[str, list[Expr]] | None:
    """The text and its holes; None when a line holds what is neither text nor a template."""
    holes: list[Expr] = []
    found: list[str] = []
    for line in lines:
        parts: Sequence[Expr] = line.parts if isinstance(line, Template) else (line,)
        text = ""
        for part in parts:
            if isinstance(part, Literal) and isinstance(part.value, str):
                if "\0" in part.value:
                    return None
                text += part.value
            else:
                text += HOLE % len(holes)
                holes.append(part)
        found.append(text)
    return "\n".join(found), holes
