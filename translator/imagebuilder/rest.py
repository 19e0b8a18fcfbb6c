"""The setting ``image_template``: what an image template says that no other setting does; see :mod:`.reader_rest`."""

from __future__ import annotations

from bakelift.translator.imagebuilder.versions import API_VERSIONS, OLDEST_WRITTEN, has
from bakelift.translator.plan.azure_options import OF_IMAGE_BUILDER
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr
from bakelift.translator.plan.model import Attribute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.plan.model import Plan, Setting

#: Its presence also says that nothing is added that the template did not say: no names, no tags on other things.
REST = OF_IMAGE_BUILDER

#: The setting of a step with the properties of its customizer that say nothing to Packer.
EXTRA = "customizer"

#: In it: the step's script stood inline, and lies in a file for a person's sake only.
INLINE = "inline"

#: The attribute of a Plan's opaque body with what stands around the image templates; see :mod:`.reader_envelope`.
DEPLOYMENT = "deployment"


def fields(expr: Expr | None) -> dict[str, Expr]:
    """The entries of an object constructor whose keys are text; nothing for another expression."""
    if not isinstance(expr, ObjectExpr):
        return {}
    return {str(key.value): value for key, value in expr.entries if isinstance(key, Literal)}


def rest(settings: Mapping[str, Setting]) -> dict[str, Expr] | None:
    """The kept part of a source's template; None when it is no template of Image Builder's."""
    setting = settings.get(REST)
    return None if setting is None else fields(setting.value)


def distributions(settings: Mapping[str, Setting]) -> list[dict[str, Expr]]:
    """The kept parts of the distributions, in order."""
    properties = fields((rest(settings) or {}).get("properties"))
    listed = properties.get("distribute")
    return [fields(item) for item in listed.items] if isinstance(listed, ListExpr) else []


def deployment_rest(plan: Plan) -> Setting | None:
    """What stood around the image templates of a deployment."""
    for entry in plan.opaque.entries:
        if isinstance(entry, Attribute) and entry.name == DEPLOYMENT:
            return entry.setting
    return None


def said_version(plan: Plan) -> str | None:
    """The API version that the image templates of a Plan were of, when they agree and it is one that is written."""
    found = set()
    for source in plan.sources:
        kept = rest(source.settings)
        version = (kept or {}).get("apiVersion")
        found.add(version.value if isinstance(version, Literal) else None)
    only = found.pop() if len(found) == 1 else None
    return only if only in API_VERSIONS and has(str(only), OLDEST_WRITTEN) else None  # type: ignore[return-value]
