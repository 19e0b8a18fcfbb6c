"""Keeps sensitive values out of everything that is shown.

Packer replaces each value by ``<sensitive>`` wherever it stands as a substring of one call's text. Two things are done
better here: the lines of a value of several lines are hidden one by one, as output comes line by line; and a value of
three characters or less is hidden only where it stands alone, so that a password ``1`` does not mangle every number.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.translator.plan.values import Value

MASK = "<sensitive>"
_SHORT = 3


class Redactor:
    """Replaces what it was told to hide. Longer values go first, so that one value inside another leaves no rest."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.hide(*secrets)

    def hide(self, *secrets: str) -> None:
        """Hides these values from now on; empty ones are skipped."""
        for secret in secrets:
            if not secret.strip():
                continue
            self._secrets.add(secret)
            if "\n" in secret:
                lines = (line.strip() for line in secret.split("\n"))
                self._secrets.update(line for line in lines if len(line) > _SHORT)
            elif secret != secret.rstrip():
                self._secrets.add(secret.rstrip())  # output lines come without their trailing blanks
        self._pattern = None

    def __call__(self, text: str) -> str:
        if not self._secrets:
            return text
        if self._pattern is None:
            ordered = sorted(self._secrets, key=lambda s: (-len(s), s))
            self._pattern = re.compile("|".join(_alternative(s) for s in ordered))
        return self._pattern.sub(MASK, text)


def _alternative(secret: str) -> str:
    escaped = re.escape(secret)
    return escaped if len(secret) > _SHORT else rf"(?<![A-Za-z0-9_]){escaped}(?![A-Za-z0-9_])"


def texts(value: Value) -> list[str]:
    """Every string inside a value: what is to be hidden of a sensitive list, map or object. Numbers count as text."""
    if isinstance(value.raw, str):
        return [value.raw]
    if not value.known or value.raw is None or isinstance(value.raw, bool):
        return []
    if isinstance(value.raw, (tuple, dict)):
        return [text for element in value.elements() for text in texts(element)]
    return [str(value.raw)]
