"""Finds out what a template is, reads it, and gives it files: the disk side of the readers."""

from __future__ import annotations

import os
import sys

from bakelift.disk import DiskFiles
from bakelift.translator.diagnostics import SourceFile, Span, fail
from bakelift.translator.files import DictFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.staging import AtHand
    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.files import Entry, Files, Found
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.plan.model import Plan

#: A template larger than this is not one.
MAX_TEMPLATE = 64 * 1024 * 1024


class Loaded:
    """A Plan, the files that it may see, and the variable files found beside it.

    ``scripts``: files that stood in the template itself, which the Plan's steps now name; ``disk``: those that lie
    below the roots. ``covers``: the customizers that each step was read from, by its id.
    """

    def __init__(
        self,
        plan: Plan,
        files: DiskFiles,
        auto_files: list[SourceFile],
        scripts: DictFiles | None = None,
        covers: Mapping[int, tuple[Customizer, ...]] | None = None,
    ) -> None:
        self.plan = plan
        self.disk = files
        self.files: Files = files if scripts is None else WithScripts(files, scripts, files.directory)
        self.auto_files = auto_files
        self.scripts = scripts
        self.covers: Mapping[int, tuple[Customizer, ...]] = covers or {}

    @property
    def is_packer(self) -> bool:
        assert self.plan.origin is not None
        return self.plan.origin.format in ("hcl", "json")


def load_template(
    path: str, diagnostics: Diagnostics, roots: Sequence[str] = (), var_files: Sequence[str] = ()
) -> Loaded:
    """Reads a file, a folder of HCL, or ``-`` (standard input). Raises TemplateError.

    ``var_files``: what the command line gives; a deployment's parameters may decide what parts an image has.
    """
    if path == "-":
        text = decoded("<stdin>", sys.stdin.buffer.read(MAX_TEMPLATE + 1))
        if _looks_like_bicep(text.text):
            return _load_bicep(text, "-", ".", diagnostics, roots, var_files)
        return _load_json(text, "-", ".", diagnostics, roots, var_files)
    if os.path.isdir(path):
        return _load_folder(path, diagnostics, roots)
    if not os.path.exists(path):
        raise fail(
            "files/missing",
            f"there is no template {path}",
            "A template is a .pkr.hcl or .pkr.json file, a folder of them, a Packer JSON template, or an Image Builder "
            "template (.json, .bicep).",
        )
    directory = os.path.dirname(path) or "."
    if path.endswith((".pkr.hcl", ".pkr.json")):
        return _load_hcl([path], path, directory, diagnostics, roots)
    if is_bicep(path):
        return _load_bicep(read_source(path), path, directory, diagnostics, roots, var_files)
    if path.endswith(".hcl"):
        detail = "An HCL template is called NAME.pkr.hcl."
        raise fail("files/format", f"{path} is not a template that can be read", detail)
    return _load_json(read_source(path), path, directory, diagnostics, roots, var_files)


def is_bicep(path: str) -> bool:
    """Whether a file is Bicep; one of parameters is told apart when it is read."""
    return path.endswith((".bicep", ".bicepparam"))


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


class WithScripts:
    """Files on disk, and before them those that stood in the template: paths from its folder, or absolute."""

    def __init__(self, disk: DiskFiles, scripts: DictFiles, directory: str) -> None:
        self.disk = disk
        self.scripts = scripts
        self.directory = directory
        self.cwd = disk.cwd

    def _own(self, path: str) -> str | None:
        """The path as the scripts are called; None for a file on disk."""
        below = os.path.normpath(os.path.join(self.cwd, path))
        for name in (path, os.path.relpath(below, self.directory).replace(os.sep, "/")):
            if self.scripts.find(name) is not None:
                return name
        return None

    def find(self, path: str, span: Span | None = None) -> Found | None:
        own = self._own(path)
        return self.disk.find(path, span) if own is None else self.scripts.find(own, span)

    def read(self, path: str, span: Span | None = None) -> bytes:
        own = self._own(path)
        return self.disk.read(path, span) if own is None else self.scripts.read(own, span)

    def tree(self, path: str, span: Span | None = None) -> list[Entry]:
        own = self._own(path)
        return self.disk.tree(path, span) if own is None else self.scripts.tree(own, span)

    def template_read(self, path: str, span: Span | None = None) -> bytes:
        return self.disk.template_read(path, span)

    def template_glob(self, directory: str, span: Span | None = None) -> list[str]:
        return self.disk.template_glob(directory, span)


def _load_hcl(paths: list[str], path: str, directory: str, diagnostics: Diagnostics, roots: Sequence[str]) -> Loaded:
    from bakelift.translator.packer.hcl_reader import read_hcl

    plan = read_hcl([read_source(p) for p in paths], path, directory, diagnostics)
    return Loaded(_whole(plan), DiskFiles(directory, roots), [])


def _whole(plan: Plan) -> Plan:
    """With what an earlier translation had to set aside for Packer."""
    if any(item.name == "bakelift" for item in plan.named) or any("bakelift" in text for text in plan.comments):
        from bakelift.translator.aside import put_back

        return put_back(plan)
    return plan


def _load_json(
    file: SourceFile,
    path: str,
    directory: str,
    diagnostics: Diagnostics,
    roots: Sequence[str],
    var_files: Sequence[str] = (),
) -> Loaded:
    if _looks_like_image_builder(file.text):
        from bakelift.translator.imagebuilder.reader import read_template

        files = DiskFiles(directory, roots)
        beside = _parameters_beside(path)
        given = [*beside, *_for_deployments(var_files)]
        read = read_template(file, path, diagnostics, given, _staged(file.text, path, files))
        scripts = DictFiles(read.files, folders=read.folders, executable=read.executable)
        return Loaded(read.plan, files, beside, scripts, read.covers)
    from bakelift.translator.packer.json_reader import read_json

    return Loaded(_whole(read_json(file, path, directory, diagnostics)), DiskFiles(directory, roots), [])


def _parameters_beside(path: str) -> list[SourceFile]:
    """The parameters file beside a deployment template, called ``NAME.parameters.json`` as Azure's tools have it, or
    beside one in Bicep ``NAME.bicepparam``.
    """
    if path == "-" or path.endswith((".parameters.json", ".bicepparam")):
        return []
    stem = path.removesuffix(".bicep" if is_bicep(path) else ".json")
    name = f"{stem}.parameters.json"
    if os.path.isfile(name):
        found = read_source(name)
        return [found] if "deploymentParameters.json" in found.text else []
    own = f"{stem}.bicepparam"
    return [read_source(own)] if is_bicep(path) and os.path.isfile(own) else []


def _for_deployments(var_files: Sequence[str]) -> list[SourceFile]:
    """Those of the command line's variable files that may be a deployment's."""
    return [read_source(name) for name in var_files if name.endswith((".json", ".bicepparam"))]


def _load_bicep(
    file: SourceFile,
    path: str,
    directory: str,
    diagnostics: Diagnostics,
    roots: Sequence[str],
    var_files: Sequence[str] = (),
) -> Loaded:
    from bakelift.translator.imagebuilder.bicep_reader import read_bicep

    files = DiskFiles(directory, roots)
    beside = _parameters_beside(path)
    given = [*beside, *_for_deployments(var_files)]
    read = read_bicep(file, path, diagnostics, files, given, _staged(file.text, path, files))
    scripts = DictFiles(read.files, folders=read.folders, executable=read.executable)
    return Loaded(read.plan, files, beside, scripts, read.covers)


def _staged(text: str, path: str, files: DiskFiles) -> AtHand | None:
    """The files that a template fetches, when a manifest beside it says where they are here."""
    if path == "-" or ("scriptUri" not in text and "sourceUri" not in text):
        return None
    from bakelift.staging import AtHand, beside

    manifest = beside(path)
    return AtHand(manifest, files) if manifest is not None else None


def _looks_like_bicep(text: str) -> bool:
    """Whether a text without a name is Bicep: it declares something, which JSON does not."""
    import re

    declared = r"^(@|targetScope\b|(param|var|resource|module|metadata)[ \t]+\w)"
    return not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")) and bool(re.search(declared, text, re.MULTILINE))


def _looks_like_image_builder(text: str) -> bool:
    """Whether a JSON text is an ARM deployment template or a bare Image Builder resource, not a Packer template."""
    import re

    if re.search(r'"builders"\s*:\s*\[', text):
        return False
    return bool(
        re.search(r"deploymentTemplate\.json|VirtualMachineImages", text, re.IGNORECASE)
        or (re.search(r'"properties"\s*:', text) and re.search(r'"distribute"\s*:', text))
    )
