"""Azure resource ids, of names that may be parameters."""

from __future__ import annotations

from bakelift.translator.plan.expressions import Call, Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.expressions import Expr

TEMPLATES = "Microsoft.VirtualMachineImages/imageTemplates"
IMAGES = "Microsoft.Compute/images"
GALLERY_VERSIONS = "Microsoft.Compute/galleries/images/versions"
GALLERY_IMAGES = "Microsoft.Compute/galleries/images"
SUBNETS = "Microsoft.Network/virtualNetworks/subnets"
IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"


def resource_id(subscription: Expr | None, group: Expr, type: str, *names: Expr) -> Expr:
    """The id of a resource: text when all is known, else a call of ``resourceId``.

    ``subscription`` None: that of the deployment.
    """
    parts = (group, *names) if subscription is None else (subscription, group, *names)
    words = [part.value for part in parts if isinstance(part, Literal)]
    if subscription is not None and len(words) == len(parts):
        return Literal(id_text(type, *(str(word) for word in words)))
    place = (group,) if subscription is None else (subscription, group)
    return Call("arm.resourceId", (*place, Literal(type), *names))


def id_text(type: str, subscription: str, group: str, *names: str) -> str:
    """``/subscriptions/S/resourceGroups/G/providers/`` and the type's segments with the names between them."""
    provider, *segments = type.split("/")
    path = "".join(f"/{segment}/{name}" for segment, name in zip(segments, names, strict=True))
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{provider}{path}"
