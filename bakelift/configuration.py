"""``bakelift.toml``: what templates below a folder share. The nearest up the tree counts, never one above the root."""

from __future__ import annotations

import os

from bakelift.translator.diagnostics import SourceFile, Span, fail
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

NAME = "bakelift.toml"

#: Keys of the file, by table; what each is for, and its kind. "" is the top.
KEYS: dict[str, dict[str, tuple[type, str]]] = {
    "": {
        "var-files": (list, "variable files, before those of the command line; paths from this file's folder"),
        "image-builder": (dict, "how Image Builder templates are written"),
        "azure": (dict, "where in Azure images are built"),
        "galleries": (dict, "galleries of the templates, and those that stand in their place"),
        "regions": (dict, "regions of the templates, and those that stand in their place"),
        "waiver": (list, "entries of reports that somebody has accepted"),
    },
    "image-builder": {
        "api-version": (str, "as -api-version"),
        "identity": (str, "as -identity"),
        "scripts": (str, "as -scripts"),
        "secrets": (str, "as -secrets"),
        "template-name": (str, "name of image templates; {name} is the one that they would have"),
    },
    "azure": {
        "subscription": (str, "as -subscription"),
        "resource-group": (str, "as -resource-group"),
    },
    "galleries.*": {
        "name": (str, "the gallery"),
        "resource-group": (str, "its resource group, where it is another"),
        "subscription": (str, "its subscription, where it is another"),
    },
    "waiver": {
        "code": (str, "what is accepted"),
        "path": (str, "of which setting; * stands for any text"),
        "file": (str, "in which template, from this file's folder; * stands for any text"),
        "reason": (str, "why"),
        "until": (str, "the day from which it counts no longer"),
    },
}


class Waiver(Record):
    """An entry of a report that somebody has accepted. ``path``, ``file``: patterns; None: any.

    ``until``: a day as ISO writes it; ``span``: where it stands.
    """

    code: str
    reason: str
    path: str | None = None
    file: str | None = None
    until: str | None = None
    span: Span | None = None


class Configuration(Record):
    """``path``: of the file; ``folder``: absolute. ``data``: what it says, checked. ``waivers``: its waivers."""

    path: str
    folder: str
    data: Mapping[str, Any]
    waivers: tuple[Waiver, ...] = ()

    @property
    def var_files(self) -> list[str]:
        """Paths as they can be opened from here."""
        return [os.path.relpath(os.path.join(self.folder, str(name))) for name in self.data.get("var-files", [])]

    def image_builder(self, name: str) -> str | None:
        """A text of the table ``image-builder``."""
        value = self.data.get("image-builder", {}).get(name)
        return value if isinstance(value, str) else None

    def azure(self, name: str) -> str | None:
        """A text of the table ``azure``."""
        value = self.data.get("azure", {}).get(name)
        return value if isinstance(value, str) else None

    def as_json(self) -> dict[str, Any]:
        """Where it stands, and what it says; days as text."""
        waivers = [{k: str(v) for k, v in item.items()} for item in self.data.get("waiver", [])]
        return {"path": self.path, **self.data, **({"waiver": waivers} if waivers else {})}

    def lines(self) -> list[str]:
        """What it says, a line a fact, for people."""
        found = [f"var-files = {name}" for name in self.data.get("var-files", [])]
        found += [f"{name} = {value}" for name, value in self.data.get("image-builder", {}).items()]
        for name, other in self.data.get("galleries", {}).items():
            found.append(f"gallery {name} = " + "/".join(str(part) for part in reversed(list(other.values()))))
        found += [f"region {name} = {other}" for name, other in self.data.get("regions", {}).items()]
        for waiver in self.waivers:
            found.append(f"waiver {waiver.code}{f' until {waiver.until}' if waiver.until else ''}: {waiver.reason}")
        return found


def configuration(directory: str, roots: Sequence[str]) -> Configuration | None:
    """The configuration of a template's folder. ``roots``: absolute; nothing above the one that holds it is looked at.

    Raises TemplateError (``config/…``) for a file that says something else than it may.
    """
    at = os.path.realpath(directory)
    inside = [root for root in roots if at == root or at.startswith(root.rstrip(os.sep) + os.sep)]
    top = min(inside, key=len) if inside else at
    while True:
        path = os.path.join(at, NAME)
        if os.path.isfile(path):
            real = os.path.realpath(path)
            if real != path and not real.startswith(top.rstrip(os.sep) + os.sep):
                raise fail("files/outside-root", f"{os.path.relpath(path)} leads out of the root", "A link is no file.")
            return read(path)
        if at == top:
            return None
        at = os.path.dirname(at)


def read(path: str) -> Configuration:
    import tomllib

    shown = os.path.relpath(path)
    with open(path, "rb") as opened:
        raw = opened.read(1024 * 1024)
    try:
        text = raw.decode()
        data = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as problem:
        raise fail("config/syntax", f"{shown} is no TOML", f"{problem}.") from None
    reader = _Reader(SourceFile(shown, text))
    reader.table(data, "")
    return Configuration(shown, os.path.dirname(os.path.realpath(path)), data, tuple(reader.waivers))


class _Reader:
    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.waivers: list[Waiver] = []
        self._at = 0

    def table(self, data: dict[str, Any], name: str) -> None:
        known = KEYS[name]
        for key, value in data.items():
            if key not in known:
                from difflib import get_close_matches

                near = get_close_matches(key, known, 1)
                hint = f"Did you mean {near[0]}? " if near else ""
                where = f"[{name}] of " if name else ""
                said = f"{hint}Known are {', '.join(known)}."
                raise fail("config/unknown", f"{where}{self.file.path} knows no {key}", said, self.span(key))
            kind = known[key][0]
            # TOML has days of its own.
            if not isinstance(str(value) if key == "until" else value, kind):
                wanted = {"str": "text", "list": "a list", "dict": "a table"}[kind.__name__]
                raise fail("config/type", f"{key} has to be {wanted}", "", self.span(key))
            self.entry(name, key, value)

    def entry(self, name: str, key: str, value: Any) -> None:
        if key in ("image-builder", "azure"):
            self.table(value, key)
        elif key == "galleries":
            for gallery, other in value.items():
                self.mapping(gallery, other)
        elif key in ("regions", "var-files"):
            texts = value.values() if key == "regions" else value
            if not all(isinstance(text, str) for text in texts):
                raise fail("config/type", f"{key} holds something else than text", "", self.span(key))
        elif key == "waiver":
            for item in value:
                self.waiver(item)

    def mapping(self, gallery: str, other: object) -> None:
        if not isinstance(other, dict) or "name" not in other:
            said = f'Write galleries.{gallery} = {{ name = "…", resource-group = "…" }}.'
            raise fail("config/type", f"the gallery {gallery} is mapped to no name", said, self.span(gallery))
        self.table(other, "galleries.*")

    def waiver(self, item: object) -> None:
        at = self.file.text.find("[[waiver]]", self._at)
        span = Span(self.file, at, at + len("[[waiver]]")) if at >= 0 else None
        self._at = at + 1 if at >= 0 else self._at
        if not isinstance(item, dict):
            raise fail("config/type", "a waiver has to be a table", "Write [[waiver]].", span)
        self.table(item, "waiver")
        missing = [name for name in ("code", "reason") if not item.get(name)]
        if missing:
            said = "A waiver says what is accepted (code), and why (reason)."
            raise fail("config/waiver", f"the waiver has no {missing[0]}", said, span)
        until = str(item["until"]) if "until" in item else None
        if until is not None and not is_day(until):
            raise fail("config/waiver", f"until is {until!r}, and has to be a day", "Write 2026-12-31.", span)
        self.waivers.append(Waiver(item["code"], item["reason"], item.get("path"), item.get("file"), until, span))

    def span(self, word: str) -> Span | None:
        at = self.file.text.find(word)
        return Span(self.file, at, at + len(word)) if at >= 0 else None


def is_day(text: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10
