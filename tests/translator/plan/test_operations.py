"""Operations beyond what the oracles ask: edges, errors, the table itself."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.files import DictFiles
from bakelift.translator.languages.hcl.functions import OPERATIONS as HCL_FUNCTIONS
from bakelift.translator.languages.hcl.parser import parse_expression
from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.operations import arm_table, go_table, table
from bakelift.translator.plan.scope import Clock, Scope
from bakelift.translator.plan.values import to_python

FILES = DictFiles({"a.txt": b"text", "bad": b"\xff", "d/x.sh": b"", "d/e/y.sh": b"", "d/e/z.txt": b""}, cwd="/srv")
SCOPE = Scope(files=FILES, clock=Clock(1577934245.25, lambda: "an-id"), environment={"HOME": "/home/me", "A": "b"})


def value(source: str) -> object:
    return to_python(evaluate(parse_expression(source), SCOPE))


def failure(source: str) -> str:
    with pytest.raises(TemplateError) as caught:
        evaluate(parse_expression(source), SCOPE)
    return f"{caught.value.diagnostics[0].summary}: {caught.value.diagnostics[0].detail}"


ROWS = {**table.OPERATORS, **table.FUNCTIONS, **go_table.OPERATIONS, **arm_table.OPERATIONS}


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_row_has_its_implementation(name: str) -> None:
    row = table.operation(name)
    assert row is not None
    assert row.form in {"plain", "scoped", "values", "shapes", "partial", "lazy", "symbolic"}
    if row.form != "symbolic":
        assert callable(row.load())


def test_every_function_of_packer_has_a_row() -> None:
    assert len(HCL_FUNCTIONS) == 104
    assert [name for name in HCL_FUNCTIONS.values() if table.operation(name) is None] == []
    assert set(table.names()) == set(HCL_FUNCTIONS)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 / 3 * 3 == 1", True),
        ("0.1 + 0.2 == 0.3", True),
        ("1.1 * 1.1 == 1.21", False),
        ("2 / 4", Decimal("0.5")),
        ("-7.5 % 2", Decimal("-1.5")),
        ("5 % 0", 5),
        ("1e400 / 1e399", 10),
        ("9007199254740993 + 1", 9007199254740994),
        ("floor(-1.5)", -2),
        ("ceil(-1.5)", -1),
        ("pow(2, 200)", 2**200),
        ("log(8, 2)", 3),
        ("log(16, 2)", 4),
        ('parseint("Zz", 62)', 61 * 62 + 35),
        ('parseint("ZZ", 36)', 35 * 36 + 35),
        ("sum([1.5, 2])", Decimal("3.5")),
        ('title("a-b c_d e.f")', "A-B C_d E.F"),
        ('upper("stra\\u00dfe")', "STRA\u00dfE"),
        ('length("e\\u0301")', 1),
        ('length("\\U0001F1E9\\U0001F1EA\\U0001F1EB\\U0001F1F7")', 2),
        ('strrev("ab\\r\\nc")', "c\r\nba"),
        ('substr("abc", -2, 1)', "b"),
        ('chomp("a\\r\\n\\n")', "a"),
        ('indent(2, "a\\nb\\n")', "a\n  b\n  "),
        ('trim("xxaxx", "x")', "a"),
        ('split(",", "")', [""]),
        ('replace("abc", "", "-")', "-a-b-c-"),
        ('format("%v|%v|%v", 1000000, 0.1, true)', "1e+06|0.1|true"),
        ('format("%v", 123456)', "123456"),
        ('format("%g|%g|%.3g", 1e21, 0.00001, 1234.5)', "1e+21|1e-05|1.23e+03"),
        ('format("%#v|%v", "a<", null)', '"a\\u003c"|null'),
        ('format("%[2]s%[1]s%s", "a", "b")', "bab"),
        ('format("%-5d|%5d|%+05d", 1, 2, 3)', "1    |    2|+0003"),
        ('format("%.2s|%5.1s|%010s", "abc", "xyz", "q")', "ab|    x|000000000q"),
        ('format("%x|%X|%o|%b", -255, 255, 8, 5)', "-ff|FF|10|101"),
        ('format("%e|%.0f|%f", 0, 2.5, 1/3)', "0.000000e+00|2|0.333333"),
        ('formatlist("%s-%s", ["a", "b"], ["c", "d"])', ["a-c", "b-d"]),
        ('regex_replace("a1b22", "(?P<d>[0-9]+)", "<$${d}>")', "a<1>b<22>"),
        ('regex_replace("abc", "b", "$$1x$1y")', "a$1xc"),
        ('regexall("a*", "baaac")', ["", "aaa", ""]),
        ('regex("(?i)HELLO|bye", "Hello")', "Hello"),
        ('regex("a(?i)b|c", "xC")', "C"),
        ('regex("^b", "b\\n")', "b"),
        ('can(regex("b$", "b\\n"))', False),
        ('regex("(?m)^b$", "a\\nb\\n")', "b"),
        ('regex("[[:alpha:]]+\\\\z", "12ab")', "ab"),
        ('regex("[^\\\\d]+", "12ab")', "ab"),
        ('regex("\\\\Qa.b\\\\E", "axb a.b")', "a.b"),
        ('regex("x{,2}", "x{,2}")', "x{,2}"),
        ('regex("\\\\p{Lu}+", "ab\\u00c9C")', "\u00c9C"),
        ('regex("(a)|(b)", "b")', [None, "b"]),
        ('regex("(?U)a+", "aaa")', "a"),
        ("chunklist([1, 2, 3], 0)", [[1, 2, 3]]),
        ('compact(["a", "", null, " "])', ["a", " "]),
        ('concat(["a"], [1])', ["a", 1]),
        ('contains(["a", "b"], "b")', True),
        ("distinct([1, 1, 2])", [1, 2]),
        ("range(3, 0)", [3, 2, 1]),
        ("range(0.5, 2)", [Decimal("0.5"), Decimal("1.5")]),
        ('merge(null, {a = 1}, {a = "b"})', {"a": "b"}),
        ('lookup({a = null}, "a", "d")', None),
        ('coalesce(1, "")', "1"),
        ("coalescelist([], [1])", [1]),
        ('setintersection(["a", "b"], ["b", "c"], ["b"])', ["b"]),
        ('setunion([3], [1, "2"])', ["1", "2", "3"]),
        ('setproduct(["a"], [1, "b"])', [["a", "1"], ["a", "b"]]),
        ("slice([1, 2, 3], 1, 1)", []),
        ('zipmap(["b", "a"], [1, 2])', {"a": 2, "b": 1}),
        ("flatten([[1], [[2, [3]]], 4])", [1, 2, 3, 4]),
        ('sort(["b", "A", "a"])', ["A", "a", "b"]),
        ('jsondecode("{\\"a\\": [1.50, 1e2, null], \\"b\\": 12345678901234567890}")', None),
        ('jsonencode({b = 1.5, a = "\\u2028"})', '{"a":"\\u2028","b":1.5}'),
        ('csvdecode("a,b\\n\\"1,\\"\\"2\\",3\\n\\n4,5")', [{"a": '1,"2', "b": "3"}, {"a": "4", "b": "5"}]),
        ('base64decode("w6k=")', "\u00e9"),
        ('textdecodebase64("YQA=", "UTF-16LE")', "a"),
        ('textencodebase64("\\u20ac", "windows-1252")', "gA=="),
        ('urlencode("\\u00e9 ~")', "%C3%A9+~"),
        ('yamldecode("a: &x [1, 0x1F, 010, 1_000]\\nb: *x\\n<<: {c: yes}\\nd: 2001-01-02\\ne: \\"yes\\"")', None),
        ('yamldecode("a: |\\n  x\\n  y\\n")', {"a": "x\ny\n"}),
        ('yamlencode({a = ["x\\ny\\n", 1.5, null, true, {}], "b c" = "\\u00e9"})', None),
        ('abspath("a/../b")', "/srv/b"),
        ('dirname("/a/b/")', "/a/b"),
        ('pathexpand("~/x")', "/home/me/x"),
        ('file("a.txt")', "text"),
        ('filebase64("bad")', "/w=="),
        ('fileexists("nosuch")', False),
        ('fileset("d", "**/*.sh")', ["e/y.sh", "x.sh"]),
        ('fileset("d", "*.{sh,txt}")', ["x.sh"]),
        ("timestamp()", "2020-01-02T03:04:05Z"),
        ('legacy_isotime("2006-01-02")', "2020-01-02"),
        ('legacy_strftime("%d/%m/%y")', "02/01/20"),
        ("formatdate(\"EEE MMM D H:mmaa 'o''clock'\", timestamp())", "Thu Jan 2 3:04am o'clock"),
        ('timeadd("2020-02-28T23:00:00+02:00", "1h30m0.5s")', "2020-02-29T00:30:00+02:00"),
        ('rfc3339_parse("2023-07-25 23:43:16.5Z").unix', 1690328596),
        ("unix_timestamp_parse(1690328596).rfc3339", "2023-07-25T23:43:16Z"),
        ("unix_timestamp_parse(0).weekday_name", "Thursday"),
        ('substr(sha512(""), 0, 8)', "cf83e135"),
        ("uuidv4()", "an-id"),
        ('env("A")', "b"),
        ('env("NOSUCH")', ""),
        ('cidrhost("10.0.0.0/30", -1)', "10.0.0.3"),
        ('cidrsubnets("fd00::/48", 16, 16)', ["fd00::/64", "fd00:0:0:1::/64"]),
        ('convert({a = "1"}, map(number))', {"a": 1}),
        ('convert({}, object({a = optional(string, "d")}))', {"a": "d"}),
        ("can(convert(1, bool))", False),
        ('"a" == ["a"][0]', True),
        ('split(",", "a") == ["a"]', False),
        ("[1, 2] == [1, 2]", True),
        ('{a = 1} == {a = "1"}', False),
    ],
)
def test_values(source: str, expected: object) -> None:
    got = value(source)
    if expected is None and source in LONG:
        expected = LONG[source]
    assert got == expected
    assert isinstance(got, bool) == isinstance(expected, bool)


LONG: dict[str, object] = {
    'jsondecode("{\\"a\\": [1.50, 1e2, null], \\"b\\": 12345678901234567890}")': {
        "a": [Decimal("1.5"), 100, None],
        "b": 12345678901234567890,
    },
    'yamldecode("a: &x [1, 0x1F, 010, 1_000]\\nb: *x\\n<<: {c: yes}\\nd: 2001-01-02\\ne: \\"yes\\"")': {
        "a": [1, 31, 10, 1000],
        "b": [1, 31, 10, 1000],
        "c": True,
        "d": "2001-01-02T00:00:00Z",
        "e": "yes",
    },
    'yamlencode({a = ["x\\ny\\n", 1.5, null, true, {}], "b c" = "\\u00e9"})': (
        '"a":\n- |\n  x\n  y\n- 1.5\n- null\n- true\n- {}\n"b c": "\u00e9"\n'
    ),
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('regex("(?=a)", "a")', "invalid regexp pattern: invalid or unsupported Perl syntax in (?="),
        ('regex("a(?<!b)", "a")', "invalid or unsupported Perl syntax"),
        ('regex("(a)\\\\1", "aa")', "invalid escape sequence"),
        ('regex("a*+", "a")', "invalid nested repetition operator"),
        ('regex("a**", "a")', "invalid nested repetition operator"),
        ('regex("(a", "a")', "missing closing )"),
        ('regex("[a", "a")', "missing closing ]"),
        ('regex("*", "a")', "missing argument to repetition operator"),
        ('regex("a{2000}", "a")', "invalid repeat count"),
        ('regex("(?P<a>.)(.)", "ab")', "cannot mix both named and unnamed capture groups"),
        ('regex_replace("a", "a)", "")', "error parsing regexp: unexpected ): `a)`"),
        ('format("%d", "x")', 'unsupported value for "%d" at 0: a number is required.'),
        ('format("%z", 1)', "unsupported format verb 'z' in \"%z\" at offset 0."),
        ('format("%s %s", "a", "b", "c")', "too many arguments; only 2 used by format string."),
        ('formatlist("%s%s", ["a"], ["b", "c"])', "inconsistent"),
        ('split(null, "a")', 'Invalid value for "separator" parameter: argument must not be null.'),
        ('join(",", ["a", null])', "element 1 is null"),
        ("sum([])", "cannot sum an empty list."),
        ("max()", "must pass at least one number."),
        ("range(1, 5, 0)", "step must not be zero."),
        ("range(0, 5000)", "more than 1024 values"),
        ('index(["a"], "b")', "item not found."),
        ('lookup({}, "a")', 'Missing value for "default"'),
        ("slice([1], 2, 3)", "start index must not be greater than the length of the list."),
        ("flatten(1)", "can only flatten lists, sets and tuples."),
        ('formatdate("YYY", "2020-01-01T00:00:00Z")', 'year must either be "YY" or "YYYY"'),
        ('formatdate("Q", "2020-01-01T00:00:00Z")', 'invalid date format verb "Q"'),
        ('formatdate("YYYY", "2020-13-01T00:00:00Z")', "month out of range"),
        ('formatdate("YYYY", "2020-01-01")', "missing required time introducer 'T'"),
        ('timeadd("2020-01-01T00:00:00Z", "10")', 'missing unit in duration "10"'),
        ('cidrhost("10.0.0.0/30", 4)', "prefix of 30 does not accommodate a host numbered 4"),
        ('cidrsubnet("10.0.0.0/30", 8, 0)', "insufficient address space"),
        ('file("nosuch")', "no file exists at nosuch."),
        ('file("bad")', "not valid UTF-8"),
        ('csvdecode("a,b\\n1")', "wrong number of fields"),
        ('jsondecode("")', "failed: "),
        ('yamldecode("a: [")', "Invalid value"),
        ('yamldecode("")', "missing start of document"),
        ('yamldecode("a: 1\\n---\\nb: 2")', "only a single document is allowed"),
        ('textencodebase64("a", "nosuch")', '"nosuch" is not a supported IANA encoding name or alias'),
        ('uuidv5("x", "y")', "uuidv5() doesn't support namespace x"),
        ('convert("x", number)', 'Invalid value for "value" parameter: a number is required.'),
        ('convert("x", nosuch)', 'The keyword "nosuch" is not a valid type specification.'),
        ("max(1...)", "must be of a tuple, list, or set type"),
        ("try()", "at least one argument is required"),
        ('true ? {a = 1} : "x"', "The 'true' value is object, but the 'false' value is string"),
        ("null ? 1 : 2", "Null condition"),
        ("[1] ? 1 : 2", "Incorrect condition type"),
        ("{(null) = 1}", "Null value as key"),
        ("{([]) = 1}", "Incorrect key type"),
        ("[][0]", "the collection has no elements"),
        ("[1][-1]", "a negative number is not a valid index"),
        ("[1][0.5]", "requires a whole number"),
        ("[1].a", "This value does not have any attributes."),
        ('"a".b', "Can't access attributes on a primitive-typed value (string)."),
    ],
)
def test_errors(source: str, expected: str) -> None:
    assert re.search(re.escape(expected), failure(source)), failure(source)


def test_bcrypt_and_rsa() -> None:
    bcrypt = pytest.importorskip("bcrypt")
    assert bcrypt.checkpw(b"secret", str(value('bcrypt("secret", 4)')).encode())
    pytest.importorskip("cryptography")
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    import base64
    import json

    data = base64.b64encode(key.public_key().encrypt(b"plain", padding.PKCS1v15())).decode()
    assert value(f"rsadecrypt({json.dumps(data)}, {json.dumps(pem)})") == "plain"


def test_what_a_translation_does_not_know_stays_symbolic() -> None:
    for source in ("timestamp()", "uuidv4()", 'env("A")', 'pathexpand("~")', 'vault("a", "b")', "legacy_isotime()"):
        assert not evaluate(parse_expression(source), Scope()).known, source
