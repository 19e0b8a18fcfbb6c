"""The comments of a Bicep file, given to what was read of the text that they stand at."""

from __future__ import annotations

from bisect import bisect_left

from bakelift.translator.imagebuilder.bicep_document import is_template
from bakelift.translator.imagebuilder.rest import REST
from bakelift.translator.languages.bicep.nodes import Entry, Item, Parameter, Resource, Variable
from bakelift.translator.plan.usage import leaves_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.translator.languages.bicep.nodes import File, Node
    from bakelift.translator.plan.model import BuildGroup, Plan, Setting, Source, Step


#: The last line of a file that was written here says so; it says nothing of the template.
_STAMP = "Written by bakelift "


def with_comments(plan: Plan, tree: File) -> Plan:
    """The Plan with the comments of parameters, variables, image templates, and of their properties and customizers.

    A comment inside an image template belongs to the first setting or step that was read of what it stands before.
    """
    declared = {
        node.span.start: node.comments
        for node in tree.statements
        if isinstance(node, (Parameter, Variable)) and node.span is not None
    }
    images = [node for node in tree.statements if isinstance(node, Resource) and _is_image(node)]
    sources = plan.sources
    if len(images) == len(sources):
        sources = tuple(s.but(comments=node.comments) for s, node in zip(sources, images, strict=True))
    inside = _Inside(node for image in images for node in image.walk())
    return plan.but(
        inputs=tuple(
            item.but(comments=declared.get(item.span.start, ())) if item.span is not None else item
            for item in plan.inputs
        ),
        named=tuple(
            item.but(comments=declared.get(item.span.start, ())) if item.span is not None else item
            for item in plan.named
        ),
        groups=tuple(inside.group(group) for group in plan.groups),
        sources=tuple(inside.source(source) for source in sources),
        comments=(*plan.comments, *tree.before, *(text for text in tree.after if not text.startswith(_STAMP))),
    )


def _is_image(node: Resource) -> bool:
    return not node.existing and is_template((node.type.plain or "").partition("@")[0])


class _Inside:
    """Hands out each comment inside the image templates once."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        found = [
            (node.span.start, node.span.end, node.comments)
            for node in nodes
            if isinstance(node, (Entry, Item)) and node.comments and node.span is not None
        ]
        self.left = sorted(found, key=lambda part: part[0])
        self.starts = [part[0] for part in self.left]
        #: Of each, the next one that it stands in (-1: none).
        self.around_it: list[int] = []
        open_: list[int] = []
        for index, (start, _, _) in enumerate(self.left):
            while open_ and self.left[open_[-1]][1] <= start:
                open_.pop()
            self.around_it.append(open_[-1] if open_ else -1)
            open_.append(index)
        self.given: set[int] = set()

    def around(self, part: object) -> tuple[str, ...]:
        """Comments of what holds the first leaf of a part, and of what its leaves hold; each is given once."""
        spans = sorted((leaf.span.start, leaf.span.end) for leaf in leaves_of(part) if leaf.span is not None)
        if not spans or not self.left:
            return ()
        first = spans[0][0]
        inside: list[int] = []
        at = bisect_left(self.starts, first + 1) - 1
        while at >= 0:
            if first < self.left[at][1]:
                inside.insert(0, at)
            at = self.around_it[at]
        for start, end in spans:
            inside += range(bisect_left(self.starts, start), bisect_left(self.starts, end))
        found: list[str] = []
        for index in inside:
            if index not in self.given:
                self.given.add(index)
                found += self.left[index][2]
        return tuple(found)

    def group(self, group: BuildGroup) -> BuildGroup:
        return group.but(steps=tuple(self.step(step) for step in group.steps))

    def step(self, step: Step) -> Step:
        comments = self.around(step)
        return step.but(comments=(*step.comments, *comments)) if comments else step

    def source(self, source: Source) -> Source:
        if not self.left:
            return source
        # The rest of the template spans all of it: what stands at a setting of its own is that one's.
        order = sorted(source.settings.items(), key=lambda item: (item[0] == REST, _place(item[1])))
        found = {name: self.around(setting) for name, setting in order}
        return source.but(
            settings={
                name: setting.but(comments=(*setting.comments, *found[name])) if found[name] else setting
                for name, setting in source.settings.items()
            }
        )


def _place(setting: Setting) -> int:
    places = [leaf.span.start for leaf in setting.leaves if leaf.span is not None]
    return min(places) if places else -1
