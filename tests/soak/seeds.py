"""What fuzzing begins with: real templates beside the checkout where there are any, else the project's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from bakelift.translator.diagnostics import SourceFile, TemplateError
from bakelift.translator.languages.hcl.nodes import Body
from bakelift.translator.languages.hcl.parser import parse_file

CHECKOUT = Path(__file__).resolve().parent.parent.parent
_EXPRESSION = re.compile(r"=[ \t]+([^\n=][^\n]{3,200})$", re.MULTILINE)
_TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"')


def _files(*endings: str) -> list[str]:
    """Texts of all files with such names, the shortest first, each once."""
    corpus = CHECKOUT.parent / "shared" / "corpus"
    folders = [corpus] if corpus.is_dir() else [CHECKOUT / "fixtures", CHECKOUT / "tests" / "translator"]
    texts = set()
    for folder in folders:
        for path in folder.rglob("*"):
            if path.name.endswith(endings) and path.is_file() and path.stat().st_size <= 64 * 1024:
                texts.add(path.read_text("utf-8", "replace"))
    return sorted(texts, key=lambda text: (len(text), text))


def _as_json(body: Body) -> object:
    """A body in HCL's JSON syntax."""
    made: dict[str, object] = {}
    for attribute in body.attributes.values():
        made[attribute.name] = "${" + attribute.value_span.text + "}"
    for block in body.blocks:
        inner = _as_json(block.body)
        for label in reversed(block.label_texts):
            inner = {label: inner}
        made.setdefault(block.type, [])
        made[block.type].append(inner)  # type: ignore[union-attr]
    return made


def _pkr_json() -> Iterator[str]:
    for text in _files(".pkr.hcl"):
        try:
            yield json.dumps(_as_json(parse_file(SourceFile("seed.pkr.hcl", text)).body), indent=1)
        except TemplateError:
            continue


def _strings(mark: str, *endings: str) -> Iterator[str]:
    for text in _files(*endings):
        for found in _TEXT.finditer(text):
            if mark in found.group(1):
                try:
                    yield json.loads(f'"{found.group(1)}"')
                except ValueError:
                    continue


def _expressions() -> Iterator[str]:
    for text in _files(".pkr.hcl"):
        yield from (found.group(1) for found in _EXPRESSION.finditer(text))
    yield from (
        "{for k, v in {a = 1, b = 2} : k => v... if v > 1}",
        '[for x in ["a", "b"] : upper(x)]',
        '"%{ for x in [1, 2] ~}\t${x}%{ endfor }"',
        'try(local.x.k[5], "none")',
        'formatdate("YYYY-MM-DD", timestamp())',
        'regex_replace("a1b2", "([a-z])", "$1$1")',
        'cidrsubnet("10.0.0.0/8", 8, 3)',
        'templatefile("t.tpl", {x = 1})',
        'setproduct([1, 2], ["a"])',
        'jsondecode("{\\"a\\": [1]}").a[0]',
        "yamlencode({a = [1, null, true]})",
    )


def _variables() -> Iterator[str]:
    yield from _files(".pkrvars.hcl", ".pkrvars.json")
    yield 'a = "x"\nn = 3\nb = true\nl = ["a"]\nm = { k = 1 }\no = { name = "x" }\ns = "s"\nv = "long"\n'
    yield '{"a": "x", "n": 3, "b": true, "l": ["a"], "m": {"k": 1}, "o": {"name": "x"}, "s": "s", "v": "long"}'


def seeds(reader: str) -> list[bytes]:
    """The seeds of a reader, without doubles."""
    texts: dict[str, None] = {}
    sources = {
        "hcl": lambda: _files(".pkr.hcl"),
        "pkr-json": _pkr_json,
        "legacy-json": lambda: (t for t in _files(".json") if '"builders"' in t),
        "go-template": lambda: _strings("{{", ".json", ".pkr.hcl"),
        "arm-expression": lambda: (t for t in _strings("(", ".json") if t.startswith("[")),
        "arm-template": lambda: (t for t in _files(".json") if "imageTemplates" in t),
        "bicep": lambda: _files(".bicep"),
        "var-file": _variables,
        "console": _expressions,
    }
    for text in sources[reader]():
        texts.setdefault(text)
    return [text.encode() for text in texts]
