"""Grapheme clusters: what a reader sees as one character (Unicode annex 29, extended clusters)."""

from __future__ import annotations

_ZWJ = "\u200d"


def split(text: str) -> list[str]:
    """The clusters of a text."""
    if text.isascii() and "\r" not in text:
        return list(text)
    clusters: list[str] = []
    for letter in text:
        if clusters and _joins(clusters[-1], letter):
            clusters[-1] += letter
        else:
            clusters.append(letter)
    return clusters


def count(text: str) -> int:
    return len(text) if text.isascii() and "\r" not in text else len(split(text))


def _joins(cluster: str, letter: str) -> bool:
    last = cluster[-1]
    if last == "\r":
        return letter == "\n"
    if _control(last) or _control(letter):
        return False
    if _extends(letter):
        return True
    if last == _ZWJ:
        return _pictographic(letter) and _pictographic(cluster.rstrip(_EXTENDERS)[-1:])
    if _regional(last) and _regional(letter):
        return len(cluster) % 2 == 1
    return _hangul(last, letter)


_EXTENDERS = "".join(map(chr, (*range(0x1F3FB, 0x1F400), *range(0xFE00, 0xFE10), 0x200D, 0x20E3)))


def _control(letter: str) -> bool:
    if letter in "\u200c\u200d":
        return False
    from unicodedata import category

    return category(letter) in {"Cc", "Zl", "Zp", "Cs"} or (
        category(letter) == "Cf" and not 0xE0020 <= ord(letter) <= 0xE007F
    )


def _extends(letter: str) -> bool:
    if letter in "\u200c\u200d" or 0x1F3FB <= ord(letter) <= 0x1F3FF or 0xE0020 <= ord(letter) <= 0xE007F:
        return True
    from unicodedata import category

    return category(letter) in {"Mn", "Me", "Mc"}


def _pictographic(letter: str) -> bool:
    code = ord(letter) if letter else 0
    return (
        0x1F000 <= code <= 0x1FAFF
        or 0x2190 <= code <= 0x2BFF
        or code in {0xA9, 0xAE, 0x203C, 0x2049, 0x2122, 0x2139, 0x3030, 0x303D, 0x3297, 0x3299}
    )


def _regional(letter: str) -> bool:
    return 0x1F1E6 <= ord(letter) <= 0x1F1FF


def _hangul(last: str, letter: str) -> bool:
    kinds = _syllable(last), _syllable(letter)
    return kinds in _HANGUL_PAIRS


_HANGUL_PAIRS = {
    ("L", "L"),
    ("L", "V"),
    ("L", "LV"),
    ("L", "LVT"),
    ("LV", "V"),
    ("LV", "T"),
    ("V", "V"),
    ("V", "T"),
    ("LVT", "T"),
    ("T", "T"),
}


def _syllable(letter: str) -> str:
    code = ord(letter)
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return "T"
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"
    return ""
