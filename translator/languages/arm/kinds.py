"""What kind of value an expression gives, as far as it can be told without evaluating it.

ARM's ``concat``, ``contains``, ``take`` or ``format`` mean different things for text, lists and objects; a bool in text
is ``True``. Reading and printing ask here.
"""

from __future__ import annotations

from bakelift.translator.languages.arm.functions import BY_OPERATION
from bakelift.translator.plan.expressions import (
    Call,
    Conditional,
    For,
    Index,
    JoinedFor,
    ListExpr,
    Literal,
    ObjectExpr,
    Ref,
    Splat,
    Template,
)
from bakelift.translator.plan.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    Dynamic,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.types import Type


class Symbols:
    """What an expression's names stand for in one ARM template.

    ``parameters`` and ``variables``: name in the Plan → name in the template. ``types``: of Refs by (kind, name); a
    parameter or variable without one is of unknown type. Names that are not in the maps stand for themselves.
    """

    def __init__(
        self,
        parameters: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
        types: Mapping[tuple[str, str], Type] | None = None,
    ) -> None:
        self.parameters = dict(parameters or {})
        self.variables = dict(variables or {})
        self.types = dict(types or {})

    def with_types(self, types: Mapping[tuple[str, str], Type]) -> Symbols:
        """The same names with some more types (those that a lambda binds)."""
        return Symbols(self.parameters, self.variables, {**self.types, **types})


PLAIN = Symbols()

_LIST = ListType(DYNAMIC)
_MAP = MapType(DYNAMIC)
_GIVES: dict[str, Type] = {"string": STRING, "number": NUMBER, "bool": BOOL, "list": _LIST, "object": _MAP}

#: Results of operations that have no ARM function of their own.
_TEXTS = (
    "format substr trimprefix trimsuffix trim title strrev chomp indent urlencode basename dirname formatdate "
    "timestamp timeadd uuidv4 uuidv5 regex_replace jsonencode env md5 sha1 sha256 sha512 cidrsubnet cidrhost "
    "cidrnetmask legacy_isotime legacy_strftime go.timestamp go.isotime go.strftime go.uuid go.replace go.replace_all "
    "go.split go.clean_resource_name go.printf go.upper go.lower"
)
_BOOLS = "startswith endswith strcontains contains not_equal alltrue anytrue"
_NUMBERS = "negate divide parseint index sum abs"
_LISTS = "keys values compact reverse slice formatlist chunklist"
_RESULTS: dict[str, Type] = {
    **dict.fromkeys(_TEXTS.split(), STRING),
    **dict.fromkeys(_BOOLS.split(), BOOL),
    **dict.fromkeys(_NUMBERS.split(), NUMBER),
    **dict.fromkeys(_LISTS.split(), _LIST),
    **dict.fromkeys(["merge", "zipmap"], _MAP),
}


def kind_of(expr: Expr, symbols: Symbols = PLAIN) -> Type:
    """The type of what an expression gives; ``DYNAMIC`` where it cannot be told."""
    if isinstance(expr, Literal):
        return _of_literal(expr)
    if isinstance(expr, (Template, JoinedFor)):
        return STRING
    if isinstance(expr, ListExpr):
        return TupleType(tuple(kind_of(item, symbols) for item in expr.items))
    if isinstance(expr, ObjectExpr):
        return _of_object(expr, symbols)
    if isinstance(expr, Ref):
        found = symbols.types.get((expr.kind, expr.name), DYNAMIC)
        return STRING if found == DYNAMIC and expr.kind in {"build", "path", "source", "group", "command"} else found
    if isinstance(expr, Index):
        return _of_index(expr, symbols)
    if isinstance(expr, Conditional):
        then, otherwise = kind_of(expr.then, symbols), kind_of(expr.otherwise, symbols)
        return otherwise if isinstance(then, Dynamic) else then
    if isinstance(expr, For):
        return _MAP if expr.key is not None else _LIST
    if isinstance(expr, Splat):
        return _LIST
    if isinstance(expr, Call):
        return _of_call(expr, symbols)
    return DYNAMIC


def element_of(type: Type) -> Type:
    """The type of the elements of a collection; ``DYNAMIC`` where they differ or it is none."""
    if isinstance(type, (ListType, SetType, MapType)):
        return type.element
    if isinstance(type, TupleType) and type.elements and all(t == type.elements[0] for t in type.elements):
        return type.elements[0]
    return DYNAMIC


def is_list(type: Type) -> bool:
    return isinstance(type, (ListType, SetType, TupleType))


def is_object(type: Type) -> bool:
    return isinstance(type, (MapType, ObjectType))


def flat(type: Type) -> bool:
    """Whether an object's values are known to be scalars: then ARM's deep ``union`` is HCL's shallow ``merge``."""
    if isinstance(type, MapType):
        return type.element in (STRING, NUMBER, BOOL)
    return isinstance(type, ObjectType) and all(t in (STRING, NUMBER, BOOL) for t in type.attributes.values())


def _of_literal(expr: Literal) -> Type:
    if expr.value is None:
        return DYNAMIC
    if isinstance(expr.value, bool):
        return BOOL
    return STRING if isinstance(expr.value, str) else NUMBER


def _of_object(expr: ObjectExpr, symbols: Symbols) -> Type:
    fields: dict[str, Type] = {}
    for key, value in expr.entries:
        if not isinstance(key, Literal) or not isinstance(key.value, str):
            return _MAP
        fields[key.value] = kind_of(value, symbols)
    return ObjectType(fields)


def _of_index(expr: Index, symbols: Symbols) -> Type:
    target = kind_of(expr.target, symbols)
    key = expr.key
    if isinstance(target, ObjectType) and isinstance(key, Literal) and isinstance(key.value, str):
        return target.attributes.get(key.value, DYNAMIC)
    if isinstance(target, TupleType) and isinstance(key, Literal) and isinstance(key.value, int):
        return target.elements[key.value] if 0 <= key.value < len(target.elements) else DYNAMIC
    if isinstance(expr.target, Call) and expr.target.operation == "split":
        return STRING
    if isinstance(expr.target, Call) and expr.target.operation in _SCOPES and isinstance(key, Literal):
        return DYNAMIC if key.value in {"tags", "properties"} else STRING
    return element_of(target)


_SCOPES = {"arm.resourceGroup", "arm.subscription", "arm.tenant", "arm.managementGroup"}


def _of_call(expr: Call, symbols: Symbols) -> Type:
    if expr.operation in _RESULTS:
        return _RESULTS[expr.operation]
    if expr.operation == "split":
        return ListType(STRING)
    row = BY_OPERATION.get(expr.operation)
    if row is not None and row.gives:
        return _GIVES[row.gives]
    if expr.operation in {"coalesce", "arm.coalesce", "concat", "arm.skip", "arm.take", "try", "arm.concat"}:
        kinds = [kind_of(arg, symbols) for arg in expr.args]
        return next((k for k in kinds if not isinstance(k, Dynamic)), DYNAMIC)
    if expr.operation in {"element", "arm.first", "arm.last"} and expr.args:
        return element_of(kind_of(expr.args[0], symbols))
    if expr.operation == "lookup" and len(expr.args) == 3:
        return kind_of(expr.args[2], symbols)
    if expr.operation in {"arm.union", "arm.intersection", "distinct"} and expr.args:
        return kind_of(expr.args[0], symbols)
    if expr.operation == "convert" and len(expr.args) == 2 and isinstance(expr.args[1], Ref):
        return {"string": STRING, "number": NUMBER, "bool": BOOL}.get(expr.args[1].name, DYNAMIC)
    return DYNAMIC
