"""What Go templates say, in HCL's own words where these mean the same.

A Plan that was read from legacy JSON holds operations of Go templates. HCL has its own for most of them, and where a
value takes part in a computation, only HCL's serve: a local that holds ``{{timestamp}}`` as text cannot be cleaned,
split or replaced in.
"""

from __future__ import annotations

import re

from bakelift.translator.aside import Told
from bakelift.translator.languages.go_template.functions import BY_OPERATION
from bakelift.translator.packer import tables
from bakelift.translator.packer.hcl_variables import typed_from_use
from bakelift.translator.packer.hcl_writer_names import sayable
from bakelift.translator.plan.expressions import (
    Call,
    Conditional,
    Expr,
    Index,
    ListExpr,
    Literal,
    ObjectExpr,
    Ref,
    Template,
    transform,
)
from bakelift.translator.plan.model import Block, Body, BuildGroup, Input, Setting, Step
from bakelift.translator.plan.record import Record
from bakelift.translator.plan.rewriting import rewrite, rewritten
from bakelift.translator.plan.types import STRING
from bakelift.translator.plan.usage import held

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.plan.model import Leaf, NamedValue, Plan

#: Operations that give the same whenever their arguments are the same: of constants, they are constants.
_PURE = frozenset({"upper", "lower", "go.replace", "go.replace_all", "go.split", "go.clean_resource_name", "replace"})
#: Seconds since 1970: only Packer 1.16 and later compute them in HCL.
UNIX_TIME = Index(Call("rfc3339_parse", (Call("timestamp", ()),)), Literal("unix"))


def in_hcl_words(plan: Plan) -> tuple[Plan, list[Told]]:
    """The Plan in words that HCL has, and what is not quite the same in them.

    Only legacy JSON says things otherwise; of other Plans, only what HCL cannot say at all is said in another way.
    """
    if plan.origin is None or plan.origin.format != "json":
        return sayable(plan), []
    told: list[Told] = []
    strange = {id(n) for s in held(plan.sources, Setting) for n in s.value.walk() if _plugins_own(n)}
    if strange:
        told.append(Told(_leaves_with(plan, strange), "unsupported", "hcl/plugin-function", _NO_FUNCTION))
    plan = sayable(typed_from_use(rewrite(plan, hcl_operation)))
    plan = _clocks(_cleaned(_environment(plan, told), told), told)
    plan = plan.but(groups=tuple(_beside(group) for group in plan.groups))
    return plan.but(sources=_blocks_last(plan.sources), groups=_blocks_last(plan.groups)), told


_NO_FUNCTION = "Packer defines a plugin's own functions in legacy templates only: in HCL this fails when it is rendered"


def _plugins_own(node: Expr) -> bool:
    return isinstance(node, Call) and node.operation.startswith("unknown:")


def hcl_operation(node: Expr) -> Expr | None:
    """Operations that are called otherwise, or are constant."""
    if not isinstance(node, Call):
        return None
    args = tuple(transform(arg, hcl_operation) for arg in node.args)
    constant = all(isinstance(arg, Literal) for arg in args)
    if constant and node.operation in _PURE:
        return _folded(node.but(args=args))
    if node.operation == "go.replace_all" and len(args) == 3 and args[0] != Literal(""):
        return Call("replace", (args[2], args[0], args[1]), span=node.span)
    if node.operation == "go.split" and len(args) == 3:
        return Index(Call("split", (args[1], args[0]), span=node.span), args[2], node.span)
    return node.but(args=args) if args != node.args else None


def _folded(node: Call) -> Expr:
    from bakelift.translator.plan.evaluate import evaluate
    from bakelift.translator.plan.scope import Scope

    value = evaluate(node, Scope())
    if value.wholly_known() and isinstance(value.raw, str):
        return Literal(value.raw, node.span)
    return node


# -- the environment --------------------------------------------------------------------------------------------------


def _environment(plan: Plan, told: list[Told]) -> Plan:
    """``env`` outside the defaults of variables, which no Packer takes, as a variable whose default it is."""
    defaults = {item.name: item.default for item in plan.inputs}
    held = {
        default.args[0].value: name
        for name, default in defaults.items()
        if isinstance(default, Call) and default.operation == "env" and isinstance(default.args[0], Literal)
    }
    taken = set(defaults)
    made: list[Input] = []
    lifted: set[int] = set()

    def visit(node: Expr) -> Expr | None:
        if not isinstance(node, Call) or node.operation != "env" or len(node.args) != 1:
            return None
        word = node.args[0]
        if not isinstance(word, Literal) or not isinstance(word.value, str):
            return None
        lifted.add(id(node))
        name = held.get(word.value)
        if name is None:
            name = _free(re.sub(r"[^a-z0-9_]+", "_", word.value.lower()).strip("_") or "environment", taken)
            taken.add(name)
            held[word.value] = name
            made.append(Input(name, STRING, node.but(span=None)))
        return Ref("input", name, node.span)

    outside = ("named", "data", "sources", "groups")
    changed = plan.but(**{part: rewritten(getattr(plan, part), visit) for part in outside})
    if not lifted:
        return plan
    summary = "the environment is read by a variable, which is where Packer looks at it"
    told.append(Told(_leaves_with(plan, lifted), "adapted", "hcl/environment", summary))
    return changed.but(inputs=(*plan.inputs, *made))


def _free(name: str, taken: set[str]) -> str:
    name = name if not name[:1].isdigit() else f"env_{name}"
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def _leaves_with(plan: Plan, nodes: set[int]) -> tuple[Leaf, ...]:
    """Leaves of the settings that hold some nodes."""
    settings = held((plan.sources, plan.groups), Setting)
    return tuple(leaf for s in settings if any(id(node) in nodes for node in s.value.walk()) for leaf in s.leaves)


# -- names of resources -----------------------------------------------------------------------------------------------


def _cleaned(plan: Plan, told: list[Told]) -> Plan:
    """``clean_resource_name``, which no Packer has in HCL (observed on 1.6.6 and 1.16), by what it does."""
    changed: set[int] = set()
    guessed: set[int] = set()

    def by(type: str) -> Callable[[Expr], Expr | None]:
        def visit(node: Expr) -> Expr | None:
            if not isinstance(node, Call) or node.operation != "go.clean_resource_name":
                return None
            (changed if type.partition("-")[0] in (*_CLEANING, "") else guessed).add(id(node))
            return cleaned_name(transform(node.args[0], visit), type, node.span)

        return visit

    elsewhere = by("")
    sources = tuple(rewritten(source, by(source.type)) for source in plan.sources)
    groups = tuple(
        rewritten(group.but(sources=tuple(rewritten(use, by(use.type)) for use in group.sources)), elsewhere)
        for group in plan.groups
    )
    done = plan.but(named=rewritten(plan.named, elsewhere), sources=sources, groups=groups)
    if changed:
        summary = "HCL has no clean_resource_name: regex_replace does the same with ASCII"
        told.append(Told(_leaves_with(plan, changed), "adapted", "hcl/clean-name", summary))
    if guessed:
        summary = "HCL has no clean_resource_name: regex_replace keeps what Azure keeps; this builder may differ"
        told.append(Told(_leaves_with(plan, guessed), "approximated", "hcl/clean-name", summary))
    return done


#: What a builder's function leaves as it is, and whether it trims; by the beginning of the builder's type.
#: Source: template_funcs.go of the plugins.
_CLEANING = {"azure": "[^A-Za-z0-9._-]", "amazon": "[^A-Za-z0-9()\\[\\] ./'@_-]", "googlecompute": "[^a-z0-9]"}


def cleaned_name(name: Expr, type: str, span: Span | None = None) -> Expr:
    """What ``clean_resource_name`` gives in a builder's options. Go replaces each byte, HCL each character."""
    builder = type.partition("-")[0]
    if builder == "googlecompute":
        name = Call("lower", (name,))
    found = Call("regex_replace", (name, Literal(_CLEANING.get(builder, _CLEANING["azure"])), Literal("-")), span=span)
    if builder in ("amazon", "googlecompute"):
        return found
    return Call("regex_replace", (found, Literal("[-_.]+$"), Literal("")), span=span)


# -- clocks -----------------------------------------------------------------------------------------------------------


def _clocks(plan: Plan, told: list[Told]) -> Plan:
    """Locals that are computed with hold values, not templates that are rendered later; a uuid is made once."""
    plan = plan.but(sources=rewritten(plan.sources, _unix_operands), groups=rewritten(plan.groups, _unix_operands))
    computing = _computed_with(plan)
    named = []
    for item in plan.named:
        value = transform(item.value, _uuid)
        if item.name in computing:
            value = transform(value, _unix)
            if value != item.value and any(node == UNIX_TIME for node in value.walk()):
                summary = "seconds since 1970, which HCL computes with a function of Packer 1.16"
                told.append(Told(_leaves_named(plan, item), "adapted", "hcl/unix-time", summary))
        named.append(item if value is item.value else item.but(value=value))
    return plan.but(named=tuple(named))


def _leaves_named(plan: Plan, item: NamedValue) -> tuple[Leaf, ...]:
    """Leaves of a local, or of the variable whose default it computes."""
    own = plan.input(item.name)
    return item.leaves or (own.leaves if own is not None else ())


def _uuid(node: Expr) -> Expr | None:
    return Call("uuidv4", (), span=node.span) if isinstance(node, Call) and node.operation == "go.uuid" else None


def _unix(node: Expr) -> Expr | None:
    return UNIX_TIME if isinstance(node, Call) and node.operation == "go.timestamp" else None


def _unix_operands(node: Expr) -> Expr | None:
    """Where a function of HCL's is given the time, it is given the number and not a template of it."""
    if not isinstance(node, Call) or node.operation in BY_OPERATION:
        return None
    changed = node.but(args=tuple(transform(arg, _unix) for arg in node.args))
    return changed if changed != node else None


def _computed_with(plan: Plan) -> set[str]:
    """Named values whose text goes into a computation, directly or through others."""
    values = {item.name: item.value for item in plan.named}
    places = [setting.value for setting in held((plan.sources, plan.groups), Setting)]
    found: set[str] = set()
    waiting = [name for expr in (*places, *values.values()) for name in _operands(expr)]
    while waiting:
        name = waiting.pop()
        if name in values and name not in found:
            found.add(name)
            waiting += _names(values[name])
    return found


def _operands(expr: Expr) -> set[str]:
    """Named values in an expression that are more than a part of its text."""
    if isinstance(expr, Conditional):
        return _names(expr.condition) | _operands(expr.then) | _operands(expr.otherwise)
    if isinstance(expr, (Template, ListExpr)):
        return {name for part in expr.children() for name in _operands(part)}
    if isinstance(expr, ObjectExpr):
        return {name for _, value in expr.entries for name in _operands(value)}
    return set() if isinstance(expr, Ref) else _names(expr)


def _names(expr: Expr) -> set[str]:
    return {node.name for node in expr.walk() if isinstance(node, Ref) and node.kind == "named"}


# -- paths ------------------------------------------------------------------------------------------------------------


def _beside(group: BuildGroup) -> BuildGroup:
    """Paths from the template's folder; where a file is opened, it need not be an absolute one."""
    cleanup = group.error_cleanup
    return group.but(
        steps=tuple(_from_root(step) for step in group.steps),
        error_cleanup=_from_root(cleanup) if cleanup is not None else None,
    )


def _from_root(step: Step) -> Step:
    component = tables.component("provisioner", step.type)
    if component is None or component.opaque:
        return step
    settings = {
        name: setting.but(value=transform(setting.value, _relative))
        if (option := component.options.get(name)) is not None and option.file
        else setting
        for name, setting in step.settings.items()
    }
    return step.but(settings=settings)


def _relative(node: Expr) -> Expr | None:
    """A text that begins with the template's folder."""
    if isinstance(node, Template) and isinstance(first := node.parts[0], Ref):
        if (first.kind, first.name) == ("path", "template_dir"):
            return node.but(parts=(first.but(name="root"), *node.parts[1:]))
        return node
    return None


# -- order ------------------------------------------------------------------------------------------------------------


def _blocks_last(part: object) -> object:
    """Opaque bodies with their blocks behind their attributes, as HCL is written; JSON has no such order."""
    if isinstance(part, Body):
        blocks = [e.but(body=_blocks_last(e.body)) for e in part.entries if isinstance(e, Block)]
        return Body((*(e for e in part.entries if not isinstance(e, Block)), *blocks)) if blocks else part
    if isinstance(part, tuple):
        return tuple(_blocks_last(item) for item in part)
    if isinstance(part, Record) and not isinstance(part, (Expr, Setting)):
        return part.mapped(_blocks_last)
    return part
