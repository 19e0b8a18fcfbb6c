"""``\\pL``, ``\\p{Lu}`` and the like as ranges of a Python character class."""

from __future__ import annotations

_CATEGORIES = {
    "C": ("Cc", "Cf", "Co", "Cs"),
    "L": ("Lu", "Ll", "Lt", "Lm", "Lo"),
    "M": ("Mn", "Mc", "Me"),
    "N": ("Nd", "Nl", "No"),
    "P": ("Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"),
    "S": ("Sm", "Sc", "Sk", "So"),
    "Z": ("Zs", "Zl", "Zp"),
}
_SCRIPTS = {
    "Latin": "LATIN ",
    "Greek": "GREEK ",
    "Cyrillic": "CYRILLIC ",
    "Hebrew": "HEBREW ",
    "Arabic": "ARABIC ",
    "Han": "CJK UNIFIED IDEOGRAPH",
    "Hiragana": "HIRAGANA ",
    "Katakana": "KATAKANA ",
    "Thai": "THAI ",
    "Hangul": "HANGUL ",
}
_made: dict[tuple[str, bool], str] = {}


def ranges(name: str, negative: bool) -> str | None:
    """The ranges of a general category or a script; None when the name is not known."""
    if (name, negative) not in _made:
        made = _ranges(name, negative)
        if made is None:
            return None
        _made[name, negative] = made
    return _made[name, negative]


def _ranges(name: str, negative: bool) -> str | None:
    import unicodedata

    known = {c for group in _CATEGORIES.values() for c in group}
    wanted = _CATEGORIES.get(name, (name,) if name in known else ())
    script = _SCRIPTS.get(name)
    if not wanted and script is None and name != "Any":
        return None
    parts: list[str] = []
    begun: int | None = None
    for code in range(0x110001):
        if code > 0x10FFFF:
            inside = False
        else:
            letter = chr(code)
            inside = (
                name == "Any"
                or unicodedata.category(letter) in wanted
                or (script is not None and unicodedata.name(letter, "").startswith(script))
            ) != negative
        if inside and begun is None:
            begun = code
        elif not inside and begun is not None:
            parts.append(f"\\U{begun:08x}-\\U{code - 1:08x}")
            begun = None
    return "".join(parts)
