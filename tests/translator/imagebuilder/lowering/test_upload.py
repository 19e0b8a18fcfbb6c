"""file steps on Linux: what they write, and what is said of them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.imagebuilder.lowering.upload import Member, members_of, tar_of


def lines(customizer) -> list[str]:
    return [line.value for line in customizer.inline]


def test_text_is_readable(world, step) -> None:
    w = world({"conf/app.ini": b"[a]\nb = 1\n"})
    (made,) = w.lower(step("file", source="conf/app.ini", destination="/tmp/"))
    assert lines(made) == [
        '# bakelift: {"source":"conf/app.ini","destination":"/tmp/"}',
        "cat > /tmp/app.ini <<'BAKELIFT'",
        "[a]",
        "b = 1",
        "BAKELIFT",
    ]
    assert {w.said(o).kind for o in ("source", "destination")} == {"adapted"}


@pytest.mark.parametrize("data", [b"one", b"one\ntwo", b"\n\nx", b"caf\xc3\xa9", b"BAKELIFT\nx", b"a\n", b"\n", b""])
def test_text_lands_byte_by_byte(world, step, data: bytes, tmp_path: Path) -> None:
    (made,) = world({"x": data}).lower(step("file", source="x", destination=f"{tmp_path}/y"))
    assert not any(line.startswith("base64") for line in lines(made))
    subprocess.run(["/bin/sh", "-e", "-c", "\n".join(lines(made))], check=True)
    assert (tmp_path / "y").read_bytes() == data


def test_bytes_are_base64(world, step) -> None:
    (made,) = world({"x": bytes(100)}).lower(step("file", source="x", destination="/tmp/x"))
    assert lines(made)[1] == "base64 -d > /tmp/x <<'BAKELIFT'"
    assert max(map(len, lines(made)[2:])) == 76


def test_content_has_the_mode_of_a_temporary_file(world, step) -> None:
    (made,) = world().lower(step("file", content="a\n", destination="/tmp/x y"))
    assert lines(made)[1] == "[ -e '/tmp/x y' ] || { : > '/tmp/x y'; chmod 0600 '/tmp/x y'; }"


def test_each_source_is_a_customizer(world, step) -> None:
    made = world({"a": b"1\n", "b": b"2\n"}).lower(step("file", sources=["a", "b"], destination="/tmp/"))
    assert [lines(c)[1] for c in made] == ["cat > /tmp/a <<'BAKELIFT'", "cat > /tmp/b <<'BAKELIFT'"]


def test_folder_is_one_archive(world, step) -> None:
    (made,) = world({"conf/a": b"1\n", "conf/b": b"2\n"}).lower(step("file", source="conf", destination="/opt"))
    assert lines(made)[1:5] == [
        "into=/opt",
        '[ ! -d "$into" ] || into="$into"/conf',
        '[ -d "$into" ] || mkdir "$into"',
        "base64 -d <<'BAKELIFT' | tar -C \"$into\" -xzm --no-same-owner --no-overwrite-dir -f -",
    ]


def test_archives_are_the_same_bytes() -> None:
    members = (Member("b", b"2", 0o644), Member("a", None, 0o755), Member("a/x", b"1", 0o755))
    assert tar_of(members) == tar_of(tuple(reversed(members)))
    assert members_of(tar_of(members)) == tuple(sorted(members, key=lambda m: m.path))
    with pytest.raises(ValueError, match="incorrect header"):
        members_of(b"no archive")


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"source": "/var/log/x", "destination": "x", "direction": "download"}, "aib/file-download"),
        ({"source": "later", "destination": "/tmp/x", "generated": True}, "aib/file-generated"),
        ({"source": "big", "destination": "/tmp/x"}, "aib/file-too-large"),
    ],
)
def test_unsupported(world, step, settings, code) -> None:
    w = world({"big": os.urandom(600_000)})
    assert w.lower(step("file", **settings)) == []
    assert [d.code for d in w.diagnostics] == [code]
    assert w.said("source").kind == "unsupported"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"source": "gone", "destination": "/tmp/x"}, "no such file: gone"),
        ({"source": "gone"}, "Destination must be specified"),
        ({"destination": "/tmp/x"}, "source"),
    ],
)
def test_errors(world, step, settings, message) -> None:
    with pytest.raises(TemplateError, match=message):
        world().lower(step("file", **settings))


def test_missing_file_as_a_placeholder(world, step) -> None:
    w = world(missing_files="placeholder")
    (made,) = w.lower(step("file", source="gone", destination="/tmp/x"))
    assert lines(made)[-1] == "exit 1"
    assert w.said("source").kind == "unsupported"
