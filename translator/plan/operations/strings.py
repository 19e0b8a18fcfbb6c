"""Text. Lengths and offsets count what a reader sees as one character (grapheme clusters), as HCL does."""

from __future__ import annotations

from bakelift.translator.plan.operations.failure import ArgumentError, OperationError
from bakelift.translator.plan.operations.graphemes import split as graphemes

#: What Go's unicode.IsSpace knows.
SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def upper(text: str) -> str:
    """Go maps letter by letter: what would become several letters stays (``ß``)."""
    return _each(text, "upper")


def lower(text: str) -> str:
    return _each(text, "lower")


def _each(text: str, method: str) -> str:
    if text.isascii():
        return getattr(text, method)()  # type: ignore[no-any-return]
    mapped = (getattr(letter, method)() for letter in text)
    return "".join(new if len(new) == 1 else old for old, new in zip(text, mapped, strict=True))


def title(text: str) -> str:
    """Each letter that begins a word in title case; the rest untouched (Go's strings.Title)."""
    result = []
    before = " "
    for letter in text:
        mapped = letter.title() if _separates(before) else letter
        result.append(mapped if len(mapped) == 1 else letter)
        before = letter
    return "".join(result)


def _separates(letter: str) -> bool:
    if letter.isascii():
        return not (letter.isalnum() or letter == "_")
    return not (letter.isalpha() or letter.isdigit()) and letter in SPACES


def chomp(text: str) -> str:
    while text.endswith(("\n", "\r\n")):
        text = text[:-2] if text.endswith("\r\n") else text[:-1]
    return text


def trim(text: str, cutset: str) -> str:
    return text.strip(cutset) if cutset else text


def trim_prefix(text: str, prefix: str) -> str:
    return text.removeprefix(prefix)


def trim_suffix(text: str, suffix: str) -> str:
    return text.removesuffix(suffix)


def trim_space(text: str) -> str:
    return text.strip(SPACES)


def starts_with(text: str, prefix: str) -> bool:
    return text.startswith(prefix)


def ends_with(text: str, suffix: str) -> bool:
    return text.endswith(suffix)


def contains_text(text: str, substr: str) -> bool:
    return substr in text


#: Longer texts are not made of shorter ones.
LONGEST = 50_000_000


def replaced(text: str, old: str, new: str, most: int = -1) -> str:
    """``text.replace``, unless that would be absurdly long."""
    count = text.count(old)
    if (count if most < 0 else min(count, most)) * len(new) > LONGEST:
        raise OperationError(f"the text would have more than {LONGEST:,} characters")
    return text.replace(old, new, most)


def replace(text: str, substr: str, replace: str) -> str:
    return replaced(text, substr, replace)


def indent(spaces: int, text: str) -> str:
    if not isinstance(spaces, int):
        raise ArgumentError(0, "a whole number is required")
    if spaces * text.count("\n") > LONGEST:
        raise OperationError(f"the text would have more than {LONGEST:,} characters")
    return text.replace("\n", "\n" + " " * spaces)


def split(separator: str, text: str) -> list[str]:
    if separator:
        return text.split(separator)
    return list(text)


def join(separator: str, *lists: list[str | None]) -> str:
    if not lists:
        raise OperationError("at least one list is required")
    pieces: list[str] = []
    for number, items in enumerate(lists):
        for position, item in enumerate(items):
            if item is None:
                if len(lists) > 1:
                    raise OperationError(f"element {position} of list {number} is null; cannot concatenate null values")
                raise ArgumentError(1, f"element {position} is null; cannot concatenate null values")
            pieces.append(item)
    return separator.join(pieces)


def reverse_text(text: str) -> str:
    return "".join(reversed(graphemes(text)))


def substring(text: str, offset: int, length: int) -> str:
    """A negative offset counts from the end; a length of -1 is the rest; past the end is nothing."""
    if not isinstance(offset, int):
        raise ArgumentError(1, "a whole number is required")
    if not isinstance(length, int):
        raise ArgumentError(2, "a whole number is required")
    pieces = graphemes(text)
    start = offset
    if start < 0:
        # Before the beginning means from the beginning only when the text is empty: go-cty wraps once.
        start = start + len(pieces) if pieces else 0
        start = max(start, 0)
    if length == 0:
        return ""
    return "".join(pieces[start:] if length < 0 else pieces[start : start + length])
