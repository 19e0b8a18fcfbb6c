"""A Plan in the shape of a legacy JSON template: one build, variables that are text."""

from __future__ import annotations

import re

from bakelift.translator.aside import Told, chooses
from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.languages.go_template.functions import ANY
from bakelift.translator.languages.go_template.reading import parse_expression
from bakelift.translator.packer import tables
from bakelift.translator.packer.hcl_words import cleaned_name
from bakelift.translator.packer.json_builders import builders_of
from bakelift.translator.packer.json_folding import folded
from bakelift.translator.plan.expressions import Call, Conditional, Expr, ListExpr, Literal, ObjectExpr, Ref, transform
from bakelift.translator.plan.model import Body, BuildGroup, Input, NamedValue, PostProcessor, Setting, Source, Step
from bakelift.translator.plan.rewriting import rewrite, rewritten
from bakelift.translator.plan.types import STRING
from bakelift.translator.plan.usage import leaves_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from bakelift.translator.plan.model import Leaf, Plan
    from bakelift.translator.plan.scope import Scope
    from bakelift.translator.report import Class

    One = TypeVar("One", Step, PostProcessor)


def legacy_shape(plan: Plan, scope: Scope) -> tuple[Plan, tuple[Told, ...]]:
    """The Plan with one build group, text variables, and values in place of what has no form; what that changes.

    ``scope``: what is known of its variables; those that are sensitive must not be among them.
    """
    told: list[Told] = []
    plan = builders_of(_text_inputs(_declared_defaults(_rendered(plan)), told), told)
    if len(plan.groups) > 1:
        plan = _one_group(plan)
    if plan.groups:
        group = plan.groups[0]
        description = plan.description if plan.description is not None else group.description
        told.append(Told(tuple(leaves_of(group.opaque)), "dropped", "json/registry", _NO_REGISTRY))
        plan = plan.but(description=description, groups=(group.but(name=None, description=None, opaque=Body()),))
    plan = _least_version(plan.but(sources=tuple(_azure_names(source) for source in plan.sources)), told)
    told += [Told((leaf,), *_AROUND[end]) for leaf in _all_leaves(plan) if (end := _ending(leaf.path)) in _AROUND]
    plan, more = folded(plan, scope)
    return plan.but(sources=tuple(_single_blocks(source, more) for source in plan.sources)), (*told, *more)


_NO_REGISTRY = "a legacy template has no such block; variables of the environment, HCP_PACKER_*, stand for it"

#: Leaves of HCL around the images, by the end of their path.
_AROUND: dict[str, tuple[Class, str, str]] = {
    "variable.type": ("adapted", "json/text-variable", "a legacy variable is text"),
    "variable.description": ("dropped", "json/description", "a legacy variable has no description"),
    "variable.validation.condition": ("dropped", "json/validation", "legacy variables are not checked"),
    "variable.validation.error_message": ("dropped", "json/validation", "legacy variables are not checked"),
    "parameters.metadata.description": ("dropped", "json/description", "a legacy variable has no description"),
    "parameters.allowedValues": ("dropped", "json/validation", "legacy variables are not checked"),
    "build.name": ("dropped", "json/build-name", "a legacy template has one build, which has no name"),
}


def _single_blocks(source: Source, told: list[Told]) -> Source:
    """Dynamic blocks around an option that there is once at most: its own options, or nothing where it is left out."""
    component = tables.component("builder", source.type)
    singles: set[str] = (
        set() if component is None else {o.setting for o in component.options.values() if o.form == "block"}
    )
    settings: dict[str, Setting] = {}
    for name, setting in source.settings.items():
        items = setting.value.items if isinstance(setting.value, ListExpr) and name in singles else None
        if items is None or len(items) > 1 or not all(isinstance(item, ObjectExpr) for item in items):
            settings[name] = setting
            continue
        if not items:
            told.append(
                Told(setting.leaves, "adapted", "json/worked-out", "the block is left out, as its loop is empty")
            )
        for item in items:
            assert isinstance(item, ObjectExpr)
            settings |= {
                f"{name}.{key.value}": setting.but(value=value)
                for key, value in item.entries
                if isinstance(key, Literal)
            }
    return source.but(settings=settings)


def _azure_names(source: Source) -> Source:
    """Names that are cleaned by hand, as HCL has to, by the function that Azure's builder has for it."""
    if not source.type.startswith("azure"):
        return source

    def visit(node: Expr) -> Expr | None:
        inner: Expr | None = node
        for _ in range(2):
            inner = inner.args[0] if isinstance(inner, Call) and inner.operation == "regex_replace" else None
        if inner is None or node != cleaned_name(inner, source.type):
            return None
        return Call("go.clean_resource_name", (transform(inner, visit),), span=node.span)

    done = rewritten(source, visit)
    assert isinstance(done, Source)
    return done


def _least_version(plan: Plan, told: list[Told]) -> Plan:
    """The least version of a constraint, which is all that a legacy template can ask for."""
    constraint = plan.required_version
    if constraint is None or re.fullmatch(r"\s*>=\s*\S+\s*", constraint):
        return plan
    least = re.search(r"(?:>=|~>|=|^)\s*v?(\d+(?:\.\d+)*)", constraint)
    leaves = tuple(leaf for leaf in plan.leaves if leaf.path.endswith("required_version"))
    summary = "a legacy template can only ask for a least version of Packer"
    told.append(Told(leaves, "dropped", "json/version", summary))
    return plan.but(required_version=f">= {least[1]}" if least is not None else None)


def _ending(path: str) -> str:
    """``variable.NAME.type`` as ``variable.type``; indexes do not count."""
    words = re.sub(r"\[\d+\]", "", path).split(".")
    return ".".join([words[0], *words[2:]] if words[0] in ("variable", "parameters") else words)


def _all_leaves(plan: Plan) -> list[Leaf]:
    return plan.origin.leaves if plan.origin is not None and plan.origin.format != "json" else []


def _rendered(plan: Plan) -> Plan:
    """Locals whose text is a Go template, which the options that use them render, as what it means."""
    named = []
    for item in plan.named:
        try:
            named.append(item.but(value=parse_expression(item.value, ANY)))
        except TemplateError:
            named.append(item)
    return plan.but(named=tuple(named))


def _declared_defaults(plan: Plan) -> Plan:
    """Locals that choose between a variable and its computed default, as the variable with that default."""
    chosen = {item.name: own.name for item in plan.named if (own := chooses(item.value)) is not None}
    defaults = {
        name: item.value.then
        for item in plan.named
        if (name := chosen.get(item.name)) is not None and isinstance(item.value, Conditional)
    }
    free = {item.name for item in plan.inputs if item.default in (None, Literal(None))}
    chosen = {local: name for local, name in chosen.items() if name in free}
    if not chosen:
        return plan

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Ref) and node.kind == "named" and node.name in chosen:
            return Ref("input", chosen[node.name], node.span)
        return None

    names = set(chosen.values())
    inputs = tuple(i.but(default=defaults[i.name]) if i.name in names else i for i in plan.inputs)
    leaves = {chosen[item.name]: item.leaves for item in plan.named if item.name in chosen}
    inputs = tuple(i.but(leaves=(*i.leaves, *leaves[i.name])) if i.name in names else i for i in inputs)
    return rewrite(plan.but(inputs=inputs, named=tuple(n for n in plan.named if n.name not in chosen)), visit)


def _text_inputs(plan: Plan, told: list[Told]) -> Plan:
    """Variables as text. Lists and maps cannot be: their defaults are put in place."""
    fixed: dict[str, Expr] = {}
    inputs: list[Input] = []
    for item in plan.inputs:
        if isinstance(item.default, (ListExpr, ObjectExpr)):
            fixed[item.name] = item.default
            summary = "a legacy variable is text: this one's default stands wherever it is used"
            told.append(Told(item.leaves, "approximated", "json/variable-type", summary))
            continue
        if item.default == Literal(None):
            summary = "a legacy variable cannot be null: this one is empty, which most options take for unset"
            told.append(Told(item.leaves, "approximated", "json/null-variable", summary))
        inputs.append(
            item.but(type=STRING, default=_as_text(item.default), description=None, validations=(), allowed=None)
        )
    plan = plan.but(inputs=tuple(inputs))
    if not fixed:
        return plan
    taken = {item.name for item in plan.named}
    names: dict[str, str] = {}
    for name in fixed:
        new = name
        while new in taken:
            new += "_value"
        taken.add(new)
        names[name] = new

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Ref) and node.kind == "input" and node.name in names:
            return Ref("named", names[node.name], node.span)
        return None

    plan = rewrite(plan, visit)
    return plan.but(named=(*plan.named, *(NamedValue(names[name], value) for name, value in fixed.items())))


def _as_text(default: Expr | None) -> Expr | None:
    """The default of a variable as text; null is none."""
    if not isinstance(default, Literal) or isinstance(default.value, str):
        return default
    value = default.value
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return Literal(text, default.span)


def _one_group(plan: Plan) -> Plan:
    """All builds as one: what runs for a build alone says so with only."""
    steps: list[Step] = []
    chains: list[tuple[PostProcessor, ...]] = []
    for group in plan.groups:
        mine = [use.id for use in group.sources]
        steps += [_only(step, mine) for step in group.steps]
        chains += [tuple(_only(post, mine) for post in chain) for chain in group.post_processors]
    first = plan.groups[0]
    leaves: tuple[Leaf, ...] = tuple(leaf for group in plan.groups for leaf in group.leaves)
    return plan.but(
        groups=(
            BuildGroup(
                None,
                tuple(use for group in plan.groups for use in group.sources),
                tuple(steps),
                first.error_cleanup,
                tuple(chains),
                first.description,
                first.opaque,
                first.span,
                first.comments,
                leaves,
            ),
        )
    )


def _only(item: One, mine: list[str]) -> One:
    """The item for the builds of its group, and no others."""
    chosen = mine
    if item.only is not None:
        chosen = [id for id in _ids(item.only) if id in mine] or _ids(item.only)
    elif item.excepted is not None:
        chosen = [id for id in mine if id not in _ids(item.excepted)]
    only = Setting(ListExpr(tuple(Literal(id) for id in chosen)))
    return item.but(only=only, excepted=None)


def _ids(setting: Setting) -> list[str]:
    items = setting.value.items if isinstance(setting.value, ListExpr) else ()
    return [str(item.value) for item in items if isinstance(item, Literal)]
