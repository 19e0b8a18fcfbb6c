"""Values and variables as Packer's console and inspect print them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

    from bakelift.translator.plan.model import Plan
    from bakelift.translator.plan.scope import Scope
    from bakelift.translator.plan.values import Value

SENSITIVE = "<sensitive>"
UNKNOWN = "<unknown>"


def shown(value: Value, indent: str = "") -> str:
    """A value as Packer's console shows it: text bare at the top, quoted inside; no attributes that are null."""
    from bakelift.translator.plan.json_text import json_string

    raw = value.raw
    if not value.known:
        return UNKNOWN
    if isinstance(raw, str):
        return json_string(raw, escape=False) if indent else raw
    inner = indent + "  "
    if isinstance(raw, tuple):
        if not raw:
            return "[]"
        return "[\n" + "".join(f"{inner}{shown(item, inner)},\n" for item in raw) + f"{indent}]"
    if isinstance(raw, dict):
        lines = [f'{inner}"{key}" = {shown(item, inner)}\n' for key, item in raw.items() if not item.null]
        return "{\n" + "".join(lines) + f"{indent}}}" if lines else "{}"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return "null" if raw is None else _number(raw)  # type: ignore[arg-type]


def _number(raw: int | Decimal) -> str:
    """As the console prints it: a whole number of 64 bits in full, else a float (Go's ``%g``)."""
    from decimal import Decimal

    from bakelift.translator.plan import bigfloat
    from bakelift.translator.plan.operations.go_numbers import general

    if bigfloat.is_infinite(raw):
        return "+Inf" if raw > 0 else "-Inf"
    if isinstance(raw, int) and -(2**63) <= raw < 2**63:
        return str(raw)
    try:
        return general(Decimal(repr(float(raw))), -1)
    except OverflowError:
        return "+Inf" if raw > 0 else "-Inf"


def variables_text(plan: Plan, scope: Scope) -> str:
    """Every variable and local with its value: Packer's answer to ``variables``, and the first part of its inspect."""
    from bakelift.translator.diagnostics import TemplateError
    from bakelift.translator.plan.evaluate import evaluate
    from bakelift.translator.plan.expressions import Ref

    secrets = {i.name for i in plan.inputs if i.sensitive} | {n.name for n in plan.named if n.sensitive}
    parts = []
    for title, kind, word, names in (
        ("input-variables", "input", "var", sorted(i.name for i in plan.inputs)),
        ("local-variables", "named", "local", sorted(i.name for i in plan.named)),
    ):
        lines = [f"> {title}:\n"]
        for name in names:
            try:
                value = evaluate(Ref(kind, name), scope)  # type: ignore[arg-type]
                text = SENSITIVE if value.sensitive or name in secrets else shown(value)
            except TemplateError:
                text = UNKNOWN  # a local that needs what has no value yet
            lines.append(f"{word}.{name}: {_quoted(text)}")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)
