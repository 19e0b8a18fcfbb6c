"""The little of PowerShell's syntax that says where a text may be cut: strings over several lines, and open blocks.

Source: PowerShell's tokenizer (src/System.Management.Automation/engine/parser/tokenizer.cs, CharTraits.cs).
"""

from __future__ import annotations

import re

from bakelift.translator.plan.record import Record

#: What PowerShell takes for an apostrophe, and for a double quote.
SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b"
_DOUBLE_QUOTES = '"\u201c\u201d\u201e'

_HERE = re.compile(f"@([{SINGLE_QUOTES}{_DOUBLE_QUOTES}])[^\\S\n]*\n")
#: What begins something that is not just code; what goes on or ends in a string in double quotes.
_SIGNS = re.compile(f"[`#<@$(){{}}{SINGLE_QUOTES}{_DOUBLE_QUOTES}-]")
_SIGNS_IN_STRINGS = re.compile(f"[`$\n{_DOUBLE_QUOTES}]")
_QUOTE = re.compile(f"[{SINGLE_QUOTES}]")
#: Characters after which ``#`` begins a comment; anywhere else it is part of a word.
_BEFORE_COMMENT = " \t\n\r;(){},|&="


class Shape(Record):
    """How the lines of a text hang together. Lines count from 0.

    ``within``: lines that begin inside a string. ``depths``: how many blocks, parentheses and comments are open where
    each line begins. ``whole``: whether the text ends outside of all of them.
    """

    within: frozenset[int]
    depths: tuple[int, ...]
    whole: bool


def shape(text: str) -> Shape:
    """Never fails: what is not closed makes the text no whole one."""
    return _Scanner(text).scan()


def joined(lines: list[str]) -> list[str]:
    """The lines, those of one string joined: what begins inside of a string stays in the line before."""
    found = shape("\n".join(lines))
    if not found.within or not found.whole:
        return lines
    made: list[str] = []
    for number, line in enumerate(lines):
        if number in found.within:
            made[-1] += f"\n{line}"
        else:
            made.append(line)
    return made


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.within: set[int] = set()
        self.line = 0
        self.depth = 0
        self.depths = [0]
        self.whole = True

    def scan(self) -> Shape:
        self.code(")", nested=False)
        return Shape(frozenset(self.within), tuple(self.depths), self.whole and self.depth == 0)

    def move(self, end: int, string: bool = False) -> None:
        """On to a place; the lines that begin on the way are noted."""
        count = self.text.count("\n", self.at, end)
        if count:
            self.depths += [self.depth] * count
            if string:
                self.within.update(range(self.line + 1, self.line + count + 1))
            self.line += count
        self.at = end

    def code(self, close: str, nested: bool) -> None:
        """Statements, to the end of the text or, ``nested``, to the parenthesis that closes them."""
        start = self.depth
        text = self.text
        while (sign := _SIGNS.search(text, self.at)) is not None:
            self.move(sign.start())
            here = sign[0]
            if here == "`":
                self.move(min(self.at + 2, len(text)))
            elif text.startswith("<#", self.at):
                self.depth += 1
                self.to("#>")
                self.depth -= 1
            elif here == "#" and (self.at == 0 or text[self.at - 1] in _BEFORE_COMMENT):
                self.move(self.end_of_line())
            elif (found := _HERE.match(text, self.at)) is not None:
                self.here_string(found)
            elif here in SINGLE_QUOTES:
                self.single()
            elif here in _DOUBLE_QUOTES:
                self.double()
            elif text.startswith("${", self.at):
                self.to("}")
            elif text.startswith("--%", self.at) and text[self.at - 1 : self.at] in (" ", "\t"):
                self.move(self.end_of_line())
            elif here in "{(":
                self.depth += 1
                self.move(self.at + 1)
            elif here in "})":
                if nested and here == close and self.depth == start:
                    self.move(self.at + 1)
                    return
                self.depth -= 1
                self.whole = self.whole and self.depth >= 0
                self.move(self.at + 1)
            else:
                self.move(self.at + 1)
        self.move(len(text))
        self.whole = self.whole and not nested

    def end_of_line(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end

    def to(self, end: str) -> None:
        """Past the next ``end``; without one, past everything."""
        found = self.text.find(end, self.at + 2)
        self.whole = self.whole and found >= 0
        self.move(len(self.text) if found < 0 else found + len(end))

    def here_string(self, start: re.Match[str]) -> None:
        quotes = SINGLE_QUOTES if start[1] in SINGLE_QUOTES else _DOUBLE_QUOTES
        found = re.compile(f"\n[{quotes}]@").search(self.text, start.end() - 1)
        self.whole = self.whole and found is not None
        self.move(found.end() if found is not None else len(self.text), string=True)

    def single(self) -> None:
        at = self.at + 1
        while (quote := _QUOTE.search(self.text, at)) is not None:
            at = quote.end()
            if _QUOTE.match(self.text, at) is None:
                self.move(at, string=True)
                return
            at += 1
        self.whole = False
        self.move(len(self.text), string=True)

    def double(self) -> None:
        self.at += 1
        text = self.text
        while (sign := _SIGNS_IN_STRINGS.search(text, self.at)) is not None:
            self.move(sign.start())
            if sign[0] == "`":
                self.move(min(self.at + 2, len(text)), string=True)
            elif text.startswith("$(", self.at):
                self.at += 2
                line = self.line
                self.code(")", nested=True)
                self.within.update(range(line + 1, self.line + 1))
            elif sign[0] in "$\n":
                self.move(self.at + 1, string=True)
            elif text[self.at + 1 : self.at + 2] in (*_DOUBLE_QUOTES,):
                self.at += 2
            else:
                self.at += 1
                return
        self.move(len(text), string=True)
        self.whole = False
