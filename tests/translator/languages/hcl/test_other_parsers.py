"""The parser beside two others over real files: HashiCorp's own (in npm's hcl2json) and python-hcl2."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import hcl2
import pytest

from bakelift.translator.diagnostics import SourceFile, TemplateError
from bakelift.translator.languages.hcl.nodes import Attribute, Block, Body
from bakelift.translator.languages.hcl.parser import parse_file

Outline = list[tuple[object, ...]]

#: Reads texts as JSON strings, a line each, and says of each whether HashiCorp's parser takes it.
JUDGE = """
const { parse } = require(process.argv[1]);
const lines = require('readline').createInterface({ input: process.stdin });
(async () => {
  for await (const line of lines) {
    let verdict = true;
    try { await parse('t.hcl', JSON.parse(line)); } catch (problem) { verdict = false; }
    console.log(verdict);
  }
})();
"""


def accepted(text: str) -> bool:
    try:
        parse_file(SourceFile("t.hcl", text))
    except TemplateError:
        return False
    return True


@pytest.mark.slow
def test_the_verdict_of_hashicorps_parser(checkout: Path, hcl_corpus: dict[str, str]) -> None:
    package = checkout / ".test-deps" / "node_modules" / "@cdktf" / "hcl2json"
    node = shutil.which("node")
    if node is None or not package.is_dir():
        pytest.skip("no node with @cdktf/hcl2json: make test-deps installs it where npm is there")
    given = "".join(json.dumps(text) + "\n" for text in hcl_corpus.values())
    run = subprocess.run(
        [node, "-e", JUDGE, str(package)], input=given, capture_output=True, text=True, check=True, timeout=600
    )
    verdicts = [line == "true" for line in run.stdout.split()]
    assert len(verdicts) == len(hcl_corpus)
    assert [accepted(text) for text in hcl_corpus.values()] == verdicts
    assert 0 < verdicts.count(False) < 10


def ours(body: Body) -> Outline:
    found: Outline = []
    for item in body.items:
        if isinstance(item, Attribute):
            found.append((item.name,))
        else:
            assert isinstance(item, Block)
            found.append((item.type, *item.label_texts, ours(item.body)))
    return found


def theirs(body: Any) -> Outline:
    found: Outline = []
    for item in body.children:
        kind = type(item).__name__
        if kind == "AttributeRule":
            found.append((str(item.children[0].serialize()),))
        elif kind == "BlockRule":
            words = [c for c in item.children if type(c).__name__ in ("IdentifierRule", "StringRule")]
            inner = next(c for c in item.children if type(c).__name__ == "BodyRule")
            found.append((*(str(word.serialize()).strip('"') for word in words), theirs(inner)))
    return found


@pytest.mark.slow
def test_python_hcl2_sees_the_same_blocks_and_attributes(hcl_corpus: dict[str, str]) -> None:
    """It reads every real file that is valid, so there is no exception to list."""
    unreadable, different = [], []
    for name, text in hcl_corpus.items():
        if not accepted(text):
            continue
        try:
            tree = hcl2.parses(text)
        except Exception:  # whatever its parser raises
            unreadable.append(name)
            continue
        if ours(parse_file(SourceFile("t.hcl", text)).body) != theirs(tree.children[0]):
            different.append(name)
    assert (unreadable, different) == ([], [])
