"""Trees of a git repository as they were at a revision, as files in a temporary folder.

Blobs are read from git's object store as they are: no filter, hook or attribute of the repository runs.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import contextmanager

from bakelift.translator.diagnostics import fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: A file larger than this is no part of a template.
MAX_BLOB = 64 * 1024 * 1024


def git(words: Sequence[str], cwd: str | None = None) -> str:
    """The output of a git command. Raises TemplateError (``git/failed``)."""
    try:
        done = subprocess.run(["git", *words], cwd=cwd, capture_output=True, check=False)
    except OSError as problem:
        raise fail("git/missing", "git cannot be run", f"{problem.strerror}. It is needed for revisions.") from problem
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise fail("git/failed", f"git {words[0]} failed", said)
    return done.stdout.decode("utf-8", "surrogateescape")


def top_of(directory: str) -> str:
    """The top folder of the work tree that holds a folder."""
    return git(["rev-parse", "--show-toplevel"], directory).rstrip("\n")


def revision(name: str, cwd: str) -> str:
    """The commit of a name; one that begins with a dash is none."""
    return git(["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"], cwd).strip()


@contextmanager
def working_in(folder: str) -> Iterator[None]:
    """Paths in messages are from this folder while a template is read."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def at_revision(name: str) -> Iterator[tuple[str, str]]:
    """``git:REV:PATH`` as (path, top folder), there until the context ends.

    PATH is from the top, or with ``./`` from here. Raises TemplateError (``git/…``).
    """
    _, rev, path = [*name.split(":", 2), "", ""][:3]
    if not rev or not path:
        way_out = "Write git:REV:PATH, such as git:main:web.pkr.hcl."
        raise fail("git/operand", f"{name} names no file of a revision", way_out)
    top = top_of(".")
    if path.startswith(("./", "../")) or path == ".":
        path = os.path.relpath(os.path.join(os.getcwd(), path), top)
    with tempfile.TemporaryDirectory(prefix="bakelift-") as folder:
        checkout(top, rev, folder)
        yield path, folder


def checkout(top: str, rev: str, folder: str) -> None:
    """Writes the tree of a revision into an empty folder. Submodules are left out."""
    commit = revision(rev, top)
    listed = git(["ls-tree", "-r", "-z", "--full-tree", "-l", commit], top)
    entries = []
    for line in listed.split("\0"):
        if line:
            facts, path = line.split("\t", 1)
            mode, kind, oid, size = facts.split()
            if kind == "blob" and _plain(path):
                entries.append((mode, oid, int(size), path))
    _write([entry for entry in entries if entry[2] <= MAX_BLOB], top, folder)


def _plain(path: str) -> bool:
    """Whether a path stays where it is written."""
    parts = path.split("/")
    return not path.startswith("/") and ".." not in parts and ".git" not in parts


def _write(entries: list[tuple[str, str, int, str]], top: str, folder: str) -> None:
    pipe, none = subprocess.PIPE, subprocess.DEVNULL
    process = subprocess.Popen(["git", "cat-file", "--batch"], cwd=top, stdin=pipe, stdout=pipe, stderr=none)
    assert process.stdin is not None and process.stdout is not None
    with process:
        for mode, oid, size, path in entries:
            process.stdin.write(f"{oid}\n".encode())
            process.stdin.flush()
            process.stdout.readline()
            data = process.stdout.read(size)
            process.stdout.read(1)
            place = os.path.join(folder, path)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            if mode == "120000":
                os.symlink(data, os.fsencode(place))
            else:
                with open(place, "wb") as file:
                    file.write(data)
                if mode == "100755":
                    os.chmod(place, 0o755)
        process.stdin.close()
