"""Compares the steps of two builds: which is which, what they do, and the files that they name."""

from __future__ import annotations

from bakelift.translator.diff.classes import of_step_setting
from bakelift.translator.diff.matching import match
from bakelift.translator.diff.model import Change, Hunk
from bakelift.translator.diff.parts import (
    conditions,
    first_line,
    leaf_span,
    leaves_of,
    name_of,
    of_part,
    options_of,
    script_path,
    signature,
    span_of,
    title,
)
from bakelift.translator.diff.scripts import ScriptsComparer
from bakelift.translator.diff.values import Context, Meaning, SettingsComparer
from bakelift.translator.plan.expressions import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bakelift.translator.diff.model import Consequence
    from bakelift.translator.diff.parts import Part
    from bakelift.translator.diff.sides import Place, Side
    from bakelift.translator.packer.tables.rows import Kind as ComponentKind


class StepsComparer:
    """Steps, and the post-processors of a chain, which are matched and compared alike.

    ``consequence``: what a change of one means for a deployed image template.
    """

    def __init__(self, a: Side, b: Side, settings: SettingsComparer, kind: ComponentKind) -> None:
        self.a = a
        self.b = b
        self.settings = settings
        self.scripts = ScriptsComparer(a, b, settings)
        self.kind: ComponentKind = kind
        self.consequence: Consequence = "re-create" if kind == "provisioner" else "none"

    def compare(self, old: Sequence[Part], new: Sequence[Part], path: str) -> Iterator[Change]:
        """Changes of a sequence; ``path``: of the sequence, for parts without leaves."""
        found = match(
            old,
            new,
            (name_of, lambda part: (signature(part), conditions(part)), signature, script_path, first_line),
            lambda part: (part.type, part.name),
        )
        for index in found.removed:
            yield self._whole("removed", old[index], f"{path}[{index}]")
        partner = {second: first for first, second in found.pairs}
        for index, part in enumerate(new):
            if index not in partner:
                yield self._whole("added", part, f"{path}[{index}]")
                continue
            first = partner[index]
            if (first, index) in found.moved:
                yield self._moved(old[first], part, first, index, f"{path}[{index}]")
            yield from self.pair(old[first], part, f"{path}[{index}]")

    def pair(self, old: Part, new: Part, path: str) -> Iterator[Change]:
        """Changes of one part; both are of one type, or have one name."""
        context = self._context(old, new, path)
        if old.type != new.type:
            yield self._whole("removed", old, path)
            yield self._whole("added", new, path)
            return
        if old.name != new.name:
            yield self._renamed(old, new, context)
        one, two = dict(old.settings), dict(new.settings)
        yield from self.scripts.compare(one, two, context)
        yield from self.settings.compare(one, two, context)
        yield from self._conditions(old, new, context)
        from bakelift.translator.diff.bodies import compare_bodies

        yield from compare_bodies(old.opaque, new.opaque, self.settings, context)

    # -- one part -----------------------------------------------------------------------------------------------------

    def _context(self, old: Part | None, new: Part | None, path: str) -> Context:
        part = new or old
        assert part is not None
        return Context(
            path=path,
            title=title(part),
            meaning=self._meaning,
            options=options_of(self.kind, part.type),
            old_span=span_of(old) if old is not None else None,
            new_span=span_of(new) if new is not None else None,
            old_leaves=leaves_of(old) if old is not None else (),
            new_leaves=leaves_of(new) if new is not None else (),
        )

    def _meaning(self, name: str, removed: bool) -> Meaning:
        if self.kind != "provisioner":
            return Meaning("distribution", "low", "none")
        kind, severity = of_step_setting(name)
        return Meaning(kind, severity, self.consequence if kind in ("script", "metadata") else "none")

    def _place(self, part: Part, side: Side, path: str) -> Place:
        return side.place(leaves_of(part), span_of(part), path)

    def _whole(self, kind: str, part: Part, path: str) -> Change:
        added = kind == "added"
        place = self._place(part, self.b if added else self.a, path)
        text = f"{self._word()} {title(part)}"
        lines = tuple(("+" if added else "-") + line for line in self.scripts.shown(part, self.b if added else self.a))
        return Change(
            kind="added" if added else "removed",
            code="diff/step-added" if added else "diff/step-removed",
            kind_of="script" if self.kind == "provisioner" else "distribution",
            severity="medium" if self.kind == "provisioner" else "low",
            consequence=self.consequence,
            path=of_part(place.path),
            summary=text,
            before=None if added else title(part),
            after=title(part) if added else None,
            span=span_of(part) if (self.b if added else self.a).whence is None else place.span,
            old_span=None if added else place.span,
            hunks=(Hunk(1, 1, lines),) if lines else (),
        )

    def _moved(self, old: Part, new: Part, first: int, second: int, path: str) -> Change:
        place, before = self._place(new, self.b, path), self._place(old, self.a, path)
        return Change(
            kind="moved",
            code="diff/moved",
            kind_of="script" if self.kind == "provisioner" else "distribution",
            severity="medium" if self.kind == "provisioner" else "low",
            consequence=self.consequence,
            path=of_part(place.path),
            summary=f"{self._word()} {title(new)} runs as number {second + 1} instead of {first + 1}",
            before=str(first + 1),
            after=str(second + 1),
            span=place.span,
            old_span=before.span,
        )

    def _renamed(self, old: Part, new: Part, context: Context) -> Change:
        place, before = self._place(new, self.b, context.path), self._place(old, self.a, context.path)
        meaning = self._meaning("name", False)
        return Change(
            kind="renamed",
            code="diff/renamed",
            kind_of=meaning.kind,
            severity=meaning.severity,
            consequence=meaning.consequence,
            path=f"{of_part(place.path)}.name",
            summary=f"{self._word()} {title(new)}: name",
            before=Literal(old.name),
            after=Literal(new.name),
            span=leaf_span(new, "name") if self.b.whence is None else place.span,
            old_span=before.span,
        )

    def _conditions(self, old: Part, new: Part, context: Context) -> Iterator[Change]:
        """only, except, override: for which images a part runs, and how."""
        one = {name: s for name, s in (("only", old.only), ("except", old.excepted)) if s is not None}
        two = {name: s for name, s in (("only", new.only), ("except", new.excepted)) if s is not None}
        keep_old, keep_new = getattr(old, "keep_input_artifact", None), getattr(new, "keep_input_artifact", None)
        if keep_old is not None:
            one["keep_input_artifact"] = keep_old
        if keep_new is not None:
            two["keep_input_artifact"] = keep_new
        yield from self.settings.compare(one, two, context)
        over_old, over_new = getattr(old, "override", {}), getattr(new, "override", {})
        for name in {**over_old, **over_new}:
            inner = context.but(path=f"{context.path}.override.{name}", title=f"{context.title}, override of {name}")
            yield from self.settings.compare(over_old.get(name, {}), over_new.get(name, {}), inner)

    def _word(self) -> str:
        return "step" if self.kind == "provisioner" else "post-processor"
