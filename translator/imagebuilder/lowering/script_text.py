"""The bytes of PowerShell scripts as text, and back: the marks, encodings and line ends that a text does not show."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16BE"}

#: Facts about a script's bytes, which a fetched script has unchanged.
OF_BYTES = ("bom", "encoding", "line_ends", "final_newline")


def facts_of_bytes(data: bytes) -> dict[str, object]:
    """What the marker line says of a script's bytes; nothing of what is no text."""
    try:
        return decoded(data)[1]
    except UnicodeDecodeError:
        return {}


def decoded(data: bytes) -> tuple[str, dict[str, object]]:
    """The text without its final line end, with LF, and what it does not show. Raises UnicodeDecodeError."""
    facts: dict[str, object] = {}
    encoding = _MARKS.get(data[:2])
    if encoding is not None:
        text, facts["encoding"] = data.decode("utf-16"), encoding
    else:
        if data.startswith(b"\xef\xbb\xbf"):
            data, facts["bom"] = data[3:], True
        text = data.decode("utf-8")
    if "\r\n" in text:
        unix = text.replace("\r\n", "\n")
        facts["line_ends"] = "CRLF" if unix.replace("\n", "\r\n") == text else "mixed"
        text = unix
    if text.endswith("\n"):
        return text[:-1], facts
    return text, {**facts, "final_newline": False}


def encoded(text: str, facts: Mapping[str, object]) -> bytes:
    """The bytes of which :func:`decoded` says this; mixed line ends become LF."""
    if facts.get("final_newline") is not False:
        text += "\n"
    if facts.get("line_ends") == "CRLF":
        text = text.replace("\n", "\r\n")
    if facts.get("encoding") == "UTF-16":
        return b"\xff\xfe" + text.encode("utf-16-le")
    if facts.get("encoding") == "UTF-16BE":
        return b"\xfe\xff" + text.encode("utf-16-be")
    return (b"\xef\xbb\xbf" if facts.get("bom") else b"") + text.encode()
