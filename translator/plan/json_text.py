"""Values as JSON text, as ``jsonencode`` and ``terraform output -json`` write them."""

from __future__ import annotations

import json

from bakelift.translator.plan import bigfloat
from bakelift.translator.plan.values import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.values import Value

# What Go's encoder escapes besides control characters, quotes and backslashes.
_ESCAPES = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


def value_to_json_text(value: Value, *, escape: bool = True) -> str:
    """Compact JSON: keys sorted, numbers exact, not ASCII only. Raises ValueError on unknown values and infinity.

    ``escape``: ``< > &`` as ``\\u003c`` and so on, as Go does.
    """
    parts: list[str] = []
    _write(value, parts, escape)
    return "".join(parts)


def _write(value: Value, parts: list[str], escape: bool) -> None:
    raw = value.raw
    if isinstance(raw, Unknown):
        raise ValueError("the value is not known")
    if isinstance(raw, tuple):
        parts.append("[")
        for index, item in enumerate(raw):
            if index:
                parts.append(",")
            _write(item, parts, escape)
        parts.append("]")
    elif isinstance(raw, dict):
        parts.append("{")
        for index, (key, item) in enumerate(raw.items()):
            parts.append("," if index else "")
            parts.append(json_string(key, escape=escape) + ":")
            _write(item, parts, escape)
        parts.append("}")
    elif isinstance(raw, str):
        parts.append(json_string(raw, escape=escape))
    elif raw is None:
        parts.append("null")
    elif isinstance(raw, bool):
        parts.append("true" if raw else "false")
    else:
        if bigfloat.is_infinite(raw):  # type: ignore[arg-type]
            raise ValueError("cannot serialize infinity as JSON")
        parts.append(bigfloat.text(raw))  # type: ignore[arg-type]


def json_string(text: str, *, escape: bool = True) -> str:
    """A JSON string literal as Go writes it."""
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted.translate(_ESCAPES) if escape else quoted
