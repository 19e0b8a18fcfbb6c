"""Variable files: ``*.pkrvars.hcl``, ``*.pkrvars.json``, and the JSON objects of legacy templates."""

from __future__ import annotations

from bakelift.translator.diagnostics import Diagnostics, Span, fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import SourceFile
    from bakelift.translator.languages.json.nodes import Node
    from bakelift.translator.plan.expressions import Expr

    Assignments = list[tuple[str, Expr, Span]]


def hcl_assignments(file: SourceFile) -> Assignments:
    """The assignments of an HCL variable file. Raises TemplateError, also for a variable declared in it."""
    from bakelift.translator.languages.hcl.parser import parse_file

    body = parse_file(file).body
    diagnostics = Diagnostics()
    for block in body.blocks:
        if block.type == "variable" and block.labels:
            name = block.label_texts[0]
            detail = (
                "A .pkrvar file is used to assign values to variables that have already been declared in .pkr files, "
                f'not to declare new variables. To declare variable "{name}", place this block in one of your .pkr '
                f"files, such as variables.pkr.hcl\n\nTo set a value for this variable in {file.path}, use the "
                f"definition syntax instead:\n    {name} = <value>"
            )
            diagnostics.error("packer/var-file", "Variable declaration in a .pkrvar file", detail, block.header_span)
        else:
            summary = f'Unexpected "{block.type}" block'
            diagnostics.error("packer/var-file", summary, "Blocks are not allowed here.", block.header_span)
    diagnostics.stop_if_failed()
    return [(item.name, item.expr, item.value_span) for item in body.attributes.values()]


def json_assignments(file: SourceFile, legacy: bool) -> Assignments:
    """The members of a JSON variable file. A legacy template's values are texts (numbers and bools count as texts)."""
    from bakelift.translator.languages.json.parser import parse_json
    from bakelift.translator.packer.json_values import json_expr, members

    node = parse_json(file, lenient=_is_deployments(file))
    found = members(node)
    if found is not None and _is_deployments(file):
        return _given_to_deployment(node)
    if found is None:
        raise fail("packer/var-file", "a variable file is a JSON object", 'Write {"name": "value"}.', node.span)
    return [(name, json_expr(value, templates=not legacy), value.span) for name, value in found]


def _is_deployments(file: SourceFile) -> bool:
    """Whether it is the parameters file of an ARM deployment."""
    return "deploymentParameters.json" in file.text


def _given_to_deployment(node: Node) -> Assignments:
    """The values of a deployment's parameters file, which are no expressions; those in a key vault stay there."""
    from bakelift.translator.languages.json.nodes import Object
    from bakelift.translator.packer.json_values import json_expr

    listed = node.get("parameters") if isinstance(node, Object) else None
    found: Assignments = []
    for member in listed if isinstance(listed, Object) else ():
        value = member.value.get("value") if isinstance(member.value, Object) else None
        if value is not None:
            found.append((member.key, json_expr(value, templates=False), value.span))
    return found
