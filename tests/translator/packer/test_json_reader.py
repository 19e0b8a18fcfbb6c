"""Legacy JSON templates as Plans: values, names, leaves, and what Packer refuses."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.packer.json_reader import ROOT_KEYS, read_json
from bakelift.translator.packer.json_reader_types import go_duration
from bakelift.translator.packer.json_variables import json_inputs, variable_value
from bakelift.translator.plan.expressions import Call, Expr, ListExpr, Literal, ObjectExpr, Ref, Template
from bakelift.translator.plan.images import images
from bakelift.translator.plan.model import Attribute, Block, Plan
from bakelift.translator.plan.types import STRING
from bakelift.translator.plan.usage import leaves_of
from bakelift.translator.plan.values import Value


def read(text: str, diagnostics: Diagnostics | None = None) -> Plan:
    return read_json(SourceFile("t.json", text), "t.json", ".", diagnostics)


def told(text: str) -> list[str]:
    """Everything said of a template: severity, line:column, summary."""
    diagnostics = Diagnostics()
    try:
        read(text, diagnostics)
    except TemplateError as error:
        diagnostics.extend(error.diagnostics)
    found = []
    for d in diagnostics:
        assert d.span is not None
        found.append(f"{d.severity} {d.span.line}:{d.span.column} {d.summary}")
    return found


def null(rest: str) -> str:
    """A template with a null builder, and more."""
    return '{"builders": [{"type": "null", "communicator": "none"}],\n' + rest + "}"


def setting(plan: Plan, name: str) -> Expr:
    return plan.sources[0].settings[name].value


TEMPLATE = """{
  "_comment": "what it is for",
  "description": "An image",
  "min_packer_version": "1.4.0",
  "variables": {
    "prefix": "web",
    "name": "{{user `prefix`}}-{{timestamp}}",
    "secret": "{{env `ARM_CLIENT_SECRET`}}",
    "size": null,
    "later": "x {{ .WinRMPassword }} {{user `prefix`}}"
  },
  "sensitive-variables": ["secret"],
  "builders": [
    {
      "type": "azure-arm",
      "client_secret": "{{user `secret`}}",
      "managed_image_name": "{{user `name` | clean_resource_name}}",
      "VM_Size": "{{user `size`}}",
      "os_disk_size_gb": "64",
      "azure_tags": {"team": "web", "cost": 12},
      "plan_info": {"plan_name": "p", "plan_product": "q"},
      "azure_tag": [{"name": "a", "value": "b"}],
      "disk_additional_size": 32
    },
    {"type": "docker", "name": "local", "image": "ubuntu", "commit": true, "login": {"a": ["x"]}, "changes": "A,B"}
  ],
  "provisioners": [
    {
      "type": "shell",
      "only": ["local"],
      "inline": ["echo {{user `prefix`}} {{build `ID`}}", "{{`{{build `}}`ID`{{`}}`}}"],
      "execute_command": "{{ .Vars }} sudo -E sh '{{ .Path }}'",
      "override": {"azure-arm": {"inline": "echo cloud"}},
      "max_retries": "3",
      "pause_before": 1500000000,
      "timeout": "5m"
    }
  ],
  "error-cleanup-provisioner": {"type": "shell", "inline": ["true"], "only": ["local"]},
  "post-processors": ["manifest", [{"type": "compress", "output": "x", "except": ["local"]}, "artifice"]]
}"""


class TestWholeTemplate:
    def plan(self) -> Plan:
        return read(TEMPLATE, Diagnostics())

    def test_inputs(self) -> None:
        plan = self.plan()
        assert [(i.name, i.type, i.sensitive) for i in plan.inputs] == [
            ("prefix", STRING, False),
            ("name", STRING, False),
            ("secret", STRING, True),
            ("size", STRING, False),
            ("later", STRING, False),
        ]
        assert [i.default for i in plan.inputs] == [
            Literal("web"),
            Template((Ref("input", "prefix"), Literal("-"), Call("go.timestamp", ()))),
            Call("env", (Literal("ARM_CLIENT_SECRET"),)),
            None,
            Template((Literal("x {{ .WinRMPassword }} "), Ref("input", "prefix"))),
        ]

    def test_root(self) -> None:
        plan = self.plan()
        assert (plan.comments, plan.description, plan.required_version) == (("what it is for",), "An image", ">= 1.4.0")
        assert plan.groups[0].name is None
        assert [use.id for use in plan.groups[0].sources] == ["azure-arm.azure-arm", "docker.local"]

    def test_settings_of_a_known_builder(self) -> None:
        plan = self.plan()
        assert setting(plan, "client_secret") == Ref("input", "secret")
        assert setting(plan, "managed_image_name") == Call("go.clean_resource_name", (Ref("input", "name"),))
        assert setting(plan, "vm_size") == Ref("input", "size")
        assert setting(plan, "os_disk_size_gb") == Literal(64)
        tags = ((Literal("team"), Literal("web")), (Literal("cost"), Literal("12")))
        assert setting(plan, "azure_tags") == ObjectExpr(tags)
        assert setting(plan, "plan_info.plan_name") == Literal("p")
        entry = ObjectExpr(((Literal("name"), Literal("a")), (Literal("value"), Literal("b"))))
        assert setting(plan, "azure_tag") == ListExpr((entry,))
        assert setting(plan, "disk_additional_size") == ListExpr((Literal(32),))

    def test_another_builder_is_opaque_in_order(self) -> None:
        body = self.plan().sources[1].opaque
        assert [e.name if isinstance(e, Attribute) else e.type for e in body.entries] == [
            "image",
            "commit",
            "login",
            "changes",
        ]
        changes = body.entries[3]
        assert isinstance(changes, Attribute)
        assert changes.setting.value == ListExpr((Literal("A"), Literal("B")))

    def test_steps(self) -> None:
        group = self.plan().groups[0]
        step = group.steps[0]
        assert step.only is not None
        assert step.only.value == ListExpr((Literal("docker.local"),))
        assert step.settings["inline"].value == ListExpr(
            (
                Template((Literal("echo "), Ref("input", "prefix"), Literal(" "), Ref("build", "ID"))),
                Ref("build", "ID"),
            )
        )
        assert step.settings["execute_command"].value == Template(
            (Ref("command", "Vars"), Literal(" sudo -E sh '"), Ref("command", "Path"), Literal("'"))
        )
        assert step.override["azure-arm"]["inline"].value == ListExpr((Literal("echo cloud"),))
        assert step.settings["max_retries"].value == Literal(3)
        assert step.settings["pause_before"].value == Literal("1.5s")
        assert "timeout" not in step.settings
        assert group.error_cleanup is not None
        assert group.error_cleanup.only is None

    def test_chains(self) -> None:
        chains = self.plan().groups[0].post_processors
        assert [[post.type for post in chain] for chain in chains] == [["manifest"], ["compress", "artifice"]]
        assert chains[1][0].excepted is not None
        assert chains[1][0].excepted.value == ListExpr((Literal("docker.local"),))

    def test_leaves(self) -> None:
        plan = self.plan()
        assert plan.origin is not None
        paths = [leaf.path for leaf in plan.origin.leaves]
        assert paths[:5] == ["_comment", "description", "min_packer_version", "variables.prefix", "variables.name"]
        assert "builders[0].azure_tags.cost" in paths
        assert "builders[0].azure_tag[0].name" in paths
        assert "builders[0].disk_additional_size" in paths
        assert "provisioners[0].override.azure-arm.inline" in paths
        assert "post-processors[1][0].output" in paths
        assert paths[-1] == "post-processors[1][1]"
        held = [id(leaf) for leaf in leaves_of(plan)]
        assert sorted(held) == sorted(id(leaf) for leaf in plan.origin.leaves)

    def test_images(self) -> None:
        azure, docker = images(self.plan())
        assert (azure.name, docker.name) == ("azure-arm", "local")
        assert (len(azure.steps), len(docker.steps)) == (0, 1)

    def test_spans(self) -> None:
        plan = self.plan()
        span = plan.sources[0].settings["vm_size"].span
        assert span is not None
        assert (span.line, span.text) == (18, "user `size`")


@pytest.mark.parametrize(
    ("value", "option", "expected"),
    [
        ('"a,b"', "inline", ListExpr((Literal("a"), Literal("b")))),
        ('""', "inline", ListExpr(())),
        ("5", "inline", ListExpr((Literal("5"),))),
        ("[1.5, true]", "inline", ListExpr((Literal("1.5"), Literal("1")))),
        ('"{{build_name}}"', "inline", Call("compact", (Call("split", (Literal(","), Ref("source", "name"))),))),
        ('"0x10"', "valid_exit_codes", ListExpr((Literal(16),))),
        ("true", "valid_exit_codes", ListExpr((Literal(1),))),
        ('"T"', "binary", Literal(True)),
        ("0", "binary", Literal(False)),
        ('""', "binary", Literal(None)),
        ("null", "binary", Literal(None)),
        ("[]", "env", ObjectExpr(())),
        ('[{"a": 1}]', "env", ObjectExpr(((Literal("a"), Literal("1")),))),
        ("90000000000", "start_retry_timeout", Literal("1m30s")),
        ('"1h"', "start_retry_timeout", Literal("1h")),
    ],
)
def test_weak_decoding(value: str, option: str, expected: Expr) -> None:
    plan = read(null(f'"provisioners": [{{"type": "shell", "{option}": {value}}}]'))
    assert plan.groups[0].steps[0].settings[option].value == expected


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (null('"foo": 1, "provisoners": []'), [
            "error 2:1 Unknown root level key in template: 'foo'",
            "error 2:11 Unknown root level key in template: 'provisoners'",
        ]),
        (null('"_note": 1'), ['error 2:10 Failed to cast root level comment value in comment "_note" to string.']),
        (null('"variables": {"n": 5}'), [
            "error 2:20 variable n: '' expected type 'string', got unconvertible type 'float64'"
        ]),
        ('{"builders": [{"name": "x"}, {"type": "null"}, {"type": "null"}]}', [
            "error 1:15 builder 1: missing 'type'",
            "error 1:48 builder 3: builder with name 'null' already exists",
        ]),
        (null('"provisioners": [{"inline": ["x"]}]'), ["error 2:18 provisioner 1: Provisioner missing 'type'"]),
        (null('"provisioners": {"type": "shell"}'), [
            "error 2:17 'provisioners': source data must be an array or slice, got map"
        ]),
        (null('"post-processors": [[["a"]], {"output": "x"}]'), [
            "error 2:22 post-processor 1.1: sequence not allowed to be nested in a sequence",
            "error 2:30 post-processor 2.1: type is required",
        ]),
        (null('"provisioners": [{"type": "shell", "inline": "x", "only": ["y"], "override": {"z": {}}}]'), [
            "error 2:60 provisioner 1: 'only' specified builder 'y' not found",
            "error 2:79 provisioner 1: override 'z' doesn't exist",
        ]),
        (null('"provisioners": [{"type": "shell", "inline": "x", "only": ["null"], "except": ["null"]}]'), [
            "error 2:69 provisioner 1: only one of 'only' or 'except' may be specified"
        ]),
        (null('"provisioners": [{"type": "shell", "inlin": "x", "_why": "y"}]'), [
            'error 2:36 unknown configuration key: "inlin"',
            'error 2:50 unknown configuration key: "_why"',
        ]),
        (null('"provisioners": [{"type": "shell", "pause_before": "10 minutes"}]'), [
            "error 2:52 provisioner 1: Error decoding provisioner: error decoding 'pause_before': "
            'time: unknown unit " minutes" in duration "10 minutes"'
        ]),
        (null('"provisioners": [{"type": "shell", "max_retries": "many"}]'), [
            'error 2:51 provisioner 1: `max_retries` must be a valid integer: cannot parse "many" as a number: '
            "invalid syntax"
        ]),
        (null('"provisioners": [{"type": "shell", "inline": [{"a": 1}]}]'), [
            "error 2:47 error decoding 'inline': element 0: expected a string, got a map"
        ]),
        (null('"provisioners": [{"type": "shell", "inline": "\\u0065cho {{nosuch}}"}]'), [
            'error 2:59 function "nosuch" not defined'
        ]),
        (null('"provisioners": [{"type": "shell", "inline": "{{env `HOME`}}"}]'), [
            "error 2:49 error calling env: env vars are not allowed here"
        ]),
        (null('"provisioners": [{"type": "nosuch", "text": "{{json .}}"}]'), []),
        (null('"provisioners": [{"type": "nosuch", "text": "{{json `}}"}]'), [
            "warning 2:53 text is kept as text: unterminated raw quoted string"
        ]),
        (null('"provisioners": [{"type": "shell", "inline": "{{user `gone`}}"}]'), [
            "warning 2:49 the variable gone is not declared, so it is empty"
        ]),
        (null('"variables": {"x": "{{user `gone`}}"}'), [
            "warning 2:23 the variable gone is not declared, so it must be given"
        ]),
        (null('"variables": {"x": null}, "sensitive-variables": ["y"]'), ["warning 2:51 no variable is called y"]),
        (null('"provisioners": [{"type": "shell", "pause_before": "1s", "timeout": "1m"}]'), [
            "warning 2:58 provisioner 1: timeout has no effect beside pause_before"
        ]),
        (null('"min_packer_version": "one"'), ["error 2:1 min_packer_version: malformed version: one"]),
        ('{"builders": [{"type": "null", "ssh_key_path": "x"}]}', [
            "error 1:32 Deprecated configuration key: 'ssh_key_path'"
        ]),
        ("[1]", ["error 1:1 '' expected a map, got 'array'"]),
        ('{"a": 1, "a": 2}', ["error 1:10 template has duplicate field: a"]),
    ],
)  # fmt: skip
def test_what_is_told(text: str, messages: list[str]) -> None:
    assert told(text) == messages


def test_errors_are_raised_together_when_nobody_collects() -> None:
    with pytest.raises(TemplateError) as caught:
        read(null('"foo": 1, "bar": 2'))
    assert len(caught.value.diagnostics) == 2


def test_builder_names_may_hold_variables_and_are_named_as_written() -> None:
    text = """{"variables": {"v": "20", "w": null}, "builders": [
      {"type": "null", "name": "ubuntu-{{user `v`}}"}, {"type": "null", "name": "{{user `w`}}"}],
      "provisioners": [{"type": "shell", "inline": "x", "only": ["ubuntu-{{user `v`}}"]}]}"""
    diagnostics = Diagnostics()
    plan = read(text, diagnostics)
    assert [s.name for s in plan.sources] == ["ubuntu-20", "{{user `w`}}"]
    assert [d.code for d in diagnostics] == ["json/builder-name"]
    only = plan.groups[0].steps[0].only
    assert only is not None
    assert only.value == ListExpr((Literal("null.ubuntu-20"),))
    given = read_json(SourceFile("t.json", text), "t.json", ".", Diagnostics(), lambda _: {"w": Value(STRING, "x")})
    assert given.sources[1].name == "x"


def test_keys_in_any_case() -> None:
    plan = read('{"Builders": [{"Type": "null"}], "comments": [{"a": "b"}], "Push": {"name": "x"}}', Diagnostics())
    assert [s.id for s in plan.sources] == ["null.null"]
    assert [leaf.path for leaf in plan.leaves] == ["comments[0].a", "push.name"]


def test_objects_of_unknown_components_are_blocks() -> None:
    plan = read('{"builders": [{"type": "zzz", "a": {"b": 1}, "c": [{"d": 2}, {"d": 3}], "e": [1], "f": {}}]}')
    entries = plan.sources[0].opaque.entries
    assert [(type(e), e.type if isinstance(e, Block) else e.name) for e in entries] == [
        (Block, "a"),
        (Block, "c"),
        (Block, "c"),
        (Attribute, "e"),
        (Attribute, "f"),
    ]


class TestVariableValues:
    def test_values_are_templates(self) -> None:
        plan = read(null('"variables": {"a": null}'))
        assert json_inputs(plan, {"a": "x{{timestamp}}", "extra": "{{user `a`}}"}) == {
            "a": Template((Literal("x"), Call("go.timestamp", ()))),
            "extra": Ref("input", "a"),
        }

    def test_all_that_is_wrong(self) -> None:
        plan = read(null('"variables": {"a": null}'))
        with pytest.raises(TemplateError) as caught:
            json_inputs(plan, {"a": "{{user `gone`}}", "b": "{{x}}"})
        assert [d.code for d in caught.value.diagnostics] == ["json/undefined-variable", "template/unknown-function"]

    @pytest.mark.parametrize("text", ["{{ .A }}", "{{.A.B}}", "x {{ .Vars }} {{ .Path }} y", "{{.A | upper}}"])
    def test_data_of_later_renderings_is_left_alone(self, text: str) -> None:
        assert variable_value(text) == Literal(text)

    def test_places_behind_what_is_left_alone(self) -> None:
        assert told(null('"variables": {"a": "{{ .A }} {{ .B }} {{nosuch}}"}')) == [
            'error 2:41 function "nosuch" not defined'
        ]


@given(st.integers(-(10**15), 10**15))
def test_durations_print_as_go_prints_them(nanoseconds: int) -> None:
    units = {"h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6, "µs": 10**3, "ns": 1}
    text = go_duration(nanoseconds)
    total = 0
    for count, unit in re.findall(r"([0-9.]+)(h|ms|m|s|µs|ns)", text):
        whole, _, fraction = count.partition(".")
        total += int(whole) * units[unit] + int(fraction.ljust(len(str(units[unit])) - 1, "0") or 0)
    assert total == abs(nanoseconds)
    assert text.startswith("-") == (nanoseconds < 0)


_SCALARS = ["shell", "null", "azure-arm", "x", "{{user `a`}}", "{{"]
_KEYS = ["type", "name", "inline", "only", "override", "azure_tag", *ROOT_KEYS]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(_SCALARS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from([*ROOT_KEYS, "_c"]), values))
def test_any_shape_ends_in_a_plan_or_diagnostics(data: dict[str, object]) -> None:
    plan = read(json.dumps(data), Diagnostics())
    assert plan.origin is not None
    assert {id(leaf) for leaf in leaves_of(plan)} == {id(leaf) for leaf in plan.origin.leaves}


# Comparisons with the real Packer

#: What Packer 1.6.6 rejects for its form, and what we say of it (line:column of the first error, or None).
REJECTED = {
    "01-json-syntax": ("json/syntax", 3, 23),
    "02-unknown-root-key": ("json/unknown-root-key", 1, 56),
    "06-missing-type": ("json/missing-type", 1, 16),
    "07-dup-builder-name": ("json/duplicate-builder", 1, None),
    "11-env-outside-vars": ("template/function-not-allowed", 1, None),
    "12-bad-engine-func": ("template/unknown-function", 1, None),
    "13-bad-engine-syntax": ("template/syntax", 1, None),
    "14-unknown-config-key": ("json/unknown-option", None, None),
    "17-bad-duration": ("json/bad-duration", 1, None),
    "18-bad-type": ("json/wrong-type", 1, None),
    "20-only-unknown-build": ("json/unknown-builder", 1, None),
    "21-override-unknown": ("json/unknown-builder", 1, None),
    "23-dup-json-key": ("json/duplicate-field", 1, None),
    "24-comment-nonstring": ("json/comment-type", 1, None),
    "25-inner-underscore-key": ("json/unknown-option", None, None),
    "36-azure-unknown-key": ("json/unknown-option", None, None),
}


def of_file(path: Path) -> tuple[Plan | None, Diagnostics]:
    diagnostics = Diagnostics()
    try:
        plan = read_json(SourceFile(path.name, path.read_text("utf-8")), str(path), str(path.parent), diagnostics)
    except TemplateError as error:
        diagnostics.extend(error.diagnostics)
        return None, diagnostics
    return plan, diagnostics


def test_broken_templates_are_refused_where_packer_refuses_their_form(shared: Path) -> None:
    for path in sorted((shared / "oracles/packer-1.6.6/v-broken").glob("*.json")):
        _, diagnostics = of_file(path)
        errors = [d for d in diagnostics if d.severity == "error"]
        expected = REJECTED.get(path.stem)
        if expected is None:
            assert not errors, path.name
            continue
        code, line, column = expected
        assert errors, path.name
        assert errors[0].code == code, path.name
        span = errors[0].span
        assert span is not None
        assert line in (None, span.line), path.name
        assert column in (None, span.column), path.name


def test_double_interpolation_fails_as_packer_fails(shared: Path) -> None:
    folder = shared / "oracles/packer-1.6.6"
    _, diagnostics = of_file(folder / "b23-double-interpolation/template.json")
    assert [d.summary for d in diagnostics] == ['function "x" not defined']
    for name in ("a.json", "b.json", "c.json"):
        plan, diagnostics = of_file(folder / "m-misc" / name)
        assert plan is not None
        assert not diagnostics.failed


def test_corpus_is_read_with_every_leaf_held(shared: Path) -> None:
    with (shared / "corpus/UNITS.tsv").open() as table:
        units = [row for row in csv.DictReader(table, delimiter="\t") if row["kind"] == "json"]
    assert units
    azure = 0
    for row in units:
        plan, diagnostics = of_file(shared / "corpus" / row["class"] / row["unit"])
        azure += row["class"] == "packer-azure" and not diagnostics.failed
        if plan is not None:
            assert plan.origin is not None
            held = {id(leaf) for leaf in leaves_of(plan)}
            assert held == {id(leaf) for leaf in plan.origin.leaves}, row["unit"]
    assert azure == sum(row["class"] == "packer-azure" for row in units)
