"""Which images of the templates of a command line are made from which: ``inspect -graph``, and the order of builds."""

from __future__ import annotations

from bakelift.translator.diagnostics import Diagnostics, fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from bakelift.arguments import Parsed
    from bakelift.sessions import Session
    from bakelift.translator.plan.chains import Flow
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Setting


def flows(session: Session, parsed: Parsed, subscription: str = "") -> list[Flow]:
    """Of the images that a command line selects; images that are not for Azure take and make nothing."""
    from bakelift.translator.plan.chains import Flow

    found = []
    for image in session.images(parsed):
        found.append(_flow(session, image, subscription) if image.type == "azure-arm" else Flow(image.name, None, ()))
    return found


def _flow(session: Session, image: Image, subscription: str) -> Flow:
    from bakelift.translator.plan.azure_view import azure_image
    from bakelift.translator.plan.binding import StructureBinder, scope_of
    from bakelift.translator.plan.chains import flow
    from bakelift.translator.plan.evaluate import evaluate

    files = session.loaded.files
    binder = StructureBinder(session.plan, session.bindings, image, files)
    values = session.bindings.values
    scope = scope_of(session.plan, values, files, image.group, image.use, clock=session.clock)

    def text(setting: Setting) -> str:
        value = evaluate(setting.value, scope)
        return str(value.raw) if value.known and isinstance(value.raw, str) else ""

    own = text(image.settings["subscription_id"]) if "subscription_id" in image.settings else ""
    # What is wrong with the image is told by whoever builds or translates it.
    return flow(azure_image(image, binder, Diagnostics()), text, own or subscription)


def of_body(name: str, body: Mapping[str, object]) -> Flow:
    """Of an image template as the service wants it."""
    from bakelift.translator.plan.chains import Flow, by_id

    properties = body.get("properties")
    found: dict[str, Any] = dict(properties) if isinstance(properties, dict) else {}
    source = found.get("source") if isinstance(found.get("source"), dict) else {}
    takes = by_id((source or {}).get("imageId")) or by_id((source or {}).get("imageVersionId"))
    listed = [each for each in found.get("distribute") or () if isinstance(each, dict)]
    makes = [by_id(each.get("imageId")) or by_id(each.get("galleryImageId")) for each in listed]
    return Flow(name, takes, tuple(product for product in makes if product is not None))


def before(found: Sequence[Flow]) -> list[tuple[int, ...]]:
    """Those that have to be built before each, by their places. Raises TemplateError for a circle."""
    from bakelift.translator.plan.chains import Cycle, after

    try:
        return after(found)
    except Cycle as cycle:
        raise fail(
            "azure/chain-cycle",
            f"Images are made from one another: {cycle}",
            "One of them has to begin with another image: give its source another version, or a marketplace image.",
        ) from None


def merged(name: str, parts: Iterable[Flow]) -> Flow:
    """Several images that are built as one: the first source that none of them makes, and all that they make."""
    from bakelift.translator.plan.chains import Flow

    listed = list(parts)
    makes = tuple(product for part in listed for product in part.makes)
    outside = [p.takes for p in listed if p.takes is not None and not any(m.feeds(p.takes) for m in makes)]
    return Flow(name, outside[0] if outside else None, makes)


def text(found: Sequence[Flow]) -> str:
    """The order, as a person reads it."""
    from bakelift.translator.plan.chains import stages

    needs = before(found)
    lines = ["> order of builds:", ""]
    for number, places in enumerate(stages(needs), 1):
        lines.append(f"  {number}.")
        for place in places:
            one = found[place]
            of = f" from {', '.join(found[each].name for each in needs[place])}" if needs[place] else ""
            lines.append(f"    {one.name}{of}")
            lines += [f"      takes {one.takes}"] if one.takes is not None else []
            lines += [f"      makes {product}" for product in one.makes]
    return "\n".join(lines) + "\n"


def as_json(found: Sequence[Flow]) -> dict[str, Any]:
    from bakelift.translator.plan.chains import stages

    needs = before(found)
    images = [
        {
            "name": one.name,
            "takes": str(one.takes) if one.takes is not None else None,
            "makes": [str(product) for product in one.makes],
            "after": [found[each].name for each in needs[place]],
        }
        for place, one in enumerate(found)
    ]
    return {"images": images, "stages": [[found[place].name for place in stage] for stage in stages(needs)]}
