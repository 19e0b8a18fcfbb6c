"""Cuts a script's output into the lines of the log, and finds values that were broken over lines.

White space at a line's end goes, and all before its last carriage return, as in Packer. A line whose end may be the
beginning of a value to hide waits for the next one: half a second, or until the script ends. So base64, which breaks
every 76 characters, shows no value; and what is shown without delay is everything else.
"""

from __future__ import annotations

from bakelift.runner.redaction import MASK
from bakelift.runner.ui import SPACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from bakelift.runner.redaction import Redactor

#: A line longer than this is cut, so that output without line ends takes no memory. Bytes.
_LONGEST = 1 << 20

#: Seconds that a line waits for its continuation.
PATIENCE = 0.5


class Lines:
    """Hears of output in pieces of any length; ``say`` hears of each line."""

    def __init__(self, say: Callable[[str], None], redactor: Redactor | None = None) -> None:
        self._say = say
        self._redactor = redactor
        self._rest = b""
        self._held: list[str] = []
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)
        if len(self._rest) > _LONGEST:
            self._line(self._rest)
            self._rest = b""
        if self._held and self._timer is None:
            self._wait()

    def close(self) -> None:
        """The last line, when it had no end."""
        if self._rest:
            self._line(self._rest)
            self._rest = b""
        self._release()

    def _line(self, line: bytes) -> None:
        text = line.decode("utf-8", "surrogateescape").rstrip(SPACE)
        text = text[text.rfind("\r") + 1 :]
        if not self._redactor:
            self._say(text)
            return
        if not self._held and not self._redactor.begun(text):
            self._say(text)
            return
        self._held.append(text)
        self._settle()

    def _settle(self) -> None:
        """Hides what stands across the ends of the lines that wait, and says those that need not wait any more."""
        assert self._redactor is not None
        starts, joined = [], ""
        for line in self._held:
            starts.append(len(joined))
            joined += line.lstrip(SPACE)
        for start, end in reversed(self._redactor.spans(joined)):
            touched = [
                number
                for number, (begin, stop) in enumerate(zip(starts, [*starts[1:], len(joined)], strict=True))
                if start < stop and begin < end
            ]
            if len(touched) > 1:
                for number in touched:
                    self._hide(number, start - starts[number], end - starts[number])
        left = len(joined) - self._redactor.begun(joined)
        stay = next((n for n, begin in enumerate([*starts[1:], len(joined)]) if left < begin), len(self._held))
        said, self._held = self._held[:stay], self._held[stay:]
        for line in said:
            self._say(line)
        if not self._held:
            self._stop()

    def _hide(self, number: int, start: int, end: int) -> None:
        """Hides a part of a line; places count from its first character that is no white space."""
        line = self._held[number]
        indent = len(line) - len(line.lstrip(SPACE))
        start, end = max(0, start) + indent, min(len(line), end + indent)
        self._held[number] = line[:start] + MASK + line[end:]

    def _wait(self) -> None:
        import asyncio

        try:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._release)
        except RuntimeError:
            return  # nothing comes later where there is no event loop: close() says the rest

    def _release(self) -> None:
        self._stop()
        held, self._held = self._held, []
        for line in held:
            self._say(line)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
