"""Go templates: what they mean in the expression tree, what Go refuses, and the way back to text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakelift.translator.diagnostics import SourceFile, Span, TemplateError
from bakelift.translator.languages.go_template import constants
from bakelift.translator.languages.go_template.functions import (
    AZURE_FIELDS,
    FIELDS,
    HCL_FIELDS,
    OTHER_FIELDS,
    VARIABLES,
    Functions,
)
from bakelift.translator.languages.go_template.printer import (
    Unprintable,
    escape_text,
    print_parts,
    print_template,
    printable,
)
from bakelift.translator.languages.go_template.reading import COMMAND_HOLES, parse_expression, parse_template
from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.expressions import (
    Call,
    Conditional,
    Expr,
    Index,
    ListExpr,
    Literal,
    Opaque,
    Ref,
    Template,
)
from bakelift.translator.plan.scope import Scope
from bakelift.translator.plan.types import STRING
from bakelift.translator.plan.values import Value

A = Ref("input", "a")
B = Ref("input", "b")


def text(value: str) -> Literal:
    return Literal(value)


def call(operation: str, *args: Expr) -> Call:
    return Call(operation, args)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("plain } text {", text("plain } text {")),
        ("{{user `a`}}", A),
        ('{{ user "a" }}-img', Template((A, text("-img")))),
        ("{{user `a` | upper}}", call("upper", A)),
        ("{{ upper (user `a`) | lower }}", call("lower", call("upper", A))),
        ("{{user `a` | replace_all `x` `y`}}", call("go.replace_all", text("x"), text("y"), A)),
        ("{{ replace `x` `y` -1 (user `a`) }}", call("go.replace", text("x"), text("y"), Literal(-1), A)),
        ("{{ split build_name `-` 0 }}", call("go.split", Ref("source", "name"), text("-"), Literal(0))),
        ("{{isotime}}{{isotime `2006`}}", Template((call("go.isotime"), call("go.isotime", text("2006"))))),
        ("{{timestamp}}", call("go.timestamp")),
        ("{{build `ID`}}{{.ID}}", Template((Ref("build", "ID"), Ref("build", "ID")))),
        ("{{.Vars}} {{ .Path }}", Template((Ref("command", "Vars"), text(" "), Ref("command", "Path")))),
        ("{{.A.B}}", Template((Index(Ref("build", "A"), text("B")),))),
        ("{{$.A}}", Ref("build", "A")),
        ("{{build_type}}/{{pwd}}", Template((Ref("source", "type"), text("/"), Ref("path", "cwd")))),
        ("{{template_dir}}", Ref("path", "template_dir")),
        ("{{packer_version}}", Ref("packer", "version")),
        ("a  {{- /* trimmed */ -}}  b {{/* not */}} c", text("ab  c")),
        ("a {{- `x` -}} b", text("axb")),
        ("{{1}}{{-3}}{{true}}{{'a'}}{{0x10}}", text("1-3true9716")),
        ("{{`{{`}} x }}", text("{{ x }}")),
        ('{{"\\u00e9\\x41\\101\\n\\""}}', text('éAA\n"')),
        ("{{len `abc`}}", Template((call("go.len", text("abc")),))),
        ("{{$x := user `a`}}{{$x}}{{$x}}", Template((A, A))),
        ("{{print (user `a`) `-` (user `b`)}}", Template((A, text("-"), B))),
        ("{{if user `a`}}x{{end}}", Conditional(call("go.truth", A), text("x"), text(""))),
        (
            "{{if eq (user `a`) `1`}}x{{else if .C}}y{{else}}z{{end}}",
            Conditional(
                call("go.truth", call("go.eq", A, text("1"))),
                text("x"),
                Conditional(call("go.truth", Ref("build", "C")), text("y"), text("z")),
            ),
        ),
        (
            "{{with user `a`}}[{{.}}]{{end}}",
            Conditional(call("go.truth", A), Template((text("["), A, text("]"))), text("")),
        ),
        ("a{{range .X}}{{.}}{{end}}b", Template((text("a"), Opaque("go", "{{range .X}}{{.}}{{end}}"), text("b")))),
        ("{{$u := uuid}}{{$u}}{{$u}}", Opaque("go", "{{$u := uuid}}{{$u}}{{$u}}")),
        ("{{user (print `a`)}}", A),
        ("{{user (lower .X)}}", Opaque("go", "{{user (lower .X)}}")),
        ("{{.}}", Opaque("go", "{{.}}")),
    ],
)
def test_meaning(source: str, expected: Expr) -> None:
    assert parse_template(source, holes=COMMAND_HOLES) == expected


@pytest.mark.parametrize(
    ("source", "code", "summary", "place"),
    [
        ("x {{nosuch `a`}}", "unknown-function", 'function "nosuch" not defined', "nosuch"),
        ("x {{user `a`", "syntax", "unclosed action", "{{user `a`"),
        ("{{user `a}}", "syntax", "unterminated raw quoted string", "`"),
        ('{{user "a}}', "syntax", "unterminated quoted string", '"'),
        ("{{/* x }}", "syntax", "unclosed comment", "{{/*"),
        ("{{end}}", "syntax", "unexpected {{end}}", "end"),
        ("{{if .X}}", "syntax", "unexpected EOF", "if"),
        ("{{if .X}}{{else}}{{else}}{{end}}", "syntax", "unexpected <else> in {{end}}", "else"),
        ("{{}}", "syntax", "missing value for command", "}}"),
        ("{{user `a` | }}", "syntax", "missing value for command", "|"),
        ("{{upper(`x`)}}", "syntax", 'unexpected "(" in operand', "("),
        ("{{(upper `x`}}", "syntax", "unclosed left paren", "{{(upper `x`"),
        ("{{upper `x`)}}", "syntax", "unexpected right paren", ")"),
        ("{{$x}}", "syntax", 'undefined variable "$x"', "$x"),
        ("{{user#}}", "syntax", "bad character U+0023 '#'", "#"),
        ("{{ % }}", "syntax", 'unexpected "%" in operand', "%"),
        ("{{1x}}", "syntax", 'bad number syntax: "1x"', "1x"),
        ('{{"\\q"}}', "syntax", 'malformed string: "\\q"', '"\\q"'),
        ("{{nil}}", "syntax", "nil is not a command", "nil"),
        ("{{uuid | 5}}", "syntax", "non executable command in pipeline stage 2", "5"),
        ("{{break}}", "syntax", "{{break}} outside {{range}}", "break"),
        ("{{upper}}", "arguments", "wrong number of args for upper: want 1 got 0", "upper"),
        ("{{split `a` `b`}}", "arguments", "wrong number of args for split: want 3 got 2", "split `a` `b`"),
        ("{{upper 1}}", "arguments", "expected string; found 1", "upper 1"),
        ("{{.A `x`}}", "arguments", "can't give argument to non-function .A", ".A `x`"),
        ("{{env `HOME`}}", "function-not-allowed", "error calling env: env vars are not allowed here", "env `HOME`"),
        (
            "{{clean_resource_name `x`}}",
            "unknown-function",
            'function "clean_resource_name" not defined',
            "clean_resource_name",
        ),
    ],
)
def test_refusals(source: str, code: str, summary: str, place: str) -> None:
    file = SourceFile("t", "<<" + source + ">>")
    with pytest.raises(TemplateError) as caught:
        parse_template(source, FIELDS, place=lambda start, end: Span(file, start + 2, end + 2))
    error = caught.value.diagnostics[0]
    assert (error.code, error.summary) == (f"template/{code}", summary)
    assert error.span is not None
    assert error.span.text == place


@pytest.mark.parametrize(
    ("source", "allowed", "refused"),
    [
        ("{{env `A`}}", [VARIABLES], [FIELDS, AZURE_FIELDS, HCL_FIELDS]),
        ("{{user `a`}}", [VARIABLES, FIELDS, AZURE_FIELDS], [HCL_FIELDS]),
        ("{{template_dir}}", [VARIABLES, FIELDS], [HCL_FIELDS]),
        ("{{clean_resource_name `a`}}", [AZURE_FIELDS, OTHER_FIELDS], [VARIABLES, FIELDS, HCL_FIELDS]),
        ("{{clean_ami_name `a`}}", [OTHER_FIELDS], [AZURE_FIELDS]),
    ],
)
def test_functions_by_place(source: str, allowed: list[Functions], refused: list[Functions]) -> None:
    for functions in allowed:
        assert print_template(parse_template(source, functions)) == source
    for functions in refused:
        with pytest.raises(TemplateError):
            parse_template(source, functions)


def test_interpolations_of_an_outer_language() -> None:
    x = Index(Ref("name", "var"), text("x"))
    assert parse_template([x]) == x
    assert parse_template(["a", x]) == Template((text("a"), x))
    found = parse_template(["{{ upper `a-", x, "` }}", x, " {{", "build_name}}"])
    assert found == Template((call("upper", Template((text("a-"), x))), x, text(" "), Ref("source", "name")))
    with pytest.raises(TemplateError, match="stands outside quotes"):
        parse_template(["{{ upper ", x, " }}"])
    with pytest.raises(TemplateError, match="no counterpart"):
        parse_template(["{{range .X}}", x, "{{end}}"])
    assert parse_template(["\ue000 {{build_type}} ", x]) == Template(
        (text("\ue000 "), Ref("source", "type"), text(" "), x)
    )


def test_places_come_from_the_pieces() -> None:
    file = SourceFile("t", 'a = "x {{bad}} ${y} {{worse}}"')
    parts = [Literal("x {{bad}} ", Span(file, 5, 15)), Ref("named", "y", Span(file, 15, 19))]
    with pytest.raises(TemplateError) as caught:
        parse_template(parts, HCL_FIELDS)
    span = caught.value.diagnostics[0].span
    assert span is not None
    assert (span.text, span.column) == ("bad", 10)


def test_texts_that_can_become_the_value() -> None:
    both = Conditional(A, text("{{timestamp}}"), ListExpr((text("{{.Path}}"), call("upper", text("{{x}}")))))
    found = parse_expression(both, HCL_FIELDS, holes=COMMAND_HOLES)
    assert found == Conditional(
        A, call("go.timestamp"), ListExpr((Ref("command", "Path"), call("upper", text("{{x}}"))))
    )


class TestRenderedAgain:
    """``inline``: what a rendering leaves of braces is rendered again, until nothing changes."""

    def test_one_level_of_escaping_is_read_again(self) -> None:
        assert parse_template("{{`{{build_name}}`}}", again=True) == Ref("source", "name")
        with pytest.raises(TemplateError, match='function "x" not defined'):
            parse_template("echo '{{ `{{` }} x {{ `}}` }}'", again=True)

    def test_an_action_made_of_pieces(self) -> None:
        source = 'echo {{ "{{" }}`x`{{ "}}" }}'
        assert parse_template(source, again=True) == text("echo x")
        assert parse_template('{{`{{upper "`}}{{user `a`}}{{`"}}`}}', again=True) == call("upper", A)

    def test_in_branches(self) -> None:
        found = parse_template("{{if user `a`}}{{`{{build_name}}`}}{{end}}", again=True)
        assert isinstance(found, Conditional)
        assert found.then == Ref("source", "name")

    @pytest.mark.parametrize("levels", [1, 2, 5])
    def test_no_level_of_escaping_keeps_braces(self, levels: int) -> None:
        source = "{{build_name}}"
        for _ in range(levels):
            source = escape_text(source)
        assert parse_template(source, again=True) == Ref("source", "name")
        with pytest.raises(Unprintable):
            print_template(text("docker --format '{{json .}}'"), again=True)

    def test_a_brace_before_an_action(self) -> None:
        tree = Template((text("{"), Ref("build", "ID")))
        assert print_template(tree, again=True) == "{{`{{`}}`{`}}{{build `ID`}}"
        assert parse_template(print_template(tree, again=True), again=True) == tree


class TestPrinting:
    @pytest.mark.parametrize(
        ("expr", "expected"),
        [
            (text("a{{b}}"), "a{{`{{`}}b}}"),
            (Template((text("a{"), A)), "a{{`{`}}{{user `a`}}"),
            (call("upper", call("lower", A)), "{{upper (lower (user `a`))}}"),
            (call("go.isotime", text("`")), '{{isotime "`"}}'),
            (Ref("build", "ID"), "{{build `ID`}}"),
            (Ref("build", "Name"), "{{.Name}}"),
            (Index(call("unknown:vm", text("x")), text("Y")), "{{(vm `x`).Y}}"),
            (call("upper", Template((A, text("-")))), "{{upper (print (user `a`) `-`)}}"),
        ],
    )
    def test_text(self, expr: Expr, expected: str) -> None:
        assert print_template(expr) == expected

    def test_generated_data_in_an_execute_command(self) -> None:
        assert print_template(Ref("build", "User"), command=True) == "{{.User}}"

    @pytest.mark.parametrize(
        "expr",
        [Ref("named", "x"), call("formatdate", text("YYYY"), A), call("upper", A, B), Literal(None), ListExpr(())],
    )
    def test_what_go_cannot_say(self, expr: Expr) -> None:
        assert not printable(expr)
        with pytest.raises(Unprintable):
            print_template(Template((text("x"), expr)))

    def test_parts_for_an_outer_language(self) -> None:
        local = Ref("named", "x")
        assert print_parts(Template((text("a{{"), local, call("upper", local)))) == [
            "a{{`{{`}}",
            local,
            call("upper", local),
        ]
        assert print_parts(call("go.isotime", Template((text('"'), local)))) == ['{{isotime `"', local, "`}}"]

    def test_escaping_text(self) -> None:
        assert escape_text("{{{") == "{{`{{`}}{"


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("{{if user `a`}}yes{{else}}no{{end}}", "no"),
        ("{{if user `b`}}yes{{end}}", "yes"),
        ("{{if eq (user `b`) `x`}}{{user `b` | upper}}{{end}}", "X"),
        ("{{if not (user `a`)}}{{replace_all `x` `y` (user `b`)}}{{end}}", "y"),
        ("{{printf `%s-%d` (user `b`) 3}}{{len `ab`}}", "x-32"),
        ("{{with user `b`}}<{{.}}>{{end}}{{or (user `a`) `z`}}", "<x>z"),
        ("{{split `a-b` `-` 1}}", "b"),
    ],
)
def test_values(source: str, value: str) -> None:
    scope = Scope(inputs={"a": Value(STRING, ""), "b": Value(STRING, "x")})
    assert evaluate(parse_template(source), scope) == Value(STRING, value)


@given(st.text())
def test_constants_round_trip(value: str) -> None:
    printed = constants.quoted(value)
    read = printed[1:-1] if printed[0] == "`" else constants.unescape(printed[1:-1])
    assert read == value


names = st.sampled_from(["a", "b", "x-y"])
texts = st.text(st.sampled_from('ab{}`"\\ \n.$-é\ue000/*'), max_size=8)
operands = st.recursive(
    names.map(lambda n: Ref("input", n))
    | texts.map(Literal)
    | st.sampled_from(["ID", "Foo"]).map(lambda n: Ref("build", n))
    | st.just(Ref("source", "name")),
    lambda inner: (
        st.builds(lambda op, x: Call(op, (x,)), st.sampled_from(["upper", "lower", "go.strftime"]), inner)
        | st.builds(lambda x, y, z: Call("go.replace_all", (x, y, z)), inner, inner, inner)
    ),
    max_leaves=5,
)
pieces = st.recursive(
    operands,
    lambda inner: st.builds(
        lambda c, t, e: Conditional(Call("go.truth", (c,)), Template(tuple(t)), Template(tuple(e))),
        operands,
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3),
    ),
    max_leaves=5,
)


@given(st.lists(pieces, max_size=4))
def test_print_then_parse_is_the_same_tree(parts: list[Expr]) -> None:
    normal = parse_template(print_template(Template(tuple(parts))))
    printed = print_template(normal)
    assert parse_template(printed) == normal


@given(texts)
def test_literal_text_survives(value: str) -> None:
    assert parse_template(print_template(Literal(value))) == Literal(value)
    if "{{" not in value:
        assert parse_template(print_template(Literal(value), again=True), again=True) == Literal(value)


_WORDS = """{{ }} {{- -}} if else end range with user `a` "b" | ( ) .X $ $x := = nil 1 'c' /* */ , . { }"""
soup = st.lists(st.sampled_from(_WORDS.split()) | st.just(" ") | st.text(max_size=2)).map("".join)


@given(soup, st.booleans())
def test_any_text_ends_in_an_expression_or_a_diagnostic(source: str, again: bool) -> None:
    try:
        found = parse_template(source, VARIABLES, again=again)
    except TemplateError as caught:
        assert caught.diagnostics[0].code.startswith("template/")
    else:
        if not again and printable(found):
            assert parse_template(print_template(found), VARIABLES) == found


def test_deep_nesting_is_refused() -> None:
    for source in ("{{" + "(" * 5000, "{{if .X}}" * 5000, "{{if .X}}" + "{{else if .X}}" * 5000 + "{{end}}"):
        with pytest.raises(TemplateError):
            parse_template(source)


@pytest.mark.parametrize("exponent", ["400", "9" * 20, "-" + "9" * 20, "4" + "0" * 60])
def test_numbers_beyond_any_are_refused(exponent: str) -> None:
    with pytest.raises(TemplateError):
        parse_template([f"{{{{split `a` `b` 1e{exponent}}}}}"], FIELDS)
