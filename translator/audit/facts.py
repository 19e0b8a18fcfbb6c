"""What the images of a Plan are made from and become, in words: facts for a survey.

Values that hang on nothing unknown are shown; the rest as the template writes it. What is sensitive never is.
"""

from __future__ import annotations

from collections import Counter

from bakelift.translator.audit.model import ImageFacts, Place
from bakelift.translator.diagnostics import Diagnostics, TemplateError
from bakelift.translator.diff.shown import shown_line
from bakelift.translator.imagebuilder.names import region
from bakelift.translator.plan.azure import (
    GalleryOutput,
    GallerySource,
    ManagedImageOutput,
    ManagedImageSource,
    PlatformImage,
    VhdOutput,
    VhdSource,
)
from bakelift.translator.plan.azure_view import azure_image
from bakelift.translator.plan.binding import StructureBinder, shown_value
from bakelift.translator.plan.expressions import Ref
from bakelift.translator.plan.secrets import sensitive_symbols, with_secrets_marked
from bakelift.translator.plan.values import SENSITIVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bakelift.translator.files import Files
    from bakelift.translator.plan.binding import Bindings
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Plan, Setting
    from bakelift.translator.plan.values import Value

    Source = PlatformImage | ManagedImageSource | GallerySource | VhdSource
    Output = ManagedImageOutput | GalleryOutput | VhdOutput

HIDDEN = "(sensitive)"
#: A value that is longer than this is cut.
LONGEST = 200


def image_facts(
    plan: Plan, bindings: Bindings, files: Files, images: Sequence[Image], hide: Callable[[str], str]
) -> tuple[ImageFacts, ...]:
    """The facts of these images. ``hide`` takes the values of sensitive variables out of a text."""
    marked = with_secrets_marked(plan)
    return tuple(_Facts(marked, bindings, files, image, hide).facts() for image in images)


class _Facts:
    def __init__(self, plan: Plan, bindings: Bindings, files: Files, image: Image, hide: Callable[[str], str]) -> None:
        self.image = image
        self.binder = StructureBinder(plan, bindings, image, files)
        self.secrets = sensitive_symbols(plan)
        self.hide = hide

    def facts(self) -> ImageFacts:
        image = self.image
        found = ImageFacts(
            name=self.hide(image.name),
            type=image.type,
            steps=dict(sorted(Counter(step.type for step in image.steps).items())),
            post_processors=dict(sorted(Counter(p.type for chain in image.post_processors for p in chain).items())),
        )
        if image.type != "azure-arm":
            return found
        try:
            view = azure_image(image, self.binder, Diagnostics())
        except TemplateError:
            return found  # whoever translates it tells why
        regions = [name for output in view.outputs for name in self.replicated(output)]
        where = self.region(view.location)
        return found.but(
            os=self.text(view.os_type_setting),
            source=self.source(view.source),
            destinations=tuple(self.destination(output) for output in view.outputs),
            regions=tuple(dict.fromkeys([*([where] if where else []), *regions])),
            vm_size=self.text(view.vm_size),
        )

    # -- values -----------------------------------------------------------------------------------------------

    def value(self, setting: Setting) -> Value | None:
        """The value, with inputs bound; None when it cannot be had, or is a secret."""
        if any(isinstance(node, Ref) and (node.kind, node.name) in self.secrets for node in setting.value.walk()):
            return None
        try:
            return self.binder.value(setting.value, "the survey")
        except TemplateError:
            return None

    def text(self, setting: Setting | None) -> str | None:
        """As people read it, in a line; None when nothing is said."""
        if setting is None:
            return None
        if any(isinstance(node, Ref) and (node.kind, node.name) in self.secrets for node in setting.value.walk()):
            return HIDDEN
        value = self.value(setting)
        if value is not None and SENSITIVE in value.all_marks():
            return HIDDEN
        known = shown_value(value) if value is not None else None
        return self.line(_written(setting.value) if known is None else known)

    def line(self, text: str) -> str:
        """In a line that can be read at a glance."""
        line = " ".join(self.hide(text).split())
        return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"

    def region(self, setting: Setting | None) -> str | None:
        """By its own name; what is not decided yet stays as it is written."""
        value = self.value(setting) if setting is not None else None
        if value is None or not isinstance(value.raw, str) or SENSITIVE in value.all_marks():
            return self.text(setting)
        return region(self.hide(value.raw))

    def joined(self, sign: str, *settings: Setting | None) -> str:
        return sign.join(text for setting in settings if (text := self.text(setting)))

    # -- parts ------------------------------------------------------------------------------------------------

    def source(self, source: Source | None) -> Place | None:
        if isinstance(source, PlatformImage):
            name = self.joined(":", source.publisher, source.offer, source.sku)
            return Place("marketplace", name, self.text(source.version) or "latest")
        if isinstance(source, ManagedImageSource):
            return Place("managed-image", self.identified(source.id, source.resource_group, source.name))
        if isinstance(source, GallerySource):
            whole = source.id or source.community_id or source.direct_shared_id
            name = self.identified(whole, source.gallery, source.definition)
            return Place("gallery", name, None if whole else self.text(source.version) or "latest")
        return Place("vhd", self.address(source.uri)) if isinstance(source, VhdSource) else None

    def destination(self, output: Output) -> Place:
        if isinstance(output, ManagedImageOutput):
            return Place("managed-image", self.identified(output.id, output.resource_group, output.name))
        if isinstance(output, GalleryOutput):
            name = self.identified(output.id, output.gallery, output.definition)
            return Place("gallery", name, self.text(output.version))
        if output.uri is not None:
            return Place("vhd", self.address(output.uri))
        return Place("vhd", self.joined("/", output.storage_account, output.container, output.name_prefix))

    def identified(self, whole: Setting | None, *parts: Setting | None) -> str:
        """A resource by its names; by its id, without what every id begins with."""
        if whole is None:
            return self.joined("/", *parts)
        text = self.text(whole) or ""
        _, found, rest = text.partition("/resourceGroups/")
        return rest.replace("/providers/Microsoft.Compute", "") if found and not text.startswith("$") else text

    def address(self, setting: Setting) -> str:
        """Without its query, in which a signature may stand."""
        return (self.text(setting) or "").partition("?")[0]

    def replicated(self, output: Output) -> list[str]:
        """The regions that a gallery's version is copied to, as far as they are known."""
        if not isinstance(output, GalleryOutput):
            return []
        found = []
        for setting in (output.regions, output.target_regions):
            value = self.value(setting) if setting is not None else None
            for item in value.elements() if value is not None and SENSITIVE not in value.all_marks() else ():
                named = item.raw.get("name") if isinstance(item.raw, dict) else item
                if named is not None and isinstance(named.raw, str):
                    found.append(region(self.hide(named.raw)))
        return found


def _written(expr: Expr) -> str:
    """An expression as the template writes it."""
    text = expr.span.text.strip() if expr.span is not None else ""
    if not text or "\n" in text:
        return shown_line(expr)
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
