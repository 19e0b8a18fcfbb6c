"""The options of an azure-arm image: which are set, which are taken to be given, and what is told of missing ones."""

from __future__ import annotations

from bakelift.translator.plan.dynamic import settled_blocks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.translator.diagnostics import Diagnostics, Span
    from bakelift.translator.plan.binder import Binder
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Setting

#: Beginnings of the options whose presence decides which parts an image build has.
_STRUCTURE = (
    "azure_tag",
    "build_resource_group_name",
    "capture_",
    "custom_managed_image_",
    "image_",
    "location",
    "managed_image_name",
    "managed_image_resource_group_name",
    "os_disk_size_gb",
    "os_type",
    "plan_info.",
    "resource_group_name",
    "shared_gallery_image_version_exclude_from_latest",
    "shared_image_gallery",
    "storage_account",
    "user_assigned_managed_identities",
    "virtual_network_",
    "vm_size",
)
#: The setting of images that came from Image Builder: their templates need not say all that Packer wants.
OF_IMAGE_BUILDER = "image_template"
SINGLE_BLOCKS = ("plan_info", "shared_image_gallery", "shared_image_gallery_destination", "spot")


class AzureOptions:
    """``left``: the options that are set, until a part of the image takes them; ``unset``: those that say nothing."""

    def __init__(self, image: Image, binder: Binder, diagnostics: Diagnostics) -> None:
        self.image = image
        self.binder = binder
        self.diagnostics = diagnostics
        settings, self.unset = settled_blocks(image.settings, SINGLE_BLOCKS, binder, diagnostics)
        self.left: dict[str, Setting] = {}
        for name, setting in settings.items():
            given = binder.present(setting, record=name.startswith(_STRUCTURE))
            (self.left if given else self.unset)[name] = setting
        self.where: Span | None = image.source.span
        #: What Packer would have to be told beside is the service's own doing, or an id that was said whole.
        self.of_image_builder = OF_IMAGE_BUILDER in self.left

    def take(self, name: str) -> Setting | None:
        """Takes a setting that is set out of what is left."""
        return self.left.pop(name, None)

    def first(self, names: Iterable[str]) -> Setting | None:
        return next((self.left[name] for name in names if name in self.left), None)

    def error(self, code: str, summary: str, detail: str = "", at: Setting | None = None) -> None:
        self.diagnostics.error(code, summary, detail, (at.span if at is not None else None) or self.where)

    def expect(self, names: Iterable[str], reason: str) -> bool:
        """Takes options that are empty by default to be given: without them nothing could be built.

        All of them or none: False when one is not there, or was made empty by somebody.
        """
        wanted = [name for name in names if name not in self.left]
        settings = [self.unset.get(name) for name in wanted]
        if not all(setting is not None and self.binder.expectable(setting) for setting in settings):
            return False
        for name in wanted:
            setting = self.left[name] = self.unset.pop(name)
            self.binder.expect(setting, f"{name} is empty by default, and {reason}")
        return True

    def expect_one(self, groups: Iterable[tuple[str, ...]], reason: str) -> bool:
        """As :meth:`expect`, for the one group of options that may be meant; False when several may."""
        meant = [
            group
            for group in groups
            if all(
                name in self.left or ((at := self.unset.get(name)) is not None and self.binder.expectable(at))
                for name in group
            )
        ]
        return len(meant) == 1 and self.expect(meant[0], reason)

    def need(
        self,
        code: str,
        names: Iterable[str],
        summary: str = "{article} {name} must be specified",
        sole: bool = False,
    ) -> bool:
        """Tells of each option that must be set beside the others, and is not.

        One that is empty by default is taken to be given where the others surely are, or where nothing else may be
        meant (``sole``). Where another of them is only taken to be given, its input is missing instead: it may as well
        be empty. Image Builder's own templates need not say all that Packer wants.
        """
        if self.of_image_builder:
            return True
        wanted = tuple(names)
        absent = [name for name in wanted if name not in self.left]
        said = [self.left[name] for name in wanted if name in self.left]
        if absent and (sole or self.binder.certain(said)) and self.expect(absent, "it must be set beside the others"):
            return True
        if absent and self.binder.demand(said, f"{absent[0]} is not set beside it"):
            return False
        for name in absent:
            short = name.rpartition(".")[2]
            shown = short if "{short}" in summary else name
            text = summary.format(article="An" if shown[0] in "aeiou" else "A", name=name, short=short)
            self.error(code, text, self.empty(name))
        return not absent

    def empty(self, *names: str) -> str:
        """What to say of options that are there and say nothing."""
        said = [name for name in names if name in self.unset]
        return f"The template says {' and '.join(said)}, with an empty value: that counts as not said." if said else ""
