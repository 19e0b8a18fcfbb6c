"""Clock calls and random ids, hoisted into parameters: ARM evaluates ``utcNow`` and ``newGuid`` only in defaults.

The parameter ``buildTime`` holds the moment of the deployment; every call that reads the clock is said with it. The
value is made when the template is *deployed*, where Packer makes it at each build: that is in the report.
"""

from __future__ import annotations

from bakelift.translator.plan.expressions import Call, Literal, Ref, Template, template, transform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.plan.expressions import Expr

#: Keys of the parameters that the writer makes itself; no input can have such a name.
OWN = "own:"
BUILD_TIME = Ref("input", OWN + "buildTime")

#: What is said of a value that is made of it.
AT_DEPLOYMENT = "made when the template is deployed, where Packer makes it at each build"

#: The idiom for a name's suffix: RFC 3339 without its separators.
_DIGITS = ("[- TZ:]", "")
_CLOCKS = {"timestamp", "go.timestamp", "go.isotime", "go.strftime", "legacy_isotime", "legacy_strftime"}
_UUIDS = {"uuidv4", "go.uuid"}
#: All that :func:`hoist` looks at.
_HOISTED = _CLOCKS | _UUIDS | {"regex_replace", "go.clean_resource_name"}


def reads_clock(expr: Expr) -> bool:
    """Whether an expression asks for the time or a random id."""
    return any(isinstance(node, Call) and node.operation in _CLOCKS | _UUIDS for node in expr.walk())


def hoist(expr: Expr, new_id: Callable[[Call], Ref]) -> Expr:
    """The expression with clock calls said through ``buildTime``; ``new_id`` gives the parameter of a random id.

    A call whose format ARM cannot say is left as it is.
    """

    if not any(type(node) is Call and node.operation in _HOISTED for node in expr.walk()):
        return expr

    def visit(node: Expr) -> Expr | None:
        if not isinstance(node, Call):
            return None
        if node.operation in _UUIDS:
            return new_id(node)
        if node.operation == "regex_replace" and _literals(node.args[1:]) == _DIGITS and _is_now(node.args[0]):
            return Call("formatdate", (Literal("YYYYMMDDhhmmss"), BUILD_TIME), span=node.span)
        if node.operation == "go.clean_resource_name" and len(node.args) == 1 and _is_now(node.args[0]):
            return Call("formatdate", (Literal("YYYY-MM-DD'T'hh-mm-ssZ"), BUILD_TIME), span=node.span)
        return _moment(node)

    return _flat(transform(expr, visit))


def _flat(expr: Expr) -> Expr:
    """Texts inside texts become one again, after a part has been replaced by a text."""

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Template) and any(isinstance(part, Template) for part in node.parts):
            return template([_flat(part) for part in node.parts], node.span)
        return None

    return transform(expr, visit)


def _moment(node: Call) -> Expr | None:
    if node.operation == "timestamp" and not node.args:
        return BUILD_TIME
    if node.operation == "go.timestamp":
        return Template((Call("arm.dateTimeToEpoch", (BUILD_TIME,), span=node.span),), node.span)
    from bakelift.translator.languages.arm import dates

    formats = {
        "go.isotime": dates.from_go,
        "legacy_isotime": dates.from_go,
        "go.strftime": dates.from_strftime,
        "legacy_strftime": dates.from_strftime,
    }
    read = formats.get(node.operation)
    if read is None:
        return None
    layout = _literals(node.args)
    if not layout:
        return BUILD_TIME
    found = read(layout[0] or "") if layout[0] is not None else None
    hcl = dates.to_hcl(found) if found is not None else None
    if hcl is None:
        return None
    return Call("formatdate", (Literal(hcl), BUILD_TIME), span=node.span)


def _is_now(node: Expr) -> bool:
    return isinstance(node, Call) and node.operation in {"timestamp", "go.isotime", "legacy_isotime"} and not node.args


def _literals(args: tuple[Expr, ...]) -> tuple[str | None, ...]:
    return tuple(arg.value if isinstance(arg, Literal) and isinstance(arg.value, str) else None for arg in args)
