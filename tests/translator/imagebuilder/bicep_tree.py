"""What a Bicep text says, by a parser that is not ours: tree-sitter's tree, walked into an ARM template.

Nothing of the project's Bicep is used. Where tree-sitter-bicep gives a lambda or an operator to what follows its last
operand (``x => x.a`` becomes ``(x => x).a``), the walk puts it right: postfix operators bind strongest.
"""

from __future__ import annotations

import re
from typing import Any

import tree_sitter
import tree_sitter_bicep

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language()))
_LOOSE = {
    "lambda_expression": -1,
    "ternary_expression": "alternative",
    "binary_expression": "right",
    "unary_expression": "argument",
}
_FUNCTIONS = {
    "==": "equals",
    "<": "less",
    "<=": "lessOrEquals",
    ">": "greater",
    ">=": "greaterOrEquals",
    "&&": "and",
    "||": "or",
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "%": "mod",
    "??": "coalesce",
}
_ESCAPE = re.compile(rb"\\(u\{([0-9a-fA-F]+)\}|.)")


def has_errors(text: str) -> bool:
    return _PARSER.parse(text.encode()).root_node.has_error


def template_of(text: str) -> dict[str, Any]:
    """``parameters``, ``variables`` and ``resources`` as ARM's JSON says them."""
    walk = _Walk()
    decorators: list[Any] = []
    for node in _PARSER.parse(text.encode()).root_node.named_children:
        if node.type == "decorators":
            decorators = [child.named_children[0] for child in node.named_children]
            continue
        if node.type == "parameter_declaration":
            walk.names[_word(node.named_children[0])] = "parameters"
        elif node.type == "variable_declaration":
            walk.names[_word(node.named_children[0])] = "variables"
        elif node.type == "resource_declaration":
            walk.resources[_word(node.named_children[0])] = node
        if node.type != "comment":
            walk.statements.append((node, decorators))
            decorators = []
    return walk.template()


def _word(node: Any) -> str:
    return str(node.text.decode())


def _unescaped(data: bytes) -> str:
    plain = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}

    def one(found: re.Match[bytes]) -> bytes:
        code = found.group(2)
        return chr(int(code, 16)).encode() if code else plain.get(found.group(1), found.group(1))

    return _ESCAPE.sub(one, data).decode()


class _Walk:
    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.resources: dict[str, Any] = {}
        self.bound: list[str] = []
        self.statements: list[tuple[Any, list[Any]]] = []

    def template(self) -> dict[str, Any]:
        found: dict[str, Any] = {"parameters": {}, "variables": {}, "resources": []}
        for node, decorators in self.statements:
            children = [child for child in node.named_children if child.type != "comment"]
            name = _word(children[0])
            if node.type == "parameter_declaration":
                found["parameters"][name] = self.parameter(children[1:], decorators)
            elif node.type == "variable_declaration":
                found["variables"][name] = self.value(children[-1])
            elif node.type == "resource_declaration":
                type, _, version = str(self.value(children[1])).partition("@")
                found["resources"].append({"type": type, "apiVersion": version, **self.value(children[-1])})
            else:
                raise AssertionError(node.type)
        return {key: value for key, value in found.items() if value or key != "variables"}

    def parameter(self, children: list[Any], decorators: list[Any]) -> dict[str, Any]:
        kind = _word(children[0])
        found: dict[str, Any] = {"type": kind}
        if len(children) > 1:
            found["defaultValue"] = self.value(children[1])
        for decorator in decorators:
            function = _word(decorator.child_by_field_name("function")).removeprefix("sys.")
            args = [self.value(arg) for arg in self.arguments(decorator)]
            if function == "secure":
                found["type"] = {"string": "secureString", "object": "secureObject"}[kind]
            elif function == "allowed":
                found["allowedValues"] = args[0]
            else:
                facts = {"description": args[0]} if function == "description" else args[0]
                found["metadata"] = {**found.get("metadata", {}), **facts}
        return found

    # -- values -------------------------------------------------------------------------------------------------------

    def value(self, node: Any) -> Any:
        """JSON: structure as such, expressions in brackets."""
        node = self.straight(node)
        if node.type == "object":
            return {self.key(item): self.value(item.named_children[-1]) for item in self.members(node)}
        if node.type == "array":
            return [self.value(item) for item in self.members(node)]
        if node.type == "number":
            return int(_word(node))
        if node.type in ("boolean", "null"):
            return {"true": True, "false": False, "null": None}[_word(node)]
        if node.type == "string":
            pieces = self.pieces(node)
            if all(isinstance(piece, str) for piece in pieces):
                text = "".join(pieces)
                return f"[{text}" if text.startswith("[") and text.endswith("]") else text
        return f"[{self.text(node)}]"

    def members(self, node: Any) -> list[Any]:
        found: list[Any] = []
        groups: list[list[Any]] = []
        for child in node.named_children:
            if child.type == "comment":
                continue
            if groups and groups[-1][-1].end_byte == child.start_byte:
                groups[-1].append(child)
            else:
                groups.append([child])
        for group in groups:
            found.append(group[0] if len(group) == 1 else self.again(node, group))
        return found

    def again(self, array: Any, group: list[Any]) -> Any:
        """In an array tree-sitter-bicep takes ``f(x)`` and ``a[0]`` for two elements: by themselves it reads them."""
        start = array.start_byte
        text = array.text[group[0].start_byte - start : group[-1].end_byte - start]
        return _PARSER.parse(b"var x = " + text + b"\n").root_node.named_children[0].named_children[-1]

    def key(self, item: Any) -> str:
        first = item.named_children[0]
        if first.type != "string":
            return _word(first)
        pieces = self.pieces(first)
        if len(pieces) == 1 and not isinstance(pieces[0], str):
            return f"[{self.text(pieces[0])}]"
        return str(self.value(first))

    def pieces(self, node: Any) -> list[Any]:
        """The texts of a string and the nodes of its holes, in turn."""
        raw = node.text
        start = node.start_byte
        multi = raw.startswith(b"'''")
        at, end = (3, len(raw) - 3) if multi else (1, len(raw) - 1)
        if multi and raw[at : at + 1] == b"\n":
            at += 1
        found: list[Any] = []
        for child in node.named_children:
            if child.type == "interpolation" and not multi:
                found += [_unescaped(raw[at : child.start_byte - start]), child.named_children[0]]
                at = child.end_byte - start
        rest = raw[at:end]
        found.append(rest.decode() if multi else _unescaped(rest))
        return [piece for piece in found if piece != ""] or [""]

    # -- expressions --------------------------------------------------------------------------------------------------

    def straight(self, node: Any) -> Any:
        while node.type == "parenthesized_expression":
            node = node.named_children[0]
        return node

    def arguments(self, node: Any) -> list[Any]:
        return self.members(node.child_by_field_name("arguments"))

    def text(self, node: Any, after: tuple[Any, ...] = ()) -> str:
        """ARM's text of an expression, with the postfix operators that stand ``after`` it, innermost last."""
        if node.type in ("member_expression", "subscript_expression"):
            return self.text(node.child_by_field_name("object"), (*after, node))
        if node.type == "call_expression" and node.child_by_field_name("function").type in _LOOSE:
            return self.text(node.child_by_field_name("function"), (*after, node))
        if node.type in _LOOSE:
            return self.loose(node, after)
        if after and after[-1].type == "call_expression":
            args = ", ".join(self.text(arg) for arg in self.arguments(after[-1]))
            return self.postfix(f"{_word(node)}({args})", after[:-1])
        node = self.straight(node)
        return self.postfix(self.closed(node), after)

    def postfix(self, text: str, after: tuple[Any, ...]) -> str:
        for node in reversed(after):
            if node.type == "member_expression":
                name = _word(node.child_by_field_name("property"))
                safe = any(child.type == ".?" for child in node.children)
                if safe:
                    text = f"tryGet({text}, '{name}')"
                elif text.startswith("tryGet("):
                    text = f"{text[:-1]}, '{name}')"
                else:
                    text = f"{text}.{name}"
            else:
                text = f"{text}[{self.text(node.child_by_field_name('index'))}]"
        return text

    def loose(self, node: Any, after: tuple[Any, ...]) -> str:
        if node.type == "lambda_expression":
            first, body = node.named_children[0], node.named_children[-1]
            names = [_word(n) for n in (first.named_children if first.type != "identifier" else [first])]
            self.bound += names
            said = self.text(body, after)
            del self.bound[len(self.bound) - len(names) :]
            return f"lambda({', '.join([*(repr(name) for name in names), said])})"
        last = node.child_by_field_name(_LOOSE[node.type])
        if node.type == "ternary_expression":
            parts = [node.child_by_field_name("condition"), node.child_by_field_name("consequence")]
            return f"if({', '.join([*(self.text(part) for part in parts), self.text(last, after)])})"
        operator = _word(node.child_by_field_name("operator"))
        right = self.text(last, after)
        if node.type == "unary_expression":
            return f"not({right})" if operator == "!" else f"sub(0, {right})"
        left = self.text(node.child_by_field_name("left"))
        if operator == "!=":
            return f"not(equals({left}, {right}))"
        return f"{_FUNCTIONS[operator]}({left}, {right})"

    def closed(self, node: Any) -> str:
        if node.type == "identifier":
            name = _word(node)
            if name in self.resources:
                return self.resource_id(self.resources[name])
            return f"lambdaVariables('{name}')" if name in self.bound else f"{self.names[name]}('{name}')"
        if node.type == "number":
            return _word(node)
        if node.type in ("boolean", "null"):
            return f"{_word(node)}()"
        if node.type == "string":
            return self.string(node)
        if node.type == "array":
            return f"createArray({', '.join(self.text(item) for item in self.members(node))})"
        if node.type == "object":
            parts: list[str] = []
            for item in self.members(node):
                first = item.named_children[0]
                key = self.string(first) if first.type == "string" else f"'{_word(first)}'"
                parts += [key, self.text(item.named_children[-1])]
            return f"createObject({', '.join(parts)})"
        assert node.type == "call_expression", node.type
        function = _word(node.child_by_field_name("function")).removeprefix("az.").removeprefix("sys.")
        return f"{function}({', '.join(self.text(arg) for arg in self.arguments(node))})"

    def resource_id(self, resource: Any) -> str:
        """What the symbol of a resource is where ids are wanted."""
        children = [child for child in resource.named_children if child.type != "comment"]
        type = str(self.value(children[1])).partition("@")[0]
        members = self.members(self.straight(children[-1]))
        name = next(item.named_children[-1] for item in members if _word(item.named_children[0]) == "name")
        return f"resourceId('{type}', {self.text(name)})"

    def string(self, node: Any) -> str:
        pieces = self.pieces(node)
        quoted = ["'" + p.replace("'", "''") + "'" if isinstance(p, str) else self.text(p) for p in pieces]
        return quoted[0] if len(pieces) == 1 else f"concat({', '.join(quoted)})"
