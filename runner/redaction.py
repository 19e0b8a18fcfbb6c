"""Keeps sensitive values out of everything that is shown.

Packer replaces each value by ``<sensitive>`` wherever it stands as a substring of one call's text. More is done here:

- A value is hidden in the forms in which scripts and tools show it: quoted for a shell, in JSON, in a URL, as base64
  (at any offset inside what was encoded) and in hexadecimal digits. See :func:`forms`.
- The lines of a value of several lines are hidden one by one, as output comes line by line; and a value that was
  broken over lines (base64 is, every 76 characters) is found by whoever cuts output into lines (:mod:`runner.lines`).
- Values that overlap leave no rest of one of them.
- A value of three characters or less is hidden only where it stands alone, so that a password ``1`` does not mangle
  every number; who runs the build is told (:data:`SHORT`).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bakelift.translator.plan.values import Value

MASK = "<sensitive>"

#: Values of this length or less are hidden only as words of their own.
SHORT = 3

#: Values shorter than this are not looked for inside base64: what they look like there is too short to be told apart.
_ENCODED = 6
#: A piece of a value at the end of a line is taken for one from this length on.
_PIECE = 4
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")


class Redactor:
    """Replaces what it was told to hide."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._texts: set[str] = set()
        self._words: set[str] = set()
        self._encoded: set[str] = set()
        self._whole: tuple[str, ...] = ()
        self.hide(*secrets)

    def __bool__(self) -> bool:
        return bool(self._texts or self._words)

    def hide(self, *secrets: str) -> None:
        """Hides these values from now on; empty ones are skipped."""
        for secret in secrets:
            value = secret.rstrip()  # output lines come without their trailing blanks
            if not value:
                continue
            if len(value.strip()) <= SHORT:
                self._words.add(value.strip())
                continue
            self._texts.update(forms(secret))
            self._texts.update(forms(value))
            if "\n" in value:
                for line in map(str.strip, value.split("\n")):
                    if len(line) > SHORT:
                        self._texts.update(forms(line))
            if len(value) >= _ENCODED:
                self._encoded.update(encodings(value))
        self._texts -= self._encoded
        self._whole = tuple(sorted(text for text in (*self._texts, *self._encoded) if len(text) >= 2 * _PIECE))

    def __call__(self, text: str) -> str:
        shown, at = [], 0
        for start, end in self.spans(text):
            shown += [text[at:start], MASK]
            at = end
        return "".join((*shown, text[at:])) if shown else text

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where something to hide stands, in order; what overlaps is one."""
        found: list[tuple[int, int]] = []
        for secret in self._texts:
            if secret in text:
                found += _places(text, secret)
        for secret in self._words:
            if secret in text:
                found += (place for place in _places(text, secret) if _alone(text, *place))
        for secret in self._encoded:
            if secret in text:
                found += (_with_edges(text, *place) for place in _places(text, secret))
        if len(found) < 2:
            return found
        found.sort()
        merged = [found[0]]
        for start, end in found[1:]:
            if start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def begun(self, text: str) -> int:
        """The length of the piece at the end of a text that may be the beginning of something to hide; else 0."""
        longest = 0
        for secret in self._whole:
            start = max(0, len(text) - len(secret) + 1)
            head = secret[:_PIECE]
            while (start := text.find(head, start)) >= 0:
                length = len(text) - start
                if length > longest and secret.startswith(text[start:]):
                    longest = length
                if length <= longest:
                    break
                start += 1
        return longest


def _places(text: str, secret: str) -> Iterator[tuple[int, int]]:
    start = text.find(secret)
    while start >= 0:
        yield start, start + len(secret)
        start = text.find(secret, start + 1)


def _alone(text: str, start: int, end: int) -> bool:
    around = text[start - 1 : start] + text[end : end + 1]
    return not any(char.isalnum() or char == "_" for char in around)


def _with_edges(text: str, start: int, end: int) -> tuple[int, int]:
    """With the characters at both ends that hold bits of the value beside others."""
    if start and text[start - 1] in _BASE64:
        start -= 1
    limit = min(len(text), end + 3)
    while end < limit and text[end] in _BASE64:
        end += 1
    return start, end


def forms(secret: str) -> set[str]:
    """How a value is written where it is quoted: in shells, JSON, URLs; itself too, and its hexadecimal digits."""
    found = {secret}
    if len(secret) >= _ENCODED:
        digits = secret.encode("utf-8", "surrogateescape").hex()
        found |= {digits, digits.upper()}
    if secret.isalnum() and secret.isascii():
        return found
    from json import dumps
    from urllib.parse import quote, quote_plus

    data = secret.encode("utf-8", "surrogateescape")
    # sh: 'it'"'"'s' and 'it'\''s'; "a \"word\""; a\ word; $'…'. PowerShell: 'it''s' and "`$x".
    found |= {secret.replace("'", end) for end in ("'\"'\"'", "'\\''", "''")}
    found.add("".join(f"\\{char}" if char in '\\"$`' else char for char in secret))
    found.add("".join(f"`{char}" if char in '"$`' else char for char in secret))
    found.add("".join(char if char.isalnum() or char in "_-./,:=@%+" else f"\\{char}" for char in secret))
    found.add(secret.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t"))
    plain, wide = dumps(secret)[1:-1], dumps(secret, ensure_ascii=False)[1:-1]
    for text in (plain, wide):
        found |= {text, text.replace("/", "\\/")}
        found.add(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
    for safe in ("", "/", "!'()*"):
        found |= {quote(data, safe=safe), _lower_escapes(quote(data, safe=safe))}
    found |= {quote_plus(data), _lower_escapes(quote_plus(data))}
    return found


def _lower_escapes(text: str) -> str:
    head, *parts = text.split("%")
    return "%".join((head, *(part[:2].lower() + part[2:] for part in parts)))


def encodings(secret: str) -> set[str]:
    """What base64 makes of a value at each of the three offsets at which it can stand in what was encoded.

    Only the characters that the value alone decides; both alphabets.
    """
    import base64

    data = secret.encode("utf-8", "surrogateescape")
    found = set()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + data).decode("ascii")
        core = encoded[-(-offset * 8 // 6) : (offset + len(data)) * 8 // 6]
        found |= {core, core.replace("+", "-").replace("/", "_")}
    return found


def texts(value: Value) -> list[str]:
    """Every string inside a value: what is to be hidden of a sensitive list, map or object. Numbers count as text."""
    if isinstance(value.raw, str):
        return [value.raw]
    if not value.known or value.raw is None or isinstance(value.raw, bool):
        return []
    if isinstance(value.raw, (tuple, dict)):
        return [text for element in value.elements() for text in texts(element)]
    return [str(value.raw)]
