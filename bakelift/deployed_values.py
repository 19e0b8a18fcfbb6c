"""What the values of a deployment template come to, as far as that is known before it is deployed."""

from __future__ import annotations

from bakelift.translator.diagnostics import TemplateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from bakelift.translator.plan.expressions import Expr


def settling(template: Mapping[str, Any], given: Mapping[str, Any], places: Mapping[str, str]) -> Callable[[str], Any]:
    """Gives a function from a value of the template to its text; None where only Azure knows it.

    ``given``: values of parameters. ``places``: what ``subscription``, ``group`` and ``location`` stand for, where that
    is known; ``<placeholders>`` that bakelift writes stand for the first two as well.
    """
    from bakelift.translator.imagebuilder.placeholders import in_text

    settler = _Settler(template, given, places)

    def settle(text: str) -> str | None:
        for word, name in (("<subscriptionId>", "subscription"), ("<resourceGroup>", "group")):
            text = text.replace(word, places.get(name) or word)
        if text.startswith("[[") or not (text.startswith("[") and text.endswith("]")):
            return None if in_text(text) and text not in places.values() else text
        return settler.expression(text[1:-1])

    return settle


class _Settler:
    def __init__(self, template: Mapping[str, Any], given: Mapping[str, Any], places: Mapping[str, str]) -> None:
        declared = template.get("parameters")
        self.values: dict[str, Any] = {
            name.lower(): item.get("defaultValue")
            for name, item in (declared.items() if isinstance(declared, dict) else ())
            if isinstance(item, dict) and "defaultValue" in item
        }
        self.values |= {name.lower(): value for name, value in given.items()}
        variables = template.get("variables")
        self.variables = {n.lower(): v for n, v in variables.items()} if isinstance(variables, dict) else {}
        self.places = places
        self.busy: set[str] = set()

    def expression(self, text: str) -> str | None:
        """The text that an expression gives, or None."""
        from bakelift.translator.plan.evaluate import evaluate
        from bakelift.translator.plan.scope import Scope

        found = self.read(text)
        if found is None:
            return None
        try:
            value = evaluate(found, Scope())
        except TemplateError:
            return None
        return None if not value.known or value.raw is None else str(value.raw)

    def read(self, text: str) -> Expr | None:
        from bakelift.translator.languages.arm.parser import parse_arm
        from bakelift.translator.plan.expressions import transform

        try:
            return transform(parse_arm(text), self.visit)
        except TemplateError:
            return None

    def visit(self, node: Expr) -> Expr | None:
        """What is known in the place of a parameter, a variable, or what is the deployment's own."""
        from bakelift.translator.plan.expressions import Call, Index, Literal, Ref, transform

        if isinstance(node, Ref) and node.kind in ("input", "named"):
            return self.named(node)
        if isinstance(node, Index) and isinstance(node.target, Call) and isinstance(node.key, Literal):
            found = self.own(node.target.operation, str(node.key.value).lower())
            return Literal(found) if found else None
        if isinstance(node, Call) and node.operation in ("arm.resourceId", "arm.subscriptionResourceId"):
            args = tuple(transform(arg, self.visit) for arg in node.args)
            return node.but(args=self.led(args, 2 if node.operation == "arm.resourceId" else 1))
        return None

    def named(self, node: Any) -> Expr | None:
        from bakelift.translator.plan.expressions import Literal

        values = self.values if node.kind == "input" else self.variables
        name = node.name.lower()
        value = values.get(name)
        if not isinstance(value, str) or name in self.busy:
            return Literal(value) if isinstance(value, (int, bool)) else None
        if not (value.startswith("[") and value.endswith("]")) or value.startswith("[["):
            return Literal(value)
        self.busy.add(name)
        try:
            return self.read(value[1:-1])
        finally:
            self.busy.discard(name)

    def own(self, operation: str, name: str) -> str:
        """Of ``subscription()`` and ``resourceGroup()``."""
        subscription, group = self.places.get("subscription", ""), self.places.get("group", "")
        if operation == "arm.subscription":
            return (
                subscription if name == "subscriptionid" else f"/subscriptions/{subscription}" if name == "id" else ""
            )
        if operation == "arm.resourceGroup":
            known = {"name": group, "location": self.places.get("location", "")}
            known["id"] = f"/subscriptions/{subscription}/resourceGroups/{group}"
            return known.get(name, "")
        return ""

    def led(self, args: tuple[Expr, ...], wanted: int) -> tuple[Expr, ...]:
        """The arguments of a function for ids, with the subscription and the group that a deployment adds."""
        from bakelift.translator.plan.expressions import Literal

        at = next((i for i, a in enumerate(args) if isinstance(a, Literal) and "/" in str(a.value)), 0)
        before = [arg for arg in args[:at] if arg != Literal("")]
        own = (Literal(self.places.get("subscription", "")), Literal(self.places.get("group", "")))[:wanted]
        return (*own[: wanted - len(before)], *before, *args[at:])
