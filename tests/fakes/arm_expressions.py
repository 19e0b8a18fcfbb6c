"""The few functions of ARM templates that a deployment of a build machine uses, for the fake that deploys it."""

from __future__ import annotations

import re
from typing import Any

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|-?\d+|[A-Za-z_]\w*|[(),.\[\]])")


class Values:
    """Evaluates what stands in a template. ``properties``: of the deployment: template, parameters."""

    def __init__(self, properties: dict[str, Any], group: str, location: str) -> None:
        self._template = properties["template"]
        self._given = properties["parameters"]
        self._group = group
        self._location = location

    def of(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.of(key): self.of(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.of(item) for item in value]
        if isinstance(value, str) and value.startswith("[") and value.endswith("]") and not value.startswith("[["):
            return self._expression(value[1:-1])
        return value

    def _expression(self, text: str) -> Any:
        tokens = _TOKEN.findall(text)
        value, rest = self._term(tokens)
        assert not rest, f"{text}: {rest}"
        return value

    def _term(self, tokens: list[str]) -> tuple[Any, list[str]]:
        first, tokens = tokens[0], tokens[1:]
        if first.startswith("'"):
            value: Any = first[1:-1].replace("''", "'")
        elif first.lstrip("-").isdigit():
            value = int(first)
        else:
            arguments = []
            assert tokens[0] == "(", first
            tokens = tokens[1:]
            while tokens[0] != ")":
                argument, tokens = self._term(tokens)
                arguments.append(argument)
                if tokens[0] == ",":
                    tokens = tokens[1:]
            tokens = tokens[1:]
            value = self._call(first.lower(), arguments)
        while tokens and tokens[0] == ".":
            value, tokens = value[tokens[1]], tokens[2:]
        return value, tokens

    def _call(self, name: str, arguments: list[Any]) -> Any:
        if name == "parameters":
            declared = self._template["parameters"][arguments[0]]
            given = self._given.get(arguments[0])
            return given["value"] if given is not None else self.of(declared["defaultValue"])
        if name == "variables":
            return self.of(self._template["variables"][arguments[0]])
        if name == "concat":
            return "".join(str(item) for item in arguments)
        if name == "format":
            return arguments[0].format(*arguments[1:])
        if name == "resourcegroup":
            return {"location": self._location, "id": self._group, "name": self._group.rpartition("/")[2]}
        if name == "resourceid":
            return self._resource(arguments)
        if name == "empty":
            return not arguments[0]
        if name == "not":
            return not arguments[0]
        raise AssertionError(f"the fake has no function {name}")

    def _resource(self, arguments: list[str]) -> str:
        group = self._group
        while "/" not in arguments[0]:
            if not re.fullmatch(r"[0-9a-f-]{36}", arguments[0]):
                group = f"{group.rpartition('/')[0]}/{arguments[0]}"
            arguments = arguments[1:]
        provider, *kinds = arguments[0].rstrip("/").split("/")
        pairs = zip(kinds, arguments[1:], strict=True)
        return f"{group}/providers/{provider}/{'/'.join(part for pair in pairs for part in pair)}"
