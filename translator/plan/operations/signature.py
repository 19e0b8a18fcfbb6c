"""What a row of the table says of an operation, read from its text."""

from __future__ import annotations

from bakelift.translator.plan.record import Record
from bakelift.translator.plan.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType, SetType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bakelift.translator.plan.types import Type


class Parameter(Record):
    """``name`` as error messages show it; ``nullable``: null may be given."""

    name: str
    type: Type
    nullable: bool = False


class Operation(Record):
    """``form`` says what the implementation takes and gives (see :mod:`.table`); ``rest``: the variadic parameter.

    ``required`` counts parameters that must be given.
    """

    name: str
    implementation: str
    form: str
    parameters: tuple[Parameter, ...]
    rest: Parameter | None
    required: int
    result: Type

    def parameter(self, index: int) -> Parameter:
        if index < len(self.parameters):
            return self.parameters[index]
        assert self.rest is not None
        return self.rest

    def load(self) -> Callable[..., Any]:
        """The implementation; its group is imported now."""
        group, _, function = self.implementation.partition(".")
        module = __import__(f"{__package__}.{group}", fromlist=[function])
        implementation: Callable[..., Any] = getattr(module, function)
        return implementation


_WORDS: dict[str, Type] = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": DYNAMIC}
_COLLECTIONS = {"list": ListType, "set": SetType, "map": MapType}


def read_signature(name: str, implementation: str, form: str, text: str) -> Operation:
    """Reads ``a: string, b?: any, [c: number], *rest: string -> bool``: nullable, may be left out, variadic."""
    given, _, result = text.partition("->")
    parameters: list[Parameter] = []
    rest: Parameter | None = None
    required = 0
    for part in given.split(","):
        word = part.strip()
        if not word:
            continue
        optional = word.startswith("[")
        variadic = word.startswith("*")
        label, _, kind = word.strip("[]*").partition(":")
        label = label.strip()
        parameter = Parameter(label.rstrip("?"), _type(kind.strip()), label.endswith("?"))
        if variadic:
            rest = parameter
        else:
            parameters.append(parameter)
            required += not optional
    return Operation(name, implementation, form, tuple(parameters), rest, required, _type(result.strip()))


def _type(text: str) -> Type:
    if text in _WORDS:
        return _WORDS[text]
    kind, _, inner = text.partition("(")
    return _COLLECTIONS[kind](_type(inner.removesuffix(")")))
