"""Normal form: what counts as the same Plan, and what does not."""

from __future__ import annotations

import pytest

from bakelift.translator.diagnostics import SourceFile
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.plan.expressions import Call, Expr, Literal, Ref, Template
from bakelift.translator.plan.model import Plan
from bakelift.translator.plan.normal import normal, normal_expr, same

X = Ref("input", "x")


def plan_of(text: str) -> Plan:
    return read_hcl([SourceFile("t.pkr.hcl", text)], "t.pkr.hcl", ".")


@pytest.mark.parametrize(
    "expr",
    [
        Template((Literal("a-"), X, Literal("-b"))),
        Template((Literal("a"), Literal("-"), Template((X, Literal("-"))), Literal("b"))),
        Call("format", (Literal("a-%s-b"), X)),
        Call("arm.format", (Literal("a-{0}-b"), X)),
        Call("arm.concat", (Literal("a-"), X, Call("arm.concat", (Literal("-"), Literal("b"))))),
        Call("format", (Literal("%s-%s-b"), Literal("a"), X)),
    ],
)
def test_ways_of_building_a_text_are_one(expr: Expr) -> None:
    assert normal_expr(expr) == Template((Literal("a-"), X, Literal("-b")))


@pytest.mark.parametrize(
    "expr",
    [
        Call("format", (Literal("%05d"), X)),
        Call("format", (Literal("%s %s"), X)),
        Call("arm.format", (Literal("{0:N2}"), X)),
        Call("arm.concat", (X, Ref("named", "y"))),
        Call("arm.format", (Literal("{1}"), X)),
    ],
)
def test_what_is_more_than_a_text_stays(expr: Expr) -> None:
    assert normal_expr(expr) == expr


def test_percent_and_braces() -> None:
    assert normal_expr(Call("format", (Literal("100%% %s"), X))) == Template((Literal("100% "), X))
    assert normal_expr(Call("arm.format", (Literal("{{{0}}}"), X))) == Template((Literal("{"), X, Literal("}")))


ONE = """
variable "x" {}
locals { name = "a-${var.x}" }
source "null" "s" {
  ssh_host     = local.name # said once
  ssh_username = "u"
}
build {
  sources = ["null.s"]
  provisioner "shell" { inline = ["a"] }
  provisioner "mystery" {
    b = 1
    a = 2
  }
}
"""
TWO = """
variable "x" {}
source "null" "s" {
  ssh_username = "u"
  ssh_password = null
  ssh_host     = format("a-%s", var.x)
}
build {
  sources = ["source.null.s"]
  provisioner "shell" {
    inline = ["a"]
  }
  provisioner "mystery" {
    a = 2
    b = 1
  }
}
"""


def test_the_same_images_said_in_two_ways() -> None:
    assert same(plan_of(ONE), plan_of(TWO), inline=True)
    assert not same(plan_of(ONE), plan_of(TWO))
    assert same(plan_of(ONE), plan_of(ONE.replace("# said once", "").replace("  ", "    ")))


@pytest.mark.parametrize(
    ("before", "after"),
    [('["a"]', '["a "]'), ("b = 1", "b = true"), ('"u"', "var.x"), ('"null.s"', '"null.s", "null.s"')],
)
def test_differences_are_seen(before: str, after: str) -> None:
    assert not same(plan_of(ONE), plan_of(ONE.replace(before, after)), inline=True)


def test_normal_form_is_its_own() -> None:
    plan = normal(plan_of(ONE))
    assert normal(plan) == plan
