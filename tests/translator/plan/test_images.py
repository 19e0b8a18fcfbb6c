"""The exploded view: names, -only and -except, only/except and override of steps, chains of post-processors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.plan.expressions import ListExpr, Literal
from bakelift.translator.plan.globs import BadGlob, compile_glob
from bakelift.translator.plan.images import images
from bakelift.translator.plan.model import BuildGroup, Origin, Plan, PostProcessor, Setting, Source, SourceUse, Step
from bakelift.translator.plan.usage import inputs_used, leaves_left_out, leaves_without_image
from bakelift.translator.plan.values import from_python

if TYPE_CHECKING:
    from pathlib import Path


def plan_of(text: str) -> Plan:
    return read_hcl([SourceFile("t.pkr.hcl", text)], "t.pkr.hcl", ".")


TEMPLATE = """
variable "extra" { default = "x" }
variable "windows" { default = false }
variable "lonely" { default = "nobody" }
locals {
  two = ["null.two"]
  greeting = "hello ${var.extra}"
}
source "null" "one" {
  ssh_host = "a"
}
source "null" "two" {
  ssh_host = var.extra
}
source "null" "unused" {
  ssh_host = "c"
}
build {
  name    = "b"
  sources = ["null.one"]
  source "null.two" {
    name     = "second"
    ssh_port = 23
  }
  provisioner "shell-local" { inline = ["for all"] }
  provisioner "shell-local" {
    only   = ["null.one"]
    inline = ["one"]
  }
  provisioner "shell-local" {
    except = var.windows ? [] : ["null.one"]
    inline = [local.greeting]
    override = { second = { inline = ["instead"] } }
  }
  post-processor "manifest" {}
  post-processors {
    post-processor "checksum" {
      name = "sums"
    }
    post-processor "shell-local" { inline = ["after"] }
  }
}
build {
  sources = ["null.one"]
}
"""


def inline(step: Step) -> str:
    value = step.settings["inline"].value
    assert isinstance(value, ListExpr)
    return str(getattr(value.items[0], "value", value.items[0]))


def test_images_in_the_order_of_the_template() -> None:
    found = images(plan_of(TEMPLATE))
    assert [image.name for image in found] == ["b.null.one", "b.null.second", "null.one"]
    one, second, last = found
    assert [inline(step) for step in one.steps] == ["for all", "one"]
    assert [inline(step) for step in second.steps] == ["for all", "instead"]
    assert (second.source_name, second.local_name, second.id) == ("two", "second", "null.second")
    assert set(second.settings) == {"ssh_host", "ssh_port"}
    assert last.steps == ()
    assert [[p.type for p in chain] for chain in one.post_processors] == [["manifest"], ["checksum", "shell-local"]]


@pytest.mark.parametrize(
    ("only", "excepted", "names"),
    [
        (["b.null.one"], [], ["b.null.one"]),
        (["*.null.second,null.one"], [], ["b.null.second", "null.one"]),
        (["*one"], [], ["b.null.one", "null.one"]),
        (["b.*"], ["*second"], ["b.null.one"]),
        ([], ["b.null.?*"], ["null.one"]),
        (["null.one"], ["null.one"], []),
        (["null.on[a-e]"], [], ["null.one"]),
    ],
)
def test_globs_select_by_display_name(only: list[str], excepted: list[str], names: list[str]) -> None:
    assert [image.name for image in images(plan_of(TEMPLATE), only, excepted)] == names


def test_except_takes_out_post_processors_and_what_follows_them() -> None:
    image = images(plan_of(TEMPLATE), ["b.null.one"], ["sums"])[0]
    assert [[p.type for p in chain] for chain in image.post_processors] == [["manifest"]]
    image = images(plan_of(TEMPLATE), ["b.null.one"], ["mani*"])[0]
    assert [[p.type for p in chain] for chain in image.post_processors] == [["checksum", "shell-local"]]


def test_patterns_that_match_nothing_are_said() -> None:
    diagnostics = Diagnostics()
    images(plan_of(TEMPLATE), ["b.*", "nosuch"], ["sums", "neither"], diagnostics=diagnostics)
    assert [(d.code, d.summary) for d in diagnostics] == [
        ("plan/unmatched-only", "-only 'nosuch' matches no build"),
        ("plan/unmatched-except", "-except 'neither' matches no build"),
    ]
    with pytest.raises(TemplateError, match="plan/bad-glob"):
        images(plan_of(TEMPLATE), ["{a"])


def test_selection_may_depend_on_variables() -> None:
    text = TEMPLATE.replace("default = false", "type = bool")
    with pytest.raises(TemplateError, match="-var windows=VALUE"):
        images(plan_of(text))
    one = images(plan_of(text), inputs={"windows": from_python(True)})[0]
    assert [inline(step) for step in one.steps][:2] == ["for all", "one"]
    assert len(one.steps) == 3


def test_names_of_legacy_templates_are_exact() -> None:
    only = Setting(ListExpr((Literal("null.b"),)))
    plan = Plan(
        sources=(Source("null", "a", {}), Source("null", "b", {})),
        groups=(
            BuildGroup(
                None,
                (SourceUse("null", "a"), SourceUse("null", "b")),
                (Step("shell", {}, only=only),),
                Step("shell", {}, only=only),
                ((PostProcessor("manifest", {}, name="m"),),),
            ),
        ),
        origin=Origin("json", "t.json", ".", []),
    )
    a, b = images(plan)
    assert (a.name, len(a.steps), b.name, len(b.steps)) == ("a", 0, "b", 1)
    assert a.error_cleanup is not None  # only and except are not asked there
    assert images(plan, ["*"]) == ()
    assert [image.name for image in images(plan, ["b"], ["m"])] == ["b"]
    assert images(plan, ["b"], ["m"])[0].post_processors == ()


def test_error_cleanup_of_hcl_has_only_and_except() -> None:
    plan = plan_of(
        """
        source "null" "a" { communicator = "none" }
        source "null" "b" { communicator = "none" }
        build {
          sources = ["null.a", "null.b"]
          error-cleanup-provisioner "shell-local" {
            only   = ["null.b"]
            inline = ["x"]
          }
        }
        """
    )
    assert [image.error_cleanup is not None for image in images(plan)] == [False, True]


def test_leaves_of_other_images_are_left_out() -> None:
    plan = plan_of(TEMPLATE)
    one = images(plan, ["b.null.one"])
    paths = [leaf.path for leaf in leaves_left_out(plan, one)]
    assert paths == [
        "variable.extra.default",
        "variable.windows.default",
        "locals.greeting",
        "source.null.two.ssh_host",
        "build[0].source[0].ssh_port",
        "build[0].provisioner[2].except",
        "build[0].provisioner[2].inline",
        "build[0].provisioner[2].override",
        "build[1].sources",
    ]
    assert "build[0].sources" not in paths
    assert inputs_used(plan, one) == ()
    assert inputs_used(plan, images(plan, ["*second"])) == ("extra", "windows")
    assert leaves_left_out(plan, images(plan)) == ()


def test_leaves_without_any_image() -> None:
    paths = [leaf.path for leaf in leaves_without_image(plan_of(TEMPLATE))]
    assert paths == ["variable.lonely.default", "locals.two", "source.null.unused.ssh_host"]


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a*c", "a.b.c", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("[!a]b", "cb", True),
        ("[!a]b", "ab", False),
        ("{ab,c{d,e}}x", "cex", True),
        ("{ab,c}x", "abc", False),
        (r"a\*", "a*", True),
        (r"a\*", "ab", False),
        ("a.b", "axb", False),
        ("a,b", "a,b", True),
    ],
)
def test_globs(pattern: str, text: str, matches: bool) -> None:
    assert (compile_glob(pattern).fullmatch(text) is not None) is matches


@pytest.mark.parametrize("pattern", ["[", "[a", "{a,b", "a\\", "[]", "[z-a]"])
def test_bad_globs(pattern: str) -> None:
    with pytest.raises(BadGlob):
        compile_glob(pattern)


def test_packer_s_own_names(shared: Path) -> None:
    path = shared / "oracles" / "packer-1.6.6" / "b14-hcl-basic" / "build.pkr.hcl"
    plan = read_hcl([SourceFile("build.pkr.hcl", path.read_text())], "build.pkr.hcl", ".")
    assert [image.name for image in images(plan)] == ["mybuild.null.base", "mybuild.null.second"]
    base, second = images(plan)
    assert [len(base.steps), len(second.steps)] == [2, 2]
    assert inline(second.steps[1]) == "echo override for second"
    assert [image.name for image in images(plan, ["*.null.second"])] == ["mybuild.null.second"]
    kept = images(plan, ["mybuild.null.second"], ["pp1", "manifest"])[0]
    assert kept.post_processors == ()
