"""What generalizes an image at its end is left to Azure when the image is built elsewhere."""

from __future__ import annotations

from bakelift.translator.imagebuilder.lowering.deprovision import split_lines
from bakelift.translator.plan.expressions import ListExpr, Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Step


def without_deprovisioning(image: Image) -> Image:
    """The image without the lines with which its last shell step has Azure's agent remove itself.

    Only lines that are known are looked at; a step of nothing else is left out whole.
    """
    if not image.steps or image.steps[-1].type != "shell":
        return image
    last = image.steps[-1]
    inline = last.settings.get("inline")
    if inline is None or not isinstance(inline.value, ListExpr):
        return image
    texts = [item.value for item in inline.value.items if isinstance(item, Literal)]
    lines = "\n".join(text for text in texts if isinstance(text, str)).split("\n")
    if len(texts) != len(inline.value.items):
        return image
    found = split_lines(lines)
    if found is None:
        return image
    return image.but(steps=(*image.steps[:-1], *_trimmed(last, found[0])))


def _trimmed(step: Step, lines: list[str]) -> tuple[Step, ...]:
    if not lines:
        return ()
    inline = step.settings["inline"]
    kept = inline.but(value=ListExpr(tuple(Literal(line) for line in lines), inline.value.span))
    return (step.but(settings={**step.settings, "inline": kept}),)
