"""``-seed``: a time and uuids that are the same in every run."""

from __future__ import annotations

import hashlib
import itertools
import re

from bakelift.translator.plan.scope import Clock

#: The time of a seed that is no time itself: 2000-01-01T00:00:00Z.
EPOCH = 946684800
_RFC3339 = r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[-+]\d\d:\d\d)"


def seeded(seed: str) -> Clock:
    """The clock of a seed: a whole number (seconds since 1970), a time (RFC 3339), or any other text.

    Raises ValueError for what has the form of a time and is none.
    """
    numbers = itertools.count()

    def uuid() -> str:
        """Of version 4 in form."""
        digits = hashlib.sha256(f"{seed}/{next(numbers)}".encode("utf-8", "surrogateescape")).hexdigest()
        variant = "89ab"[int(digits[16], 16) % 4]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"

    return Clock(_time(seed), uuid)


def _time(seed: str) -> float:
    if re.fullmatch(r"\d{1,11}", seed):
        return float(seed)
    if not re.fullmatch(_RFC3339, seed):
        return float(EPOCH)
    from datetime import datetime

    return datetime.fromisoformat(seed.upper().replace("Z", "+00:00")).timestamp()
