"""Operations of ARM templates; the vectors are Microsoft's (documentation and Bicep's tests)."""

from __future__ import annotations

import pytest

from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.expressions import Call, ListExpr, Literal, Ref
from bakelift.translator.plan.scope import Clock, Scope
from bakelift.translator.plan.values import from_python, to_expr, to_python

SCOPE = Scope(clock=Clock(1700000000.549, lambda: "an-id"))


def run(name: str, *args: object) -> object:
    exprs = tuple(to_expr(from_python(arg)) for arg in args)
    return to_python(evaluate(Call(f"arm.{name}", exprs), SCOPE))


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("concat", ("a", 1, True), "a1True"),
        ("concat", (["a"], [1]), ["a", 1]),
        ("format", ("{0}-{1:D3}-{{{2}}}", "a", 7, "b"), "a-007-{b}"),
        ("format", ("{0,5}|{1,-5}|{2:x}|{2:X4}|{3:N0}|{2:0000}", "a", "b", 255, 1234567), None),
        ("format", ("{0}|{1}", {"a": "b"}, False), "{'a':'b'}|False"),
        ("string", (True,), "True"),
        ("string", ({"b": [1, "<"]},), '{"b":[1,"<"]}'),
        ("startsWith", ("Hello", "hE"), True),
        ("endsWith", ("Hello", "LO"), True),
        ("indexOf", ("test", "T"), 0),
        ("lastIndexOf", ("test", "t"), 3),
        ("indexOf", (["a", "b"], "B"), -1),
        ("substring", ("one two", 4), "two"),
        ("substring", ("one two", 4, 2), "tw"),
        ("padLeft", (123, 10, "0"), "0000000123"),
        ("take", ("abc", 5), "abc"),
        ("skip", (["a", "b"], 1), ["b"]),
        ("first", ("One",), "O"),
        ("last", ([],), None),
        ("empty", ("",), True),
        ("empty", (None,), True),
        ("contains", ({"Key": 1}, "key"), True),
        ("contains", ("OneTwo", "one"), False),
        ("coalesce", (None, "", "a"), ""),
        ("int", ("42",), 42),
        ("bool", (1,), True),
        ("bool", ("TRUE",), True),
        ("div", (-7, 2), -3),
        ("max", ([1, 3, 2],), 3),
        ("min", (3, 1), 1),
        ("union", ({"a": {"x": 1}, "b": [1]}, {"a": {"y": 2}, "b": [2]}), {"a": {"x": 1, "y": 2}, "b": [2]}),
        ("union", (["a", "b"], ["b", "c"]), ["a", "b", "c"]),
        ("intersection", (["a", "b"], ["b"]), ["b"]),
        ("shallowMerge", ([{"a": {"x": 1}}, {"a": {"y": 2}}],), {"a": {"y": 2}}),
        ("items", ({"b": 2, "A": 1},), [{"key": "A", "value": 1}, {"key": "b", "value": 2}]),
        ("createArray", (1, "a"), [1, "a"]),
        ("createObject", ("k", 1, "a", None), {"a": None, "k": 1}),
        ("tryGet", ({"a": [1, {"B": 2}]}, "a", 1, "b"), 2),
        ("tryGet", ({"a": 1}, "x"), None),
        ("indexFromEnd", ([1, 2, 3], 1), 3),
        ("flatten", ([[1], [[2]]],), [1, [2]]),
        ("range", (5, 3), [5, 6, 7]),
        ("uri", ("http://contoso.com/a/b", "c.json"), "http://contoso.com/a/c.json"),
        ("uriComponent", ("http://contoso.com/a b",), "http%3A%2F%2Fcontoso.com%2Fa%20b"),
        ("dataUri", ("Hello",), "data:text/plain;charset=utf-8;base64,SGVsbG8="),
        ("dataUriToString", ("data:;base64,SGVsbG8sIFdvcmxkIQ==",), "Hello, World!"),
        ("guid", ("foo", "bar", "baz"), "2ed86837-7c7c-5eaa-9864-dd077fd19b0d"),
        ("uniqueString", ("snap", "crackle", "pop"), "byghxckddilkc"),
        ("dateTimeAdd", ("2020-04-07 14:53:14Z", "P3Y2M"), "2023-06-06T14:53:14Z"),
        ("dateTimeAdd", ("20200407T145314Z", "-PT1H30M", "yyyyMMdd'T'HHmmss"), "20200407T132314"),
        ("dateTimeAdd", ("2020-04-07T14:53:14+02:00", "PT0S", "%d/M ddd MMM tt yy K fff"), "7/4 Tue Apr PM 20 Z 000"),
        ("dateTimeAdd", ("2019-03-05T17:53:18Z", "PT0S", "d"), "03/05/2019"),
        ("dateTimeToEpoch", ("2023-05-02T00:00:00Z",), 1682985600),
        ("dateTimeFromEpoch", (1682985600,), "2023-05-02T00:00:00Z"),
        ("utcNow", (), "20231114T221320Z"),
        ("newGuid", (), "an-id"),
        ("parseCidr", ("10.144.0.0/20",), None),
        ("cidrSubnet", ("10.144.0.0/20", 24, 1), "10.144.1.0/24"),
        ("cidrHost", ("10.144.3.0/24", 0), "10.144.3.1"),
        ("tenantResourceId", ("A.B/c/d", "x", "y"), "/providers/A.B/c/x/d/y"),
        ("resourceId", ("s", "g", "A.B/c", "x"), "/subscriptions/s/resourceGroups/g/providers/A.B/c/x"),
        ("subscriptionResourceId", ("s", "A.B/c", "x"), "/subscriptions/s/providers/A.B/c/x"),
        ("extensionResourceId", ("/a", "A.B/c", "x"), "/a/providers/A.B/c/x"),
        ("managementGroupResourceId", ("m", "A.B/c", "x"), None),
    ],
)
def test_values(name: str, args: tuple[object, ...], expected: object) -> None:
    longer: dict[str, object] = {
        "format": "    a|b    |ff|00FF|1,234,567|0255",
        "parseCidr": {
            "network": "10.144.0.0",
            "netmask": "255.255.240.0",
            "broadcast": "10.144.15.255",
            "firstUsable": "10.144.0.1",
            "lastUsable": "10.144.15.254",
            "cidr": 20,
        },
        "managementGroupResourceId": "/providers/Microsoft.Management/managementGroups/m/providers/A.B/c/x",
    }
    got = run(name, *args)
    assert got == (longer.get(name) if expected is None else expected)
    assert isinstance(got, bool) == isinstance(expected, bool)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("substring", ("abc", 2, 5)),
        ("format", ("{1}", "a")),
        ("concat", ("a", ["b"])),
        ("int", ("1.5",)),
        ("createObject", ("a",)),
        ("tenantResourceId", ("A.B/c/d", "x")),
        ("indexFromEnd", ([1], 2)),
        ("fail", ("no",)),
        ("div", (1, 0)),
        ("dateTimeAdd", ("never", "P1D")),
        ("dateTimeAdd", ("2020-01-01T00:00:00Z", "P")),
    ],
)
def test_errors(name: str, args: tuple[object, ...]) -> None:
    with pytest.raises(TemplateError):
        run(name, *args)


def test_what_a_deployment_adds_stays_symbolic() -> None:
    for name in ("resourceId", "subscriptionResourceId"):
        node = Call(f"arm.{name}", (Literal("A.B/c"), Literal("x")))
        assert to_expr(evaluate(node, SCOPE)) == node
    x = Ref("input", "x")
    node = Call("arm.createObject", (Literal("k"), x, Literal("l"), Literal(1)))
    assert evaluate(node, SCOPE).raw["l"].raw == 1  # type: ignore[index]
    joined = evaluate(Call("arm.concat", (ListExpr((x,)), ListExpr(()), ListExpr((Literal(1),)))), SCOPE)
    assert to_expr(joined) == ListExpr((x, Literal(1)))
    assert to_expr(evaluate(Call("arm.reference", (x,)), SCOPE)) == Call("arm.reference", (x,))
