"""Finds out what a template is, reads it, and gives it files: the disk side of the readers."""

from __future__ import annotations

import os
import sys

from bakelift.disk import DiskFiles
from bakelift.translator.diagnostics import SourceFile, Span, fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.plan.model import Plan

#: A template larger than this is not one.
MAX_TEMPLATE = 64 * 1024 * 1024


class Loaded:
    """A Plan, the files that it may see, and the variable files found beside it."""

    def __init__(self, plan: Plan, files: DiskFiles, auto_files: list[SourceFile]) -> None:
        self.plan = plan
        self.files = files
        self.auto_files = auto_files

    @property
    def is_packer(self) -> bool:
        assert self.plan.origin is not None
        return self.plan.origin.format in ("hcl", "json")


def load_template(path: str, diagnostics: Diagnostics, roots: Sequence[str] = ()) -> Loaded:
    """Reads a file, a folder of HCL, or ``-`` (standard input). Raises TemplateError."""
    if path == "-":
        text = decoded("<stdin>", sys.stdin.buffer.read(MAX_TEMPLATE + 1))
        return _load_json(text, "-", ".", diagnostics, roots)
    if os.path.isdir(path):
        return _load_folder(path, diagnostics, roots)
    if not os.path.exists(path):
        raise fail(
            "files/missing",
            f"there is no template {path}",
            "A template is a .pkr.hcl or .pkr.json file, a folder of them, a Packer JSON template, or an Image Builder "
            "template (.json).",
        )
    directory = os.path.dirname(path) or "."
    if path.endswith((".pkr.hcl", ".pkr.json")):
        return _load_hcl([path], path, directory, diagnostics, roots)
    if path.endswith((".hcl", ".bicep")):
        kind = "Bicep files are not read yet" if path.endswith(".bicep") else "An HCL template is called NAME.pkr.hcl"
        raise fail("files/format", f"{path} is not a template that can be read", f"{kind}.")
    return _load_json(read_source(path), path, directory, diagnostics, roots)


def read_source(path: str) -> SourceFile:
    """A text file named on the command line."""
    if not os.path.isfile(path):
        raise fail("files/missing", f"there is no file {path}")
    with open(path, "rb") as file:
        return decoded(path, file.read(MAX_TEMPLATE + 1))


def decoded(path: str, data: bytes) -> SourceFile:
    if len(data) > MAX_TEMPLATE:
        raise fail("files/too-large", f"{path} has more than {MAX_TEMPLATE} bytes; that is no template")
    try:
        return SourceFile(path, data.decode("utf-8"))
    except UnicodeDecodeError as problem:
        text = data.decode("utf-8", "replace")
        file = SourceFile(path, text)
        at = len(data[: problem.start].decode("utf-8", "replace"))
        raise fail(
            "files/encoding",
            "the file is not UTF-8",
            "Templates are UTF-8 text. Save the file in that encoding.",
            Span(file, at, at + 1),
        ) from None


def _load_folder(path: str, diagnostics: Diagnostics, roots: Sequence[str]) -> Loaded:
    names = sorted(os.listdir(path))
    files = [n for n in names if n.endswith(".pkr.hcl")] + [n for n in names if n.endswith(".pkr.json")]
    if not files:
        raise fail(
            "files/missing",
            f"there is no template in {path}",
            "A folder is a template when it holds .pkr.hcl or .pkr.json files.",
        )
    auto = [n for n in names if n.endswith(".auto.pkrvars.hcl")] + [
        n for n in names if n.endswith(".auto.pkrvars.json")
    ]
    loaded = _load_hcl([os.path.join(path, n) for n in files], path, path, diagnostics, roots)
    loaded.auto_files = [read_source(os.path.join(path, n)) for n in auto]
    return loaded


def _load_hcl(paths: list[str], path: str, directory: str, diagnostics: Diagnostics, roots: Sequence[str]) -> Loaded:
    from bakelift.translator.packer.hcl_reader import read_hcl

    plan = read_hcl([read_source(p) for p in paths], path, directory, diagnostics)
    return Loaded(plan, DiskFiles(directory, roots), [])


def _load_json(file: SourceFile, path: str, directory: str, diagnostics: Diagnostics, roots: Sequence[str]) -> Loaded:
    if _looks_like_image_builder(file.text):
        from bakelift.translator.imagebuilder.reader import read_arm

        plan = read_arm(file, path, diagnostics)
    else:
        from bakelift.translator.packer.json_reader import read_json

        plan = read_json(file, path, directory, diagnostics)
    return Loaded(plan, DiskFiles(directory, roots), [])


def _looks_like_image_builder(text: str) -> bool:
    """Whether a JSON text is an ARM deployment template or a bare Image Builder resource, not a Packer template."""
    import re

    if re.search(r'"builders"\s*:\s*\[', text):
        return False
    return bool(
        re.search(r"deploymentTemplate\.json|VirtualMachineImages", text, re.IGNORECASE)
        or (re.search(r'"properties"\s*:', text) and re.search(r'"distribute"\s*:', text))
    )
