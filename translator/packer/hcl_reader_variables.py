"""Variables and locals of an HCL template."""

from __future__ import annotations

import re

from bakelift.translator.diagnostics import TemplateError, fail
from bakelift.translator.languages.hcl import nodes
from bakelift.translator.packer.hcl_reader_state import comments_of
from bakelift.translator.plan.expressions import Call, Expr, Index, Literal, Ref, value_name
from bakelift.translator.plan.model import Input, NamedValue, Setting, Validation
from bakelift.translator.plan.suggest import did_you_mean
from bakelift.translator.plan.usage import held

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.packer.hcl_reader_state import Reading
    from bakelift.translator.plan.model import DataSource, Leaf
    from bakelift.translator.plan.types import Type

_VARIABLE = ("default", "description", "sensitive", "type")
_IDENTIFIER = r"[^\W\d][\w-]*"


def declare(reading: Reading) -> None:
    """Notes the names of all variables, locals and data sources, so that expressions may use them in any order."""
    names = reading.names
    for file in reading.files:
        for block in file.body.blocks:
            labels = block.label_texts
            if block.type == "variable" and labels:
                names.inputs.add(labels[0])
            elif block.type == "variables":
                names.inputs.update(block.body.attributes)
            elif block.type == "locals":
                names.named.update(block.body.attributes)
            elif block.type == "local" and labels:
                names.named.add(labels[0])
            elif block.type == "data" and len(labels) == 2:
                names.data.add(".".join(labels))


def read_variable(reading: Reading, block: nodes.Block) -> None:
    """A ``variable`` block."""
    if not label(reading, block, "name"):
        return
    name = block.labels[0].text
    if not (name.isascii() and name.isidentifier()) and not re.fullmatch(_IDENTIFIER, name):
        detail = "A name starts with a letter or underscore and contains only letters, digits, underscores, and dashes."
        reading.error("packer/bad-name", "Invalid variable name", detail, block.labels[0].span)
    body = block.body
    leaves: list[Leaf] = []
    type: Type | None = None
    default: Expr | None = None
    description: str | None = None
    sensitive = False
    for item in body.attributes.values():
        leaves.append(reading.leaf(item))
        if item.name == "type":
            type = _type(reading, item)
        elif item.name == "default":
            default = _default(reading, item)
        elif item.name == "description":
            value = _constant(reading, item.expr)
            description = str(value.value) if isinstance(value, Literal) and value.value is not None else None
        elif item.name == "sensitive":
            sensitive = _flag(reading, item)
        else:
            detail = f'An argument named "{item.name}" is not expected here.' + did_you_mean(item.name, _VARIABLE)
            reading.error("packer/unknown-option", "Unsupported argument", detail, item.name_span)
    validations = tuple(
        _validation(reading, inner, name, leaves) for inner in body.blocks if _is_validation(reading, inner)
    )
    if type is not None and default is not None:
        _check_default(reading, default, type, body.attributes["default"].value_span)
    _add(
        reading,
        Input(
            name=name,
            type=type,
            default=default,
            description=description,
            sensitive=sensitive,
            validations=tuple(v for v in validations if v is not None),
            span=block.header_span,
            comments=comments_of(block),
            leaves=tuple(leaves),
        ),
        block.header_span,
    )


def read_variables(reading: Reading, block: nodes.Block) -> None:
    """A ``variables`` block: names with defaults."""
    no_labels(reading, block)
    no_blocks(reading, block)
    for item in block.body.attributes.values():
        default = _default(reading, item)
        made = Input(
            name=item.name,
            default=default,
            span=item.span,
            comments=comments_of(item),
            leaves=(reading.leaf(item),),
        )
        _add(reading, made, item.name_span)


def _add(reading: Reading, item: Input, span: Span) -> None:
    if any(other.name == item.name for other in reading.inputs):
        detail = f"Duplicate {item.name} variable definition found."
        reading.error("packer/duplicate-variable", "Duplicate variable", detail, span)
    else:
        reading.inputs.append(item)


def _type(reading: Reading, item: nodes.Attribute) -> Type | None:
    from bakelift.translator.plan.types import type_from_expr

    try:
        return type_from_expr(item.expr)
    except TemplateError as error:
        reading.diagnostics.extend(error.diagnostics)
        return None


def _default(reading: Reading, item: nodes.Attribute) -> Expr | None:
    """A default as it stands: constants, and calls of ``env``."""
    problem = _not_constant(item.expr)
    if problem is not None:
        reading.diagnostics.extend(problem.diagnostics)
        return None
    return item.expr


def _not_constant(expr: Expr) -> TemplateError | None:
    for node in expr.walk():
        if isinstance(node, Ref) and node.kind == "name":
            return fail("packer/default", "Variables not allowed", "Variables may not be used here.", node.span)
        if isinstance(node, Call) and (node.operation.startswith("unknown:") or _is_function(node.operation)):
            from bakelift.translator.languages.hcl.functions import NAMES

            name = NAMES.get(node.operation, node.operation.removeprefix("unknown:"))
            detail = (
                f'There is no function named "{name}". The only function in the default of a variable is env; a local '
                "may call any."
            )
            return fail("packer/default", "Call to unknown function", detail, node.span)
    return None


def _is_function(operation: str) -> bool:
    from bakelift.translator.languages.hcl.functions import NAMES

    return operation in NAMES and operation != "env"


def _check_default(reading: Reading, default: Expr, type: Type, span: Span) -> None:
    from bakelift.translator.plan.convert import convert
    from bakelift.translator.plan.evaluate import evaluate
    from bakelift.translator.plan.scope import Scope
    from bakelift.translator.plan.types import ConversionError

    try:
        convert(evaluate(default, Scope()), type)
    except TemplateError as error:
        reading.diagnostics.extend(error.diagnostics)
    except ConversionError as error:
        detail = f"This default value is not compatible with the variable's type constraint: {error}."
        reading.error("packer/default-type", "Invalid default value for variable", detail, span)


def _constant(reading: Reading, expr: Expr) -> Expr | None:
    from bakelift.translator.plan.values import to_expr

    problem = _not_constant(expr)
    if problem is None:
        try:
            return to_expr(reading.structural(expr))
        except TemplateError as error:
            problem = error
    reading.diagnostics.extend(problem.diagnostics)
    return None


def _flag(reading: Reading, item: nodes.Attribute) -> bool:
    """A constant true or false."""
    value = _constant(reading, item.expr)
    raw = value.value if isinstance(value, Literal) else None
    if value is not None and not (isinstance(raw, bool) or raw in ("true", "false", "1", "0")):
        detail = "Unsuitable value: a bool is required."
        reading.error("packer/wrong-type", "Unsuitable value type", detail, item.value_span)
    return raw is True or raw in ("true", "1")


def _is_validation(reading: Reading, block: nodes.Block) -> bool:
    if block.type == "validation":
        return True
    detail = f'Blocks of type "{block.type}" are not expected here.' + did_you_mean(block.type, ("validation",))
    reading.error("packer/unknown-option", "Unsupported block type", detail, block.type_span)
    return False


def _validation(reading: Reading, block: nodes.Block, name: str, leaves: list[Leaf]) -> Validation | None:
    body = block.body
    for wanted in ("condition", "error_message"):
        if body.attribute(wanted) is None:
            detail = f'The argument "{wanted}" is required, but no definition was found.'
            reading.error("packer/missing-argument", "Missing required argument", detail, block.header_span)
    for item in body.items:
        if isinstance(item, nodes.Block) or item.name not in ("condition", "error_message"):
            what = item.type if isinstance(item, nodes.Block) else item.name
            span = item.type_span if isinstance(item, nodes.Block) else item.name_span
            detail = f'An argument named "{what}" is not expected here.'
            reading.error("packer/unknown-option", "Unsupported argument", detail, span)
    condition, message = body.attribute("condition"), body.attribute("error_message")
    if condition is None or message is None:
        return None
    leaves += [reading.leaf(condition), reading.leaf(message)]
    _check_message(reading, message)
    if not _check_condition(reading, condition, name):
        return None
    made = []
    for item in (condition, message):
        leaf = reading.leaf(item)
        made.append(Setting(reading.names.resolve(item.expr), (leaf,), comments_of(item)))
    return Validation(made[0], made[1])


def _check_condition(reading: Reading, item: nodes.Attribute, name: str) -> bool:
    """A condition refers to its own variable, and to nothing else; False, and told, when not."""
    own = False
    summary = "Invalid variable validation condition"
    for root, attribute, span in _traversals(item.expr):
        if root == "var" and attribute == name:
            own = True
        else:
            detail = (
                f"The condition for variable {name!r} can only refer to the variable itself, using var.{name}."
            ).replace("'", '"')
            reading.error("packer/validation", "Invalid reference in variable validation", detail, span)
            return False
    if not own:
        detail = f'The condition for variable "{name}" must refer to var.{name} in order to test incoming values.'
        reading.error("packer/validation", summary, detail, item.value_span)
    return own


def _traversals(expr: Expr) -> list[tuple[str, str | None, Span | None]]:
    """(root, first attribute, span) of every traversal of a parsed expression."""
    found: list[tuple[str, str | None, Span | None]] = []
    taken: set[int] = set()
    for node in expr.walk():
        if isinstance(node, Index) and isinstance(node.target, Ref) and node.target.kind == "name":
            key = node.key.value if isinstance(node.key, Literal) else None
            found.append((node.target.name, str(key) if key is not None else None, node.span))
            taken.add(id(node.target))
        elif isinstance(node, Ref) and node.kind == "name" and id(node) not in taken:
            found.append((node.name, None, node.span))
    return found


def _check_message(reading: Reading, item: nodes.Attribute) -> None:
    """A message is a sentence: it starts with a capital, where its letter has one, and ends like one."""
    for node in item.expr.walk():
        if isinstance(node, Ref) and node.kind == "name":
            detail = "Variables may not be used here."
            reading.error("packer/validation", "Variables not allowed", detail, node.span or item.value_span)
            return
    constant = _constant(reading, item.expr)
    if not isinstance(constant, Literal):
        return
    value = str(constant.value) if constant.value is not None else ""
    summary = "Invalid validation error message"
    if not value:
        detail = "An empty string is not a valid nor useful error message."
        reading.error("packer/validation", summary, detail, item.value_span)
    elif (value[0].isalpha() and value[0] != value[0].upper()) or value[-1] not in ".?!":
        detail = (
            "Validation error message must be at least one full sentence starting with an uppercase letter ( if the "
            "alphabet permits it ) and ending with a period or question mark."
        )
        reading.error("packer/validation", summary, detail, item.value_span)


# Locals


def read_locals(reading: Reading, block: nodes.Block) -> None:
    no_labels(reading, block)
    no_blocks(reading, block)
    for item in block.body.attributes.values():
        value = reading.names.resolve(item.expr, own=item.name, without=("source", "build"))
        made = NamedValue(item.name, value, False, item.span, comments_of(item), (reading.leaf(item),))
        _add_local(reading, made, item.name_span)


def read_local(reading: Reading, block: nodes.Block) -> None:
    """A ``local`` block: one local, which may be sensitive."""
    if not label(reading, block, "name"):
        return
    no_blocks(reading, block)
    name = block.labels[0].text
    expression = block.body.attribute("expression")
    sensitive = False
    for item in block.body.attributes.values():
        if item.name == "sensitive":
            sensitive = _flag(reading, item)
        elif item.name != "expression":
            detail = f'An argument named "{item.name}" is not expected here.'
            detail += did_you_mean(item.name, ("expression", "sensitive"))
            reading.error("packer/unknown-option", "Unsupported argument", detail, item.name_span)
    if expression is None:
        detail = 'The argument "expression" is required, but no definition was found.'
        reading.error("packer/missing-argument", "Missing required argument", detail, block.header_span)
        return
    value_ = reading.names.resolve(expression.expr, own=name, without=("source", "build"))
    leaves = tuple(reading.leaf(item) for item in block.body.attributes.values())
    _add_local(
        reading, NamedValue(name, value_, sensitive, block.header_span, comments_of(block), leaves), block.header_span
    )


def _add_local(reading: Reading, item: NamedValue, span: Span) -> None:
    if any(other.name == item.name for other in reading.named):
        detail = f"Duplicate {item.name} definition found."
        reading.error("packer/duplicate-local", "Duplicate local definition", detail, span)
    else:
        reading.named.append(item)


def check_circles(reading: Reading, data: Iterable[DataSource]) -> None:
    """Tells of locals and data sources that depend on themselves."""
    places = {item.name: item.span for item in reading.named}
    uses = {item.name: _names_in([item.value]) for item in reading.named}
    for source in data:
        key = f"data.{source.type}.{source.name}"
        places[key] = source.span
        uses[key] = _names_in(held(source.body, Expr))
    done: set[str] = set()
    for start, direct in uses.items():
        trail: list[tuple[str, list[str]]] = [(start, list(direct))] if start not in done else []
        while trail:
            name, left = trail[-1]
            if not left:
                done.add(name)
                trail.pop()
                continue
            following = left.pop(0)
            path = [step for step, _ in trail]
            if following in path:
                circle = [*path[path.index(following) :], following]
                detail = " needs ".join(n if n.startswith("data.") else f"local.{n}" for n in circle) + "."
                what = "data source" if following.startswith("data.") else "local"
                reading.error("packer/local-circle", f"A {what} depends on itself", detail, places[following])
                done.update(path)
                trail.clear()
            elif following in uses and following not in done:
                trail.append((following, list(uses[following])))


def _names_in(exprs: Iterable[Expr]) -> list[str]:
    """The locals and data sources that expressions name."""
    found = {name for expr in exprs for node in expr.walk() if (name := value_name(node)) is not None}
    return sorted(found)


# Shapes of blocks


def label(reading: Reading, block: nodes.Block, *what: str) -> bool:
    """Whether a block has the labels that it must have; tells when not."""
    names = ", ".join(what)
    if len(block.labels) < len(what):
        missing = what[len(block.labels)]
        summary, span = f"Missing {missing} for {block.type}", block.header_span
        detail = f"All {block.type} blocks must have {len(what)} labels ({names})."
    elif len(block.labels) > len(what):
        summary, span = f"Extraneous label for {block.type}", block.labels[len(what)].span
        detail = f"Only {len(what)} labels ({names}) are expected for {block.type} blocks."
        if not what:
            detail = f"No labels are expected for {block.type} blocks."
    else:
        return True
    reading.error("packer/labels", summary, detail, span)
    return False


def no_labels(reading: Reading, block: nodes.Block) -> None:
    label(reading, block)


def no_blocks(reading: Reading, block: nodes.Block) -> None:
    for inner in block.body.blocks:
        detail = f"Blocks are not allowed here: {block.type} holds arguments. Did you mean {inner.type} = {{ … }}?"
        reading.error("packer/unknown-option", f'Unexpected "{inner.type}" block', detail, inner.type_span)
