"""What a survey says of each template: what it builds, what translating it would cost, and what is in the way."""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from bakelift.translator.diagnostics import Diagnostic

    Verdict = Literal["automatic", "review", "manual", "needs-values", "unreadable", "out-of-scope", "there"]

#: From the easiest to what has no part in the migration, with the words in which people read them.
VERDICTS: dict[Verdict, str] = {
    "automatic": "automatic",
    "review": "to review",
    "manual": "manual",
    "needs-values": "needs values",
    "unreadable": "cannot be read",
    "out-of-scope": "out of scope",
    "there": "already there",
}
#: Verdicts of templates that somebody has to do something about.
OPEN: tuple[Verdict, ...] = ("automatic", "review", "manual", "needs-values", "unreadable")


class Place(Record):
    """A source or a destination. ``kind``: ``marketplace``, ``managed-image``, ``gallery`` or ``vhd``.

    ``name``: as people call it: ``publisher:offer:sku``, ``group/name``, ``gallery/definition``, an address.
    ``version``: of the image, where one is said.
    """

    kind: str
    name: str
    version: str | None = None


class ImageFacts(Record):
    """One image. ``type``: of its builder; what other builders than azure-arm say of it is not looked at.

    ``steps``, ``post_processors``: how many of each type. What is not decided stands as the template writes it.
    ``counts``: of what is its own and of the steps that it has; several images may share these. None: not translated.
    """

    name: str
    type: str
    os: str | None = None
    source: Place | None = None
    destinations: tuple[Place, ...] = ()
    regions: tuple[str, ...] = ()
    vm_size: str | None = None
    steps: Mapping[str, int] = {}
    post_processors: Mapping[str, int] = {}
    counts: Counts | None = None


class Counts(Record):
    """Leaves of a template, as the last line of a translation counts them; those waived are counted there too."""

    automatic: int = 0
    review: int = 0
    manual: int = 0
    waived: int = 0
    out_of_scope: int = 0

    @property
    def total(self) -> int:
        return self.automatic + self.review + self.manual + self.out_of_scope

    def plus(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in self._fields))


class Obstacle(Record):
    """A code that a template has to do with. ``kind``: the class of its leaves, or ``error``; ``leaves``: how many."""

    code: str
    kind: str
    leaves: int


class Script(Record):
    """A file that a template's steps take along. ``path``: where it is; ``sha256``, ``size``: of its bytes."""

    path: str
    sha256: str
    size: int


class Template(Record):
    """What is said of one template.

    ``format``: ``hcl``, ``json``, ``arm``, ``resource``, ``bicep``; "" when that could not be found out. ``written``:
    whether a translation writes something. ``missing``: variables that need a value before it can be translated.
    ``digest``: the same for templates that say the same and take the same scripts along; None when not read.
    ``read_files``, ``other_files``: variable files beside it that are read by themselves, and that are not.
    """

    path: str
    verdict: Verdict
    format: str = ""
    written: bool = False
    images: tuple[ImageFacts, ...] = ()
    counts: Counts = Counts()
    obstacles: tuple[Obstacle, ...] = ()
    missing: tuple[str, ...] = ()
    missing_files: tuple[str, ...] = ()
    read_files: tuple[str, ...] = ()
    other_files: tuple[str, ...] = ()
    scripts: tuple[Script, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    digest: str | None = None


class Left(Record):
    """What was seen and not inventoried, for one reason: how many, and the first few of their paths."""

    reason: str
    count: int
    examples: tuple[str, ...]


class Survey(Record):
    """A whole survey. ``to``: the format that templates would be translated to. ``templates``: as they were found."""

    to: str
    paths: tuple[str, ...]
    templates: tuple[Template, ...]
    left: tuple[Left, ...] = ()
