"""Go's regular expressions (RE2 syntax, https://github.com/google/re2/wiki/Syntax) in Python's syntax.

What RE2 refuses (lookarounds, backreferences, possessive repeats) is refused here too, in Go's words.
"""

from __future__ import annotations

_LOOKS = ("(?=", "(?!", "(?<=", "(?<!", "(?>", "(?#", "(?|", "(?(", "(?&", "(?R")
_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_NEGATED = {"D": r"\x00-/:-\U0010ffff", "W": r"\x00-/:-@\[-\^`{-\U0010ffff", "S": r"\x00-\x08\x0b\x0e-\x1f!-\U0010ffff"}
_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_SIMPLE = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_MOST_REPEATS = 1000


class PatternError(Exception):
    """``reason`` and the ``part`` of the pattern, as Go's syntax.Error has them."""

    def __init__(self, reason: str, part: str) -> None:
        super().__init__(f"{reason}: `{part}`")
        self.reason = reason
        self.part = part


def translate(pattern: str) -> tuple[str, dict[str, int]]:
    """The same pattern for Python's ``re``, and the numbers of its named groups. Raises :class:`PatternError`."""
    translator = _Translator(pattern)
    return translator.run(), translator.names


class _Translator:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.out: list[str] = []
        self.names: dict[str, int] = {}
        self.groups = 0
        # For each open group: the flags before it, and the flag groups opened inside it that end with it.
        self.open: list[tuple[frozenset[str], list[str]]] = []
        self.flags: frozenset[str] = frozenset()
        self.inner: list[str] = []
        self.repeatable = False
        self.repeated = ""

    def run(self) -> str:
        pattern = self.pattern
        while self.at < len(pattern):
            letter = pattern[self.at]
            step = _STEPS.get(letter)
            if step is not None:
                step(self)
            else:
                self.literal(letter)
                self.at += 1
        if self.open:
            raise PatternError("missing closing )", pattern)
        self.out.append(")" * len(self.inner))
        return "".join(self.out)

    def emit(self, text: str) -> None:
        self.out.append(text)
        self.repeatable, self.repeated = True, ""

    def literal(self, letter: str) -> None:
        self.emit("\\" + letter if letter in _SPECIAL else letter)

    def dot(self) -> None:
        self.emit("(?s:.)" if "s" in self.flags else r"[^\n]")
        self.at += 1

    def caret(self) -> None:
        self.emit("(?m:^)" if "m" in self.flags else r"\A")
        self.at += 1

    def dollar(self) -> None:
        self.emit("(?m:$)" if "m" in self.flags else r"\Z")
        self.at += 1

    def bar(self) -> None:
        # What a flag in the middle of a group began, goes on behind the bar.
        self.out.append(")" * len(self.inner) + "|" + "".join(self.inner))
        self.repeatable = False
        self.at += 1

    def close(self) -> None:
        if not self.open:
            raise PatternError("unexpected )", self.pattern)
        self.out.append(")" * len(self.inner))
        self.flags, self.inner = self.open.pop()
        self.emit(")")
        self.at += 1

    def group(self) -> None:
        pattern, at = self.pattern, self.at
        for start in ("(?P<", "(?<"):
            if pattern.startswith(start, at) and not pattern.startswith(("(?<=", "(?<!"), at):
                return self.named_group(start)
        for look in _LOOKS:
            if pattern.startswith(look, at):
                raise PatternError("invalid or unsupported Perl syntax", look)
        if pattern.startswith("(?", at):
            return self.flag_group()
        self.groups += 1
        return self.enter("(", at + 1)

    def enter(self, text: str, at: int) -> None:
        self.open.append((self.flags, self.inner))
        self.inner = []
        self.out.append(text)
        self.repeatable = False
        self.at = at

    def named_group(self, start: str) -> None:
        end = self.pattern.find(">", self.at)
        if end < 0:
            raise PatternError("invalid named capture", self.pattern[self.at :])
        name = self.pattern[self.at + len(start) : end]
        whole = self.pattern[self.at : end + 1]
        if not name.isascii() or not name.replace("_", "a").isalnum():
            raise PatternError("invalid named capture", whole)
        if name in self.names:
            raise PatternError("duplicate capture group name", name)
        self.groups += 1
        self.names[name] = self.groups
        self.enter("(", end + 1)

    def flag_group(self) -> None:
        at = self.at + 2
        flags = set(self.flags)
        negative = False
        while at < len(self.pattern):
            letter = self.pattern[at]
            at += 1
            if letter in "imsU":
                (flags.discard if negative else flags.add)(letter)
            elif letter == "-" and not negative:
                negative = True
            elif letter in ":)":
                opening = _flag_opening(self.flags, frozenset(flags))
                if letter == ":":
                    self.enter(opening, at)
                elif opening != "(?:":
                    self.inner.append(opening)
                    self.out.append(opening)
                    self.at, self.repeatable = at, False
                else:
                    self.at, self.repeatable = at, False
                self.flags = frozenset(flags)
                return
            else:
                break
        if at >= len(self.pattern) and self.pattern[-1] not in ":)":
            raise PatternError("missing closing )", self.pattern)
        raise PatternError("invalid or unsupported Perl syntax", self.pattern[self.at : at])

    def repeat(self) -> None:
        pattern, start = self.pattern, self.at
        operator = pattern[start]
        if operator == "{":
            counts = _counts(pattern, start)
            if counts is None:
                self.literal("{")
                self.at += 1
                return
            low, high, end = counts
            operator = pattern[start:end]
            if low > _MOST_REPEATS or (high is not None and (high > _MOST_REPEATS or high < low)):
                raise PatternError("invalid repeat count", operator)
        end = start + len(operator)
        if not self.repeatable:
            if self.repeated:
                raise PatternError("invalid nested repetition operator", self.repeated + operator)
            raise PatternError("missing argument to repetition operator", operator)
        lazy = pattern.startswith("?", end)
        if lazy:
            end += 1
        self.out.append(operator + ("?" if lazy != ("U" in self.flags) else ""))
        self.repeatable, self.repeated = False, pattern[start:end]
        self.at = end

    def escape(self) -> None:
        pattern, at = self.pattern, self.at
        if at + 1 >= len(pattern):
            raise PatternError("trailing backslash at end of expression", "")
        letter = pattern[at + 1]
        if letter == "Q":
            end = pattern.find("\\E", at + 2)
            for quoted in pattern[at + 2 : end if end >= 0 else len(pattern)]:
                self.literal(quoted)
            self.at = end + 2 if end >= 0 else len(pattern)
            return
        if letter in "AzbB":
            self.emit({"A": r"\A", "z": r"\Z", "b": r"(?a:\b)", "B": r"(?a:\B)"}[letter])
            self.at += 2
            return
        ranges, self.at = self.class_escape(at)
        if ranges is not None:
            self.emit(f"[{ranges}]")
            return
        character, self.at = _character(pattern, at)
        self.literal(character)

    def class_escape(self, at: int) -> tuple[str | None, int]:
        """The ranges of ``\\d``, ``\\pL`` and so on; None when the escape is a character."""
        letter = self.pattern[at + 1] if at + 1 < len(self.pattern) else ""
        if letter in _CLASSES:
            return _CLASSES[letter], at + 2
        if letter in _NEGATED:
            return _NEGATED[letter], at + 2
        if letter in {"p", "P"}:
            return self.unicode_class(at)
        return None, at

    def unicode_class(self, at: int) -> tuple[str, int]:
        pattern = self.pattern
        end = at + 3
        name = pattern[at + 2 : at + 3]
        if name == "{":
            close = pattern.find("}", at)
            if close < 0:
                raise PatternError("invalid character class range", pattern[at:])
            name, end = pattern[at + 3 : close], close + 1
        negative = (pattern[at + 1] == "P") != name.startswith("^")
        from bakelift.translator.plan.operations.unicode_classes import ranges

        found = ranges(name.removeprefix("^"), negative)
        if found is None:
            raise PatternError("invalid character class range", pattern[at:end])
        return found, end

    def character_class(self) -> None:
        pattern, start = self.pattern, self.at
        at = start + 1
        negative = pattern.startswith("^", at)
        at += negative
        parts: list[str] = []
        first = True
        while True:
            if at >= len(pattern):
                raise PatternError("missing closing ]", pattern[start:])
            if pattern[at] == "]" and not first:
                break
            first = False
            posix = self.posix_class(at)
            if posix is not None:
                text, at = posix
                parts.append(text)
                continue
            if pattern[at] == "\\":
                ranges, after = self.class_escape(at)
                if ranges is not None:
                    parts.append(ranges)
                    at = after
                    continue
            low, at = _member(pattern, at, start)
            high = low
            if pattern.startswith("-", at) and not pattern.startswith("-]", at):
                begun = at
                high, at = _member(pattern, at + 1, start)
                if high < low:
                    raise PatternError("invalid character class range", low + pattern[begun:at])
            parts.append(_member_text(low) if low == high else f"{_member_text(low)}-{_member_text(high)}")
        self.at = at + 1
        self.emit(f"[{'^' if negative else ''}{''.join(parts)}]")

    def posix_class(self, at: int) -> tuple[str, int] | None:
        if not self.pattern.startswith("[:", at):
            return None
        end = self.pattern.find(":]", at + 2)
        if end < 0:
            return None
        name = self.pattern[at + 2 : end]
        if name.removeprefix("^") not in _POSIX:
            raise PatternError("invalid character class range", self.pattern[at : end + 2])
        ranges = _POSIX[name.removeprefix("^")]
        if name.startswith("^"):
            ranges = _complement(ranges)
        return ranges, end + 2


_STEPS = {
    ".": _Translator.dot,
    "^": _Translator.caret,
    "$": _Translator.dollar,
    "|": _Translator.bar,
    "(": _Translator.group,
    ")": _Translator.close,
    "[": _Translator.character_class,
    "\\": _Translator.escape,
    **dict.fromkeys("*+?{", _Translator.repeat),
}
_SPECIAL = set(r"\.^$|()[]{}*+?")


def _flag_opening(before: frozenset[str], after: frozenset[str]) -> str:
    """Only letter case is left to Python: the other flags are spelled out where they matter."""
    if ("i" in before) == ("i" in after):
        return "(?:"
    return "(?i:" if "i" in after else "(?-i:"


def _counts(pattern: str, at: int) -> tuple[int, int | None, int] | None:
    """``{n}``, ``{n,}`` or ``{n,m}`` at a position: the numbers and the end; None when it is only a brace."""
    end = pattern.find("}", at)
    if end < 0:
        return None
    low, comma, high = pattern[at + 1 : end].partition(",")
    if not (low.isascii() and low.isdigit()) or (high and not (high.isascii() and high.isdigit())):
        return None
    return int(low), (int(high) if high else None) if comma else int(low), end + 1


def _member(pattern: str, at: int, start: int) -> tuple[str, int]:
    if at >= len(pattern):
        raise PatternError("missing closing ]", pattern[start:])
    if pattern[at] == "\\":
        return _character(pattern, at)
    return pattern[at], at + 1


def _member_text(letter: str) -> str:
    return "\\" + letter if letter in "\\]^-[&~|" else letter


def _character(pattern: str, at: int) -> tuple[str, int]:
    """The character of an escape, and where it ends."""
    if at + 1 >= len(pattern):
        raise PatternError("trailing backslash at end of expression", "")
    letter = pattern[at + 1]
    if letter in _SIMPLE:
        return _SIMPLE[letter], at + 2
    if letter == "x":
        braced = pattern.startswith("{", at + 2)
        end = pattern.find("}", at) if braced else at + 4
        digits = pattern[at + 3 : end] if braced else pattern[at + 2 : end]
        try:
            return chr(int(digits, 16)), end + braced
        except (ValueError, OverflowError):
            raise PatternError("invalid escape sequence", pattern[at : at + 3]) from None
    if letter in "01234567":
        octal = pattern[at + 1 : at + 4]
        octal = octal[: next((i for i, c in enumerate(octal) if c not in "01234567"), len(octal))]
        if letter == "0" or len(octal) > 1:
            return chr(int(octal, 8)), at + 1 + len(octal)
    if not letter.isalnum() and letter.isascii():
        return letter, at + 2
    raise PatternError("invalid escape sequence", pattern[at : at + 2])


def _complement(ranges: str) -> str:
    """The ranges of all that a POSIX class has not."""
    import re

    inside = re.compile(f"[{ranges}]")
    outside = [chr(code) for code in range(128) if not inside.match(chr(code))]
    return "".join(map(re.escape, outside)) + r"\x80-\U0010ffff"
