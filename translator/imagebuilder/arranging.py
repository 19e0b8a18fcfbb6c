"""What a team says for all its templates at once: other galleries and regions, and runs beside the old pipeline."""

from __future__ import annotations

from bakelift.translator.imagebuilder.names import region
from bakelift.translator.plan.azure import GalleryOutput, ManagedImageOutput, VhdOutput
from bakelift.translator.plan.expressions import TRUE, ListExpr, Literal, ObjectExpr, template
from bakelift.translator.plan.model import Setting
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.plan.azure import AzureImage
    from bakelift.translator.plan.binder import Binder
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.report import Accounting

    Output = ManagedImageOutput | GalleryOutput | VhdOutput

#: What marks everything that is made beside the old pipeline.
PARALLEL_SUFFIX = "-parallel"
PARALLEL_TAG = "bakelift-parallel-run"


class Gallery(Record):
    """Another gallery; what is None stays as the template says it."""

    name: str
    resource_group: str | None = None
    subscription: str | None = None


class Arrangement(Record):
    """``galleries``: by the name that templates say; ``regions``: by their name as Azure spells it.

    ``parallel``: both pipelines run: other names and versions, never the latest version, and a tag. ``numbered``: the
    service numbers the versions of galleries, since each run of a trigger makes one.
    """

    galleries: Mapping[str, Gallery] = {}
    regions: Mapping[str, str] = {}
    parallel: bool = False
    numbered: bool = False


class Arranger:
    """Applies an arrangement to one image. Only values that are known when translating are looked up."""

    def __init__(self, arrangement: Arrangement, binder: Binder, accounting: Accounting) -> None:
        self.arrangement = arrangement
        self.binder = binder
        self.accounting = accounting

    def image(self, image: AzureImage) -> AzureImage:
        outputs = tuple(self.output(output) for output in image.outputs)
        made = image.but(location=self.region(image.location), outputs=outputs)
        if self.arrangement.parallel:
            made = made.but(tags=_tagged(image.tags))
        return made

    def output(self, output: Output) -> Output:
        if isinstance(output, GalleryOutput):
            output = self.gallery(output)
        if self.arrangement.numbered and not self.arrangement.parallel and isinstance(output, GalleryOutput):
            self.say(output.version, "aib/trigger-version", "counted up by Image Builder at each run")
            output = output.but(version=None)
        if not self.arrangement.parallel:
            return output
        if isinstance(output, GalleryOutput):
            for setting in (output.version, output.exclude_from_latest):
                self.say(setting, "aib/parallel-run", "counted up by Image Builder, and never the latest version")
            return output.but(version=None, exclude_from_latest=Setting(TRUE))
        if isinstance(output, ManagedImageOutput):
            return output.but(name=self.beside(output.name))
        return output.but(name_prefix=self.beside(output.name_prefix))

    def gallery(self, output: GalleryOutput) -> GalleryOutput:
        galleries = self.arrangement.galleries
        other = galleries.get(self.known(output.gallery) or "") if galleries else None
        changed: dict[str, Setting | None] = {"regions": self.regions(output.regions)}
        if other is not None:
            said = {"gallery": other.name, "resource_group": other.resource_group, "subscription": other.subscription}
            for field, value in said.items():
                before: Setting | None = getattr(output, field)
                if value is not None:
                    changed[field] = self.changed(before, Literal(value))
        return output.but(**changed)

    def regions(self, setting: Setting | None) -> Setting | None:
        if setting is None or not self.arrangement.regions:
            return setting
        value = self.binder.fold(setting.value)
        if not isinstance(value, ListExpr):
            return setting
        items = [self.other_region(item) for item in value.items]
        if all(a is b for a, b in zip(items, value.items, strict=True)):
            return setting
        return self.changed(setting, ListExpr(tuple(dict.fromkeys(items)), value.span))

    def region(self, setting: Setting | None) -> Setting | None:
        if setting is None or not self.arrangement.regions:
            return setting
        value = Literal(self.known(setting))
        other = self.other_region(value)
        return setting if other is value else self.changed(setting, other)

    def other_region(self, item: Expr) -> Expr:
        text = item.value if isinstance(item, Literal) and isinstance(item.value, str) else None
        other = self.arrangement.regions.get(region(text)) if text else None
        return Literal(other, item.span) if other is not None else item

    def known(self, setting: Setting | None) -> str | None:
        """The text of a setting, where it has one when translating."""
        if setting is None:
            return None
        folded = self.binder.fold(setting.value)
        if not isinstance(folded, Literal) and self.binder.certain([setting]):
            return self.binder.text(setting.value, "what bakelift.toml maps")
        return folded.value if isinstance(folded, Literal) and isinstance(folded.value, str) else None

    def changed(self, setting: Setting | None, value: Expr) -> Setting:
        self.say(setting, "aib/mapped", "as bakelift.toml maps it")
        return setting.but(value=value) if setting is not None else Setting(value)

    def beside(self, setting: Setting | None) -> Setting | None:
        if setting is None:
            return None
        self.say(setting, "aib/parallel-run", "with another name, beside the old pipeline's")
        return setting.but(value=template([setting.value, Literal(PARALLEL_SUFFIX)]))

    def say(self, setting: Setting | None, code: str, summary: str) -> None:
        if setting is not None:
            self.accounting.say(setting.leaves, "adapted", code, summary)


def _tagged(tags: Setting | None) -> Setting:
    mark = (Literal(PARALLEL_TAG), Literal("true"))
    if tags is None:
        return Setting(ObjectExpr((mark,)))
    if isinstance(tags.value, ObjectExpr):
        return tags.but(value=ObjectExpr((*tags.value.entries, mark), tags.value.span))
    from bakelift.translator.plan.expressions import Call

    return tags.but(value=Call("merge", (tags.value, ObjectExpr((mark,)))))
