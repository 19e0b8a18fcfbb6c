"""Functions of Packer's Go templates: a row names the operation that each one means, and its arguments.

Sources: https://developer.hashicorp.com/packer/docs/templates/legacy_json_templates/engine,
https://pkg.go.dev/text/template#hdr-Functions, and runs of Packer 1.6.6 for what is refused where.
"""

from __future__ import annotations

from bakelift.translator.plan.expressions import Call, Conditional, Expr, Literal, Opaque, Ref, Template
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.plan.expressions import RefKind


class Row(Record):
    """A function. ``parameters``: kinds of its arguments in Go's order (``s`` string, ``i`` integer, ``a`` anything).

    ``optional``: how many of the last parameters may be absent; ``rest``: the last may be repeated. ``ref``: it is a
    symbol and no operation, (kind, name) with the name None when the argument gives it. ``text``: it gives a string.
    """

    name: str
    operation: str
    parameters: str = ""
    optional: int = 0
    rest: bool = False
    ref: tuple[RefKind, str | None] | None = None
    text: bool = True

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        most = len(self.parameters)
        return count >= most - self.optional and (count <= most or self.rest)


ROWS = (
    # Packer's
    Row("user", "", "s", ref=("input", None)),
    Row("build", "", "s", ref=("build", None)),
    Row("build_name", "", ref=("source", "name")),
    Row("build_type", "", ref=("source", "type")),
    Row("pwd", "", ref=("path", "cwd")),
    Row("template_dir", "", ref=("path", "template_dir")),
    Row("packer_version", "", ref=("packer", "version")),
    Row("env", "env", "s"),
    Row("isotime", "go.isotime", "s", optional=1),
    Row("strftime", "go.strftime", "s"),
    Row("timestamp", "go.timestamp"),
    Row("uuid", "go.uuid"),
    Row("lower", "lower", "s"),
    Row("upper", "upper", "s"),
    Row("replace", "go.replace", "ssis"),
    Row("replace_all", "go.replace_all", "sss"),
    Row("split", "go.split", "ssi"),
    Row("clean_resource_name", "go.clean_resource_name", "s"),
    Row("consul_key", "consul_key", "s"),
    Row("vault", "vault", "ss"),
    Row("aws_secretsmanager", "aws_secretsmanager", "ss", optional=1),
    Row("aws_secretsmanager_raw", "aws_secretsmanager_raw", "s"),
    # text/template's own
    Row("and", "go.and", "a", rest=True, text=False),
    Row("or", "go.or", "a", rest=True, text=False),
    Row("not", "go.not", "a", text=False),
    Row("eq", "go.eq", "aa", rest=True, text=False),
    Row("ne", "go.ne", "aa", text=False),
    Row("lt", "go.lt", "aa", text=False),
    Row("le", "go.le", "aa", text=False),
    Row("gt", "go.gt", "aa", text=False),
    Row("ge", "go.ge", "aa", text=False),
    Row("len", "go.len", "a", text=False),
    Row("index", "go.index", "aa", optional=1, rest=True, text=False),
    Row("slice", "go.slice", "aaaa", optional=3),
    Row("print", "go.print", "a", optional=1, rest=True),
    Row("printf", "go.printf", "sa", optional=1, rest=True),
    Row("println", "go.println", "a", optional=1, rest=True),
    Row("html", "go.html", "a", rest=True),
    Row("js", "go.js", "a", rest=True),
    Row("urlquery", "urlencode", "a"),
)
BY_NAME: Mapping[str, Row] = {row.name: row for row in ROWS}
BY_OPERATION: Mapping[str, Row] = {row.operation: row for row in ROWS if row.operation}
BY_REF: Mapping[tuple[RefKind, str | None], Row] = {row.ref: row for row in ROWS if row.ref}

#: Operations that give a new value each time they are computed, so that a variable of one cannot be replaced by it.
CHANGING = frozenset({"go.uuid"})

#: Names that older Packers knew; ``packer fix`` rewrites the first two.
RENAMED = {"clean_image_name": "clean_resource_name", "clean_ami_name": "clean_resource_name"}

#: Go's own functions that have no operation; an action that uses one is kept as text.
WITHOUT_MEANING = frozenset({"call"})

_TEXT = frozenset(row.operation for row in ROWS if row.operation and row.text)


def is_text(expr: Expr) -> bool:
    """Whether an expression that a template gave is text by itself, so that printing it converts nothing."""
    if isinstance(expr, Call):
        return expr.operation in _TEXT
    if isinstance(expr, Literal):
        return isinstance(expr.value, str)
    return isinstance(expr, (Template, Ref, Conditional, Opaque))


class Functions(Record):
    """Which functions a text may use. ``refused``: name to the reason, in Packer's words. ``others``: whether a
    function that no row knows is carried as ``unknown:NAME`` (a plugin of which we know nothing may have it).
    """

    refused: Mapping[str, str] = {}
    others: bool = False

    def but_not(self, **refused: str) -> Functions:
        return Functions({**self.refused, **refused}, self.others)


_NO_ENV = "env vars are not allowed here"
_ELSEWHERE = {
    "env": _NO_ENV,
    "consul_key": "consul_key is not allowed here",
    "vault": "Vault vars are only allowed in the variables section",
    "aws_secretsmanager": "aws_secretsmanager is only allowed in the variables section",
    "aws_secretsmanager_raw": "aws_secretsmanager_raw is only allowed in the variables section",
}
_NOT_DEFINED = 'function "clean_resource_name" not defined'

#: Whatever a text calls.
ANY = Functions(others=True)
#: In the values of a legacy template's ``variables``, of -var and of variable files.
VARIABLES = Functions({"clean_resource_name": _NOT_DEFINED})
#: In the options of a legacy template's provisioners, post-processors and builders, except Azure's.
FIELDS = Functions({**_ELSEWHERE, "clean_resource_name": _NOT_DEFINED})
#: In the options of an Azure builder of a legacy template.
AZURE_FIELDS = Functions(_ELSEWHERE)
#: In the options of a builder of which we know little: it may have functions of its own.
OTHER_FIELDS = Functions(_ELSEWHERE, others=True)
#: In the options of components of an HCL template (the outer language has its own variables). Packer does not define
#: clean_resource_name there, not even for Azure's builder (observed on 1.6.6 and 1.16).
HCL_FIELDS = Functions(
    {
        **FIELDS.refused,
        "user": "there are no user variables in HCL: write ${var.NAME}",
        "template_dir": "template path not available",
    }
)
