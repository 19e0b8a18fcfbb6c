"""Broken input from good input: the ways in which files are damaged, and ways in which people mean harm."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

_TOKEN = re.compile(rb"[A-Za-z_][\w.-]*|\d+|\"(?:[^\"\\\n]|\\.)*\"|\s+|.", re.DOTALL)
_BRACKETS = (
    b"(",
    b")",
    b"[",
    b"]",
    b"{",
    b"}",
    b'"',
    b"${",
    b"%{",
    b"{{",
    b"}}",
    b"<<EOF\n",
    b"/*",
    b"*/",
    b"'",
    b"\\",
)
_VALUES = (
    b"null", b"true", b"-1", b"0", b"1e400", b"99999999999999999999999", b'""', b"[]", b"{}", b'"{{"', b'"${"', b'"["',
    b'"[a]"', b'"\\u0000"', b'"\\ud800"', b'"\xf0\x9f\x98\x80"', b"[[[[]]]]", b'{"a":{"a":{}}}', b"0x", b"var",
)  # fmt: skip


def flip_bytes(data: bytes, rng: random.Random) -> bytes:
    made = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        if made:
            made[rng.randrange(len(made))] ^= 1 << rng.randrange(8)
    return bytes(made)


def truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randint(0, len(data))]


def drop_middle(data: bytes, rng: random.Random) -> bytes:
    start = rng.randint(0, len(data))
    return data[:start] + data[start + rng.randint(1, 200) :]


def duplicate(data: bytes, rng: random.Random) -> bytes:
    start = rng.randint(0, len(data))
    piece = data[start : start + rng.randint(1, 2000)]
    return data[:start] + piece * rng.randint(2, 4) + data[start:]


def swap_tokens(data: bytes, rng: random.Random) -> bytes:
    tokens = _TOKEN.findall(data)
    for _ in range(rng.randint(1, 6)):
        if len(tokens) > 1:
            a, b = rng.randrange(len(tokens)), rng.randrange(len(tokens))
            tokens[a], tokens[b] = tokens[b], tokens[a]
    return b"".join(tokens)


def drop_tokens(data: bytes, rng: random.Random) -> bytes:
    tokens = _TOKEN.findall(data)
    for _ in range(rng.randint(1, 6)):
        if tokens:
            del tokens[rng.randrange(len(tokens))]
    return b"".join(tokens)


def wrong_type(data: bytes, rng: random.Random) -> bytes:
    """Values become values of other types."""
    tokens = _TOKEN.findall(data)
    places = [i for i, token in enumerate(tokens) if token[:1] == b'"' or token[:1].isdigit() or token in (b"true",)]
    for place in rng.sample(places, min(len(places), rng.randint(1, 4))):
        tokens[place] = rng.choice(_VALUES)
    return b"".join(tokens)


def swap_values(data: bytes, rng: random.Random) -> bytes:
    """Texts change places: still a template, that means nonsense."""
    tokens = _TOKEN.findall(data)
    places = [i for i, token in enumerate(tokens) if token[:1] == b'"']
    for _ in range(rng.randint(1, 5)):
        if len(places) > 1:
            a, b = rng.sample(places, 2)
            tokens[a], tokens[b] = tokens[b], tokens[a]
    return b"".join(tokens)


def drop_lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    for _ in range(rng.randint(1, 3)):
        if lines:
            del lines[rng.randrange(len(lines))]
    return b"\n".join(lines)


def double_line(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    lines.insert(rng.randint(0, len(lines)), rng.choice(lines))
    return b"\n".join(lines)


def insert_marks(data: bytes, rng: random.Random) -> bytes:
    made = data
    for _ in range(rng.randint(1, 5)):
        at = rng.randint(0, len(made))
        made = made[:at] + rng.choice(_BRACKETS) + made[at:]
    return made


def nest(data: bytes, rng: random.Random) -> bytes:
    """One place is nested so deeply that a reader by recursion exhausts the stack."""
    opener, closer = rng.choice(
        ((b"(", b")"), (b"[", b"]"), (b"{a=", b"}"), (b'{"a":', b"}"), (b'"${', b'}"'), (b"!", b""), (b"-", b""),
         (b"{{(", b")}}"), (b"x{", b"}"), (b"f(", b")"), (b"true?1:", b"0"), (b"1+", b"1"), (b"[for x in ", b":x]"))
    )  # fmt: skip
    depth = rng.choice((50, 300, 3000))
    places = [m.start() for m in _TOKEN.finditer(data) if m.group()[:1] == b'"'] or [rng.randint(0, len(data))]
    at = rng.choice(places)
    return data[:at] + opener * depth + b"1" + closer * depth + data[at:]


def huge_text(data: bytes, rng: random.Random) -> bytes:
    at = rng.randint(0, len(data))
    return data[:at] + rng.choice((b"A", b"\\", b"{{", b"${", b" ", b"\n", b'"', b"'", b"#")) * 20_000 + data[at:]


def nul(data: bytes, rng: random.Random) -> bytes:
    at = rng.randint(0, len(data))
    return data[:at] + b"\0" * rng.randint(1, 3) + data[at:]


def crlf(data: bytes, rng: random.Random) -> bytes:
    return data.replace(b"\n", rng.choice((b"\r\n", b"\r", b"\n\r")))


def bom(data: bytes, rng: random.Random) -> bytes:
    mark = rng.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))
    return mark + data if rng.random() < 0.7 else data + mark


def not_utf8(data: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.2:
        return data.decode("utf-8", "replace").encode("utf-16")
    at = rng.randint(0, len(data))
    return data[:at] + rng.choice((b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc0\x80")) + data[at:]


def odd_characters(data: bytes, rng: random.Random) -> bytes:
    at = rng.randint(0, len(data))
    odd = rng.choice(
        ("\u2028", "\u0085", "\u00a0", "\u202e", "\u00df", "\u0130", "\U0010ffff", "\ufeff", "\x1b[31m", "\x7f")
    )
    return data[:at] + odd.encode() + data[at:]


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flip_bytes, truncate, drop_middle, duplicate, swap_tokens, drop_tokens, insert_marks, nest, huge_text, nul, crlf,
    bom, not_utf8, odd_characters,
    # What reads well and means nonsense goes deepest.
    wrong_type, wrong_type, wrong_type, wrong_type, swap_values, swap_values, swap_values, drop_lines, drop_lines,
    double_line,
)  # fmt: skip


def mutated(data: bytes, rng: random.Random, others: Sequence[bytes] = ()) -> bytes:
    """A text with one to three kinds of damage, now and then with a piece of another text."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if others and rng.random() < 0.1:
            other = rng.choice(others)
            start = rng.randint(0, len(other))
            at = rng.randint(0, len(data))
            data = data[:at] + other[start : start + rng.randint(1, 1000)] + data[at:]
        else:
            data = rng.choice(MUTATIONS)(data, rng)
    return data
