"""Differences of one or more templates, as they are shown: values as text, secrets hidden, common changes once."""

from __future__ import annotations

import json

from bakelift.translator.diff.model import SEVERITIES, Hunk
from bakelift.translator.diff.shown import shown_line
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bakelift.translator.diagnostics import Diagnostic, Span
    from bakelift.translator.diff.model import Change, Class, Consequence, Difference, Kind, NotComparable, Severity

HIDDEN = "(sensitive)"
#: A symbolic value longer than this is shown in HCL's words instead of its source text.
_LONG = 200


class Compared(Record):
    """One template: what it is called, and what changed. ``status``: ``changed``, ``added``, ``removed``."""

    name: str
    difference: Difference
    status: str = "changed"


class Shown(Record):
    """A change as it is shown. ``templates``: the names of those in which it was found."""

    kind: Kind
    code: str
    kind_of: Class
    severity: Severity
    consequence: Consequence
    path: str
    summary: str
    before: str | None
    after: str | None
    span: Span | None
    hunks: tuple[Hunk, ...]
    affects: tuple[str, ...]
    detail: str
    templates: tuple[str, ...]
    old_span: Span | None = None

    @property
    def place(self) -> str:
        return str(self.span) if self.span is not None else ""


class Review(Record):
    """``old``, ``new``: what was compared. ``changes``: the severest first. ``many``: of a repository's templates.

    ``troubles``: templates that could not be read, with why.
    """

    old: str
    new: str
    changes: tuple[Shown, ...]
    not_comparable: tuple[NotComparable, ...]
    templates: tuple[Compared, ...]
    many: bool = False
    troubles: tuple[tuple[str, tuple[Diagnostic, ...]], ...] = ()

    def counts(self) -> dict[str, int]:
        return {level: sum(c.severity == level for c in self.changes) for level in SEVERITIES}

    def consequence(self) -> Consequence:
        found = {change.consequence for change in self.changes}
        return "re-create" if "re-create" in found else "in-place" if "in-place" in found else "none"

    def summary_line(self) -> str:
        """``3 changes: 1 high, 2 low; the image template has to be re-created``."""
        if not self.changes:
            return "no difference"
        levels = ", ".join(f"{count} {level}" for level, count in self.counts().items() if count)
        number = len(self.changes)
        if all(change.code == "diff/built" for change in self.changes):
            return f"{number} difference{'s' if number != 1 else ''}: {levels}"
        what = {
            "re-create": "the image template has to be re-created",
            "in-place": "the image template can be updated in place",
            "none": "nothing changes for the image template",
        }[self.consequence()]
        return f"{number} change{'s' if number != 1 else ''}: {levels}; {what}"


def review(
    old: str,
    new: str,
    compared: Sequence[Compared],
    hide: Callable[[str], str],
    many: bool = False,
    troubles: Iterable[tuple[str, tuple[Diagnostic, ...]]] = (),
) -> Review:
    """Everything that is to be shown. ``hide`` takes secrets out of a text."""
    found: dict[object, Shown] = {}
    for template in compared:
        for change in template.difference.changes:
            shown = _shown(change, template.name, hide)
            key = _identity(shown)
            before = found.get(key)
            if before is not None and template.name not in before.templates:
                shown = before.but(templates=(*before.templates, template.name))
            elif before is not None:
                key = (key, len(found))
            found[key] = shown
    changes = sorted(found.values(), key=_rank)
    lost = {
        (item.side, item.code, item.path, str(item.span)): item
        for template in compared
        for item in template.difference.not_comparable
    }
    hidden = tuple(item.but(summary=hide(item.summary)) for item in lost.values())
    return Review(old, new, tuple(changes), hidden, tuple(compared), many, tuple(troubles))


def _rank(change: Shown) -> tuple[int, int]:
    from bakelift.translator.diff.model import CLASSES

    return SEVERITIES.index(change.severity), CLASSES.index(change.kind_of)


def _identity(change: Shown) -> object:
    """What makes a change of a file that several templates share one change."""
    if change.hunks and change.span is not None and change.kind == "changed":
        return change.code, change.span.file.path, change.span.start, change.hunks
    return change.code, change.path, change.summary, change.before, change.after, change.place, change.hunks


def _shown(change: Change, template: str, hide: Callable[[str], str]) -> Shown:
    before = shown_value(change.before, change.old_span)
    after = shown_value(change.after, change.span)
    if change.secret:
        before, after = _masked(change.before, before), _masked(change.after, after)
    return Shown(
        kind=change.kind,
        code=change.code,
        kind_of=change.kind_of,
        severity=change.severity,
        consequence=change.consequence,
        path=change.path,
        summary=hide(change.summary),
        before=hide(before) if before is not None else None,
        after=hide(after) if after is not None else None,
        span=change.span,
        hunks=tuple(hunk.but(lines=tuple(hide(line) for line in hunk.lines)) for hunk in change.hunks),
        affects=change.affects,
        detail=hide(change.detail),
        templates=(template,),
        old_span=change.old_span,
    )


def _masked(value: Expr | str | None, text: str | None) -> str | None:
    """A literal is a secret; what names a variable is not."""
    return HIDDEN if text is not None and (isinstance(value, str) or constant(value)) else text


def constant(value: Expr | None) -> bool:
    return value is not None and all(isinstance(node, (Literal, ListExpr, ObjectExpr)) for node in value.walk())


def shown_value(value: Expr | str | None, at: Span | None) -> str | None:
    """A value as a person reads it: constants as JSON, other expressions as the template writes them.

    ``at``: where it stands in the template that was given; an expression of a translation is shown in HCL's words.
    """
    if value is None or isinstance(value, str):
        return value
    if constant(value):
        return json.dumps(plain(value), ensure_ascii=False, default=str)
    span = value.span
    own = span is not None and at is not None and span.file.path == at.file.path
    if own and span is not None and 0 < span.end - span.start <= _LONG and "\n" not in span.text:
        return span.text
    from bakelift.translator.diagnostics import TemplateError
    from bakelift.translator.languages.hcl.printer import print_expr

    try:
        return " ".join(print_expr(value).split())
    except TemplateError:
        return shown_line(value)


def plain(value: Expr) -> object:
    """The data of a constant."""
    if isinstance(value, ListExpr):
        return [plain(item) for item in value.items]
    if isinstance(value, ObjectExpr):
        return {str(getattr(key, "value", "")): plain(item) for key, item in value.entries}
    return getattr(value, "value", None)
