"""Compares variables and named values, and says what takes its value from one that changed."""

from __future__ import annotations

from bakelift.translator.diff.model import CLASSES, SEVERITIES, Change
from bakelift.translator.diff.values import sameness, unordered
from bakelift.translator.plan.expressions import Expr, Literal, Ref
from bakelift.translator.plan.normal import normal_expr
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.diff.model import Class, Consequence, Severity
    from bakelift.translator.diff.sides import Side
    from bakelift.translator.diff.values import Sameness
    from bakelift.translator.plan.model import Input, Leaf, NamedValue


class Use(Record):
    """Something that takes its value from a symbol."""

    path: str
    kind: Class
    severity: Severity
    consequence: Consequence


#: Of something that is said otherwise, and comes to the same now.
_SAME = Use("", "cosmetic", "info", "none")


class SymbolsComparer:
    """``uses``: by (kind, name), everything below a symbol, asked for when one changed."""

    def __init__(self, a: Side, b: Side, uses: Callable[[Side], dict[tuple[str, str], list[Use]]]) -> None:
        self.a = a
        self.b = b
        #: One side was translated, which adds variables and takes some away; those are no changes.
        self.lifted = a.whence is not None or b.whence is not None
        self._uses = uses
        self._known: dict[tuple[str, str], list[Use]] | None = None

    def uses(self, kind: str, name: str) -> list[Use]:
        if self._known is None:
            known = dict(self._uses(self.b))
            for key, found in self._uses(self.a).items():
                known.setdefault(key, found)
            self._known = known
        return self._known.get((kind, name), [])

    def compare(self) -> Iterator[Change]:
        """Changes of variables, then of named values."""
        yield from self._inputs()
        yield from self._named()

    # -- variables ----------------------------------------------------------------------------------------------------

    def _inputs(self) -> Iterator[Change]:
        old = {item.name: item for item in self.a.plan.inputs}
        new = {item.name: item for item in self.b.plan.inputs}
        for name, item in new.items():
            if name in old:
                yield from self._input(old[name], item)
            elif not self.lifted:
                yield self._whole("added", item, self.b)
        for name, item in old.items():
            if name not in new and not self.lifted:
                yield self._whole("removed", item, self.a)

    def _whole(self, kind: str, item: Input, side: Side) -> Change:
        required = item.default is None
        added = kind == "added"
        detail = ""
        if added and required:
            detail = "It has no default: whoever builds has to give a value."
        elif not added:
            detail = "Whoever gives it a value gets an error, or a warning."
        place = side.place(item.leaves, item.span, f"variable.{item.name}")
        path = f"variable.{item.name}" if side.whence is None else place.path
        return Change(
            kind="added" if added else "removed",
            code="diff/variable",
            kind_of="metadata" if required or not added else "cosmetic",
            severity="low" if required or not added else "info",
            consequence="none",
            path=path,
            summary=f"variable {item.name}",
            before=None if added else item.name,
            after=item.name if added else None,
            span=item.span if side.whence is None else place.span,
            old_span=None if added else item.span,
            detail=detail,
        )

    def _input(self, old: Input, new: Input) -> Iterator[Change]:
        effect = self._effect("input", new.name)
        secret = old.sensitive or new.sensitive
        given = [side.bindings.came_from.get(new.name, "default") for side in (self.a, self.b)]
        told = tuple(self._given(old, new, effect, secret)) if any(came != "default" for came in given) else None
        yield from told or ()
        how = _default_sameness(old.default, new.default, self.a, self.b)
        if how == "different" or (how == "value" and not self.lifted):
            # A default that a given value takes the place of decides nothing.
            use = effect if how == "different" and told is None else _SAME
            if told is None or not self.lifted:
                yield self._part("default", old, new, use, old.default, new.default, secret)
        light = Use("", "metadata", "low", "none")
        facts: tuple[tuple[str, object, object, Use], ...] = (
            ("type", _type(old), _type(new), light),
            ("sensitive", old.sensitive, new.sensitive, Use("", "security", "high", "re-create")),
            ("description", old.description, new.description, Use("", "cosmetic", "info", "none")),
        )
        for part, before, after, use in facts:
            if before != after:
                weighed = light if part == "sensitive" and new.sensitive else use
                yield self._part(part, old, new, weighed, _literal(before), _literal(after), False)
        if _default_sameness(old.allowed, new.allowed, self.a, self.b) == "different":
            yield self._part("allowed", old, new, light, old.allowed, new.allowed, secret)
        yield from self._validations(old, new, light)

    def _validations(self, old: Input, new: Input, light: Use) -> Iterator[Change]:
        for index in range(max(len(old.validations), len(new.validations))):
            before = old.validations[index] if index < len(old.validations) else None
            after = new.validations[index] if index < len(new.validations) else None
            for part in ("condition", "error_message"):
                one, two = (getattr(item, part) if item is not None else None for item in (before, after))
                if one is None or two is None or sameness(one.value, two.value, self.a, self.b) == "different":
                    if one is None and two is None:
                        continue
                    change = self._part(
                        "validation", old, new, light, one.value if one else None, two.value if two else None, False
                    )
                    said = two if two is not None else one
                    assert said is not None
                    side = self.b if two is not None else self.a
                    place = side.place_of(said, change.path)
                    yield change.but(path=place.path, span=place.span)

    def _given(self, old: Input, new: Input, effect: Use, secret: bool) -> Iterator[Change]:
        """Values from the command line or a variable file."""
        from bakelift.translator.plan.values import to_expr

        one, two = self.a.bindings.values.get(old.name), self.b.bindings.values.get(new.name)
        before, after = (to_expr(value) if value is not None else None for value in (one, two))
        if before == after:
            return
        change = self._part("value", old, new, effect, before, after, secret)
        came = self.b.bindings.came_from.get(new.name, "default")
        yield change.but(detail=f"The new value is from {came}." if came != "default" else "")

    def _part(
        self, part: str, old: Input, new: Input, use: Use, before: Expr | None, after: Expr | None, secret: bool
    ) -> Change:
        place = _leaf_place(self.b, new.leaves, part, new.span, f"variable.{new.name}.{part}")
        old_place = _leaf_place(self.a, old.leaves, part, old.span, f"variable.{old.name}.{part}")
        if after is None and before is not None:
            place = old_place
        return Change(
            kind="changed" if before is not None and after is not None else "added" if before is None else "removed",
            code="diff/variable",
            kind_of=use.kind,
            severity=use.severity,
            consequence=use.consequence,
            path=place[0],
            summary=f"variable {new.name}: {part}",
            before=before,
            after=after,
            span=place[1],
            old_span=old_place[1],
            affects=tuple(u.path for u in self.uses("input", new.name)) if part in ("default", "value") else (),
            secret=secret,
        )

    def _effect(self, kind: str, name: str) -> Use:
        """The weightiest of what a symbol decides."""
        found = self.uses(kind, name)
        if not found:
            return Use("", "cosmetic", "info", "none")
        best = min(found, key=lambda use: (SEVERITIES.index(use.severity), CLASSES.index(use.kind)))
        consequences = {use.consequence for use in found}
        worst: Consequence = next((c for c in ("re-create", "in-place") if c in consequences), "none")
        return best.but(consequence=worst)

    # -- named values -------------------------------------------------------------------------------------------------

    def _named(self) -> Iterator[Change]:
        """Those with one name on both sides. A new or missing one shows where it is used."""
        old = {item.name: item for item in self.a.plan.named}
        for item in self.b.plan.named:
            before = old.get(item.name)
            how = _named_sameness(before, item, self.a, self.b) if before is not None else "same"
            if before is None or how == "same" or (how == "value" and self.lifted):
                continue
            effect = self._effect("named", item.name) if how == "different" else _SAME
            place = self.b.place(item.leaves, item.value.span or item.span, f"locals.{item.name}")
            old_place = self.a.place(before.leaves, before.value.span or before.span, f"locals.{item.name}")
            yield Change(
                kind="changed",
                code="diff/local",
                kind_of=effect.kind,
                severity=effect.severity,
                consequence=effect.consequence,
                path=place.path,
                summary=f"local {item.name}",
                before=before.value,
                after=item.value,
                span=place.span,
                old_span=old_place.span,
                affects=tuple(use.path for use in self.uses("named", item.name)),
                secret=item.sensitive or before.sensitive,
            )


def _named_sameness(old: NamedValue, new: NamedValue, a: Side, b: Side) -> Sameness:
    """Whether they say the same themselves. What they use is compared where it stands."""
    one, two = unordered(normal_expr(old.value)), unordered(normal_expr(new.value))
    return "same" if one == two else sameness(old.value, new.value, a, b)


def _default_sameness(old: Expr | None, new: Expr | None, a: Side, b: Side) -> Sameness:
    if old is None or new is None:
        return "same" if old is new else "different"
    return sameness(old, new, a, b)


def _type(item: Input) -> str:
    return item.type.name() if item.type is not None else "string"


def _literal(value: object) -> Expr | None:
    return None if value is None else Literal(value)  # type: ignore[arg-type]


def _leaf_place(
    side: Side, leaves: tuple[Leaf, ...], part: str, span: Span | None, path: str
) -> tuple[str, Span | None]:
    """The leaf of one argument of a variable."""
    names = {"default": (".default", ".defaultValue"), "value": (".default", ".defaultValue")}.get(part, (f".{part}",))
    found = [leaf for leaf in leaves if leaf.path.endswith(names)]
    place = side.place(found, None, path)
    return place.path, place.span or (span if side.whence is None else None)


def symbols_of(expr: Expr) -> set[tuple[str, str]]:
    """The variables and named values that an expression mentions."""
    return {(node.kind, node.name) for node in expr.walk() if isinstance(node, Ref) and node.kind in ("input", "named")}
