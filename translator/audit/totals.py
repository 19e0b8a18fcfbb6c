"""What the templates of a tree have in common: what to solve first, what they share, in which order to go."""

from __future__ import annotations

from bakelift.translator.audit.model import OPEN, VERDICTS, Counts
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bakelift.translator.audit.model import ImageFacts, Survey, Template, Verdict

    Names = Callable[[ImageFacts], Iterable[str]]

#: The classes of obstacles, from what keeps a template from being translated to what has no effect.
KINDS = ("error", "unsupported", "approximated", "dropped")
#: Those that keep a template from being done: the others want a look.
_HOLDING = ("error", "unsupported")


class Hold(Record):
    """One code over the whole tree. ``paths``: the templates that have it; ``alone``: in how many of these nothing else
    of its weight is left; ``leaves``: how many settings. ``kind``: the worst class that it has anywhere.
    """

    code: str
    kind: str
    paths: tuple[str, ...] = ()
    alone: int = 0
    leaves: int = 0

    @property
    def templates(self) -> int:
        return len(self.paths)


class Use(Record):
    """How often something is used: in how many images or steps (``count``), of how many templates.

    ``kind``: of a source.
    """

    name: str
    count: int
    templates: int
    kind: str = ""

    @property
    def label(self) -> str:
        return f"{self.kind} {self.name}" if self.kind else self.name


class Shared(Record):
    """A file that several templates take along: under which paths, and which templates."""

    sha256: str
    size: int
    paths: tuple[str, ...]
    templates: tuple[str, ...]


def verdicts(survey: Survey) -> dict[Verdict, int]:
    """How many templates have each verdict; all of them are there, in their order."""
    return {name: sum(item.verdict == name for item in survey.templates) for name in VERDICTS}


def counts(survey: Survey) -> Counts:
    found = Counts()
    for template in survey.templates:
        found = found.plus(template.counts)
    return found


def images(survey: Survey) -> int:
    """How many images there are to translate."""
    return sum(len(in_scope(survey, template)) for template in survey.templates if template.verdict in OPEN)


def in_scope(survey: Survey, template: Template) -> list[ImageFacts]:
    """Image Builder builds what azure-arm builds; Packer, everything."""
    azure = survey.to in ("arm", "bicep")
    return [image for image in template.images if not azure or image.type == "azure-arm"]


def holds(survey: Survey) -> list[Hold]:
    """What to solve first: what keeps most templates from being done, then what has to be looked at in most of them."""
    found: dict[str, Hold] = {}
    for template in survey.templates:
        weights = {item.code: item.kind in _HOLDING for item in template.obstacles}
        heaviest = any(weights.values())
        worst = [code for code, holding in weights.items() if holding == heaviest]
        seen: set[str] = set()
        for item in template.obstacles:
            before = found.get(item.code) or Hold(item.code, item.kind)
            first = item.code not in seen
            seen.add(item.code)
            found[item.code] = before.but(
                kind=min(before.kind, item.kind, key=KINDS.index),
                paths=(*before.paths, template.path) if first else before.paths,
                alone=before.alone + (first and worst == [item.code]),
                leaves=before.leaves + item.leaves,
            )
    return sorted(
        found.values(),
        key=lambda hold: (hold.kind not in _HOLDING, -hold.templates, -hold.alone, -hold.leaves, hold.code),
    )


def order(survey: Survey) -> list[Template]:
    """The templates that are to be migrated, the easiest first: by verdict, then by what there is to do."""
    ranks = {name: rank for rank, name in enumerate(OPEN)}
    return sorted(
        (item for item in survey.templates if item.verdict in ranks),
        key=lambda item: (
            ranks[item.verdict],
            sum(o.leaves or 1 for o in item.obstacles if o.kind in _HOLDING),
            len(item.missing),
            sum(o.leaves for o in item.obstacles if o.kind not in _HOLDING),
            item.counts.total,
            item.path,
        ),
    )


def scripts(survey: Survey) -> list[Shared]:
    """Files with the same bytes that more than one template takes along, the most used first."""
    found: dict[tuple[str, int], tuple[dict[str, None], dict[str, None]]] = {}
    for template in survey.templates:
        for script in template.scripts:
            paths, users = found.setdefault((script.sha256, script.size), ({}, {}))
            paths[script.path] = users[template.path] = None
    shared = [Shared(*key, tuple(paths), tuple(users)) for key, (paths, users) in found.items() if len(users) > 1]
    return sorted(shared, key=lambda item: (-len(item.templates), item.paths))


def duplicates(survey: Survey) -> list[tuple[str, ...]]:
    """Templates that say the same and take the same scripts along."""
    found: dict[str, list[str]] = {}
    for template in survey.templates:
        if template.digest is not None:
            found.setdefault(template.digest, []).append(template.path)
    return sorted(tuple(paths) for paths in found.values() if len(paths) > 1)


def builders(survey: Survey) -> list[Use]:
    """Types of builders, by how many images they build; of all templates of Packer's."""
    return _uses((item.path, item.images, _type) for item in survey.templates if item.format in ("hcl", "json"))


def sources(survey: Survey) -> list[Use]:
    """What the images to migrate are made from."""
    uses = _used(survey, lambda image: [f"{image.source.kind} {image.source.name}"] if image.source else [])
    return [use.but(kind=kind, name=name) for use in uses for kind, _, name in [use.name.partition(" ")]]


def regions(survey: Survey) -> list[Use]:
    """Where the images to migrate are built and copied to."""
    return _used(survey, lambda image: image.regions)


def steps(survey: Survey) -> list[Use]:
    """Types of steps of the images to migrate; a step that several images share counts for each."""
    return _used(survey, lambda image: _repeated(image.steps))


def post_processors(survey: Survey) -> list[Use]:
    return _used(survey, lambda image: _repeated(image.post_processors))


def _type(image: ImageFacts) -> Iterable[str]:
    return [image.type]


def _repeated(numbers: Mapping[str, int]) -> list[str]:
    return [name for name, number in numbers.items() for _ in range(number)]


def _used(survey: Survey, names: Names) -> list[Use]:
    return _uses((item.path, in_scope(survey, item), names) for item in survey.templates if item.verdict in OPEN)


def _uses(listed: Iterable[tuple[str, Iterable[ImageFacts], Names]]) -> list[Use]:
    found: dict[str, tuple[int, set[str]]] = {}
    for path, made, names in listed:
        for image in made:
            for name in names(image):
                number, users = found.setdefault(name, (0, set()))
                users.add(path)
                found[name] = (number + 1, users)
    uses = [Use(name, number, len(users)) for name, (number, users) in found.items()]
    return sorted(uses, key=lambda use: (-use.count, use.name))
