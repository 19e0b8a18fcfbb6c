"""Patterns of ``-only`` and ``-except`` as gobwas/glob matches them without separators.

``*`` and ``**`` match anything, dots included; ``?`` one character; ``[abc]``, ``[a-z]``, ``[!a]`` one of a class;
``{a,b}`` alternatives, which nest; ``\\`` takes the next character as it is.
"""

from __future__ import annotations

import re


class BadGlob(ValueError):
    """A pattern that cannot be read; the message says why."""


def compile_glob(pattern: str) -> re.Pattern[str]:
    """A compiled pattern for ``fullmatch``. Raises :class:`BadGlob`."""
    out: list[str] = []
    depth = 0
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            if out[-1:] != [".*"]:
                out.append(".*")
        elif char == "?":
            out.append(".")
        elif char == "\\":
            if at == len(pattern):
                raise BadGlob("a backslash at the end escapes nothing")
            out.append(re.escape(pattern[at]))
            at += 1
        elif char == "[":
            at = _char_class(pattern, at, out)
        elif char == "{":
            depth += 1
            out.append("(?:")
        elif char == "}" and depth:
            depth -= 1
            out.append(")")
        elif char == "," and depth:
            out.append("|")
        else:
            out.append(re.escape(char))
    if depth:
        raise BadGlob("a { is not closed")
    return re.compile("".join(out), re.DOTALL)


def _char_class(pattern: str, at: int, out: list[str]) -> int:
    """Reads a class after its ``[``; returns where it ends."""
    end = pattern.find("]", at)
    negated = pattern.startswith("!", at)
    body = pattern[at + negated : end]
    if end < 0 or not body:
        raise BadGlob("a [ is not closed")
    if len(body) == 3 and body[1] == "-":
        if body[0] > body[2]:
            raise BadGlob(f"the range {body} is empty")
        members = f"{re.escape(body[0])}-{re.escape(body[2])}"
    else:
        members = re.escape(body)
    out.append(f"[{'^' if negated else ''}{members}]")
    return end + 1
