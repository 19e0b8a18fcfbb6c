"""Structure binding: what is folded, what is frozen, what is missing, what is never shown."""

from __future__ import annotations

import pytest

from bakelift.translator.diagnostics import SourceFile, TemplateError
from bakelift.translator.files import DictFiles
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.variables import bind_inputs
from bakelift.translator.plan.binding import BindingRecord, StructureBinder, inline_named
from bakelift.translator.plan.expressions import Call, Index, ListExpr, Literal, Ref, Template
from bakelift.translator.plan.images import images
from bakelift.translator.plan.model import Plan

TEMPLATE = """
variable "prefix" { default = "web" }
variable "needed" {}
variable "kind" { default = "linux" }
variable "empty" { default = "" }
variable "tags" { default = {} }
variable "password" {
  default   = "hunter2"
  sensitive = true
}
variable "command" { default = "{{.Vars}} sudo -E sh '{{.Path}}'" }
locals {
  constant = upper("abc")
  derived  = "${var.prefix}-img"
  place    = path.cwd
  text     = file("x.txt")
  run      = "env ${var.command}"
  clock    = timestamp()
}
source "null" "a" {
  ssh_host = "h"
}
build {
  sources = ["null.a"]
}
"""


def plan_of() -> Plan:
    return read_hcl([SourceFile("t.pkr.hcl", TEMPLATE)], "t.pkr.hcl", "tpl")


def binder_of(*args: str, record: BindingRecord | None = None) -> StructureBinder:
    plan = plan_of()
    files = DictFiles({"x.txt": b"from a file"}, "/work")
    return StructureBinder(plan, bind_inputs(plan, args), images(plan)[0], files, record)


def local(name: str) -> Ref:
    return Ref("named", name)


def test_what_is_known_folds_and_inputs_stay() -> None:
    binder = binder_of()
    assert binder.fold(local("constant")) == Literal("ABC")
    assert binder.fold(local("derived")) == local("derived")
    assert binder.fold(local("place")) == Literal("/work")
    assert binder.fold(local("text")) == Literal("from a file")
    assert binder.fold(Template((Literal("a-"), Ref("source", "name")))) == Literal("a-a")
    assert binder.fold(Template((Literal("x"), Ref("input", "prefix"), local("constant")))) == Template(
        (Literal("x"), Ref("input", "prefix"), Literal("ABC"))
    )
    assert binder.fold(Ref("build", "ID")) == Ref("build", "ID")
    assert binder.fold(Call("timestamp", ())) == Call("timestamp", ())
    assert binder.frozen == ()


def test_structure_freezes_what_it_uses() -> None:
    binder = binder_of("prefix=db")
    assert binder.text(local("derived"), "a name") == "db-img"
    assert binder.text(local("derived"), "a script") == "db-img"
    assert binder.text(Ref("input", "password"), "a secret") == "hunter2"
    assert [(f.name, f.value, f.came_from, f.reason) for f in binder.frozen] == [
        ("prefix", "db", "-var", "a name; a script"),
        ("password", None, "default", "a secret"),
    ]


def test_missing_inputs_are_one_error() -> None:
    record = None
    binder = binder_of(record=record)
    assert binder.text(Template((Ref("input", "needed"), Literal("!"))), "os_type") is None
    binder.value(Ref("input", "needed"), "a count")
    with pytest.raises(TemplateError) as caught:
        binder.stop_if_missing()
    (problem,) = caught.value.diagnostics
    assert problem.code == "plan/missing-inputs"
    assert problem.summary == "a variable decides what is built, and has no value: needed"
    assert "-var 'needed=VALUE'  (os_type; a count)" in problem.detail
    assert str(problem.span) == "t.pkr.hcl:3:1"
    binder_of("needed=x").stop_if_missing()


def setting(expr: object) -> object:
    from bakelift.translator.plan.model import Leaf, Setting

    return Setting(expr, (Leaf("source.null.a.x", None),))  # type: ignore[arg-type]


def test_presence() -> None:
    binder = binder_of()

    def present(expr: object) -> bool:
        return binder.present(setting(expr))  # type: ignore[arg-type]

    assert not binder.present(None)
    assert not present(Literal(""))
    assert not present(Literal(None))
    assert present(Literal("x"))
    assert present(Literal(0))
    assert not present(ListExpr(()))
    assert present(Ref("input", "tags"))
    assert present(Ref("input", "prefix"))
    assert present(Ref("build", "ID"))
    assert binder.frozen == ()
    assert not present(Ref("input", "empty"))
    assert present(Ref("input", "needed"))
    assert [(f.name, f.value, f.came_from) for f in binder.frozen] == [
        ("empty", "", "default"),
        ("needed", None, "no value, taken to be given"),
    ]
    binder.stop_if_missing()


def test_a_condition_that_decides_presence_is_frozen() -> None:
    from bakelift.translator.plan.expressions import Conditional

    binder = binder_of()
    choice = Conditional(Call("equal", (Ref("input", "kind"), Literal("linux"))), Ref("input", "prefix"), Literal(""))
    assert binder.present(setting(choice))  # type: ignore[arg-type]
    assert [f.name for f in binder.frozen] == ["kind"]


def test_variables_that_are_go_templates_are_read() -> None:
    binder = binder_of()
    expected = Template((Ref("command", "Vars"), Literal(" sudo -E sh '"), Ref("command", "Path"), Literal("'")))
    assert binder.fold(Ref("input", "command")) == expected
    assert [(f.name, f.reason) for f in binder.frozen] == [("command", "its value is a Go template")]
    folded = binder.fold(local("run"))
    assert isinstance(folded, Template)
    assert folded.parts[:2] == (Literal("env "), Ref("command", "Vars"))


def test_images_of_one_translation_share_a_record() -> None:
    plan = plan_of()
    bindings = bind_inputs(plan)
    record = BindingRecord(plan, bindings)
    for _ in range(2):
        StructureBinder(plan, bindings, images(plan)[0], record=record).text(Ref("input", "kind"), "os_type")
    assert [f.name for f in record.frozen()] == ["kind"]


def test_named_values_in_place() -> None:
    named = {"a": Template((Ref("named", "b"), Literal("x"))), "b": Ref("input", "i"), "c": Ref("named", "c")}
    assert inline_named(Ref("named", "a"), named) == Template((Ref("input", "i"), Literal("x")))
    assert inline_named(Ref("named", "c"), named) == Ref("named", "c")


LOOKUP = """
variable "kind" { default = "" }
locals { sizes = { small = 30, large = 100 } }
source "null" "a" { ssh_host = "h" }
build {
  sources = ["null.a"]
}
"""


def test_a_default_that_does_not_do_counts_as_no_value() -> None:
    plan = read_hcl([SourceFile("t.pkr.hcl", LOOKUP)], "t.pkr.hcl", ".")
    size = Index(Ref("named", "sizes"), Ref("input", "kind"))
    binder = StructureBinder(plan, bind_inputs(plan))
    assert binder.present(setting(size))  # type: ignore[arg-type]
    assert [(f.name, f.value, f.came_from) for f in binder.frozen] == [
        ("kind", None, "default that does not do, taken to be given")
    ]
    assert binder.expected == {"kind"}
    assert not binder.value(size, "a size").known
    with pytest.raises(TemplateError, match=r"(?s)has no value: kind.*-var 'kind=VALUE'  \(a size\)"):
        binder.stop_if_missing()
    with pytest.raises(TemplateError, match=r'It was computed with kind = "" \(default\); -var gives another value'):
        StructureBinder(plan, bind_inputs(plan)).value(size, "a size")
    with pytest.raises(TemplateError):
        StructureBinder(plan, bind_inputs(plan, ["kind=huge"])).present(setting(size))  # type: ignore[arg-type]


@pytest.mark.parametrize("body", ["[local.a{0}, local.a{0}]", "local.a{0}", '"${{local.a{0}}}${{local.a{0}}}{{{{x"'])
def test_named_values_that_grow_without_end_are_refused(body: str) -> None:
    lines = "\n".join(f"  a{n + 1} = {body.format(n)}" for n in range(500))
    text = 'locals {\n  a0 = "{{ build `ID` }}"\n' + lines + "\n}\n" + LOOKUP
    plan = read_hcl([SourceFile("t.pkr.hcl", text)], "t.pkr.hcl", ".")
    named = {item.name: item.value for item in plan.named}
    with pytest.raises(TemplateError, match="plan/too-large"):
        inline_named(local("a500"), named)
    with pytest.raises(TemplateError):
        StructureBinder(plan, bind_inputs(plan)).fold(local("a500"))
