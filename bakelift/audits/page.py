"""A survey with all that follows from it: what every format shows."""

from __future__ import annotations

from bakelift.discovery import REASONS
from bakelift.explaining import explanation
from bakelift.translator.audit import totals
from bakelift.translator.audit.model import OPEN, VERDICTS
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.audit.model import Counts, Left, Survey, Template, Verdict
    from bakelift.translator.audit.totals import Hold, Shared, Use

TARGETS = {
    "arm": "Azure VM Image Builder",
    "bicep": "Azure VM Image Builder, as Bicep",
    "hcl": "Packer",
    "json": "Packer's legacy JSON",
}


class Step(Record):
    """A code that stands in the way, with what it means and what can be done; and how its class is called."""

    hold: Hold
    meaning: str
    way_out: str

    @property
    def kind(self) -> str:
        return KINDS[self.hold.kind]

    @property
    def colour(self) -> str:
        """The verdict whose colour it has."""
        return "review" if self.kind == "to review" else "manual"


#: How the classes of what stands in the way are called.
KINDS = {"error": "error", "unsupported": "manual", "approximated": "to review", "dropped": "to review"}


class Page(Record):
    """``target``: what is migrated to, in words. ``images``: how many there are to migrate."""

    survey: Survey
    target: str
    verdicts: Mapping[Verdict, int]
    counts: Counts
    images: int
    steps_first: tuple[Step, ...]
    order: tuple[Template, ...]
    scripts: tuple[Shared, ...]
    duplicates: tuple[tuple[str, ...], ...]
    sources: tuple[Use, ...]
    builders: tuple[Use, ...]
    regions: tuple[Use, ...]
    steps: tuple[Use, ...]
    post_processors: tuple[Use, ...]

    @property
    def migrated(self) -> int:
        """How many templates there are to migrate."""
        return sum(self.verdicts[name] for name in OPEN)

    @property
    def aside(self) -> list[Template]:
        """The templates that have no part in the migration."""
        return [item for item in self.survey.templates if item.verdict not in OPEN]

    @property
    def left(self) -> list[tuple[Left, str]]:
        """What was not inventoried, with the reason in words."""
        return [(item, REASONS[item.reason]) for item in self.survey.left]

    @property
    def words(self) -> Mapping[Verdict, str]:
        return VERDICTS

    @property
    def kinds(self) -> Mapping[str, str]:
        return KINDS

    @property
    def parts(self) -> tuple[tuple[str, str, Sequence[Template]], ...]:
        """The lists of templates: their titles, and what is to be said beside them."""
        return (("Templates", "the easiest first", self.order), ("No part of it", "", self.aside))

    @property
    def tables(self) -> tuple[tuple[str, str, tuple[Use, ...]], ...]:
        """How often things are used: what they are, and what is counted."""
        return (
            ("Made from", "images", self.sources),
            ("Steps", "steps", self.steps),
            ("Post-processors", "post-processors", self.post_processors),
            ("Regions", "images", self.regions),
            ("Builders", "images", self.builders),
        )

    def word(self, template: Template) -> str:
        return VERDICTS[template.verdict]

    def share(self) -> int:
        """Of the settings that are to be migrated, so many of a hundred go by themselves; rounded down."""
        of = self.counts.automatic + self.counts.review + self.counts.manual
        return self.counts.automatic * 100 // of if of else 0


def page(survey: Survey) -> Page:
    return Page(
        survey=survey,
        target=TARGETS[survey.to],
        verdicts=totals.verdicts(survey),
        counts=totals.counts(survey),
        images=totals.images(survey),
        steps_first=tuple(_step(hold) for hold in totals.holds(survey)),
        order=tuple(totals.order(survey)),
        scripts=tuple(totals.scripts(survey)),
        duplicates=tuple(totals.duplicates(survey)),
        sources=tuple(totals.sources(survey)),
        builders=tuple(totals.builders(survey)),
        regions=tuple(totals.regions(survey)),
        steps=tuple(totals.steps(survey)),
        post_processors=tuple(totals.post_processors(survey)),
    )


def _step(hold: Hold) -> Step:
    found = explanation(hold.code)
    return Step(hold, found.meaning if found else "", found.way_out if found else "")
