"""Text as HCL writes it: escapes, and when a heredoc says it exactly."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_NEEDS_ESCAPE = re.compile(r'["\\\x00-\x1f\x7f]|[^\x00-\x7f]|[$%](?=\{)')
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\", "$": "$$", "%": "%%"}
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z").match
_MARKERS = ("EOT", "EOF", "END", "TEXT")


def is_identifier(text: str) -> bool:
    """Whether text can stand bare as a name (ASCII ones only: written files are ASCII)."""
    return _IDENTIFIER(text) is not None


def escape(text: str, before: str = "") -> str:
    """The inside of a quoted string. ``before``: ``$`` or ``%`` when a sequence of that kind follows the text.

    A dollar sign in front of ``${`` would be its escape, so it is written as a code point.
    """
    escaped = _NEEDS_ESCAPE.sub(_escaped, text)
    if before and text.endswith(before):
        escaped = f"{escaped[:-1]}\\u{ord(before):04x}"
    return escaped


def quote(text: str) -> str:
    """A quoted string."""
    return f'"{escape(text)}"'


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    named = _NAMED.get(character)
    if named is not None:
        return named
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def heredoc(pieces: Sequence[str | tuple[str, str]], indent: str) -> str | None:
    """A heredoc that gives exactly what pieces say, or None where it cannot, or where a quoted string reads better.

    ``pieces``: literal text, or (kind, source) for a sequence, whose kind is ``$`` or ``%``. ``indent``: blanks before
    the heredoc's lines; the closing marker stands two columns to their left.
    """
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    last = pieces[-1]
    if text.count("\n") < 2 or not isinstance(last, str) or not last.endswith("\n"):
        return None
    if not text.isascii() or any((c < " " and c not in "\n\t") or c == "\x7f" for c in set(text)):
        return None
    lines = _lines(pieces)
    if lines is None:
        return None
    marker = next((m for m in _MARKERS if not any(line.strip() == m for line, _ in lines)), None)
    if marker is None:
        return None
    own = [len(line) - len(line.lstrip(" \t")) for line, blank in lines if not blank]
    if not own or min(own):
        return f"<<{marker}\n" + "".join(line for line, _ in lines) + marker
    body = "".join(line if blank else indent + line for line, blank in lines)
    return f"<<-{marker}\n{body}{indent[2:]}{marker}"


def _lines(pieces: Sequence[str | tuple[str, str]]) -> list[tuple[str, bool]] | None:
    """The lines of a heredoc, and whether each is literally blank; None when a piece needs an escape there is not."""
    source: list[str] = []
    lines: list[tuple[str, bool]] = []
    blank = True
    for at, piece in enumerate(pieces):
        if not isinstance(piece, str):
            source.append(piece[1])
            blank = False
            continue
        following = pieces[at + 1] if at + 1 < len(pieces) else ""
        if not isinstance(following, str) and piece.endswith(following[0]):
            return None
        for line in piece.splitlines(keepends=True):
            source.append(line.replace("${", "$${").replace("%{", "%%{"))
            blank = blank and not line.strip()
            if line.endswith("\n"):
                lines.append(("".join(source), blank))
                source, blank = [], True
    return lines
