"""The syntax tree of a Go template, before it means anything. Offsets count characters of the joined text."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.expressions import Expr


class Node:
    """``[start, end)`` in the text, delimiters included."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end


class Text(Node):
    """Literal text (trimmed by its neighbours), or an interpolation of the outer language."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: Expr) -> None:
        super().__init__(start, end)
        self.value = value


class Constant(Node):
    """A string, number, boolean or nil; a string may hold interpolations of the outer language."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: Expr) -> None:
        super().__init__(start, end)
        self.value = value


class Field(Node):
    """``.A.B``; without names the dot itself."""

    __slots__ = ("names",)

    def __init__(self, start: int, end: int, names: tuple[str, ...]) -> None:
        super().__init__(start, end)
        self.names = names


class Variable(Node):
    """``$x.A``; ``$`` is the template's data."""

    __slots__ = ("name", "names")

    def __init__(self, start: int, end: int, name: str, names: tuple[str, ...]) -> None:
        super().__init__(start, end)
        self.name = name
        self.names = names


class Function(Node):
    """The name of a function."""

    __slots__ = ("name",)

    def __init__(self, start: int, end: int, name: str) -> None:
        super().__init__(start, end)
        self.name = name


class Chain(Node):
    """``(pipeline).A.B``, ``function.A``."""

    __slots__ = ("names", "target")

    def __init__(self, start: int, end: int, target: Node, names: tuple[str, ...]) -> None:
        super().__init__(start, end)
        self.target = target
        self.names = names


class Command(Node):
    """An operand, or a function with its arguments."""

    __slots__ = ("words",)

    def __init__(self, start: int, end: int, words: tuple[Node, ...]) -> None:
        super().__init__(start, end)
        self.words = words


class Pipeline(Node):
    """Commands joined by ``|``. ``declares``: variables it sets, by ``:=`` or (``assigns``) by ``=``."""

    __slots__ = ("assigns", "commands", "declares")

    def __init__(
        self, start: int, end: int, commands: tuple[Command, ...], declares: tuple[str, ...] = (), assigns: bool = False
    ) -> None:
        super().__init__(start, end)
        self.commands = commands
        self.declares = declares
        self.assigns = assigns


class Action(Node):
    """``{{pipeline}}``."""

    __slots__ = ("pipeline",)

    def __init__(self, start: int, end: int, pipeline: Pipeline) -> None:
        super().__init__(start, end)
        self.pipeline = pipeline


class Control(Node):
    """``{{if}}``, ``{{with}}``, ``{{range}}``, ``{{define}}``, ``{{block}}``, to its ``{{end}}``.

    Also ``{{template}}``, ``{{break}}``, ``{{continue}}``, which have no body.
    """

    __slots__ = ("body", "keyword", "otherwise", "pipeline")

    def __init__(
        self,
        start: int,
        end: int,
        keyword: str,
        pipeline: Pipeline | None,
        body: tuple[Node, ...] = (),
        otherwise: tuple[Node, ...] = (),
    ) -> None:
        super().__init__(start, end)
        self.keyword = keyword
        self.pipeline = pipeline
        self.body = body
        self.otherwise = otherwise
