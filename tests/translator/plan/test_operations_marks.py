"""What is made of a sensitive value is sensitive: every function of Packer, each of its arguments marked in turn."""

from __future__ import annotations

import pytest

from bakelift.translator.files import DictFiles
from bakelift.translator.languages.hcl.functions import OPERATIONS as HCL_FUNCTIONS
from bakelift.translator.languages.hcl.parser import parse_expression
from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.expressions import Call, Expr, Ref
from bakelift.translator.plan.scope import Clock, Scope
from bakelift.translator.plan.values import SENSITIVE

FILES = DictFiles({"a.txt": b"text ${x}"}, cwd="/srv")
CALLS = """
abs(-1)  ceil(1.5)  floor(1.5)  log(8, 2)  max(1, 2)  min(1, 2)  parseint("f", 16)  pow(2, 3)  signum(-1)  sum([1, 2])
chomp("a")  format("%s", "a")  formatlist("%s", ["a"])  indent(2, "a")  join(",", ["a"])  lower("A")  upper("a")
title("a")  split(",", "a")  strrev("ab")  substr("ab", 0, 1)  trim("a", "b")  trimprefix("ab", "a")
trimsuffix("ab", "b")  trimspace(" a")  replace("a", "a", "b")  regex("a", "a")  regexall("a", "a")
regex_replace("a", "a", "b")  startswith("ab", "a")  endswith("ab", "b")  strcontains("ab", "a")
alltrue([true])  anytrue([true])  chunklist([1, 2], 1)  coalesce("a", "b")  coalescelist([1], [2])  compact(["a"])
concat([1], [2])  contains(["a"], "a")  distinct(["a"])  element(["a"], 0)  flatten([["a"]])  index(["a"], "a")
keys({a = 1})  values({a = 1})  length("ab")  lookup({a = "b"}, "a", "c")  merge({a = 1}, {b = 2})  range(1, 3)
reverse([1])  setintersection(["a"], ["a"])  setproduct(["a"], ["b"])  setunion(["a"], ["b"])  slice([1, 2], 0, 1)
sort(["a"])  zipmap(["a"], [1])
base64decode("YQ==")  base64encode("a")  base64gzip("a")  csvdecode("a")  jsondecode("1")  jsonencode("a")
textdecodebase64("YQBiAA==", "UTF-16LE")  textencodebase64("a", "UTF-16LE")  urlencode("a b")  yamldecode("a")
yamlencode("a")
abspath("a")  basename("a/b")  dirname("a/b")  file("a.txt")  filebase64("a.txt")  fileexists("a.txt")
fileset("/srv", "*.txt")  pathexpand("a")  templatefile("a.txt", {x = 1})
formatdate("YYYY", "2020-01-01T00:00:00Z")  timeadd("2020-01-01T00:00:00Z", "1h")  legacy_isotime("2006")
legacy_strftime("%Y")  rfc3339_parse("2020-01-01T00:00:00Z")  unix_timestamp_parse(5)
bcrypt("a", 4)  md5("a")  sha1("a")  sha256("a")  sha512("a")
uuidv5("dns", "a")  cidrhost("10.0.0.0/8", 1)  cidrnetmask("10.0.0.0/8")  cidrsubnet("10.0.0.0/8", 8, 1)
cidrsubnets("10.0.0.0/8", 8)
can(1)  try(1)  convert("1", number)  env("A")
"""
SAMPLES = [line for text in CALLS.splitlines() for line in text.split("  ") if line.strip()]
#: Without arguments, or of what only another machine knows.
WITHOUT = {"timestamp", "uuidv4", "rsadecrypt", "consul_key", "vault", "aws_secretsmanager", "aws_secretsmanager_raw"}
#: A type is no value, and whether something can be worked out tells nothing of it.
BLIND = {("convert", 1), ("can", 0)}


def name_of(sample: str) -> str:
    return sample.strip().partition("(")[0]


def test_every_function_has_a_sample() -> None:
    assert {name_of(sample) for sample in SAMPLES} == set(HCL_FUNCTIONS) - WITHOUT


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_marks_survive(sample: str) -> None:
    call = parse_expression(sample.strip())
    assert isinstance(call, Call)
    scope = Scope(files=FILES, clock=Clock(1.6e9, lambda: "id"), environment={"A": "b"})
    plain = evaluate(call, scope)
    assert not plain.all_marks()
    for place, argument in enumerate(call.args):
        if (name_of(sample), place) in BLIND:
            continue
        scope.inputs = {"secret": evaluate(argument, scope).marked(frozenset({SENSITIVE}))}
        args: list[Expr] = list(call.args)
        args[place] = Ref("input", "secret")
        got = evaluate(call.but(args=tuple(args)), scope)
        assert SENSITIVE in got.all_marks(), f"argument {place}"
