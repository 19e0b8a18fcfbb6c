"""What legacy JSON does not say of variables, kept beside it: descriptions, types, named values and their places."""

from __future__ import annotations

from bakelift.translator.aside.hidden import facts_of, type_of
from bakelift.translator.aside.values import arm, entries, read, symbols_of
from bakelift.translator.plan.expressions import Call, Expr, ListExpr, Literal, ObjectExpr, Ref, Template
from bakelift.translator.plan.inlining import inline_named
from bakelift.translator.plan.model import Input, NamedValue, Setting
from bakelift.translator.plan.normal import normal_expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from bakelift.translator.plan.model import Plan, Step

    Keep = Callable[[str, str, object], None]


def keep_words(plan: Plan, keep: Keep) -> None:
    """Keeps what the writer of legacy JSON will leave out or put in place."""
    for number, item in enumerate(plan.inputs):
        keep("declared", item.name, {"at": number, **facts_of(item)})
    for number, named in enumerate(plan.named):
        value = arm(named.value)
        if value is not None:
            keep("locals", named.name, {"at": number, "value": value})
    inlined = {item.name for item in plan.inputs if isinstance(item.default, (ListExpr, ObjectExpr))}
    said: dict[str, dict[str, Any]] = {}
    for place, settings in _places(plan).items():
        for name, setting in settings.items():
            if _changes(setting.value, inlined):
                value = arm(setting.value)
                if value is not None:
                    said.setdefault(place, {})[name] = value
    for place, values in said.items():
        keep("said", place, values)
    for number, group in enumerate(plan.groups):
        for at, step in enumerate(group.steps):
            if step.name is not None:
                keep("names", f"{number}.{at}", {"type": step.type, "name": step.name})


def _changes(expr: Expr, inlined: set[str]) -> bool:
    return any(
        isinstance(node, Call)
        or (isinstance(node, Ref) and (node.kind == "named" or (node.kind == "input" and node.name in inlined)))
        for node in expr.walk()
    )


def _places(plan: Plan) -> dict[str, Mapping[str, Setting]]:
    """The settings of sources and steps, by where they stand."""
    found: dict[str, Mapping[str, Setting]] = {source.id: source.settings for source in plan.sources}
    for number, group in enumerate(plan.groups):
        found |= {f"{number}.{at}": step.settings for at, step in enumerate(group.steps)}
    return found


def put_words_back(plan: Plan, kept: Mapping[str, Any]) -> Plan:
    """Variables as they were declared; expressions as they were said, where they still say the same."""
    declared, locals = entries(dict(kept), "declared"), entries(dict(kept), "locals")
    names = entries(dict(kept), "names")
    if not declared and not locals and not names:
        return plan
    inputs = [_declared(item, declared.get(item.name)) for item in plan.inputs]
    for name, facts in sorted(declared.items(), key=lambda entry: _at(entry[1])):
        if isinstance(facts, dict) and plan.input(name) is None and isinstance(facts.get("default"), (list, dict)):
            inputs.insert(_at(facts), _declared(Input(name), facts))
    plan = plan.but(inputs=tuple(inputs))
    symbols = symbols_of(plan)
    named = [
        NamedValue(n, read(f["value"], symbols)) for n, f in locals.items() if isinstance(f, dict) and "value" in f
    ]
    plan = plan.but(named=(*plan.named, *named))
    symbols = symbols_of(plan)
    values: dict[str, Expr] = {item.name: item.value for item in plan.named}
    fixed = {i.name: i.default for i in plan.inputs if isinstance(i.default, (ListExpr, ObjectExpr))}
    said = entries(dict(kept), "said")

    def again(place: str, settings: Mapping[str, Setting]) -> dict[str, Setting]:
        found = dict(settings)
        for name, value in entries(said, place).items():
            before = read(value, symbols)
            if name in found and _same(before, found[name].value, values, fixed):
                found[name] = found[name].but(value=before)
        return found

    sources = tuple(source.but(settings=again(source.id, source.settings)) for source in plan.sources)
    groups = tuple(
        group.but(
            steps=tuple(
                _named(step.but(settings=again(f"{number}.{at}", step.settings)), names.get(f"{number}.{at}"))
                for at, step in enumerate(group.steps)
            )
        )
        for number, group in enumerate(plan.groups)
    )
    return plan.but(sources=sources, groups=groups)


def _named(step: Step, note: object) -> Step:
    if not isinstance(note, dict) or step.name is not None or note.get("type") != step.type:
        return step
    return step.but(name=str(note.get("name")))


def _same(before: Expr, now: Expr, values: Mapping[str, Expr], fixed: Mapping[str, Expr | None]) -> bool:
    """Whether an expression still says what it said before values were put in place."""
    from bakelift.translator.packer.json_writer_values import go_form
    from bakelift.translator.plan.expressions import transform

    def visit(node: Expr) -> Expr | None:
        return fixed.get(node.name) if isinstance(node, Ref) and node.kind == "input" else None

    whole = transform(inline_named(inline_named(before, dict(values)), dict(values)), visit)
    return _bare(transform(normal_expr(whole), go_form)) == _bare(transform(normal_expr(now), go_form))


def _bare(expr: Expr) -> Expr:
    """All values of legacy JSON are text: a conversion to text says nothing there."""
    from bakelift.translator.plan.expressions import transform

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Template) and len(node.parts) == 1:
            return _bare(node.parts[0])
        if isinstance(node, Literal) and node.value is not None and not isinstance(node.value, str):
            return Literal(str(node.value).lower() if isinstance(node.value, bool) else str(node.value))
        return None

    return transform(expr, visit)


def _at(facts: Any) -> int:
    at = facts.get("at") if isinstance(facts, dict) else None
    return at if isinstance(at, int) else 0


def _declared(item: Input, facts: object) -> Input:
    """The input with what it was declared as; its default only where that still is what it was."""
    if not isinstance(facts, dict):
        return item
    default = facts.get("default")
    before = None if default is None else read(default)
    if item.default is not None and (before is None or _bare(before) != _bare(item.default)):
        before = item.default
    return item.but(
        type=type_of(facts.get("type")),
        default=before,
        description=facts.get("description"),
        sensitive=bool(facts.get("sensitive")) or item.sensitive,
        allowed=None if facts.get("allowed") is None else read(facts["allowed"]),
    )
