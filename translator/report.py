"""The account of a translation: what became of every leaf of the input, in exactly one class."""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Literal

    from bakelift.translator.diagnostics import Diagnostic, Span
    from bakelift.translator.plan.model import Leaf
    from bakelift.translator.plan.remarks import Remark

    Class = Literal["exact", "adapted", "approximated", "dropped", "unsupported", "out_of_scope"]
    Evidence = Literal["schema", "documented", "observed", "unverified"]

#: From what costs nothing to what costs most; the worst said of a leaf is its class.
CLASSES: tuple[Class, ...] = ("exact", "adapted", "approximated", "dropped", "unsupported", "out_of_scope")


class Item(Record):
    """What became of one leaf. ``to``: JSON pointers (or HCL addresses) in the output."""

    kind: Class
    code: str
    summary: str
    evidence: Evidence
    path: str
    span: Span | None = None
    to: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        return {
            "class": self.kind,
            "code": self.code,
            "summary": self.summary,
            "evidence": self.evidence,
            "path": self.path,
            "span": self.span.as_json() if self.span else None,
            "to": list(self.to),
        }


class Frozen(Record):
    """An input whose value was bound when translating, because structure depends on it.

    ``value`` None: it is sensitive, or there is none (``came_from`` says what was assumed).
    """

    name: str
    value: str | None
    came_from: str
    reason: str
    sensitive: bool = False

    @property
    def assumed(self) -> bool:
        """Whether the input has no value and was taken to be given when deploying."""
        return self.value is None and self.came_from.endswith("taken to be given")


class Accounting:
    """Collects what is said of leaves. Saying it again of the same leaf adds targets; the worst class wins."""

    def __init__(self, leaves: Iterable[Leaf] = ()) -> None:
        self._order: list[Leaf] = list(leaves)
        self._known = {id(leaf) for leaf in self._order}
        self._said: dict[int, Item] = {}
        self._left_out: set[int] = set()

    def say(
        self,
        leaves: Iterable[Leaf],
        kind: Class,
        code: str,
        summary: str = "",
        evidence: Evidence = "documented",
        to: Iterable[str] = (),
    ) -> None:
        """Puts leaves into a class. ``to`` may be empty for what is not in the output."""
        targets = tuple(to)
        for leaf in leaves:
            if id(leaf) not in self._known:
                self._known.add(id(leaf))
                self._order.append(leaf)
            before = self._said.get(id(leaf))
            if before is None:
                self._said[id(leaf)] = Item(kind, code, summary, evidence, leaf.path, leaf.span, targets)
                continue
            merged = before.to + tuple(t for t in targets if t not in before.to)
            if CLASSES.index(kind) > CLASSES.index(before.kind):
                self._said[id(leaf)] = Item(kind, code, summary, evidence, leaf.path, leaf.span, merged)
            elif merged != before.to:
                self._said[id(leaf)] = before.but(to=merged)

    def said(self, leaf: Leaf) -> Item | None:
        return self._said.get(id(leaf))

    def leave_out(self, leaves: Iterable[Leaf]) -> None:
        """Leaves that belong only to builds that were not selected: not counted, unless something was said of them."""
        self._left_out.update(id(leaf) for leaf in leaves)

    def is_left_out(self, leaf: Leaf) -> bool:
        return id(leaf) in self._left_out

    def unaccounted(self) -> list[Leaf]:
        return [leaf for leaf in self._order if id(leaf) not in self._said and id(leaf) not in self._left_out]

    def items(self) -> list[Item]:
        """One item a leaf, in the order of the input. A leaf of which nothing was said is unsupported: never silent."""
        found = []
        for leaf in self._order:
            item = self._said.get(id(leaf))
            if item is not None:
                found.append(item)
            elif id(leaf) not in self._left_out:
                summary = f"{leaf.path} has no counterpart that bakelift knows"
                found.append(Item("unsupported", "report/unaccounted", summary, "unverified", leaf.path, leaf.span))
        return found


class Report(Record):
    """The whole account of one translation (``-report``; its JSON Schema is in ``schemas/``)."""

    input: Mapping[str, str]
    output: Mapping[str, str]
    selected: Mapping[str, object]
    frozen: tuple[Frozen, ...]
    items: tuple[Item, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    comments: tuple[Remark, ...] = ()

    def counts(self) -> dict[str, int]:
        counts: dict[str, int] = dict.fromkeys(CLASSES, 0)
        for item in self.items:
            counts[item.kind] += 1
        counts["total"] = len(self.items)
        return counts

    def as_json(self) -> dict[str, object]:
        return {
            "version": 1,
            "input": dict(self.input),
            "output": dict(self.output),
            "selected": dict(self.selected),
            "frozen": [
                {"name": f.name, "value": f.value, "from": f.came_from, "reason": f.reason} for f in self.frozen
            ],
            "counts": self.counts(),
            "items": [item.as_json() for item in self.items],
            "diagnostics": [d.as_json() for d in self.diagnostics],
            "comments": [remark.as_json() for remark in self.comments],
        }

    def summary_line(self) -> str:
        """``41 automatic, 2 to review, 1 manual``: exact and adapted; approximated and dropped; unsupported."""
        counts = self.counts()
        automatic = counts["exact"] + counts["adapted"]
        review = counts["approximated"] + counts["dropped"]
        return f"{automatic} automatic, {review} to review, {counts['unsupported']} manual"
