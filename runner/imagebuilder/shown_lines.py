"""Lines of a log on their way to whoever reads it: those of one kind together, and no value to hide across their ends.

Tools break what they encode over lines. A line at whose end something to hide may begin waits for the next one, as long
as lines come.
"""

from __future__ import annotations

from bakelift.runner.lines import Lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.redaction import Redactor
    from bakelift.runner.ui import Ui


class ShownLines:
    """``ui``: where they go, as headlines (``say``), output (``message``) or errors (``error``)."""

    def __init__(self, ui: Ui, redactor: Redactor | None = None) -> None:
        self._ui = ui
        self._redactor = redactor
        self._kind = "message"
        self._texts: list[str] = []

    def add(self, kind: str, text: str) -> None:
        if kind != self._kind:
            self.flush()
            self._kind = kind
        self._texts.append(text)

    def flush(self, more: bool = False) -> None:
        """Shows what was added; ``more``: the next lines of the same kind may come soon."""
        kept: list[str] = []
        if more and self._redactor and self._texts and self._redactor.begun(self._texts[-1].rstrip()):
            kept = [self._texts.pop()]
        texts, self._texts = self._hidden(self._texts), kept
        if self._kind != "error":
            self._ui.lines(texts, headlines=self._kind == "say")
            return
        for text in texts:
            self._ui.error(text)

    def _hidden(self, texts: list[str]) -> list[str]:
        """Looked for in all of them at once first: most lines hold nothing to hide."""
        if not self._redactor or len(texts) < 2 or not self._redactor.spans("".join(map(str.strip, texts))):
            return texts
        found: list[str] = []
        lines = Lines(found.append, self._redactor)
        lines("".join(f"{text}\n" for text in texts).encode("utf-8", "surrogateescape"))
        lines.close()
        return found
