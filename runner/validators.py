"""Validators of an Image Builder template as steps: they look at the finished image, and leave no trace in it."""

from __future__ import annotations

from bakelift.translator.diagnostics import fail
from bakelift.translator.plan.expressions import ListExpr, Literal, ObjectExpr
from bakelift.translator.plan.model import Setting, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.images import Image

#: The setting that holds an Image Builder template's ``validate``.
SETTING = "validate"

#: Steps by Image Builder's types, in lower case.
TYPES = {"shell": "shell", "powershell": "powershell"}


def validators(image: Image) -> tuple[Step, ...]:
    """The steps, in order. Raises TemplateError for one that cannot be run here."""
    said = image.settings.get(SETTING)
    listed = _fields(said.value).get("invmvalidations") if said is not None else None
    if said is None or not isinstance(listed, ListExpr):
        return ()
    return tuple(_step(item, number, said) for number, item in enumerate(listed.items, 1))


def goes_on(image: Image) -> bool:
    """Whether the image is made although a validator fails (``continueDistributeOnFailure``)."""
    said = image.settings.get(SETTING)
    value = _fields(said.value).get("continuedistributeonfailure") if said is not None else None
    return isinstance(value, Literal) and value.value is True


def _step(item: Expr, number: int, said: Setting) -> Step:
    fields = _fields(item)
    kind, name = _text(fields, "type"), _text(fields, "name")
    type = TYPES.get(kind.lower())
    inline = fields.get("inline")
    if type is None or inline is None:
        what = "a script by address" if type is not None else f"one of type {kind or 'nothing'}"
        raise fail(
            "build/validator",
            f"validator {number}{f' ({name})' if name else ''} cannot be run here: it is {what}",
            "Validators that can: Shell and PowerShell with inline lines.",
            said.span,
        )
    settings = {"inline": Setting(inline, said.leaves)}
    codes = fields.get("validexitcodes")
    if codes is not None:
        settings["valid_exit_codes"] = Setting(codes, said.leaves)
    return Step(type, settings, name or f"validator {number}", span=said.span)


def _fields(value: Expr) -> Mapping[str, Expr]:
    """An object's fields by their names in lower case: ARM takes any case."""
    if not isinstance(value, ObjectExpr):
        return {}
    return {str(key.value).lower(): field for key, field in value.entries if isinstance(key, Literal)}


def _text(fields: Mapping[str, Expr], name: str) -> str:
    value = fields.get(name)
    return value.value if isinstance(value, Literal) and isinstance(value.value, str) else ""
