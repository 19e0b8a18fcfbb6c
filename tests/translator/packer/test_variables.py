"""Which value of a variable wins, what does not fit, and what a translation leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.variables import bind_inputs
from bakelift.translator.plan.expressions import Call, Literal, Ref, Template
from bakelift.translator.plan.model import Input, Origin, Plan
from bakelift.translator.plan.scope import Clock
from bakelift.translator.plan.types import BOOL
from bakelift.translator.plan.values import to_python

if TYPE_CHECKING:
    from pathlib import Path

    from bakelift.translator.plan.binding import Bindings


def plan_of(text: str) -> Plan:
    return read_hcl([SourceFile("t.pkr.hcl", text)], "t.pkr.hcl", ".")


def plain(bindings: Bindings) -> dict[str, object]:
    return {name: to_python(value) for name, value in bindings.values.items()}


def refused(plan: Plan, *args: str, **more: object) -> list[tuple[str, str]]:
    with pytest.raises(TemplateError) as caught:
        bind_inputs(plan, args, **more)  # type: ignore[arg-type]
    return [(d.code, d.detail) for d in caught.value.diagnostics if d.severity == "error"]


PRECEDENCE = plan_of('variable "a" { default = "default" }')
LATE = SourceFile("z.auto.pkrvars.hcl", 'a = "auto-z"')
JSON = SourceFile("b.auto.pkrvars.json", '{"a": "auto-json"}')
ONE = SourceFile("one.pkrvars.hcl", 'a = "one"')
TWO = SourceFile("two.pkrvars.json", '{"a": "two"}')


@pytest.mark.parametrize(
    ("args", "files", "auto", "environment", "value", "came_from"),
    [
        ((), (), (), None, "default", "default"),
        ((), (), (), {"PKR_VAR_a": "env", "PKR_VAR_other": "x"}, "env", "PKR_VAR_a"),
        ((), (), (LATE,), {"PKR_VAR_a": "env"}, "auto-z", "z.auto.pkrvars.hcl"),
        ((), (), (JSON, LATE), None, "auto-json", "b.auto.pkrvars.json"),
        ((), (ONE, TWO), (JSON, LATE), None, "two", "two.pkrvars.json"),
        ((), (TWO, ONE), (JSON,), None, "one", "one.pkrvars.hcl"),
        (("a=cmd",), (ONE,), (JSON,), {"PKR_VAR_a": "env"}, "cmd", "-var"),
        (("a=first", "a=second=x"), (), (), None, "second=x", "-var"),
    ],
)
def test_the_strongest_place_wins(
    args: tuple[str, ...],
    files: tuple[SourceFile, ...],
    auto: tuple[SourceFile, ...],
    environment: dict[str, str] | None,
    value: str,
    came_from: str,
) -> None:
    bindings = bind_inputs(PRECEDENCE, args, files, auto, environment)
    assert (plain(bindings)["a"], bindings.came_from["a"]) == (value, came_from)


TYPES = """
variable "l" {
  type    = list(string)
  default = ["d"]
}
variable "n" {
  type    = number
  default = 1
}
variable "u" { default = ["untyped"] }
variable "o" {
  type    = object({ x = string, y = number })
  default = { x = "dx", y = 1 }
}
variable "free" {}
"""


def test_texts_become_values_of_the_variable_s_type() -> None:
    plan = plan_of(TYPES)
    bindings = bind_inputs(plan, ['l=["x","y"]', "n=7", 'u=["q"]', 'o={x="1",y="2"}', "free=[a]"])
    assert plain(bindings) == {"l": ["x", "y"], "n": 7, "u": ["q"], "o": {"x": "1", "y": 2}, "free": "[a]"}


def test_what_does_not_fit_is_told() -> None:
    plan = plan_of(TYPES)
    assert refused(plan, "l=notalist") == [("packer/variable-value", "Variables may not be used here.")]
    code, detail = refused(plan, "n=abc")[0]
    assert code == "packer/variable-type"
    assert detail == (
        "The received arg value for n is not compatible with the variable's type constraint: a number is required."
    )
    assert refused(plan, "fre=1")[0] == (
        "packer/undefined-variable",
        'A "fre" variable was passed in the command line but was not found in known variables. Did you mean "free"?',
    )
    assert refused(plan, "only-a-name")[0][0] == "packer/bad-var"
    assert len(refused(plan, "nope=1", "n=x", "l=y")) == 3


def test_required_variables_are_listed_together() -> None:
    plan = plan_of('variable "a" {}\nvariable "b" {}\nvariable "c" { default = null }')
    assert [code for code, _ in refused(plan, require=True)] == ["packer/unset-variable"] * 2
    assert plain(bind_inputs(plan)) == {"c": None}


def test_the_environment_is_not_read_when_translating() -> None:
    plan = plan_of('variable "s" { default = env("ARM_SUBSCRIPTION_ID") }\nvariable "t" { default = "a-${env("X")}" }')
    bindings = bind_inputs(plan)
    assert (plain(bindings), bindings.environment) == ({}, {"s": "ARM_SUBSCRIPTION_ID", "t": "X"})
    assert plain(bind_inputs(plan, environment={"X": "1"})) == {"s": "", "t": "a-1"}
    assert plain(bind_inputs(plan, ["s=given"])) == {"s": "given"}


def test_sensitive_values_are_marked() -> None:
    plan = plan_of('variable "p" {\n  default = "x"\n  sensitive = true\n}')
    assert bind_inputs(plan).values["p"].sensitive


RULE = """
variable "size" {
  default = "tiny"
  validation {
    condition     = contains(["small", "large"], var.size)
    error_message = "The size must be small or large."
  }
}
"""


def test_rules_are_checked_on_the_winning_value() -> None:
    plan = plan_of(RULE)
    assert plain(bind_inputs(plan, ["size=large"])) == {"size": "large"}
    with pytest.raises(TemplateError) as caught:
        bind_inputs(plan)
    problem = caught.value.diagnostics[0]
    assert (problem.code, problem.summary) == ("packer/validation-failed", "Invalid value for default variable")
    assert problem.detail.startswith("The size must be small or large.\n\nThis was checked by the validation rule at ")
    with pytest.raises(TemplateError, match="Invalid value for cmd variable"):
        bind_inputs(plan, ["size=x"])


def test_variable_files() -> None:
    diagnostics = Diagnostics()
    file = SourceFile("v.pkrvars.hcl", 'a = "x"\nundeclared = 1\n')
    assert plain(bind_inputs(PRECEDENCE, var_files=[file], diagnostics=diagnostics)) == {"a": "x"}
    assert [(d.code, str(d.span)) for d in diagnostics] == [("packer/undeclared-variable", "v.pkrvars.hcl:2:14")]
    declared = SourceFile("v.pkrvars.hcl", 'variable "a" {}')
    assert refused(PRECEDENCE, var_files=[declared])[0][0] == "packer/var-file"
    assert refused(PRECEDENCE, var_files=[SourceFile("v.json", "[]")])[0][0] == "packer/var-file"


def legacy(**defaults: object) -> Plan:
    inputs = tuple(
        Input(name, default=value if value is None or isinstance(value, Template | Call) else Literal(value))  # type: ignore[arg-type]
        for name, value in defaults.items()
    )
    return Plan(inputs=inputs, origin=Origin("json", "t.json", ".", []))


def test_legacy_values_are_templates_of_each_other() -> None:
    plan = legacy(c=Template((Ref("input", "a"), Literal("-c"))), a="default", b=Call("env", (Literal("BENV"),)))
    assert plain(bind_inputs(plan, environment={"BENV": "benv"})) == {"c": "default-c", "a": "default", "b": "benv"}
    bindings = bind_inputs(plan, ["a=cmd", "extra=x"], [SourceFile("f.json", '{"a": "file", "b": "file"}')])
    assert plain(bindings) == {"c": "cmd-c", "a": "cmd", "b": "file", "extra": "x"}
    assert bindings.came_from == {"c": "default", "a": "-var", "b": "f.json", "extra": "-var"}
    assert plain(bind_inputs(plan, ["a={{ .WinRMPassword }}", "b="]))["a"] == "{{ .WinRMPassword }}"


def test_legacy_values_may_ask_for_the_time() -> None:
    plan = legacy(a="x")
    assert plain(bind_inputs(plan, ["a=cmd{{timestamp}}"])) == {}
    clock = Clock(1795392012.5, lambda: "")
    assert plain(bind_inputs(plan, ["a=cmd{{timestamp}}"], clock=clock)) == {"a": "cmd1795392012"}


def test_legacy_trouble() -> None:
    circle = legacy(a=Template((Ref("input", "b"),)), b=Template((Ref("input", "a"),)))
    assert refused(circle)[0][0] == "packer/variable-circle"
    assert refused(legacy(a=Template((Ref("input", "nosuch"), Literal("x")))))[0][0] == "packer/undefined-variable"
    assert [code for code, _ in refused(legacy(a=None, b=None), require=True)] == ["packer/unset-variable"] * 2


def test_precedence_is_packer_s_own(shared: Path) -> None:
    folder = shared / "oracles" / "packer-1.6.6" / "p-var-precedence" / "hcl"

    def source(name: str) -> SourceFile:
        return SourceFile(name, (folder / name).read_text())

    plan = read_hcl([source("t.pkr.hcl")], ".", ".")
    auto = [source(name) for name in ("a.auto.pkrvars.hcl", "z.auto.pkrvars.hcl", "b.auto.pkrvars.json")]
    one, two = source("vf1.pkrvars.hcl"), source("vf2.pkrvars.json")
    assert plain(bind_inputs(plan, auto_files=auto))["a"] == "auto-json"
    assert plain(bind_inputs(plan, environment={"PKR_VAR_a": "env"}))["a"] == "env"
    assert plain(bind_inputs(plan, auto_files=auto, var_files=[one, two]))["a"] == "vf2"
    assert plain(bind_inputs(plan, ["a=cmd"], var_files=[one], auto_files=auto))["a"] == "cmd"


def test_a_legacy_variable_that_kept_its_type() -> None:
    plan = Plan(
        (Input("flag", BOOL, Literal(False)), Input("size", None, Literal("30"))),
        origin=Origin("json", "x.json", ".", []),
    )
    assert {name: value.raw for name, value in bind_inputs(plan).values.items()} == {"flag": False, "size": "30"}
    assert bind_inputs(plan, ["flag=true"]).values["flag"].raw is True
