"""Writing results: beside the target and renamed, so that a half-written file never stands there; edits are kept."""

from __future__ import annotations

import os

from bakelift.translator.diagnostics import fail


def write_file(path: str, text: str) -> None:
    """Writes a text whole or not at all."""
    write_bytes(path, text.encode())


def write_bytes(path: str, data: bytes, mode: int | None = None) -> None:
    """Writes a file whole or not at all. ``mode``: its permissions; None: as new files have them."""
    folder = os.path.dirname(path) or "."
    os.makedirs(folder, exist_ok=True)
    beside = os.path.join(folder, f".{os.path.basename(path)}.{os.getpid()}.part")
    try:
        with open(beside, "wb") as file:
            file.write(data)
        if mode is not None:
            os.chmod(beside, mode & 0o777)
        os.replace(beside, path)
    finally:
        if os.path.exists(beside):
            os.unlink(beside)


def read_existing(path: str) -> str | None:
    """The text that stands there now; None when nothing does."""
    try:
        with open(path, encoding="utf-8", errors="replace", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None


def refuse_edited(path: str, text: str, force: bool) -> None:
    """Raises TemplateError when another text stands at ``path`` that we cannot prove to be our own, unedited."""
    existing = read_existing(path)
    if force or existing is None or existing == text or is_own(existing):
        return
    raise fail(
        "files/edited",
        f"{path} exists and was not written by bakelift, or was edited since",
        "Its content would be lost. Write elsewhere with -out, or overwrite it with -force.",
    )


def same_file(path: str, data: bytes) -> bool:
    """Whether a file with these bytes stands at ``path``."""
    if not os.path.isfile(path) or os.path.getsize(path) != len(data):
        return False
    with open(path, "rb") as file:
        return file.read() == data


def refuse_other(path: str, data: bytes, force: bool) -> None:
    """Raises TemplateError when a file with other bytes stands at ``path``: a script may be somebody's work."""
    if force or not os.path.lexists(path) or same_file(path, data):
        return
    raise fail(
        "files/edited",
        f"{path} exists, with other content than the script that belongs there",
        "Its content would be lost. Write elsewhere with -out, or overwrite it with -force.",
    )


def stamp(template: dict[str, object]) -> dict[str, object]:
    """An ARM template with who made it and a hash of what it says, as Bicep does it (metadata._generator)."""
    from bakelift import __version__

    generator = {"name": "bakelift", "version": __version__, "templateHash": _hash(template)}
    stamped: dict[str, object] = {}
    for key, value in template.items():
        stamped[key] = value
        if key == "contentVersion":
            stamped["metadata"] = {"_generator": generator}
    return stamped


_LAST_LINE = " Written by bakelift "


def stamp_text(text: str, comment: str) -> str:
    """HCL or Bicep with a last line that says who wrote it and a hash of what stands above it.

    ``comment``: what begins a comment: ``#`` or ``//``.
    """
    from bakelift import __version__

    return f"{text}\n{comment}{_LAST_LINE}{__version__}, {_sums(text.encode())}\n"


def stamp_legacy(text: str) -> str:
    """A legacy JSON template with a last root key that says the same; Packer takes it for a comment."""
    from bakelift import __version__

    value = f"{_LAST_LINE.strip()} {__version__}, {_sums(text.encode())}"
    return f'{text.removesuffix(_LEGACY_END)}{_LEGACY_KEY}"{value}"{_LEGACY_END}'


_LEGACY_END = "\n}\n"
_LEGACY_KEY = ',\n  "_generator": '


def is_own(text: str) -> bool:
    """Whether a text is a template with our stamp, unchanged since."""
    import json

    above, mark, stamped = text.rpartition(_LEGACY_KEY)
    if mark and stamped.endswith(f'"{_LEGACY_END}'):
        sums = stamped.removesuffix(f'"{_LEGACY_END}').rpartition(" ")[2]
        return sums == _sums(f"{above}{_LEGACY_END}".encode())

    above, mark, stamped = text.rpartition(_LAST_LINE)
    above, _, comment = above.rpartition("\n")
    if mark and comment in ("#", "//"):
        return stamped.rpartition(" ")[2] == f"{_sums(above.encode())}\n"

    try:
        data = json.loads(text)
        generator = data["metadata"]["_generator"]
    except (ValueError, KeyError, TypeError):
        return False
    data.pop("metadata")
    return bool(generator.get("name") == "bakelift" and generator.get("templateHash") == _hash(data))


def _hash(template: dict[str, object]) -> str:
    import json

    return _sums(json.dumps(template, sort_keys=True, separators=(",", ":")).encode())


def _sums(data: bytes) -> str:
    """Finds edits, which nobody makes to be missed: two checksums do, where hashlib takes 2.5 ms to load OpenSSL."""
    from zlib import adler32, crc32

    return f"{crc32(data):08x}{adler32(data):08x}"
