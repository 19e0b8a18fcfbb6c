"""The Plan: what image builds are, whatever format said so.

A Plan keeps what an author wrote: inputs, named values, sources, and build groups (sources × shared steps with their
only/except/override, hooks and post-processor chains), with expressions in its leaves. :mod:`.images` explodes it into
one :class:`~.images.Image` for each image that is built.

Names. Settings of components are kept under the Plan's own vocabulary: the field's terms, dotted where nested
(``vm_size``, ``shared_image_gallery_destination.image_name``, ``pause_before``). Where Packer has an option, the Plan
uses its name; what only Image Builder has, is named in the same style (``build_timeout_minutes``,
``optimize.vm_boot``).
What no table knows is kept as an opaque :class:`Body`, so nothing is lost on a way through.
"""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.types import Type


class Leaf:
    """One leaf of the input, for the report: an attribute (HCL) or a key with a value (JSON). Compared by identity."""

    __slots__ = ("path", "span")

    def __init__(self, path: str, span: Span | None) -> None:
        self.path = path
        self.span = span

    def __repr__(self) -> str:
        return f"Leaf({self.path})"


class Setting(Record):
    """The value of an option, with the leaves that said it (several when a dynamic or repeated block did)."""

    value: Expr
    leaves: tuple[Leaf, ...] = ()
    comments: tuple[str, ...] = ()

    @property
    def span(self) -> Span | None:
        """Where it was said: the value's own span, else its first leaf's."""
        return self.value.span or (self.leaves[0].span if self.leaves else None)


class Attribute(Record):
    """``name = value`` of an opaque body."""

    name: str
    setting: Setting


class Block(Record):
    """A nested block of an opaque body: ``type "label" { … }``.

    ``dynamic``: for_each, iterator and labels of a dynamic block, as settings.
    """

    type: str
    labels: tuple[str, ...]
    body: Body
    dynamic: Mapping[str, Setting] | None = None
    span: Span | None = None
    comments: tuple[str, ...] = ()


class Body(Record):
    """What the tables do not know, in order: attributes and blocks (an attribute stays an attribute)."""

    entries: tuple[Attribute | Block, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.entries)


class Validation(Record):
    """A rule on an input; both are expressions (Packer wants text with a capital letter and a full stop)."""

    condition: Setting
    error_message: Setting


class Input(Record):
    """A variable (Packer) or parameter (ARM). ``default`` None: required. ``type`` None: not said.

    A default may be an expression: ``Call("env", …)``, or what ARM computes at deployment (``utcNow``).
    ``allowed``: a list of the only values it may have. ``pinned``: the value that structure was decided with, where a
    translated template says so; it is not part of what the author wrote. ``placeholder``: the text that stood in a
    template to be replaced before it is used (``<region>``).
    """

    name: str
    type: Type | None = None
    default: Expr | None = None
    description: str | None = None
    sensitive: bool = False
    allowed: Expr | None = None
    validations: tuple[Validation, ...] = ()
    pinned: Expr | None = None
    placeholder: str | None = None
    span: Span | None = None
    comments: tuple[str, ...] = ()
    leaves: tuple[Leaf, ...] = ()

    _aside = Record._aside | {"pinned"}


class NamedValue(Record):
    """A local (Packer) or an ARM variable."""

    name: str
    value: Expr
    sensitive: bool = False
    span: Span | None = None
    comments: tuple[str, ...] = ()
    leaves: tuple[Leaf, ...] = ()


class Source(Record):
    """A builder. ``type`` is Packer's builder type (``azure-arm``, ``null``, …)."""

    type: str
    name: str
    settings: Mapping[str, Setting]
    opaque: Body = Body()
    span: Span | None = None
    comments: tuple[str, ...] = ()
    leaves: tuple[Leaf, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.type}.{self.name}"


class SourceUse(Record):
    """A source inside a build group. ``name``: the local name, if the group renames it; its settings add up."""

    type: str
    source: str
    name: str | None = None
    settings: Mapping[str, Setting] = {}
    opaque: Body = Body()
    span: Span | None = None

    @property
    def local_name(self) -> str:
        return self.name or self.source

    @property
    def id(self) -> str:
        """What only and except compare with."""
        return f"{self.type}.{self.local_name}"


class Step(Record):
    """A provisioner or customizer. ``type``: shell, powershell, file, windows-restart, windows-update, or any other.

    ``settings`` holds meta-arguments too (pause_before, timeout, max_retries, …). ``only`` and ``excepted`` list source
    ids (``type.name``); ``override`` gives settings by local source name.
    """

    type: str
    settings: Mapping[str, Setting]
    name: str | None = None
    only: Setting | None = None
    excepted: Setting | None = None
    override: Mapping[str, Mapping[str, Setting]] = {}
    opaque: Body = Body()
    span: Span | None = None
    comments: tuple[str, ...] = ()
    leaves: tuple[Leaf, ...] = ()


class PostProcessor(Record):
    """A post-processor of a chain."""

    type: str
    settings: Mapping[str, Setting]
    name: str | None = None
    only: Setting | None = None
    excepted: Setting | None = None
    keep_input_artifact: Setting | None = None
    opaque: Body = Body()
    span: Span | None = None
    comments: tuple[str, ...] = ()
    leaves: tuple[Leaf, ...] = ()


class BuildGroup(Record):
    """A build block: sources × steps. In legacy JSON there is one, without a name."""

    name: str | None
    sources: tuple[SourceUse, ...]
    steps: tuple[Step, ...] = ()
    error_cleanup: Step | None = None
    post_processors: tuple[tuple[PostProcessor, ...], ...] = ()
    description: str | None = None
    opaque: Body = Body()
    span: Span | None = None
    comments: tuple[str, ...] = ()
    leaves: tuple[Leaf, ...] = ()


class DataSource(Record):
    """A ``data`` block; Ref("data", "TYPE.NAME") is the object that it gives.

    ``value``: that object where it is known without asking anybody, or was asked for; None: it stays symbolic.
    ``gives``: its type, where that is known.
    """

    type: str
    name: str
    body: Body
    span: Span | None = None
    comments: tuple[str, ...] = ()
    value: Expr | None = None
    gives: Type | None = None

    _aside = Record._aside | {"value", "gives"}


class Requirement(Record):
    """A required plugin: local name, source address, version constraint."""

    name: str
    source: str | None = None
    version: str | None = None


class Origin:
    """Where a Plan came from. Not part of its value.

    ``format``: ``hcl``, ``json``, ``arm``, ``resource``, ``bicep``; ``path``: as given; ``directory``: path.root.
    ``leaves``: every leaf of the input in order, for the report. ``home``: what the loader keeps with it. ``returned``:
    leaves that only kept what Packer has no word for, and gave it back. ``decided``: inputs whose values the reader
    needed for the template's shape, each with what it decided.
    """

    __slots__ = ("decided", "directory", "format", "home", "leaves", "path", "returned")

    def __init__(self, format: str, path: str, directory: str, leaves: list[Leaf]) -> None:
        self.format = format
        self.path = path
        self.directory = directory
        self.leaves = leaves
        self.home: object = None
        self.returned: tuple[Leaf, ...] = ()
        self.decided: tuple[tuple[str, str], ...] = ()


class Plan(Record):
    """A whole template."""

    inputs: tuple[Input, ...] = ()
    named: tuple[NamedValue, ...] = ()
    sources: tuple[Source, ...] = ()
    groups: tuple[BuildGroup, ...] = ()
    data: tuple[DataSource, ...] = ()
    required_version: str | None = None
    required_plugins: tuple[Requirement, ...] = ()
    description: str | None = None
    opaque: Body = Body()
    comments: tuple[str, ...] = ()
    leaves: tuple[Leaf, ...] = ()
    origin: Origin | None = None

    _aside = Record._aside | {"origin"}

    def values(self) -> dict[str, Expr]:
        """What expressions may name, by :func:`~.expressions.value_name`: named values, and data that is known."""
        found = {item.name: item.value for item in self.named}
        for data in self.data:
            if data.value is not None:
                found[f"data.{data.type}.{data.name}"] = data.value
        return found

    def input(self, name: str) -> Input | None:
        return next((i for i in self.inputs if i.name == name), None)

    def source(self, type: str, name: str) -> Source | None:
        return next((s for s in self.sources if s.type == type and s.name == name), None)
