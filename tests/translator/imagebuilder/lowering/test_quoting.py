"""Values through the quoting of a deployment and of the shell come out as they were."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.plan.expressions import Call, Expr, Literal, Ref, Template

VALUES = st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), max_size=40)


def deployed(expr: Expr, value: str) -> str:
    """An expression as a deployment evaluates it, every input having the value."""
    if isinstance(expr, Literal):
        return str(expr.value)
    if isinstance(expr, Ref):
        return value
    if isinstance(expr, Template):
        return "".join(deployed(part, value) for part in expr.parts)
    assert isinstance(expr, Call) and expr.operation == "replace"
    text, old, new = (deployed(arg, value) for arg in expr.args)
    return text.replace(old, new)


def run(script: str) -> str:
    done = subprocess.run(["/bin/sh", "-e"], input=script.encode(), capture_output=True, check=True)
    return done.stdout.decode()


@given(VALUES)
@settings(max_examples=60, deadline=None)
def test_parameter_in_single_quotes(value: str) -> None:
    line = t.fill(f"X='{t.HOLE % 0}'", [t.quoted_at_deployment(Ref("input", "v"))])
    assert run(deployed(line, value) + '\nprintf %s "$X"') == value


@given(VALUES)
@settings(max_examples=60, deadline=None)
def test_parameter_in_an_execute_command(value: str) -> None:
    quoted = t.fill(f"quoted_1='{t.HOLE % 0}'", [t.quoted_at_deployment(Ref("input", "v"), 2)])
    assert run(deployed(quoted, value) + "\n/bin/sh -c \"X='${quoted_1}' printenv X\"") == value + "\n"


@given(VALUES)
@settings(max_examples=60, deadline=None)
def test_text_in_double_quotes(value: str) -> None:
    assert run(f'printf %s "{t.in_double(value)}"') == value
    assert t.from_double(t.in_double(value)) == value


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_uploaded_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    target = tmp_path_factory.mktemp("upload") / "x"
    run("\n".join(t.upload(data, t.path_word(str(target)))) + "\n")
    assert target.read_bytes() == data


@given(st.lists(st.sampled_from(["BAKELIFT", "BAKELIFT_1", "x", "", "$x", "'"]), max_size=6))
def test_heredoc_of_any_words(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    target = tmp_path_factory.mktemp("upload") / "x"
    data = "".join(word + "\n" for word in words).encode()
    run("\n".join(t.upload(data, t.path_word(str(target)))) + "\n")
    assert target.read_bytes() == data


def test_lines_come_back() -> None:
    holes = [t.quoted_at_deployment(Ref("input", "v"))]
    text = f"a\nb='{t.HOLE % 0}'\n"
    assert t.from_lines(t.to_lines(text, holes)) == (text, holes)
    assert t.unquoted_at_deployment(holes[0]) == Ref("input", "v")
    assert t.unquoted_at_deployment(Ref("input", "v")) is None


@pytest.mark.parametrize(
    ("data", "uploaded"),
    [
        (b"", b""),
        (b"a", b"a\n"),
        (b"a\r", b"a\n"),
        (b"a\r\r\nb\n", b"a\r\nb\n"),
        (b"\r\n\r\n", b"\n\n"),
        (b"a\rb\n", b"a\rb\n"),
    ],
)
def test_line_ends_as_packer_uploads_them(data: bytes, uploaded: bytes) -> None:
    assert t.unix_lines(data) == uploaded
