"""Bicep's syntax: what texts say, where errors are, and that what is printed reads back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakelift.translator.diagnostics import SourceFile, TemplateError
from bakelift.translator.languages.bicep import parse_bicep, print_bicep
from bakelift.translator.languages.bicep.nodes import (
    PRECEDENCE,
    Access,
    Array,
    Binary,
    Call,
    Entry,
    File,
    For,
    If,
    Item,
    Lambda,
    Metadata,
    Module,
    Name,
    Node,
    NonNull,
    Number,
    Object,
    Output,
    Parameter,
    Resource,
    Scope,
    Spread,
    Ternary,
    Text,
    Type,
    TypeOf,
    Unary,
    Union,
    Variable,
    Word,
)
from bakelift.translator.languages.bicep.strings import quoted


def read(text: str) -> File:
    return parse_bicep(SourceFile("t.bicep", text))


def value(text: str) -> Node:
    (statement,) = read(f"var x = {text}\n").statements
    assert isinstance(statement, Variable)
    return statement.value


def t(*parts: str | Node) -> Text:
    return Text(parts)


a, b, c = Name("a"), Name("b"), Name("c")

EXPRESSIONS = [
    ("5", Number(5)),
    ("-5", Number(-5)),
    ("9223372036854775807", Number(2**63 - 1)),
    ("true", Word(True)),
    ("null", Word(None)),
    ("''", Text(())),
    ("'it\\'s'", t("it's")),
    ("'a$b'", t("a$b")),
    ("'$${a}'", t("$", a)),
    ("'\\${a}'", t("${a}")),
    ("'x${a}${b}y'", t("x", a, b, "y")),
    ("'x${'y${a}'}'", t("x", t("y", a))),
    ("'\\u{1f600}\\\\'", t("\U0001f600\\")),
    ("a + b * c", Binary("+", a, Binary("*", b, c))),
    ("(a + b) * c", Binary("*", Binary("+", a, b), c)),
    ("a - b - c", Binary("-", Binary("-", a, b), c)),
    ("a - (b - c)", Binary("-", a, Binary("-", b, c))),
    ("a || b && c", Binary("||", a, Binary("&&", b, c))),
    ("a ?? b ?? c", Binary("??", Binary("??", a, b), c)),
    ("a == b ? c : a", Ternary(Binary("==", a, b), c, a)),
    ("a ? b : c ? a : b", Ternary(a, b, Ternary(c, a, b))),
    ("!a.b", Unary("!", Access(a, t("b")))),
    ("!(a && b)", Unary("!", Binary("&&", a, b))),
    ("a.?b.c", Access(Access(a, t("b"), safe=True), t("c"))),
    ("a[0]", Access(a, Number(0))),
    ("a['x-y']", Access(a, t("x-y"))),
    ("a[?b]", Access(a, b, safe=True)),
    ("a[^1]", Access(a, Number(1), from_end=True)),
    ("a!.b", Access(NonNull(a), t("b"))),
    ("f()", Call("f", ())),
    ("az.f(a, b)", Call("f", (a, b), Name("az"))),
    ("map(a, x => x.b)", Call("map", (a, Lambda(("x",), Access(Name("x"), t("b")))))),
    ("f(() => a)", Call("f", (Lambda((), a),))),
    ("f((x, i) => i)", Call("f", (Lambda(("x", "i"), Name("i")),))),
    ("f({ a: b }, [c])", Call("f", (Object((Entry(t("a"), b),)), Array((Item(c),))))),
    ("f({ a: b, ...c })", Call("f", (Object((Entry(t("a"), b), Spread(c))),))),
]


@pytest.mark.parametrize(("text", "node"), EXPRESSIONS, ids=[text for text, _ in EXPRESSIONS])
def test_expressions_both_ways(text: str, node: Node) -> None:
    assert value(text) == node
    assert print_bicep(read(f"var x = {text}\n")) == f"var x = {text}\n"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a\n  ? b\n  : c", "a ? b : c"),
        ("f(\n  a,\n  b\n)", "f(a, b)"),
        ("'''a'b'''", "'a\\'b'"),
        ("'''\na\\b'''", "'a\\\\b'"),
        ("''''a''''", "'\\'a\\''"),
        ("$'''a${b}'''", "'a${b}'"),
        ("$$'''${a}$${b}'''", "'\\${a}${b}'"),
        ("[1, 2]", "[\n  1\n  2\n]"),
        ("{ 'a': 1, 'b c': 2 }", "{\n  a: 1\n  'b c': 2\n}"),
        ("+a", "a"),
        ("--a", "-(-a)"),
        ("[\n  1 // one\n  // two\n  2\n]", "[\n  // one\n  1\n  // two\n  2\n]"),
        ("[for x in a: {\n  b: x\n}]", "[for x in a: {\n  b: x\n}]"),
        ("[for (x, i) in a: i]", "[for (x, i) in a: i]"),
        ("/* a */ a", "a"),
    ],
)
def test_other_spellings(text: str, same: str) -> None:
    assert value(text) == value(same)


STATEMENTS = """targetScope = 'subscription'

metadata owner = 'us'

import { tags } from 'shared.bicep'

type ring = 'canary' | 'broad'

type lock = {
  @description('Its name')
  name: string?
  kind: ('a' | 'b')?
  *: int[]
}

func named(name string, ring string) string => '${name}-${ring}'

// Where.
@description('Region')
@allowed([
  'a'
  'b'
])
param location string = 'a'

@secure()
param token string

param list string[] = []
param other lock?

#disable-next-line no-unused-vars
var x = 1

var y string = 'b'

resource vnet 'Microsoft.Network/virtualNetworks@2023-01-01' existing = {
  name: 'v'

  resource subnet 'subnets' existing = {
    name: 's'
  }
}

resource image 'Microsoft.VirtualMachineImages/imageTemplates@2024-02-01' = if (x == 1) {
  name: vnet::subnet.name
}

resource many 'a/b@1' = [
  for i in range(0, 3): if (i > 0) {
    name: 'n${i}'
  }
]

module m 'm.bicep' = {
  name: 'm'
  params: {
    a: x
  }
}

output id string = image.id
"""


def test_statements() -> None:
    file = read(STATEMENTS)
    kinds = [type(node).__name__ for node in file.statements]
    assert " ".join(kinds) == (
        "Scope Metadata Import Type Type Function Parameter Parameter Parameter Parameter Variable Variable "
        "Resource Resource Resource Module Output"
    )
    location = file.statements[6]
    assert isinstance(location, Parameter) and location.comments == ("Where.",)
    assert [item.function for item in location.decorators] == ["description", "allowed"]
    vnet = file.statements[12]
    assert isinstance(vnet, Resource) and vnet.existing and isinstance(vnet.body, Object)
    assert isinstance(vnet.body.entries[1], Resource)
    image = file.statements[13]
    assert isinstance(image, Resource) and isinstance(image.body, If)
    assert print_bicep(file) == STATEMENTS


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ('var x = "a"', "1:9", "single quotes"),
        ("var x = 'a", "1:9", "not closed"),
        ("var x = '''a", "1:9", "not closed"),
        ("var x = 'a${b'", "1:14", "not closed"),
        ("var x = '\\q'", "1:10", "escape"),
        ("var x = '\\u{110000}'", "1:10", "escape"),
        ("/* a", "1:1", "comment"),
        ("var x =", "1:8", "an expression"),
        ("var x = [1 2]", "1:12", "a comma"),
        ("var x = { a 1 }", "1:13", "':'"),
        ("var x = f(1 2)", "1:13", "','"),
        ("var x = a ? b", "1:14", "':'"),
        ("var x = a b", "1:11", "a new line"),
        ("param", "1:6", "the name of a parameter"),
        ("resource a = {}", "1:12", "the type of a resource"),
        ("resource a 'b' = 1", "1:18", "'{'"),
        ("foo bar", "1:1", "a declaration"),
        ("@secure\nparam x string", "1:1", "decorator"),
        ("var x = 99999999999999999999", "1:9", "64 bits"),
        ("var x = a &&\n  b", "1:13", "an expression"),
        ("var x = £", "1:9", "no part of Bicep"),
        ("var x = [for a b: c]", "1:16", "'in'"),
    ],
)
def test_errors_say_where(text: str, place: str, said: str) -> None:
    with pytest.raises(TemplateError) as caught:
        read(text)
    first = caught.value.diagnostics[0]
    assert str(first.span) == f"t.bicep:{place}" and said in f"{first.summary} {first.detail}"


def test_several_errors_are_told() -> None:
    with pytest.raises(TemplateError) as caught:
        read("param\nvar x = [\n  1 2\n]\nvar y = 1\noutput z string\n")
    assert [d.span.line for d in caught.value.diagnostics if d.span] == [1, 3, 6]


HOSTILE = {
    "arrays": "var x = " + "[" * 60_000,
    "objects": "var x = " + "{a:" * 60_000,
    "signs": "var x = " + "!" * 60_000 + "a",
    "properties": "var x = a" + ".b" * 60_000,
    "sums": "var x = 1" + "+1" * 60_000,
    "ternaries": "var x = " + "a?b:" * 50_000 + "c",
    "holes": "var x = " + "'${" * 60_000,
    "verbatim": "var x = $'''" + "${a}" * 50_000,
    "types": "param x string" + "[]" * 60_000,
    "unions": "param x " + "(" * 60_000,
    "comments": "// a\n" * 50_000,
    "decorators": "@a()\n" * 30_000,
    "errors": "var\n" * 50_000,
    "text": "var x = '" + "a" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_end_soon(name: str) -> None:
    import time

    start = time.process_time()
    try:
        read(HOSTILE[name])
    except TemplateError as problem:
        assert all(d.code.startswith("bicep/") and d.span is not None for d in problem.diagnostics)
    assert time.process_time() - start < 20


# -- any tree ---------------------------------------------------------------------------------------------------------

names = st.sampled_from(["a", "b", "length", "for", "if", "resource"])
#: Not ``if(…)``: behind the colon of a loop it is a condition.
functions = names.filter(lambda name: name != "if")
words = st.text(alphabet="ab'\\${}\n\r\t é\U0001f600|-", max_size=8)
texts = words.map(lambda text: Text((text,) if text else ()))
leaves = st.one_of(
    names.map(Name),
    texts,
    st.integers(-(2**63) + 1, 2**63 - 1).map(Number),
    st.sampled_from([Word(True), Word(False), Word(None)]),
)


def _joined(parts: list[str | Node]) -> Text:
    found: list[str | Node] = []
    for part in parts:
        if isinstance(part, str) and (not part or (found and isinstance(found[-1], str))):
            continue
        found.append(part)
    return Text(tuple(found))


def _collections(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    entries = st.one_of(st.tuples(texts, inner).map(lambda e: Entry(*e)), inner.map(Spread))
    items = st.one_of(inner.map(Item), inner.map(Spread))
    return st.one_of(
        st.lists(entries, max_size=3).map(lambda e: Object(tuple(e))),
        st.lists(items, max_size=3).map(lambda i: Array(tuple(i))),
        st.tuples(st.lists(st.one_of(words, inner), max_size=4)).map(lambda p: _joined(p[0])),
        st.tuples(st.sampled_from(sorted(PRECEDENCE)), inner, inner).map(lambda p: Binary(*p)),
        st.tuples(inner, inner, inner).map(lambda p: Ternary(*p)),
        st.tuples(st.sampled_from("!-"), inner)
        .filter(lambda p: not (p[0] == "-" and isinstance(p[1], Number)))
        .map(lambda p: Unary(*p)),
        st.tuples(inner, st.one_of(texts, inner), st.booleans()).map(lambda p: Access(*p)),
        inner.map(NonNull),
        st.tuples(functions, st.lists(inner, max_size=3)).map(lambda p: Call(p[0], tuple(p[1]))),
        st.tuples(st.lists(names, max_size=2, unique=True), inner).map(lambda p: Lambda(tuple(p[0]), p[1])),
        st.tuples(names, st.one_of(st.none(), names), inner, inner).map(lambda p: For(*p)),
    )


expressions: st.SearchStrategy[Node] = st.recursive(leaves, _collections, max_leaves=10)
comments = st.lists(st.sampled_from(["why", "two\nlines", "#disable-next-line x"]), max_size=2).map(tuple)
types = st.sampled_from(
    [Name("string"), TypeOf(Name("string"), "[]"), Union((Text(("a",)), Text(("b",)))), TypeOf(Name("int"), "?")]
)
statements = st.one_of(
    st.tuples(names, types, st.one_of(st.none(), expressions)).map(lambda p: Parameter(*p)),
    st.tuples(names, expressions).map(lambda p: Variable(*p)),
    st.tuples(names, types, expressions).map(lambda p: Output(*p)),
    st.tuples(names, expressions).map(lambda p: Metadata(*p)),
    expressions.map(Scope),
    st.tuples(names, types).map(lambda p: Type(*p)),
    st.tuples(names, st.lists(st.tuples(texts, expressions), max_size=3)).map(
        lambda p: Resource(p[0], Text(("t@1",)), Object(tuple(Entry(*e) for e in p[1])))
    ),
    st.tuples(names, expressions).map(lambda p: Module(p[0], Text(("m",)), If(p[1], Object(())))),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(statements, comments), max_size=4))
def test_what_is_printed_reads_back(parts: list[tuple[Variable, tuple[str, ...]]]) -> None:
    file = File(tuple(statement.but(comments=said) for statement, said in parts))
    text = print_bicep(file)
    assert text.isascii() and "\r" not in text
    again = read(text)
    assert again == file
    assert print_bicep(again) == text
    for before, after in zip(file.statements, again.statements, strict=True):
        assert "\n".join(before.comments) == "\n".join(after.comments)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab'\\${}\n\r\t é|", max_size=12))
def test_any_text_is_said(text: str) -> None:
    assert value(quoted(text)) == Text((text,) if text else ())
