"""What a change means for an image template that is deployed.

Image templates are immutable but for their tags, their identity, targets of ``distribute`` (added or changed, never
taken away) and, since API version 2024-02-01, ``vmProfile`` (ImageTemplateUpdateParameters of azure-mgmt-imagebuilder;
the troubleshooting page of the service: "Update/Upgrade of image templates is currently not supported").
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.table import row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Consequence = Literal["re-create", "in-place", "none"]

_UPDATED = ("/tags", "/identity", "/properties/distribute", "/properties/vmProfile")
#: What no other setting says, as the service has it.
_REST = "image_template"
#: Without these there is no target.
_TARGETS = ("/imageId", "/galleryImageId", "/uri")
_WITHOUT_PROPERTY = ("exact", "adapted", "approximated")


def of_property(pointer: str, removed: bool = False) -> Consequence:
    """Of a property of the resource, by its JSON pointer in it."""
    if pointer == "/apiVersion":
        return "none"  # it says how the request is read
    if removed and pointer.startswith("/properties/distribute") and pointer.endswith(_TARGETS):
        return "re-create"
    return "in-place" if pointer.startswith(_UPDATED) else "re-create"


def of_setting(path: str, removed: bool = False) -> Consequence:
    """Of a setting of an azure-arm source, by its Plan path; ``none`` for what Image Builder knows nothing of."""
    if path.startswith(_REST):
        return of_property(path.removeprefix(_REST).replace(".", "/").replace("[", "/").replace("]", ""), removed)
    found = row(path)
    if found is None or (not found.to and found.kind not in _WITHOUT_PROPERTY):
        return "none"
    if not found.to:
        return "none" if found.kind == "adapted" and found.path != "os_type" else "re-create"
    return of_property(found.to, removed)
