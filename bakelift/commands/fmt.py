"""``bakelift fmt``: HCL in canonical form, the bytes that ``packer fmt`` gives."""

from __future__ import annotations

import os
import sys

from bakelift.arguments import Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.arguments import Parsed

COMMAND = Command(
    "fmt",
    "Rewrite HCL templates and variable files (.pkr.hcl, .pkrvars.hcl) in canonical form; print what changed.",
    "TEMPLATE...",
    (
        Option("check", "write nothing; status 3 when something is not in canonical form"),
        Option("diff", "show what changes"),
        Option("recursive", "look into subfolders too"),
        Option("write", "write the files (-write=false: do not)", default=True),
    ),
    "bakelift fmt -check -recursive images/",
    maximum=1_000_000,
)
_ENDINGS = (".pkr.hcl", ".pkrvars.hcl")


def run(parsed: Parsed) -> int:
    """0; with -check 3 when something would change; 1 when a file cannot be read as HCL (the others are still done)."""
    from bakelift import terminal
    from bakelift.translator.diagnostics import TemplateError

    changed = failed = False
    for path in _files(parsed.positionals, parsed.flag("recursive")):
        try:
            changed |= _formatted(path, parsed)
        except TemplateError as problem:
            failed = True
            terminal.show(problem.diagnostics)
    if failed:
        return 1
    return 3 if changed and parsed.flag("check") else 0


def _files(paths: list[str], recursive: bool) -> Iterator[str]:
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        for folder, folders, names in os.walk(path):
            yield from (os.path.normpath(os.path.join(folder, n)) for n in sorted(names) if n.endswith(_ENDINGS))
            folders[:] = sorted(folders) if recursive else []


def _formatted(path: str, parsed: Parsed) -> bool:
    """Formats one file (``-``: stdin to stdout); whether it changed."""
    from bakelift.loading import decoded, read_source
    from bakelift.output import write_file
    from bakelift.translator.languages.hcl.parser import parse_file

    source = decoded("<stdin>", sys.stdin.buffer.read()) if path == "-" else read_source(path)
    parse_file(source)
    text = _canonical(source.text)
    if path == "-":
        sys.stdout.write(text)
        return False
    if text == source.text:
        return False
    print(path)
    if parsed.flag("diff"):
        sys.stdout.writelines(_diff(path, source.text, text))
    if parsed.flag("write") and not parsed.flag("check"):
        write_file(path, text)
    return True


def _canonical(text: str) -> str:
    """Releases of Packer differ in one thing, the blank behind a ``!``: what the installed one does is canonical here,
    so that ``packer fmt -check`` agrees; without one, what current ones do.
    """
    from bakelift.translator.languages.hcl.format import format_text

    current = format_text(text)
    if "!" not in text:
        return current
    old = format_text(text, blank_after_not=True)
    return old if old != current and _old_packer() else current


def _old_packer() -> bool:
    """Whether the Packer on the path is older than 1.7.0, which has hclwrite without that blank."""
    import re
    import shutil
    import subprocess

    program = shutil.which("packer")
    if program is None:
        return False
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    try:
        ran = subprocess.run(
            [program, "version"], env=environment, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return False
    found = re.search(r"v(\d+)\.(\d+)", ran.stdout)
    return found is not None and (int(found[1]), int(found[2])) < (1, 7)


def _diff(path: str, before: str, after: str) -> Iterator[str]:
    from difflib import unified_diff

    lines = unified_diff(before.splitlines(True), after.splitlines(True), f"old/{path}", f"new/{path}")
    yield from (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
