"""What can be wrong with a text of HCL's native syntax.

Summaries are those that Packer's users know from HashiCorp's parser; positions are the same where reasonable.
"""

from __future__ import annotations

from bakelift.translator.diagnostics import Diagnostic, Span, TemplateError
from bakelift.translator.languages.hcl import lexer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import SourceFile
    from bakelift.translator.languages.hcl.lexer import Tokens

#: After so many errors the rest of a file says nothing new.
MOST_ERRORS = 100


class Problem(Exception):
    """One error; the parser goes on behind the attribute or block that has it."""

    def __init__(self, code: str, summary: str, detail: str, start: int, end: int) -> None:
        super().__init__(summary)
        self.code = code
        self.summary = summary
        self.detail = detail
        self.start = start
        self.end = end


class Problems:
    """Collects the errors of a file."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.found: list[Problem] = []

    def add(self, problem: Problem) -> None:
        self.found.append(problem)

    @property
    def too_many(self) -> bool:
        return len(self.found) >= MOST_ERRORS

    def raise_if_any(self) -> None:
        """Raises one :class:`TemplateError` with all errors, in order of the text and one at each place."""
        if not self.found:
            return
        by_start: dict[int, Problem] = {}
        for problem in self.found:
            by_start.setdefault(problem.start, problem)
        ordered = [by_start[start] for start in sorted(by_start)]
        diagnostics = [
            Diagnostic("error", p.code, p.summary, p.detail, Span(self.file, p.start, p.end)) for p in ordered
        ]
        if self.too_many:
            last = diagnostics[-1].span
            diagnostics.append(
                Diagnostic("error", "hcl/too-many-errors", "Too many errors", "Correct those above first.", last)
            )
        raise TemplateError(*diagnostics)


_BITWISE = {"&": ' "&&" is the boolean and.', "|": ' "||" is the boolean or.', "^": "", "~": ' "!" is the boolean not.'}
_CHARACTERS = {
    "`": "A text of several lines is a heredoc: <<EOT, the lines, and EOT on a line of its own.",
    "'": 'Strings stand in double quotes: "…".',
    ";": "Arguments and blocks are separated by newlines, items of a list or an object by commas.",
}
_FORBIDDEN = frozenset(_BITWISE) | frozenset(_CHARACTERS) | {lexer.INVALID, lexer.QUOTED_NEWLINE}


def report_invalid_tokens(file: SourceFile, tokens: Tokens, problems: Problems) -> None:
    """Adds an error for each token that no HCL may contain; of a run of characters only for the first."""
    if not file.text.isascii():
        _report_bad_encoding(file, problems)
    if _FORBIDDEN.isdisjoint(tokens.kinds):
        return
    previous_end = -1
    quotes = {"`": 0, "'": 0}  # the second of a pair says nothing new
    for kind, start, end in zip(tokens.kinds, tokens.starts, tokens.ends, strict=True):
        if kind not in _FORBIDDEN or problems.too_many:
            continue
        adjacent, previous_end = start == previous_end, end
        if kind in quotes:
            quotes[kind] += 1
            adjacent = adjacent or quotes[kind] % 2 == 0
        if kind in _BITWISE:
            detail = f"HCL has no bitwise operators.{_BITWISE[kind]}"
            problems.add(Problem("hcl/unsupported-operator", "Unsupported operator", detail, start, end))
        elif kind == lexer.QUOTED_NEWLINE:
            detail = (
                "A quoted string ends on its own line. Write a line break in it as \\n, or use a heredoc: <<EOT, the "
                "lines, and EOT on a line of its own."
            )
            problems.add(Problem("hcl/multi-line-string", "Invalid multi-line string", detail, start, end))
        elif not adjacent:
            detail = _CHARACTERS.get(kind) or _about_character(file.text[start])
            problems.add(Problem("hcl/invalid-character", "Invalid character", detail, start, end))


def _about_character(character: str) -> str:
    if character in "\u201c\u201d\u2018\u2019":
        return 'Typographic quotes do not delimit strings; write straight double quotes: "…".'
    if character == "\r":
        return "A carriage return stands only before a line feed."
    return f"U+{ord(character):04X} is not a character of the language here."


def _report_bad_encoding(file: SourceFile, problems: Problems) -> None:
    """Bytes that are not UTF-8 are lone surrogates in the text."""
    try:
        file.text.encode()
    except UnicodeEncodeError as error:
        detail = "The file is not UTF-8 from here on. Save it as UTF-8."
        problems.add(Problem("hcl/not-utf-8", "Invalid character encoding", detail, error.start, error.start + 1))
