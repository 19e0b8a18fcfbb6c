"""What a build says, and how it is shown: Packer's user interfaces, one wrapped in the other.

A build speaks to a :class:`TargetedUi` (which puts the build's name before each line), that to a :class:`TimestampedUi`
if asked for, that to a :class:`ColoredUi`, and that to the one at the bottom, which writes: :class:`PlainUi` or
:class:`MachineReadableUi`. So a timestamp stands inside the colour, and the colour wraps a whole text, however many
lines it has. All text goes to stdout, errors included.
"""

from __future__ import annotations

import contextlib
import re
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import IO

    from bakelift.runner.log_live import Live
    from bakelift.runner.redaction import Redactor

#: SGR parameters of the builds by index; errors are red.
COLORS = (32, 36, 35, 33, 34)
RED = 31

#: What Go's unicode.IsSpace holds for white space.
SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"

_SGR = re.compile(r"\x1b\[[0-9;]*m")
_CONTROL = re.compile(r"\x1b\[[0-9;]*m|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_BACKSPACE = re.compile(r"[^\x08\n]\x08")


def harmless(text: str) -> str:
    """Text that a terminal shows where it stands: only colours pass, other control characters are shown (``^[``).

    So the output of a script cannot move the cursor, or turn the reading direction, and forge lines of the log. A
    backspace takes back a character, as on a terminal. Line feeds and tabs stay.
    """
    if text.isprintable():
        return text
    while "\b" in text:
        shorter = _BACKSPACE.sub("", text)
        if shorter == text:
            break
        text = shorter
    return _CONTROL.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    found = match.group()
    if len(found) > 1:
        return found
    code = ord(found)
    if code < 0x80:
        return f"^{chr(code ^ 64)}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


class Ui:
    """What can be said. This base does nothing; what wraps another passes on."""

    def say(self, text: str) -> None:
        """A headline of the log."""

    def message(self, text: str) -> None:
        """Detail: output of scripts."""

    def lines(self, texts: Sequence[str], headlines: bool = False) -> None:
        """Many messages, or headlines, at once: where nothing is between them, they are written together."""
        for text in texts:
            if headlines:
                self.say(text)
            else:
                self.message(text)

    def error(self, text: str) -> None:
        """Trouble, and what scripts write to stderr."""

    def machine(self, kind: str, *data: str, target: str = "") -> None:
        """A record that only machines read."""

    def progress(self, what: str, done: int, total: int | None = None) -> None:
        """How far something is, in bytes: shown while it lasts, and only on a terminal. It ends when done is total."""

    async def ask(self, query: str) -> str:
        """A question to the person at the terminal; the answer without its line end. Raises NoTerminal."""
        raise NoTerminal("no available tty")


class NoTerminal(Exception):
    """There is nobody to ask."""


class Writer:
    """Where bytes go, hidden values replaced. Once nobody reads any more, nothing is written.

    ``live`` shows a line below the log while something lasts; None: nobody would see it. ``heard`` gets a copy.
    """

    def __init__(
        self,
        stream: IO[str],
        redactor: Redactor,
        live: Live | None = None,
        heard: Callable[[str], None] | None = None,
    ) -> None:
        self._stream = stream
        self._bytes = getattr(stream, "buffer", None)
        self._redactor = redactor
        self._live = live
        self._heard = heard
        self._broken = False

    def redacted(self, text: str) -> str:
        return self._redactor(text)

    def write(self, text: str) -> None:
        self.put(self.redacted(text))

    def progress(self, what: str, done: int, total: int | None) -> None:
        if self._live is not None and self._live.progress(self.redacted(what), done, total):
            self.draw()

    def draw(self) -> None:
        """Shows the line below the log as it is now."""
        if self._live is not None:
            self._out(self._live.around(""))

    def put(self, text: str) -> None:
        """Writes text in which nothing is left to hide."""
        if self._heard is not None:
            self._heard(text)
        self._out(self._live.around(text) if self._live is not None else text)

    def _out(self, text: str) -> None:
        if self._broken or not text:
            return
        data = text.encode("utf-8", "surrogateescape")
        try:
            if self._bytes is not None:
                self._stream.flush()
                self._bytes.write(data)
                self._bytes.flush()
            else:
                self._stream.write(data.decode("utf-8", "replace"))
                self._stream.flush()
        except (BrokenPipeError, ValueError):
            self._broken = True


class PlainUi(Ui):
    """Text for people."""

    def __init__(self, writer: Writer, answers: Callable[[], str] | None = None) -> None:
        self._writer = writer
        self._answers = answers

    def say(self, text: str) -> None:
        self._writer.write(text + "\n")

    message = say
    error = say

    def lines(self, texts: Sequence[str], headlines: bool = False) -> None:
        if texts:
            self._writer.write("\n".join(texts) + "\n")

    def progress(self, what: str, done: int, total: int | None = None) -> None:
        self._writer.progress(what, done, total)

    async def ask(self, query: str) -> str:
        if self._answers is None:
            raise NoTerminal("no available tty")
        self._writer.write(query + " ")
        return (await _in_background(self._answers)).rstrip("\r\n")


async def _in_background(read: Callable[[], str]) -> str:
    """What a person types, in a thread that does not hold up the end of the program when nobody types any more."""
    import asyncio
    import threading

    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def settle(text: str) -> None:
        if not answer.done():
            answer.set_result(text)

    def wait() -> None:
        try:
            text = read()
        except (OSError, ValueError, StopIteration):
            text = ""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, text)

    threading.Thread(target=wait, daemon=True).start()
    return await answer


class MachineReadableUi(Ui):
    """``UNIXTIME,TARGET,TYPE,DATA…``: a record for each call."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def say(self, text: str) -> None:
        self.machine("ui", "say", text)

    def message(self, text: str) -> None:
        self.machine("ui", "message", text)

    def error(self, text: str) -> None:
        self.machine("ui", "error", text)

    def machine(self, kind: str, *data: str, target: str = "") -> None:
        # Hidden first: escapes would disguise a value that holds a comma.
        fields = ",".join(
            self._writer.redacted(field).replace(",", "%!(PACKER_COMMA)").replace("\r", "\\r").replace("\n", "\\n")
            for field in data
        )
        self._writer.put(f"{int(time.time())},{self._writer.redacted(target)},{kind},{fields}\n")

    async def ask(self, query: str) -> str:
        raise NoTerminal("machine-readable UI can't ask")


class ColoredUi(Ui):
    """One colour for a build, red for its errors, bold for all but messages."""

    def __init__(self, color: int, ui: Ui) -> None:
        self._color = color
        self._ui = ui

    def say(self, text: str) -> None:
        self._ui.say(self._paint(text, self._color, bold=True))

    def message(self, text: str) -> None:
        self._ui.message(self._paint(text, self._color, bold=False))

    def lines(self, texts: Sequence[str], headlines: bool = False) -> None:
        self._ui.lines([self._paint(text, self._color, bold=headlines) for text in texts], headlines)

    def error(self, text: str) -> None:
        self._ui.error(self._paint(text, RED, bold=True))

    def machine(self, kind: str, *data: str, target: str = "") -> None:
        self._ui.machine(kind, *data, target=target)

    def progress(self, what: str, done: int, total: int | None = None) -> None:
        self._ui.progress(what, done, total)

    async def ask(self, query: str) -> str:
        return await self._ui.ask(self._paint(query, self._color, bold=True))

    @staticmethod
    def _paint(text: str, color: int, bold: bool) -> str:
        return f"\x1b[{int(bold)};{color}m{text}\x1b[0m"


class TimestampedUi(Ui):
    """RFC 3339 local time before each text (not before each of its lines)."""

    def __init__(self, ui: Ui) -> None:
        self._ui = ui

    def say(self, text: str) -> None:
        self._ui.say(self._stamped(text))

    def message(self, text: str) -> None:
        self._ui.message(self._stamped(text))

    def error(self, text: str) -> None:
        self._ui.error(self._stamped(text))

    def machine(self, kind: str, *data: str, target: str = "") -> None:
        self._ui.machine(kind, *data, target=target)

    def progress(self, what: str, done: int, total: int | None = None) -> None:
        self._ui.progress(what, done, total)

    async def ask(self, query: str) -> str:
        return await self._ui.ask(self._stamped(query))

    @staticmethod
    def _stamped(text: str) -> str:
        now = time.localtime()
        offset = now.tm_gmtoff // 60
        zone = "Z" if offset == 0 else f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
        return f"{time.strftime('%Y-%m-%dT%H:%M:%S', now)}{zone}: {text}"


class TargetedUi(Ui):
    """The name of a build before each line. ``messages_as_say``: Packer since 1.13 shows output like headlines.

    ``spoken``: when it last said something, by the monotonic clock.
    ``colored``: a colour that a script leaves on ends with the text anyway; else it is ended here.
    """

    def __init__(self, name: str, ui: Ui, messages_as_say: bool, colored: bool = False) -> None:
        self.name = name
        self._ui = ui
        self._messages_as_say = messages_as_say
        self._colored = colored
        self.spoken = time.monotonic()

    def named(self, name: str) -> TargetedUi:
        """The same for another name: a post-processor's."""
        return TargetedUi(name, self._ui, self._messages_as_say, self._colored)

    def say(self, text: str) -> None:
        self._ui.say(self._prefixed("==>", text))

    def progress(self, what: str, done: int, total: int | None = None) -> None:
        self._ui.progress(f"{self.name}: {what}", done, total)

    def message(self, text: str) -> None:
        if self._messages_as_say:
            self.say(text)
        else:
            self._ui.message(self._prefixed("   ", text))

    def lines(self, texts: Sequence[str], headlines: bool = False) -> None:
        headlines = headlines or self._messages_as_say
        self._ui.lines([self._prefixed("==>" if headlines else "   ", text) for text in texts], headlines)

    def error(self, text: str) -> None:
        self._ui.error(self._prefixed("==>", text))

    def machine(self, kind: str, *data: str, target: str = "") -> None:
        self._ui.machine(kind, *data, target=target or self.name)

    async def ask(self, query: str) -> str:
        return await self._ui.ask(self._prefixed("==>", query))

    def _prefixed(self, arrow: str, text: str) -> str:
        self.spoken = time.monotonic()
        shown = "\n".join(f"{arrow} {self.name}: {line}" for line in harmless(text).split("\n")).rstrip(SPACE)
        if not self._colored and "\x1b" in shown:
            last = _SGR.findall(shown)[-1]
            if last not in {"\x1b[0m", "\x1b[m"}:
                shown += "\x1b[0m"
        return shown
