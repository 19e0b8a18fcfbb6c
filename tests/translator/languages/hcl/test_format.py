"""Canonical layout: the rules, and the bytes of the real ``packer fmt``."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from bakelift.translator.diagnostics import SourceFile, TemplateError
from bakelift.translator.languages.hcl.format import format_text
from bakelift.translator.languages.hcl.parser import parse_file

CASES = {
    "equals align over consecutive lines": ("a=1\nlong_name =2\n\nb=  3\n", "a         = 1\nlong_name = 2\n\nb = 3\n"),
    "multi-line value ends a chain": ("a=1\nbcd=[\n1\n]\ne=2\n", "a = 1\nbcd = [\n  1\n]\ne = 2\n"),
    "comments align": ("a = 1 # x\nbcd = 2 // y\n", "a   = 1 # x\nbcd = 2 // y\n"),
    "indentation by brackets": (
        "a {\nb {\nc=[{\nd=1\n}]\n}\n}\n",
        "a {\n  b {\n    c = [{\n      d = 1\n    }]\n  }\n}\n",
    ),
    "heredocs stay": ("a {\nb=<<-EOT\n x\n  y ${ z }\nEOT\n}\n", "a {\n  b = <<-EOT\n x\n  y ${z}\nEOT\n}\n"),
    "braces have blanks": ("a = {b=1}\nc {d=1}\ne { }\n", "a = { b = 1 }\nc { d = 1 }\ne {}\n"),
    "signs": ("a = - 1\nb = 1-1\nc = f( -1 , - x )\nd = ! y\n", "a = -1\nb = 1 - 1\nc = f(-1, -x)\nd = !y\n"),
    "steps and calls": ("a = b . c [ 0 ] [ * ] . d\ne = f ( g... )\n", "a = b.c[0][*].d\ne = f(g...)\n"),
    "for": ("a = [for x in[1] : x]\n", "a = [for x in [1] : x]\n"),
    "tabs and blanks at line ends": ("\ta =\t1   \n  \nb {\t\n\t}\n", "a = 1\n\nb {\n}\n"),
    "carriage returns stay": ("a=1\r\nbb=2\r\n", "a  = 1\r\nbb = 2\r\n"),
    "no line end": ("a=1", "a = 1"),
    "empty": ("", ""),
    "wide characters": ("é = 1\n你你 = 2\nabc = 3\n", "é   = 1\n你你  = 2\nabc = 3\n"),
    "object in an interpolation": ('a = "${ {b=1} }"\n', 'a = "${ { b = 1 } }"\n'),
    "trimmed interpolation": ('a = "x${~  b  ~}y"\n', 'a = "x${~b~}y"\n'),
}


@pytest.mark.parametrize("name", CASES)
def test_layout(name: str) -> None:
    text, expected = CASES[name]
    assert format_text(text) == expected
    assert format_text(expected) == expected


def valid(text: str) -> bool:
    try:
        parse_file(SourceFile("x", text))
    except TemplateError:
        return False
    return True


def test_same_bytes_as_packer_fmt(hcl_corpus: dict[str, str], tmp_path: Path) -> None:
    packer = shutil.which("packer")
    if packer is None:
        pytest.skip("packer is not installed")
    texts = [text for text in hcl_corpus.values() if valid(text)]
    paths = [tmp_path / f"{number}.pkr.hcl" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text.encode())
    subprocess.run([packer, "fmt", str(tmp_path)], check=True, stdout=subprocess.DEVNULL)
    version = subprocess.run([packer, "version"], check=True, capture_output=True, text=True).stdout
    old = "v1.6." in version
    different = [
        name
        for (name, text), path in zip(((n, t) for n, t in hcl_corpus.items() if valid(t)), paths, strict=True)
        if format_text(text, blank_after_not=old).encode() != path.read_bytes()
    ]
    assert len(texts) > 390
    assert different == []


def test_formatting_keeps_the_meaning_and_is_stable(hcl_corpus: dict[str, str]) -> None:
    for text in hcl_corpus.values():
        if valid(text):
            formatted = format_text(text)
            assert parse_file(SourceFile("x", formatted)).body == parse_file(SourceFile("x", text)).body
            assert format_text(formatted) == formatted
