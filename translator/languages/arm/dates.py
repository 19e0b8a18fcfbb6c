"""Date formats of the three languages, letter by letter: HCL's ``formatdate``, .NET's, Go's layouts, and strftime.

Only what means the same everywhere has a row. Source: go-cty's FormatDate, .NET custom date and time format strings,
Go's package time, strftime(3).
"""

from __future__ import annotations

#: (HCL, .NET, Go, strftime); "" where the language has no such verb. All clocks that are met here are UTC.
_VERBS = (
    ("YYYY", "yyyy", "2006", "%Y"),
    ("YY", "yy", "06", "%y"),
    ("MMMM", "MMMM", "January", "%B"),
    ("MMM", "MMM", "Jan", "%b"),
    ("MM", "MM", "01", "%m"),
    ("M", "%M", "1", ""),
    ("DD", "dd", "02", "%d"),
    ("D", "%d", "2", ""),
    ("EEEE", "dddd", "Monday", "%A"),
    ("EEE", "ddd", "Mon", "%a"),
    ("hh", "HH", "15", "%H"),
    ("h", "%H", "", ""),
    ("HH", "hh", "03", "%I"),
    ("H", "%h", "3", ""),
    ("mm", "mm", "04", "%M"),
    ("m", "%m", "4", ""),
    ("ss", "ss", "05", "%S"),
    ("s", "%s", "5", ""),
    ("AA", "tt", "PM", "%p"),
    ("Z", "Z", "Z07:00", ""),
    ("ZZZ", "'UTC'", "MST", "%Z"),
    ("ZZZZ", "'+0000'", "-0700", "%z"),
    ("ZZZZZ", "'+00:00'", "-07:00", ""),
)

#: The format of RFC 3339, which ``timestamp()`` and Go's ``isotime`` without a layout give.
RFC3339 = "yyyy-MM-ddTHH:mm:ssZ"

_FROM_HCL = {row[0]: row[1] for row in _VERBS}
_FROM_GO = {row[2]: row[1] for row in _VERBS if row[2]}
_FROM_STRFTIME = {row[3]: row[1] for row in _VERBS if row[3]}
_TO_HCL = {row[1].lstrip("%"): row[0] for row in _VERBS if not row[1].startswith("'") and row[1] != "Z"}

#: Letters that .NET prints as they are, so that they need no quotes.
_PLAIN = frozenset("TZ")


def from_hcl(format: str) -> str | None:
    """The .NET format of a format of ``formatdate``; None where it has none."""
    pieces: list[str] = []
    at = 0
    while at < len(format):
        char = format[at]
        if char == "'":
            text, at = _quoted(format, at)
            if text is None:
                return None
            pieces.append(_literal(text))
            continue
        end = at
        while end < len(format) and format[end] == char:
            end += 1
        run = format[at:end]
        if char.isalpha():
            if run not in _FROM_HCL:
                return None
            pieces.append(_FROM_HCL[run])
        else:
            pieces.append(_literal(run))
        at = end
    return _joined(pieces)


def from_go(layout: str) -> str | None:
    """The .NET format of one of Go's layouts."""
    return _scan(layout, _FROM_GO)


def from_strftime(format: str) -> str | None:
    """The .NET format of a strftime format."""
    found = _scan(format.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S").replace("%%", "\0"), _FROM_STRFTIME)
    return None if found is None or ("%" in format.replace("%%", "") and found == format) else found


def to_hcl(format: str) -> str | None:
    """The ``formatdate`` format of a .NET custom format; None where it has none."""
    pieces: list[str] = []
    at = 0
    while at < len(format):
        char = format[at]
        if char in "'\"":
            end = format.find(char, at + 1)
            if end < 0:
                return None
            pieces.append(_hcl_literal(format[at + 1 : end]))
            at = end + 1
            continue
        if char == "%":
            at += 1
            continue
        if char == "\\":
            pieces.append(_hcl_literal(format[at + 1 : at + 2]))
            at += 2
            continue
        end = at
        while end < len(format) and format[end] == char:
            end += 1
        run = format[at:end]
        if run in _TO_HCL:
            pieces.append(_TO_HCL[run])
        elif run == "Z":
            pieces.append("Z")
        elif char in "dfFghHKmMsStyz":
            return None
        else:
            pieces.append(_hcl_literal(run) if char.isalpha() else run)
        at = end
    return "".join(pieces).replace("''", "")


def _scan(text: str, verbs: dict[str, str]) -> str | None:
    by_length = sorted(verbs, key=len, reverse=True)
    pieces: list[str] = []
    at = 0
    while at < len(text):
        verb = next((v for v in by_length if text.startswith(v, at)), None)
        if verb is not None:
            pieces.append(verbs[verb])
            at += len(verb)
            continue
        if text[at] == "%":
            return None
        pieces.append(_literal("%" if text[at] == "\0" else text[at]))
        at += 1
    return _joined(pieces)


def _quoted(format: str, at: int) -> tuple[str | None, int]:
    text = ""
    at += 1
    while at < len(format):
        if format[at] == "'":
            if format[at + 1 : at + 2] == "'":
                text += "'"
                at += 2
                continue
            return text, at + 1
        text += format[at]
        at += 1
    return None, at


def _literal(text: str) -> str:
    if "'" in text:
        return "".join(f'"{c}"' if c == "'" else _literal(c) for c in text)
    if all((not c.isalpha() and c not in '%"\\:/') or c in _PLAIN for c in text):
        return text
    # In .NET ":" and "/" are the culture's separators; the culture of deployments is invariant, where they are plain.
    return text if all((not c.isalpha() and c not in '%"\\') or c in _PLAIN for c in text) else f"'{text}'"


def _joined(pieces: list[str]) -> str:
    text = "".join(pieces).replace("''", "")
    if len(text) == 1 and text.isalpha():
        return "%" + text  # a lone letter is one of .NET's standard formats
    if len(pieces) > 1:
        text = "".join(p.removeprefix("%") if _alone(pieces, i) else p for i, p in enumerate(pieces)).replace("''", "")
    return text


def _alone(pieces: list[str], index: int) -> bool:
    """Whether a one-letter verb needs no "%": not the whole format, and no neighbour of the same letter."""
    piece = pieces[index]
    if not (len(piece) == 2 and piece.startswith("%")):
        return False
    around = [pieces[i].removeprefix("%") for i in (index - 1, index + 1) if 0 <= i < len(pieces)]
    return all(piece[1] not in (near[:1], near[-1:]) for near in around)


def _hcl_literal(text: str) -> str:
    if not any(c.isalpha() or c == "'" for c in text):
        return text
    return "'" + text.replace("'", "''") + "'"
