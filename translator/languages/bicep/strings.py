"""How Bicep spells text: names, strings in single quotes, and text between three quotes."""

from __future__ import annotations

import re

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPED = re.compile(r"[\\'\n\r\t]|\$(?=\{)|[^ -~]")
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "$": "\\$"}

#: Where a text, or what follows an escape, begins with two slashes: editors take that for a comment.
_SLASHES = re.compile(r"((?:^|\\(?:u\{[0-9a-f]+\}|.)) *)//")

#: Words that no symbol may be called.
WORDS = frozenset({"true", "false", "null"})


def is_identifier(text: str) -> bool:
    return _IDENTIFIER.fullmatch(text) is not None


def escaped(text: str) -> str:
    """Text inside single quotes: ASCII, on one line."""
    plain = _ESCAPED.sub(lambda found: _ESCAPES.get(found.group()) or f"\\u{{{ord(found.group()):x}}}", text)
    return _SLASHES.sub(r"\1\\u{2f}/", plain) if "//" in plain else plain


def quoted(text: str) -> str:
    """A string without holes, in the form that is easier to read: one with many escapes stands between three quotes."""
    plain = escaped(text)
    if len(plain) - len(text) > (3 if text.endswith("'") else 1) and _can_stand(text):
        return f"'''\n{text}'''" if "\n" in text else f"'''{text}'''"
    return f"'{plain}'"


def _can_stand(text: str) -> bool:
    """Whether three quotes can hold a text, where nothing is escaped and a first new line is passed over.

    Blanks at the end of a line would be lost on the way through an editor.
    """
    if "'''" in text or text.startswith("'") or text.endswith("''") or not text.replace("\n", "").isascii():
        return False
    if "\n" in text and any(line != line.rstrip() for line in text.split("\n")):
        return False
    return text.replace("\n", "").isprintable()


def commented(comment: str) -> list[str]:
    """Lines of a comment; written text is ASCII, so other characters are escaped as in strings. Directives stay."""
    if comment.startswith("#disable"):
        return [comment.encode("ascii", "backslashreplace").decode()]
    shown = [line.rstrip().encode("ascii", "backslashreplace").decode() for line in comment.splitlines() or [""]]
    return [f"// {line}".rstrip() for line in shown]
