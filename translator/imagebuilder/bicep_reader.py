"""Reads Image Builder templates that are written in Bicep, by what reads those of ARM."""

from __future__ import annotations

from bakelift.translator.diagnostics import Span, fail
from bakelift.translator.imagebuilder.bicep_comments import with_comments
from bakelift.translator.imagebuilder.bicep_document import Document, is_template
from bakelift.translator.imagebuilder.bicep_files import FileFunctions
from bakelift.translator.imagebuilder.reader import read_document
from bakelift.translator.languages.bicep.nodes import Import, Module, Using
from bakelift.translator.languages.bicep.parser import parse_bicep
from bakelift.translator.languages.bicep.resources import FileNames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.diagnostics import Diagnostics, SourceFile
    from bakelift.translator.files import Files
    from bakelift.translator.imagebuilder.raising.staged import StagedFiles
    from bakelift.translator.imagebuilder.reader import TemplateRead
    from bakelift.translator.languages.bicep.nodes import File
    from bakelift.translator.languages.json.nodes import Object


def read_bicep(
    file: SourceFile,
    path: str,
    diagnostics: Diagnostics,
    files: Files,
    parameters_files: Sequence[SourceFile] = (),
    staged: StagedFiles | None = None,
) -> TemplateRead:
    """The Plan of a Bicep file, and the scripts that were in it.

    ``files``: what the file's functions may read, below the template's root. Modules and what other files declare are
    told of, and not read. ``parameters_files``, ``staged``: as for ARM's JSON. Raises TemplateError (``bicep/…``,
    ``arm/…``, ``files/…``).
    """
    tree = parse_bicep(file)
    names = FileNames(tree, FileFunctions(files).load)
    _is_template(file, tree, names)
    _tell(tree, diagnostics)
    root = Document(file, names).root(tree)
    read = read_document(root, "bicep", path, diagnostics, parameters_files, staged)
    plan = with_comments(read.plan, tree)
    pairs = zip(
        [step for group in read.plan.groups for step in group.steps],
        [step for group in plan.groups for step in group.steps],
        strict=True,
    )
    covers = {id(step): read.covers[id(before)] for before, step in pairs if id(before) in read.covers}
    return read.but(plan=plan, covers=covers)


def document_of(file: SourceFile, files: Files) -> Object:
    """The template as the JSON that it is compiled to. Raises TemplateError, as :func:`read_bicep`."""
    tree = parse_bicep(file)
    return Document(file, FileNames(tree, FileFunctions(files).load)).root(tree)


def _is_template(file: SourceFile, tree: File, names: FileNames) -> None:
    """Raises TemplateError for a file that declares no image template, and says what it is."""
    made = [found for found in names.resources.values() if not getattr(found.node, "existing", False)]
    if any(is_template(found.type) for found in made):
        return
    using = next((node for node in tree.statements if isinstance(node, Using)), None)
    if using is not None:
        detail = "It gives values to the parameters of another file: translate that one."
        raise fail("bicep/parameters-file", "The file holds parameters, and no template", detail, using.span)
    modules = [node for node in tree.statements if isinstance(node, Module)]
    detail = "None of its resources is of type Microsoft.VirtualMachineImages/imageTemplates."
    if modules:
        called = ", ".join(f"{node.path.plain or node.name} (line {node.span.line})" for node in modules if node.span)
        detail = f"It calls modules: {called}. Translate the file that declares the image template."
    span = modules[0].span if modules else tree.statements[0].span if tree.statements else Span(file, 0, 0)
    raise fail("bicep/no-template", "The file declares no Image Builder template", detail, span)


def _tell(tree: File, diagnostics: Diagnostics) -> None:
    for node in tree.statements:
        if isinstance(node, Module):
            what = node.path.plain or node.name
            detail = "What the module deploys is not in the Plan. An image template in it is translated from its file."
            diagnostics.warning("bicep/module", f"The module {what} is not read", detail, node.span)
        elif isinstance(node, Import):
            detail = "Types, variables and functions of other files are not read."
            diagnostics.warning("bicep/import", f"{node.keyword} {node.text} is not read", detail, node.span)
