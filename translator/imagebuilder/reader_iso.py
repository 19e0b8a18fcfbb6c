"""The preview's ISO source: what replaced it.

Image Builder built Red Hat images from an installation ISO until April 2020; a marketplace image for those who bring
their own Red Hat subscription, with its purchase plan, took the place of that (azvmimagebuilder, news of March 2020).
"""

from __future__ import annotations

import re

from bakelift.translator.languages.json.nodes import Scalar
from bakelift.translator.plan.expressions import Literal
from bakelift.translator.plan.model import Setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.reader_resource import ResourceReader
    from bakelift.translator.languages.json.nodes import Object

#: Of the offer rhel-byos: a SKU for each release that Image Builder took ISOs of.
_RELEASES = ("7.3", "7.4", "7.5")
_RELEASE = re.compile(r"(?:rhel|server)[-_a-z]*(7)[._-]?([0-9])", re.IGNORECASE)


def read_iso(reader: ResourceReader, source: Object) -> None:
    """Settings of the image that stands in for the ISO; the source itself is kept as it was said."""
    address = source.get("sourceUri")
    text = address.value if isinstance(address, Scalar) and isinstance(address.value, str) else ""
    found = _RELEASE.search(text)
    release = f"{found[1]}.{found[2]}" if found is not None else _RELEASES[-1]
    sku = f"rhel-lvm{release.replace('.', '')}"
    reader.diagnostics.warning(
        "aib/iso-source",
        "Image Builder builds from no ISO since 2020",
        f"The source is replaced by Red Hat's marketplace image {sku} for own subscriptions (offer rhel-byos) with its "
        "purchase plan. Accept its terms once: az vm image terms accept --publisher redhat --offer rhel-byos "
        f"--plan {sku}. It has other packages than an installation from the ISO.",
        source.span,
    )
    leaves = reader.leaves.of(source)
    made = {
        "image_publisher": "RedHat",
        "image_offer": "rhel-byos",
        "image_sku": sku,
        "plan_info.plan_name": sku,
        "plan_info.plan_product": "rhel-byos",
        "plan_info.plan_publisher": "redhat",
    }
    for name, value in made.items():
        reader.settings[name] = Setting(Literal(value), leaves)
