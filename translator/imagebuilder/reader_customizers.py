"""The customizers of an image template, each as its record."""

from __future__ import annotations

from bakelift.translator.imagebuilder.table_customizers import BY_TYPE
from bakelift.translator.languages.json.nodes import Array, Object, Scalar
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.reader_resource import ResourceReader
    from bakelift.translator.imagebuilder.table_customizers import CustomizerKind


def read_customizers(reader: ResourceReader) -> list[Customizer]:
    """The customizers of a resource; one of no known type is an error, and left out."""
    listed = reader.node("/properties/customize")
    reader.take(listed)
    found: list[Customizer] = []
    for node in listed if isinstance(listed, Array) else ():
        type = node.get("type") if isinstance(node, Object) else None
        kind = BY_TYPE.get(str(type.value)) if isinstance(type, Scalar) else None
        if kind is None or not isinstance(node, Object):
            from bakelift.translator.plan.suggest import did_you_mean

            said = type.value if isinstance(type, Scalar) else None
            what = "The customizer has no type" if type is None else f"{said!r} is no type of customizer"
            detail = f"The types are {', '.join(BY_TYPE)}." + did_you_mean(str(said or ""), BY_TYPE)
            span = type.span if type is not None else node.span
            reader.diagnostics.error("arm/customizer", what, detail, span)
            continue
        found.append(_customizer(reader, node, kind))
    return found


def _customizer(reader: ResourceReader, node: Object, kind: CustomizerKind) -> Customizer:
    """One customizer; what its record has no field for is kept beside it."""
    found: dict[str, object] = {}
    extra: list[tuple[Expr, Expr]] = []
    names = {name: field for field, name in kind.properties}
    for member in node:
        field, value = names.get(member.key), member.value
        if member.key == "type":
            continue
        if field == "inline":
            items = value.items if isinstance(value, Array) else (value,)
            found[field] = tuple(reader.line(item) for item in items)
            continue
        said = reader.expr(value)
        if field == "sha256_checksum" and isinstance(said, Literal) and isinstance(said.value, str):
            said = Literal(said.value.lower(), said.span)  # as the service wants it
        if field in ("run_elevated", "run_as_system"):
            said = _flag(said)
        unsaid = field in ("run_elevated", "run_as_system") and said != Literal(True)
        if field == "valid_exit_codes":
            said = _codes(reader, said)
        if field is None or unsaid or said == Literal("") or (field == "name" and not isinstance(said, Literal)):
            extra.append((Literal(member.key), said))
        else:
            found[field] = said
    kept = ObjectExpr(tuple(extra)) if extra else None
    return kind.record(**found, leaves=reader.leaves.of(node), extra=kept)  # type: ignore[call-arg]


def _codes(reader: ResourceReader, said: Expr) -> Expr:
    """Exit codes; those that were said as text are numbers."""
    if not isinstance(said, ListExpr):
        return said
    texts = [item for item in said.items if isinstance(item, Literal) and isinstance(item.value, str)]
    if not texts or not all(str(text.value).strip().isdigit() for text in texts):
        return said
    reader.diagnostics.warning(
        "arm/text-number", "Exit codes are numbers", "They are read as numbers, without the quotes.", texts[0].span
    )
    numbers: dict[Expr, Expr] = {text: Literal(int(str(text.value)), text.span) for text in texts}
    return ListExpr(tuple(numbers.get(item, item) for item in said.items), said.span)


def _flag(expr: Expr) -> Expr:
    """A bool that was said as text."""
    words = {"true": True, "false": False}
    said = words.get(expr.value.lower()) if isinstance(expr, Literal) and isinstance(expr.value, str) else None
    return expr if said is None else Literal(said, expr.span)
