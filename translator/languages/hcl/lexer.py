"""Text of HCL's native syntax to tokens.

Facts: the grammar of hashicorp/hcl's scanner (hclsyntax/scan_tokens.rl). A token is a kind and a range of the text; the
kind of punctuation is its own text. Comments leave the stream, except for the newline that ends a line comment: a
newline token with the comment's range stands for it, as in HCL's own parser.

Time is linear in the length of the text, also for text that is not HCL.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import SourceFile

IDENT = "identifier"
NUMBER = "number"
STRING = "string"  # a whole quoted string without escapes and template sequences
OPEN_QUOTE = "open quote"
CLOSE_QUOTE = "close quote"
TEXT = "text"  # literal text inside a quoted string or heredoc, not decoded
QUOTED_NEWLINE = "newline in a quoted string"
OPEN_HEREDOC = "open heredoc"
CLOSE_HEREDOC = "close heredoc"
INTERPOLATION = "${"
DIRECTIVE = "%{"
SEQUENCE_END = "end of template sequence"
NEWLINE = "newline"
COMMENT = "comment"
INVALID = "invalid"
END = "end of file"

# No possessive quantifiers: before Python 3.11.5 they match wrongly (gh-106052).
_MAIN = re.compile(
    r"""[ \t]*(?:
      (?P<ident>[A-Za-z_][A-Za-z0-9_-]*(?![A-Za-z0-9_\-]|[^\x00-\x7f]))
    | (?P<newline>\r?\n)
    | (?P<string>"[^"\\$%\r\n]*")
    | (?P<simple>[=\[\](),.](?![=.>])|[?:](?!:)|[-+])
    | (?P<brace>[{}])
    | (?P<number>[0-9]+(?:\.*[0-9]+|\.*[eE][-+]?[0-9]+)*)
    | (?P<comment>(?:\#|//)[^\n]*\n?)
    | (?P<block>/\*)
    | (?P<operator>==|!=|>=|<=|&&|\|\||::|\.\.\.|=>|[=.*/%<>!&|^;`':\[\](),?])
    | (?P<trim>~\})
    | (?P<quote>")
    | (?P<end>\Z)
    | (?P<other>.)
    )""",
    re.VERBOSE | re.DOTALL,
).match
_HEREDOC = re.compile(r"<<-?([^\W\d][\w-]*)\r?\n").match
_QUOTED = re.compile(
    r"""(?P<text>(?:[^"\\$%\r\n]+|\\[^\r\n]|\$\$\{|%%\{|[$%](?!\{))+)
    | (?P<close>")
    | (?P<sequence>[$%]\{~?)
    | (?P<newline>[\r\n]+)
    | (?P<end>\Z)
    | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
).match
#: In a heredoc: an escaped introducer, a template sequence, or a carriage return that ends no line.
_IN_HEREDOC = re.compile(r"\$\$\{|%%\{|[$%]\{~?|\r(?!\n)").search
#: What Go's unicode.IsSpace accepts; Python's isspace has four more.
SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_LINE_SPACES = re.escape(SPACES.replace("\n", ""))


class Tokens:
    """The tokens of a text as parallel lists, the last one being END.

    ``comments``: (start, end) of each comment, line ends excluded.
    """

    __slots__ = ("comments", "ends", "kinds", "starts")

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.comments: list[tuple[int, int]] = []

    def add(self, kind: str, start: int, end: int) -> None:
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)


class _Heredoc:
    """An open heredoc: where its end marker's line starts and ends (-1: not there), found once."""

    __slots__ = ("_marker", "end", "start", "text")

    def __init__(self, text: str, marker: str, position: int) -> None:
        self.text = text
        self._marker = re.compile(f"^[{_LINE_SPACES}]*{re.escape(marker)}[{_LINE_SPACES}]*(?=\n)", re.MULTILINE)
        self.start = self.end = 0
        self.find(position)

    def find(self, position: int) -> None:
        found = self._marker.search(self.text, position)
        self.start, self.end = found.span() if found else (-1, -1)
        if found and self.text[self.end - 1] == "\r":
            self.end -= 1


def tokenize(file: SourceFile, keep_comments: bool = False) -> Tokens:
    """All tokens of a text. Never fails: what is no token is an INVALID one.

    ``keep_comments`` leaves comments in the stream (for the formatter): a line comment's token includes its line end,
    which then is not a token of its own.
    """
    return _Lexer(file.text, keep_comments).run()


class _Lexer:
    def __init__(self, text: str, keep_comments: bool) -> None:
        self.text = text
        self.keep_comments = keep_comments
        self.tokens = Tokens()
        self.templates: list[_Heredoc | None] = []  # templates around the position; None is a quoted string
        self.braces: list[int] = []  # open braces in each enclosing sequence
        self.unclosed_comment = False

    def run(self) -> Tokens:
        position = 1 if self.text.startswith("\ufeff") else 0
        end = len(self.text)
        while position >= 0:
            position = self.main(position)
        self.tokens.add(END, end, end)
        return self.tokens

    def main(self, position: int) -> int:
        """Reads tokens outside of templates until a template begins or goes on; -1 at the end of the text."""
        text, tokens = self.text, self.tokens
        add_kind, add_start, add_end = tokens.kinds.append, tokens.starts.append, tokens.ends.append
        depth = 0 if not self.braces else self.braces[-1]
        while True:
            match = _MAIN(text, position)
            assert match is not None
            group = match.lastgroup
            position = match.end()
            if group == "ident":
                kind = IDENT
            elif group == "newline":
                kind = NEWLINE
            elif group == "string":
                kind = STRING
            elif group in ("simple", "operator"):
                kind = match[group]
                if kind == "<" and (heredoc := _HEREDOC(text, position - 1)):
                    return self.open_heredoc(heredoc)
            elif group == "brace":
                kind = match[group]
                if kind == "{":
                    depth += 1
                elif depth == 0 and self.braces:
                    return self.close_sequence(position - 1, position)
                else:
                    depth -= 1
                if self.braces:
                    self.braces[-1] = depth
            elif group == "number":
                kind = NUMBER
            elif group == "comment":
                self.comment(match.start(group), position)
                continue
            elif group == "block":
                position = self.block_comment(position)
                continue
            elif group == "end":
                return -1
            elif group == "quote":
                tokens.add(OPEN_QUOTE, position - 1, position)
                self.templates.append(None)
                return self.quoted(position)
            elif group == "trim":
                if depth == 0 and self.braces:
                    return self.close_sequence(position - 2, position)
                kind = SEQUENCE_END
            else:
                position = self.other(position - 1)
                continue
            add_kind(kind)
            add_start(match.start(group))
            add_end(position)

    def other(self, start: int) -> int:
        """An identifier with letters beyond ASCII, or a character that is not of the language."""
        text = self.text
        end = start + 1
        if text[start] == "_" or text[start].isidentifier():
            while end < len(text) and (text[end] == "-" or ("a" + text[end]).isidentifier()):
                end += 1
            self.tokens.add(IDENT, start, end)
        else:
            self.tokens.add(INVALID, start, end)
        return end

    def comment(self, start: int, end: int) -> None:
        text, tokens = self.text, self.tokens
        closed = text[end - 1] == "\n"
        tokens.comments.append((start, start + len(text[start:end].rstrip("\r\n"))))
        if self.keep_comments:
            tokens.add(COMMENT, start, end)
        elif closed:
            tokens.add(NEWLINE, start, end)

    def block_comment(self, after_opener: int) -> int:
        close = -1 if self.unclosed_comment else self.text.find("*/", after_opener)
        if close < 0:
            self.unclosed_comment = True
            self.tokens.add("/", after_opener - 2, after_opener - 1)
            self.tokens.add("*", after_opener - 1, after_opener)
            return after_opener
        self.tokens.comments.append((after_opener - 2, close + 2))
        if self.keep_comments:
            self.tokens.add(COMMENT, after_opener - 2, close + 2)
        return close + 2

    def open_sequence(self, start: int, end: int) -> int:
        """``${`` or ``%{``: what follows is outside of the template, up to its closing brace."""
        self.tokens.add(INTERPOLATION if self.text[start] == "$" else DIRECTIVE, start, end)
        self.braces.append(0)
        return end

    def close_sequence(self, start: int, end: int) -> int:
        self.tokens.add(SEQUENCE_END, start, end)
        self.braces.pop()
        heredoc = self.templates[-1]
        return self.quoted(end) if heredoc is None else self.heredoc(heredoc, end)

    def quoted(self, position: int) -> int:
        """Inside a quoted string, up to its end or its next template sequence."""
        tokens = self.tokens
        while True:
            match = _QUOTED(self.text, position)
            assert match is not None
            group = match.lastgroup
            start, position = match.span()
            if group == "text":
                tokens.add(TEXT, start, position)
            elif group == "close":
                tokens.add(CLOSE_QUOTE, start, position)
                self.templates.pop()
                return position
            elif group == "sequence":
                return self.open_sequence(start, position)
            elif group == "newline":
                tokens.add(QUOTED_NEWLINE, start, position)
            elif group == "end":
                return -1
            else:
                tokens.add(INVALID, start, position)

    def open_heredoc(self, introducer: re.Match[str]) -> int:
        start, end = introducer.span()
        self.tokens.add(OPEN_HEREDOC, start, end)
        heredoc = _Heredoc(self.text, introducer[1], end)
        self.templates.append(heredoc)
        return self.heredoc(heredoc, end)

    def heredoc(self, heredoc: _Heredoc, position: int) -> int:
        """Inside a heredoc, up to its end marker or its next template sequence."""
        text, tokens = self.text, self.tokens
        if 0 <= heredoc.start < position:
            heredoc.find(position)
        stop = heredoc.start if heredoc.start >= 0 else len(text)
        at = position
        while found := _IN_HEREDOC(text, at, stop):
            at = found.end()
            if found[0][:2] in ("$$", "%%"):
                continue
            if found.start() > position:
                tokens.add(TEXT, position, found.start())
            if found[0] == "\r":
                tokens.add(INVALID, found.start(), len(text))
                return -1
            return self.open_sequence(found.start(), at)
        if heredoc.start < 0:
            if stop > position:
                tokens.add(TEXT, position, stop)
            return -1
        if stop > position:
            tokens.add(TEXT, position, stop)
        tokens.add(CLOSE_HEREDOC, stop, heredoc.end)
        self.templates.pop()
        return heredoc.end
