"""``build -on imagebuilder -patch IMAGE_ID``: the updates of one image of a template, on an image that is there."""

from __future__ import annotations

import sys

from bakelift.arguments import Usage
from bakelift.translator.diagnostics import Diagnostics, fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from bakelift.arguments import Parsed
    from bakelift.sessions import Session

#: What the image template of the updates is called after.
SUFFIX = "-patch"


def patch(session: Session, parsed: Parsed, id: str) -> None:
    """Puts the Plan of the updates in the place of the session's. Raises Usage, TemplateError."""
    from bakelift.translator.plan.azure_view import azure_image
    from bakelift.translator.plan.binding import StructureBinder
    from bakelift.translator.plan.chains import by_id
    from bakelift.translator.plan.patching import patched

    base = by_id(id)
    if base is None:
        raise Usage(
            f"-patch takes the resource id of a managed image, or of a gallery's image (version), not {id}: "
            "/subscriptions/…/providers/Microsoft.Compute/images/NAME or …/galleries/NAME/images/NAME/versions/1.0.0"
        )
    chosen = [image for image in session.images(parsed) if image.type == "azure-arm"]
    if len(chosen) != 1:
        names = ", ".join(image.name for image in chosen) or "none"
        raise Usage(f"-patch is for one image, and the template has {names}: -only says which")
    [image] = chosen
    told = Diagnostics()
    view = azure_image(image, StructureBinder(session.plan, session.bindings, image, session.loaded.files), told)
    told.stop_if_failed()
    session.loaded.plan = patched(session.plan, image, base, view.os_type == "Windows")


def distributed(body: Mapping[str, Any], id: str) -> Mapping[str, Any]:
    """An image template whose gallery versions the service counts on, as those that the template names are there.

    Raises TemplateError where an image would be made from itself.
    """
    from bakelift.translator.plan.chains import by_id

    base = by_id(id)
    assert base is not None
    properties = dict(body["properties"])
    listed = []
    definitions = set()
    for one in properties.get("distribute", ()):
        product = by_id(one.get("imageId")) or by_id(one.get("galleryImageId"))
        if product is not None and product.kind == "managed image" and product.feeds(base):
            raise fail(
                "azure/patch-itself",
                f"The updates of {base} would go into itself",
                "Give the template another name for its managed image, as with -var.",
            )
        if product is not None and product.version:
            one = {**one, "galleryImageId": one["galleryImageId"].rpartition("/versions/")[0]}  # noqa: PLW2901
        if product is not None and product.kind == base.kind:
            definitions.add((product.group.lower(), product.name.lower()))
        listed.append(one)
    if base.kind == "gallery image" and (base.group.lower(), base.name.lower()) not in definitions:
        sys.stderr.write(f"The template does not distribute to the definition of {base}: its updates go elsewhere.\n")
    return {**body, "properties": {**properties, "distribute": listed}}
