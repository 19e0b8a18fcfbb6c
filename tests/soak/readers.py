"""What is fuzzed: each reader as a function of bytes. It may raise TemplateError and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bakelift import terminal
from bakelift.commands.console import _answer
from bakelift.loading import decoded
from bakelift.rereading import account_by_reading
from bakelift.translator.diagnostics import Diagnostic, Diagnostics, SourceFile, TemplateError
from bakelift.translator.files import DictFiles
from bakelift.translator.imagebuilder.bicep_reader import read_bicep
from bakelift.translator.imagebuilder.reader import read_template
from bakelift.translator.imagebuilder.translate import TranslateOptions, translate
from bakelift.translator.languages.arm import expr_to_value, text_to_expr
from bakelift.translator.languages.arm.printer import Unprintable
from bakelift.translator.languages.bicep import parse_bicep, print_bicep
from bakelift.translator.languages.go_template.functions import AZURE_FIELDS, FIELDS, HCL_FIELDS, VARIABLES
from bakelift.translator.languages.go_template.reading import COMMAND_HOLES, parse_template
from bakelift.translator.languages.hcl.format import format_text
from bakelift.translator.languages.hcl.parser import parse_file
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.hcl_writer import write_hcl
from bakelift.translator.packer.json_reader import read_json
from bakelift.translator.packer.variables import bind_inputs
from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.model import Plan
from bakelift.translator.plan.scope import Clock, Scope

#: Inputs are no longer than this; each must be done within LIMIT seconds.
LONGEST = 64 * 1024
LIMIT = 1.0

FILES = DictFiles({"a.sh": b"#!/bin/sh\necho a\n", "data/b.txt": b"b", "t.tpl": b"${x}"}, cwd="/templates")
_UUID = "00000000-0000-4000-8000-000000000000"
_DECLARED = SourceFile(
    "variables.pkr.hcl",
    """
variable "a" { default = "a" }
variable "n" { type = number }
variable "b" { type = bool }
variable "l" { type = list(string) }
variable "m" { type = map(number) }
variable "o" { type = object({ name = string, size = optional(number) }) }
variable "s" {
  type      = string
  sensitive = true
}
variable "v" {
  type = string
  validation {
    condition     = length(var.v) > 2
    error_message = "Too short."
  }
}
locals { x = { k = [1, 2, 3] } }
""",
)


class Finding(AssertionError):
    """A law that does not hold: a diagnostic that points nowhere."""


def check(diagnostics: Diagnostics | tuple[Diagnostic, ...], placed: bool = True) -> None:
    """Every diagnostic can be shown and points into its file; ``placed``: every error points somewhere."""
    for diagnostic in diagnostics:
        span = diagnostic.span
        if span is None:
            if placed and diagnostic.severity == "error":
                raise Finding(f"no span: {diagnostic}")
        elif not 0 <= span.start <= span.end <= len(span.file.text):
            raise Finding(f"span {span.start}..{span.end} of {len(span.file.text)}: {diagnostic.summary}")
        terminal.render(diagnostic, True)
        diagnostic.as_json()


def _scope() -> Scope:
    return Scope(files=FILES, clock=Clock(1.6e9, lambda: _UUID), environment={"HOME": "/root"})


def hcl(data: bytes) -> None:
    file = decoded("t.pkr.hcl", data)
    parse_file(file)
    once = format_text(file.text)
    if format_text(once) != once:
        raise Finding("formatting twice changes the text")
    _finish(read_hcl([file], "t.pkr.hcl", ".", Diagnostics()))


def pkr_json(data: bytes) -> None:
    _finish(read_hcl([decoded("t.pkr.json", data)], "t.pkr.json", ".", Diagnostics()))


def legacy_json(data: bytes) -> None:
    found = Diagnostics()
    plan = read_json(decoded("t.json", data), "t.json", ".", found)
    check(tuple(found))
    found.stop_if_failed()
    _finish(plan)


def _finish(plan: Plan) -> None:
    """What a reader gives can be written to Image Builder, or not with a reason, and as HCL."""
    found = Diagnostics()
    try:
        bindings = bind_inputs(plan, diagnostics=found)
        options = TranslateOptions(shape="arm", missing_files="placeholder", partial=True)
        for output in translate(plan, bindings, FILES, options, found).outputs:
            output.text()
    except TemplateError as problem:
        check(problem.diagnostics, placed=False)
    check(tuple(found), placed=False)
    read_hcl([SourceFile("again.pkr.hcl", write_hcl(plan))], "again.pkr.hcl", ".", Diagnostics())


def go_template(data: bytes) -> None:
    file = decoded("t.json", data)
    for functions, holes, again in (
        (VARIABLES, (), False),
        (FIELDS, COMMAND_HOLES, True),
        (AZURE_FIELDS, (), False),
        (HCL_FIELDS, COMMAND_HOLES, True),
    ):
        try:
            expr = parse_template([file.text], functions, holes=holes, again=again)
            evaluate(expr, _scope())
        except TemplateError as problem:
            check(problem.diagnostics, placed=False)


def arm_expression(data: bytes) -> None:
    file = decoded("t.json", data)
    expr = text_to_expr("[" + file.text.removeprefix("[").removesuffix("]") + "]")
    try:
        again = expr_to_value(expr)
        if isinstance(again, str):
            text_to_expr(again)
    except Unprintable:
        pass
    evaluate(expr, _scope())


def arm_template(data: bytes) -> None:
    found = Diagnostics()
    plan = read_template(decoded("t.json", data), "t.json", found).plan
    check(tuple(found))
    found.stop_if_failed()
    text = write_hcl(plan)
    account_by_reading(plan, text, "t.pkr.hcl", found)
    check(tuple(found), placed=False)


def bicep(data: bytes) -> None:
    file = decoded("t.bicep", data)
    tree = parse_bicep(file)
    once = print_bicep(tree)
    again = parse_bicep(SourceFile("again.bicep", once))
    if again != tree or print_bicep(again) != once:
        raise Finding("what is printed reads back differently")
    found = Diagnostics()
    plan = read_bicep(file, "t.bicep", found, FILES).plan
    check(tuple(found))
    found.stop_if_failed()
    _finish(plan)


def var_file(data: bytes) -> None:
    plan = read_hcl([_DECLARED], ".", ".", Diagnostics())
    text = decoded("t", data)
    path = "t.pkrvars.json" if text.text.lstrip().startswith("{") else "t.pkrvars.hcl"
    found = Diagnostics()
    bind_inputs(plan, var_files=[SourceFile(path, text.text)], diagnostics=found)
    check(tuple(found))


def console(data: bytes) -> None:
    plan = read_hcl([_DECLARED], ".", ".", Diagnostics())
    scope = _scope()
    scope.named = {item.name: item.value for item in plan.named}
    for line in decoded("t", data).text.split("\n"):
        if line.strip():
            _answer(line.strip(), plan, scope, False)
            _answer(line.strip(), plan, scope, True)


class Reader(NamedTuple):
    """``run`` raises TemplateError for bad input; ``placed``: every error of it must have a place."""

    run: Callable[[bytes], None]
    placed: bool = True


READERS = {
    "hcl": Reader(hcl),
    "pkr-json": Reader(pkr_json),
    "legacy-json": Reader(legacy_json),
    "go-template": Reader(go_template, placed=False),
    "arm-expression": Reader(arm_expression, placed=False),
    "arm-template": Reader(arm_template),
    "bicep": Reader(bicep),
    "var-file": Reader(var_file),
    "console": Reader(console),
}


def attempt(name: str, data: bytes) -> None:
    """Runs a reader on an input: returns, or raises what is a finding."""
    reader = READERS[name]
    try:
        reader.run(data)
    except TemplateError as problem:
        if not any(d.severity == "error" for d in problem.diagnostics):
            raise Finding("an error without an error") from problem
        check(problem.diagnostics, reader.placed)
