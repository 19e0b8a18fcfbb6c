"""Which types may become which, and why a value does not fit a type: go-cty's ``convert`` in its words."""

from __future__ import annotations

from bakelift.translator.plan.types import STRING, Dynamic, ListType, MapType, ObjectType, Primitive, SetType, TupleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.types import Type


def convertible(have: Type, want: Type) -> bool:
    """Whether some value of one type may be converted to the other."""
    if isinstance(have, Dynamic) or isinstance(want, Dynamic) or have == want:
        return True
    if isinstance(want, Primitive):
        return isinstance(have, Primitive) and STRING in {have, want}
    if isinstance(want, (ListType, SetType)):
        if isinstance(have, TupleType):
            return all(convertible(t, want.element) for t in have.elements)
        return isinstance(have, (ListType, SetType)) and convertible(have.element, want.element)
    if isinstance(want, TupleType):
        if isinstance(have, TupleType):
            pairs = zip(have.elements, want.elements, strict=False)
            return len(have.elements) == len(want.elements) and all(convertible(a, b) for a, b in pairs)
        return isinstance(have, ListType) and all(convertible(have.element, t) for t in want.elements)
    if isinstance(want, MapType):
        if isinstance(have, ObjectType):
            return all(convertible(t, want.element) for t in have.attributes.values())
        return isinstance(have, MapType) and convertible(have.element, want.element)
    if isinstance(want, ObjectType):
        if isinstance(have, MapType):
            return all(convertible(have.element, t) for t in want.attributes.values())
        return isinstance(have, ObjectType) and all(
            convertible(have.attributes[k], t) if k in have.attributes else k in want.optional
            for k, t in want.attributes.items()
        )
    return False


_KINDS = ((ListType, TupleType, "list"), (SetType, TupleType, "set"), (MapType, ObjectType, "map"))


def mismatch(have: Type, want: Type) -> str:
    """Why a conversion is not possible, in HCL's words."""
    if isinstance(have, ObjectType) and isinstance(want, ObjectType):
        missing = sorted(k for k in want.attributes if k not in have.attributes and k not in want.optional)
        return missing_attributes(missing) if missing else "incorrect object attributes"
    for kind, source, noun in _KINDS:
        if isinstance(want, kind) and isinstance(have, source):
            if isinstance(want.element, Dynamic):
                return f"all {noun} elements must have the same type"
            break
        if isinstance(want, kind) and isinstance(have, kind):
            return f"incorrect {noun} element type: {mismatch(have.element, want.element)}"
    return f"{want.constraint_name()} required"


def missing_attributes(names: list[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    if len(quoted) == 1:
        return f"attribute {quoted[0]} is required"
    if len(quoted) == 2:
        return f"attributes {quoted[0]} and {quoted[1]} are required"
    return f"attributes {', '.join(quoted[:-1])}, and {quoted[-1]} are required"
