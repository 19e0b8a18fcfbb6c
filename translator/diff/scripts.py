"""Compares what steps run, and the files that they name: line by line."""

from __future__ import annotations

from bakelift.translator.diagnostics import Span
from bakelift.translator.diff.lines import hunks
from bakelift.translator.diff.model import Change
from bakelift.translator.diff.parts import script_of
from bakelift.translator.diff.shown import shown_line
from bakelift.translator.plan.expressions import ListExpr, Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.translator.diff.model import Hunk
    from bakelift.translator.diff.parts import Part
    from bakelift.translator.diff.sides import Content, Side
    from bakelift.translator.diff.values import Context, SettingsComparer
    from bakelift.translator.plan.model import Setting

#: Settings whose lists are lines of a script.
_LINES = ("inline",)


class ScriptsComparer:
    """Takes out of the settings of a step what is compared line by line, and compares it."""

    def __init__(self, a: Side, b: Side, settings: SettingsComparer) -> None:
        self.a = a
        self.b = b
        self.settings = settings

    def compare(self, old: dict[str, Setting], new: dict[str, Setting], context: Context) -> Iterator[Change]:
        """Changes of what a step runs; the settings that say it are taken out."""
        files = {name for name, option in context.options.items() if option.file}
        script_old, script_new = script_of(old), script_of(new)
        if script_old is not None and script_new is not None and script_old != script_new:
            yield from self._other_script(old, new, script_old, script_new, context)
            return
        for name in _LINES:
            if name in old and name in new:
                yield from self._inline(name, old.pop(name), new.pop(name), context)
        for name in sorted(files & old.keys() & new.keys()):
            if self._called_otherwise(old[name], new[name]):
                yield self._other_file(name, old.pop(name), new.pop(name), context)
            else:
                yield from self._files(name, old[name], new[name], context)

    def _inline(self, name: str, old: Setting, new: Setting, context: Context) -> Iterator[Change]:
        if not isinstance(old.value, ListExpr) or not isinstance(new.value, ListExpr):
            yield from self.settings.setting(name, old, new, context)
            return
        found = hunks(self._lines(old.value, self.a), self._lines(new.value, self.b))
        if found:
            yield self._script_change(name, old, new, found, context, _changed_line(new.value, found))

    def _script_change(
        self,
        name: str,
        old: Setting,
        new: Setting,
        found: tuple[Hunk, ...],
        context: Context,
        at: Span | None = None,
        code: str = "diff/script",
    ) -> Change:
        place, before = self.settings.places(name, old, new, context)
        meaning = context.meaning(name, False)
        return Change(
            kind="changed",
            code=code,
            kind_of=meaning.kind,
            severity=meaning.severity,
            consequence=meaning.consequence,
            path=place.path,
            summary=f"{context.title}: {name}",
            span=(at or place.span) if self.b.whence is None else place.span,
            old_span=before.span if before is not None else None,
            hunks=found,
        )

    def _lines(self, expr: ListExpr, side: Side) -> list[str]:
        """The lines of an inline list; what is no text is shown in HCL's words."""
        lines: list[str] = []
        for item in expr.items:
            lines += shown_line(side.inlined(item) if not isinstance(item, Literal) else item).split("\n")
        return lines

    def _other_script(
        self, old: dict[str, Setting], new: dict[str, Setting], was: str, is_: str, context: Context
    ) -> Iterator[Change]:
        """Text that went from lines into a file, or back: compared as lines where both can be read."""
        before, after = old.pop(was), new.pop(is_)
        one, two = self._text(was, before, self.a), self._text(is_, after, self.b)
        if one is None or two is None:
            yield from self.settings.compare({was: before}, {is_: after}, context)
            return
        found = hunks(one, two)
        change = self._script_change(is_, before, after, found, context, code="diff/script-place")
        yield change.but(
            summary=f"{context.title}: {is_} instead of {was}" + ("" if found else ", with the same text"),
            severity=change.severity if found else "low",
        )

    def _text(self, name: str, setting: Setting, side: Side) -> list[str] | None:
        if name == "inline":
            return self._lines(setting.value, side) if isinstance(setting.value, ListExpr) else None
        paths = side.paths(setting.value)
        lines: list[str] = []
        for path in paths or ():
            found = side.contents(path, setting.span)
            if isinstance(found, str) or any(item.lines is None for item in found):
                return None
            lines += [line for item in found for line in item.lines or ()]
        return lines if paths else None

    def _files(self, name: str, old: Setting, new: Setting, context: Context) -> Iterator[Change]:
        """What the files hold. That they are called otherwise is a change of the setting."""
        one, two = self.a.paths(old.value), self.b.paths(new.value)
        if one is None or two is None:
            return
        pairs = list(zip(one, two, strict=False)) if len(one) == len(two) else [(p, p) for p in one if p in two]
        for before, after in pairs:
            here, there = self.a.contents(before, old.span), self.b.contents(after, new.span)
            if isinstance(here, str) or isinstance(there, str):
                if here != there:
                    yield self._presence(name, old, new, context, after, here, there)
                continue
            yield from self._contents(name, here, there, (old, new), context)

    def _called_otherwise(self, old: Setting, new: Setting) -> bool:
        if self.settings.sameness(old, new) == "same":
            return False
        one, two = self.a.paths(old.value), self.b.paths(new.value)
        return one is None or two is None or one != two

    def _other_file(self, name: str, old: Setting, new: Setting, context: Context) -> Change:
        """Another file, or a list of others: with what differs in a script, where both can be read."""
        one, two = self._text(name, old, self.a), self._text(name, new, self.b)
        found = hunks(one, two) if one is not None and two is not None else ()
        change = self._script_change(name, old, new, found, context, code="diff/changed")
        return change.but(before=old.value, after=new.value)

    def _presence(
        self, name: str, old: Setting, new: Setting, context: Context, path: str, here: object, there: object
    ) -> Change:
        kind = "file that is there now" if isinstance(here, str) else "file that is no longer there"
        change = self._script_change(name, old, new, (), context, code="diff/file-presence")
        before = here if isinstance(here, str) else "present"
        after = there if isinstance(there, str) else "present"
        return change.but(summary=f"{context.title}: {path}, a {kind}", before=before, after=after, severity="high")

    def _contents(
        self,
        name: str,
        here: list[Content],
        there: list[Content],
        settings: tuple[Setting, Setting],
        context: Context,
    ) -> Iterator[Change]:
        old_files = {item.rest: item for item in here}
        new_files = {item.rest: item for item in there}
        for rest in {**old_files, **new_files}:
            one, two = old_files.get(rest), new_files.get(rest)
            if one is not None and two is not None and one.data == two.data and one.executable == two.executable:
                continue
            yield self._content(name, one, two, settings, context)

    def _content(
        self, name: str, one: Content | None, two: Content | None, settings: tuple[Setting, Setting], context: Context
    ) -> Change:
        item = two or one
        assert item is not None
        lines_old = one.lines if one is not None else ()
        lines_new = two.lines if two is not None else ()
        found = hunks(lines_old, lines_new) if lines_old is not None and lines_new is not None else ()
        change = self._script_change(name, *settings, found, context)
        before = _said(one) if not found else None
        after = _said(two) if not found else None
        at = _line_of(two, found) if self.b.whence is None and not self.b.embedded else None
        kind = "changed" if one is not None and two is not None else "added" if one is None else "removed"
        return change.but(
            kind=kind,
            summary=f"{context.title}: {item.path}",
            before=before,
            after=after,
            span=at or change.span,
        )

    def shown(self, part: Part, side: Side) -> list[str]:
        """The lines of a step that is new, or gone."""
        name = script_of(part.settings)
        if name is None:
            return []
        return self._text(name, part.settings[name], side) or []


def _changed_line(expr: ListExpr, found: tuple[Hunk, ...]) -> Span | None:
    """The item of a list that holds the first changed line."""
    line = _first_changed(found)
    count = 0
    for item in expr.items:
        count += str(item.value).count("\n") + 1 if isinstance(item, Literal) else 1
        if count >= line:
            return item.span
    return None


def _first_changed(found: tuple[Hunk, ...]) -> int:
    """Number of the first line of the new text that differs."""
    hunk = found[0]
    lead = 0
    for line in hunk.lines:
        if line[0] != " ":
            break
        lead += 1
    return hunk.new_line + lead


def _line_of(item: Content | None, found: tuple[Hunk, ...]) -> Span | None:
    """The first changed line of a file."""
    if item is None or item.file is None:
        return None
    number = _first_changed(found) if found else 1
    lines = item.file.text.split("\n")
    number = min(number, len(lines))
    start = sum(len(line) + 1 for line in lines[: number - 1])
    return Span(item.file, start, start + len(lines[number - 1]))


def _said(item: Content | None) -> str | None:
    if item is None:
        return None
    from hashlib import sha256

    return f"{len(item.data)} bytes, sha256 {sha256(item.data).hexdigest()[:16]}…" + (
        ", executable" if item.executable else ""
    )
