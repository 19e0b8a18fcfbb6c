"""What an image is distributed to, in Azure: here each becomes the same files, and the manifest says which."""

from __future__ import annotations

from bakelift.translator.plan.expressions import ListExpr, Literal, ObjectExpr
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bakelift.runner.settings import Settings
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.images import Image

#: Distributions by the option that names what they make.
BY_OPTION = (
    ("managed_image_name", "ManagedImage"),
    ("shared_image_gallery_destination.image_name", "SharedImage"),
    ("capture_container_name", "VHD"),
)


class Output(Record):
    """``type``: ManagedImage, SharedImage or VHD; ``tags``: artifact tags."""

    type: str
    name: str
    run_output_name: str | None
    tags: Mapping[str, str]

    def plain(self) -> dict[str, object]:
        found: dict[str, object] = {"type": self.type, "name": self.name, "tags": dict(self.tags)}
        return found if self.run_output_name is None else {**found, "run_output_name": self.run_output_name}


def outputs(image: Image, settings: Settings) -> tuple[Output, ...]:
    """The distributions of an image, in the template's order where it says one."""
    tags = settings.mapping("azure_tags")
    said = tuple(_of_image_builder(image, settings, tags))
    if said:
        return said
    return tuple(
        Output(type, settings.text(option), None, tags) for option, type in BY_OPTION if settings.given(option)
    )


def _of_image_builder(image: Image, settings: Settings, tags: Mapping[str, str]) -> Iterator[Output]:
    """As an Image Builder template lists them: what Packer has words for stands in the settings, the rest apart; tags
    that are not those of the settings are said, null for none.
    """
    whole = image.settings.get("image_template")
    properties = _fields(whole.value).get("properties") if whole is not None else None
    listed = _fields(properties).get("distribute")
    for item in listed.items if isinstance(listed, ListExpr) else ():
        fields = _fields(item)
        type, run_output_name = _text(fields.get("type")), _text(fields.get("runoutputname"))
        id = _text(fields.get("imageid")) or _text(fields.get("galleryimageid")) or _text(fields.get("uri"))
        option = next((option for option, each in BY_OPTION if each == type), "")
        name = id.rpartition("/")[2] or (settings.text(option) if option else "") or run_output_name
        own = {name: _text(value) for name, value in _named(fields.get("artifacttags"))}
        yield Output(type, name, run_output_name or None, own if "artifacttags" in fields else tags)


def _named(value: Expr | None) -> Iterator[tuple[str, Expr]]:
    for key, field in value.entries if isinstance(value, ObjectExpr) else ():
        if isinstance(key, Literal):
            yield str(key.value), field


def _fields(value: Expr | None) -> Mapping[str, Expr]:
    """An object's fields by their names in lower case: ARM takes any case."""
    return {name.lower(): field for name, field in _named(value)}


def _text(value: Expr | None) -> str:
    return value.value if isinstance(value, Literal) and isinstance(value.value, str) else ""
