"""What an image template said beside its settings, laid over what is written from the settings.

Ids and regions are kept as they were said for as long as they agree with the settings: after a change in Packer's
template the settings win.
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.names import region
from bakelift.translator.imagebuilder.reader_ids import read_id
from bakelift.translator.imagebuilder.rest import fields
from bakelift.translator.plan.expressions import NULL, Expr, ListExpr, Literal, ObjectExpr
from bakelift.translator.plan.normal import normal_expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bakelift.translator.imagebuilder.deployment import Draft

_IDS = frozenset({"imageId", "imageVersionId", "galleryImageId", "subnetId"})
_REGIONS = ("targetRegions", "replicationRegions")
#: Said by the deployment, not by the template.
_OUTSIDE = frozenset({"apiVersion", "type"})


def overlaid(
    draft: dict[str, Draft], rest: dict[str, Expr], resolve: Callable[[Expr], Expr | None]
) -> dict[str, Draft]:
    """The draft of a resource with what was kept. ``resolve``: an expression as the output says it."""
    kept = {name: value for name, value in rest.items() if name not in _OUTSIDE}
    properties = fields(kept.get("properties"))
    if fields(properties.get("source")).get("type") == Literal("ISO"):  # no version that is written has it
        left = {name: value for name, value in properties.items() if name != "source"}
        kept["properties"] = ObjectExpr(tuple((Literal(name), value) for name, value in left.items()))
    return _Overlay(resolve).object(draft, kept)


def surrounded(template: dict[str, Any], around: dict[str, Any]) -> dict[str, Any]:
    """A deployment template with what stood around its image templates."""
    found = dict(template)
    for key, value in around.items():
        if key == "resources":
            found[key] = _among(template["resources"], value)
        elif key == "parameters":
            parameters = dict(template.get(key, {}))
            for name, more in value.items():
                if name in parameters:
                    metadata = {**parameters[name].get("metadata", {}), **more.get("metadata", {})}
                    parameters[name] = {**parameters[name], **more, **({"metadata": metadata} if metadata else {})}
            found[key] = parameters
        else:
            found[key] = value
    return found


def _among(images: list[Any], others: list[Any] | dict[str, Any]) -> list[Any] | dict[str, Any]:
    """All resources in the order, or under the symbolic names, that they had. ``None``: an image template's place."""
    left = list(images)
    if isinstance(others, dict):
        placed = {name: left.pop(0) if node is None and left else node for name, node in others.items()}
        return placed | {image["name"]: image for image in left}
    return [left.pop(0) if node is None and left else node for node in others if node is not None or left] + left


class _Overlay:
    def __init__(self, resolve: Callable[[Expr], Expr | None]) -> None:
        self.resolve = resolve

    def object(self, draft: dict[str, Draft], rest: dict[str, Expr]) -> dict[str, Draft]:
        found = dict(draft)
        regions = [name for name in _REGIONS if name in rest]
        if regions and not _same_regions(rest[regions[0]], [draft.get(name) for name in _REGIONS]):
            rest = {k: v for k, v in rest.items() if k not in (*_REGIONS, "storageAccountType")}
        elif regions:
            for name in (*_REGIONS, "storageAccountType"):
                found.pop(name, None)
        for key, value in rest.items():
            made = found.get(key)
            if value == NULL:
                found.pop(key, None)
            elif key == "distribute" and isinstance(value, ListExpr):
                found[key] = self.distribute(made or [], value)
            elif key in _IDS and isinstance(made, Expr) and not _same_id(value, made):
                continue
            elif isinstance(made, dict) and isinstance(value, ObjectExpr):
                found[key] = self.object(made, fields(value))
            else:
                found[key] = self.said(value)
        return found

    def said(self, value: Expr) -> Draft:
        """A kept value; what it says of symbols is resolved leaf by leaf, so that it keeps its shape."""
        if isinstance(value, ObjectExpr):
            if not all(isinstance(key, Literal) for key, _ in value.entries):
                return self.resolve(value)
            return {str(key.value): self.said(item) for key, item in value.entries}  # type: ignore[attr-defined]
        if isinstance(value, ListExpr):
            return [self.said(item) for item in value.items]
        if isinstance(value, Literal):
            return value
        return self.resolve(value)

    def distribute(self, made: list[dict[str, Draft]], kept: ListExpr) -> list[Draft]:
        """The distributions in the order in which they were said; then those that are new."""
        left: dict[str, Draft] = {str(entry["type"].value): entry for entry in made}
        found: list[Draft] = []
        for item in kept.items:
            rest = fields(item)
            type = rest.get("type")
            entry = left.pop(str(type.value), None) if isinstance(type, Literal) else None
            if entry is None and isinstance(type, Literal) and set(rest) <= {"type", "runOutputName", "artifactTags"}:
                if type.value == "VHD":
                    found.append(self.object({}, rest))
                continue  # its destination was taken out of the settings
            if entry is not None:
                found.append(self.object(_without_home(entry, rest), rest))
            else:
                found.append(self.object({}, rest) if rest else self.said(item))
        return [*found, *left.values()]


def _without_home(entry: dict[str, Draft], rest: dict[str, Expr]) -> dict[str, Draft]:
    """A gallery's distribution that named no regions goes to the gallery's own: the build's is not added to none."""
    if any(name in rest for name in _REGIONS):
        return entry
    known = next((entry[name] for name in _REGIONS if entry.get(name) is not None), None)
    only = known[0] if isinstance(known, list) and len(known) == 1 else None
    bare = isinstance(only, dict) and all(value is None for name, value in only.items() if name != "name")
    plain = isinstance(only, Expr) or bare
    return {name: value for name, value in entry.items() if name not in _REGIONS} if plain else entry


def _same_id(kept: Expr, made: Expr) -> bool:
    """Whether an id that was kept names what the settings say."""
    one, two = read_id(kept), read_id(made)
    if one is None or two is None:
        return one is None and two is None
    names = [normal_expr(a) == normal_expr(b) for a, b in zip(one.names, two.names, strict=False)]
    group = two.group in (None, Literal("")) or one.group is None or normal_expr(one.group) == normal_expr(two.group)
    return len(one.names) == len(two.names) and all(names) and group


def _same_regions(kept: Expr, made: list[Draft]) -> bool:
    """Whether the regions that were kept are those that the settings say."""
    known = next((item for item in made if item is not None), None)
    if not isinstance(kept, ListExpr) or not isinstance(known, list):
        return True
    return _names(list(kept.items)) == _names(known)


def _names(items: list[Draft]) -> set[str]:
    found = set()
    for item in items:
        name = item.get("name") if isinstance(item, dict) else fields(item).get("name", item)
        text = region(name.value) if isinstance(name, Literal) and isinstance(name.value, str) else None
        found.add(text or repr(normal_expr(name) if isinstance(name, Expr) else name))
    return found
