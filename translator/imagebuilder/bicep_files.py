"""The functions of Bicep that read files when a template is compiled: here, when it is read, below its root."""

from __future__ import annotations

import re

from bakelift.translator.diagnostics import SourceFile, fail
from bakelift.translator.plan.expressions import Call as Operation
from bakelift.translator.plan.expressions import ListExpr, Literal, ObjectExpr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.files import Files
    from bakelift.translator.languages.bicep.nodes import Call
    from bakelift.translator.plan.expressions import Expr

FILE_FUNCTIONS = frozenset({"loadTextContent", "loadFileAsBase64", "loadJsonContent", "loadYamlContent"})

#: Names of encodings in Bicep, as Python calls them.
_ENCODINGS = {
    "us-ascii": "ascii",
    "iso-8859-1": "latin-1",
    "utf-8": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16BE": "utf-16-be",
}


class FileFunctions:
    """Calls of the functions that read files, relative to the template."""

    def __init__(self, files: Files) -> None:
        self.files = files

    def load(self, call: Call, args: list[Expr]) -> Expr | None:
        """What a call gives; None when it reads no file. Raises TemplateError (``files/…``, ``bicep/load``)."""
        if call.function not in FILE_FUNCTIONS:
            return None
        words = [arg.value if isinstance(arg, Literal) else None for arg in args]
        if not words or not all(isinstance(word, str) for word in words):
            detail = "Bicep reads files when it compiles: the path stands there as text."
            raise fail("bicep/load", f"{call.function} needs constants", detail, call.span)
        path, *rest = (str(word) for word in words)
        if call.function == "loadFileAsBase64":
            import base64

            return Literal(base64.b64encode(self.files.template_read(path, call.span)).decode(), call.span)
        encoding = rest[-1] if rest and rest[-1] in _ENCODINGS else "utf-8"
        text = self._text(path, encoding, call)
        if call.function == "loadTextContent":
            return Literal(text, call.span)
        whole = self._json(path, text, call) if call.function == "loadJsonContent" else self._yaml(text, call)
        return _at(whole, rest[0], call) if rest and rest[0] not in _ENCODINGS else whole

    def _text(self, path: str, encoding: str, call: Call) -> str:
        data = self.files.template_read(path, call.span)
        try:
            return data.decode(_ENCODINGS[encoding])
        except UnicodeDecodeError:
            detail = "Say the encoding as the last argument."
            raise fail("bicep/load", f"{path} is not {encoding}", detail, call.span) from None

    def _json(self, path: str, text: str, call: Call) -> Expr:
        from bakelift.translator.languages.arm import value_to_expr
        from bakelift.translator.languages.json.parser import parse_json

        return value_to_expr(parse_json(SourceFile(path, text), lenient=True), expressions=False)

    def _yaml(self, text: str, call: Call) -> Expr:
        from bakelift.translator.plan.evaluate import evaluate
        from bakelift.translator.plan.scope import Scope
        from bakelift.translator.plan.values import to_expr

        return to_expr(evaluate(Operation("yamldecode", (Literal(text, call.span),), span=call.span), Scope()))


_STEP = re.compile(r"\.?([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]|\['([^']*)'\]")


def _at(whole: Expr, path: str, call: Call) -> Expr:
    """The part of a value that a JSON path names: names and numbers, no searches."""
    at = 1 if path.startswith("$") else 0
    found = whole
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise fail("bicep/load", f"The path {path!r} is not read", "Names and indexes are.", call.span)
        at = step.end()
        name = step.group(1) or step.group(3)
        part: Expr | None = None
        if name is not None and isinstance(found, ObjectExpr):
            part = next((value for key, value in found.entries if key == Literal(name)), None)
        elif step.group(2) is not None and isinstance(found, ListExpr) and int(step.group(2)) < len(found.items):
            part = found.items[int(step.group(2))]
        if part is None:
            raise fail("bicep/load", f"The file has nothing at {path!r}", span=call.span)
        found = part
    return found
