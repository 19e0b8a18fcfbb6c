"""Bicep's files of parameters (``.bicepparam``): ``using 'template'``, then ``param name = value``."""

from __future__ import annotations

from bakelift.translator.diagnostics import Span, TemplateError
from bakelift.translator.languages.bicep.constants import Constants
from bakelift.translator.languages.bicep.meaning import Meaning
from bakelift.translator.languages.bicep.nodes import Parameter
from bakelift.translator.languages.bicep.parser import parse_bicep
from bakelift.translator.languages.bicep.resources import FileNames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import Diagnostic, SourceFile
    from bakelift.translator.languages.bicep.nodes import Call
    from bakelift.translator.plan.expressions import Expr

#: What the name of such a file ends in.
SUFFIX = ".bicepparam"


def _no_file(_call: Call, _args: list[Expr]) -> None:
    """Files are read with templates, below their roots."""


def given_values(file: SourceFile) -> list[tuple[str, Expr, Span]]:
    """The values of a file, with their places. What another program has to be asked for is none: a secret of a vault,
    a variable of the environment, a file. Raises TemplateError (``bicep/…``).
    """
    tree = parse_bicep(file)
    names = FileNames(tree, _no_file)
    constants = Constants(names)
    found: list[tuple[str, Expr, Span]] = []
    problems: list[Diagnostic] = []
    for node in tree.statements:
        if not isinstance(node, Parameter) or node.default is None or node.default.span is None:
            continue
        try:
            value = constants.of(Meaning(names).expr(node.default))
        except TemplateError as problem:
            problems += [d for d in problem.diagnostics if d.code != "bicep/unknown-function"]
            continue
        if value is not None:
            found.append((node.name, value, node.default.span))
    if problems:
        raise TemplateError(*problems)
    return found
