"""Values and variables as Packer's console and inspect print them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.model import Plan
    from bakelift.translator.plan.scope import Scope
    from bakelift.translator.plan.values import Value

SENSITIVE = "<sensitive>"
UNKNOWN = "<unknown>"


def shown(value: Value, indent: str = "") -> str:
    """A value as Packer's console shows it: text bare at the top, quoted inside."""
    from bakelift.translator.plan.json_text import json_string, value_to_json_text

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
        if not raw:
            return "{}"
        return "{\n" + "".join(f'{inner}"{key}" = {shown(item, inner)}\n' for key, item in raw.items()) + f"{indent}}}"
    return value_to_json_text(value)


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
