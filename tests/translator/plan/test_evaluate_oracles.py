"""Expressions whose values real Terraform and real Packer gave."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bakelift.translator.diagnostics import SourceFile, TemplateError
from bakelift.translator.files import DictFiles
from bakelift.translator.languages.hcl.parser import parse_expression, parse_file
from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.expressions import Literal, ObjectExpr
from bakelift.translator.plan.json_text import value_to_json_text
from bakelift.translator.plan.scope import Clock, Scope

if TYPE_CHECKING:
    from pathlib import Path

    from bakelift.translator.plan.values import Value

#: Functions of Terraform that Packer has not.
TERRAFORM_ONLY = ("setsubtract(", "tostring(", "tonumber(", "tolist(", "toset(", "tomap(")
#: Packer's own results where they are not Terraform's: its replace() has no /pattern/ form.
PACKER_RESULTS = {
    'replace("hello world", "/w.*d/", "everybody")': "hello world",
    'replace("hello world", "/(h)(e)/", "$2$1")': "hello world",
    'replace("abc", "/(?P<x>b)/", "[$x]")': "abc",
    'replace(lower("My App_Name"), "/[^a-z0-9-]/", "-")': "my app_name",
}
#: Messages that are Packer's or say more than Terraform's.
OTHER_MESSAGES = {
    'base64decode("!!!")': "failed to decode base64 data '!!!'.",
    "[1][5]": "is greater than or equal to the length of the collection.",
}
ORACLES = ("terraform_expressions.jsonl", "terraform_locals_expressions.jsonl")


def outcome(source: str, scope: Scope) -> tuple[str, object]:
    """("value", data), or ("error", every "summary: detail")."""
    try:
        # A heredoc ends with a line end, which an argument of a command line may lack.
        value = evaluate(parse_expression(source + "\n"), scope)
        return "value", json.loads(value_to_json_text(value))
    except TemplateError as error:
        return "error", [f"{d.summary}: {d.detail}" for d in error.diagnostics]


def test_terraforms_values(shared: Path) -> None:
    folder = shared / "oracles" / "hcl"
    items = parse_file(SourceFile("locals.hcl", (folder / "locals.hcl").read_text())).body.items
    named = ObjectExpr(tuple((Literal(a.name), a.expr) for block in items for a in block.body.items))
    scope = Scope(symbols={("name", "local"): evaluate(named, Scope())})
    wrong = []
    count = 0
    for name in ORACLES:
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            source = case["expr"]
            if source.startswith(TERRAFORM_ONLY):
                continue
            count += 1
            if source == "1 / 0":
                # Terraform's failure is that of its JSON output; the value is infinity.
                assert evaluate(parse_expression(source), scope).raw == float("inf")
                continue
            kind, got = outcome(source, scope)
            if "error" in case:
                last = OTHER_MESSAGES.get(source, case["detail"].splitlines()[-1])
                fine = kind == "error" and any(m.startswith(case["error"]) and m.endswith(last) for m in got)  # type: ignore[attr-defined]
            else:
                expected = PACKER_RESULTS.get(source, case["json"])
                fine = kind == "value" and got == expected and isinstance(got, bool) == isinstance(expected, bool)
            if not fine:
                wrong.append((source, case.get("json", case.get("error")), got))
    assert wrong == []
    assert count == 373


#: What Packer 1.6.6 has not, or has wrong, and current Packer has.
YOUNGER = {
    "alltrue([true,true])": "true",
    "anytrue([])": "false",
    'index(["a","b"],"b")': "1",
    'regex("([a-z]+)(\\\\d+)","abc123")': '[\n  "abc",\n  "123",\n]',
    'regexall("\\\\d","a1b2")': '[\n  "1",\n  "2",\n]',
    'filebase64("input.txt")': "eA==",
    "sum([1,2])": "3",
    'startswith("abc","a")': "true",
    'endswith("abc","c")': "true",
    'strcontains("abc","b")': "true",
    'textencodebase64("a","UTF-16LE")': "YQA=",
    'base64gzip("x")': "H4sIAAAAAAAA/6oAAAAA//8BAAD//4MW3IwBAAAA",
    'legacy_isotime("2006")': "2026",
    'templatefile("nosuch.tpl",{})': (
        'Error: Error in function call\nCall to function "templatefile" failed: no file exists at nosuch.tpl.'
    ),
    # Secrets are never fetched.
    'vault("a","b")': "unknown",
}


def packers_text(value: Value, depth: int = 0) -> str:
    """As ``packer console`` shows a value."""
    raw, indent = value.raw, "  " * depth
    if not value.known:
        return "unknown"
    if isinstance(raw, tuple):
        return "[\n" + "".join(f"{indent}  {packers_text(v, depth + 1)},\n" for v in raw) + indent + "]"
    if isinstance(raw, dict):
        rows = (f'{indent}  "{k}" = {packers_text(v, depth + 1)}\n' for k, v in raw.items())
        return "{\n" + "".join(rows) + indent + "}"
    if isinstance(raw, str):
        return f'"{raw}"' if depth else raw
    return str(raw).lower() if isinstance(raw, bool) else str(raw)


def test_packers_values(shared: Path) -> None:
    folder = shared / "oracles" / "packer-1.6.6" / "h-functions"
    sources = (folder / "input.txt").read_text(encoding="utf-8").splitlines()
    answers = (folder / "packer-1.6.6.txt").read_text(encoding="utf-8")
    scope = Scope(
        files=DictFiles({"input.txt": b"x"}, cwd="/home/user/goldens/h-functions"),
        clock=Clock(1795392081.5, lambda: "no"),
        environment={"HOME": "/root"},
    )
    wrong = []
    at = 0
    for number, source in enumerate(sources):
        start = answers.index(f"> {source}\n", at) + len(source) + 3
        at = answers.index(f"> {sources[number + 1]}\n", start) if number + 1 < len(sources) else len(answers)
        expected = YOUNGER.get(source, answers[start:at].rstrip("\n"))
        if source == "timestamp()":
            expected = "2026-11-23T00:01:21Z"
        try:
            got = packers_text(evaluate(parse_expression(source), scope)).rstrip("\n")
        except TemplateError as error:
            got = f"Error: {error.diagnostics[0].summary}\n{error.diagnostics[0].detail}"
        where = "  on <console-input> line 1:\n  (source code not available)\n"
        if " ".join(got.split()) != " ".join(expected.replace(where, "").split()):
            wrong.append((source, expected, got))
    assert wrong == []
    assert len(sources) == 111


@pytest.mark.parametrize("source", ["nosuch(1)", "upper(1, 2)", "[1][2]", "{a = 1}.b", '"a" + 1', "null.x"])
def test_an_error_has_the_span_of_what_fails(source: str) -> None:
    with pytest.raises(TemplateError) as caught:
        evaluate(parse_expression(source), Scope())
    assert caught.value.diagnostics[0].span is not None
