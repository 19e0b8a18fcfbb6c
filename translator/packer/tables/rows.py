"""The shape of the option tables: one row says all that reading and writing need to know of one option."""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Literal

    ValueKind = Literal["string", "number", "bool", "duration", "list", "map", "block", "any"]
    Form = Literal["attribute", "block", "blocks"]
    Kind = Literal["builder", "provisioner", "post-processor", "data"]


#: ``since`` of an option that Packer 1.6.6 does not take (observed) and a current one does.
LATER = ">1.6.6"


class Option(Record):
    """One option of a component.

    ``name``: as Packer has it, dotted where nested in a block (``plan_info.plan_name``). ``value``: what it holds; a
    duration is text as Go writes it (``1h30m``). ``element``: kind of a list's or map's elements. ``form``: how HCL
    says it: an attribute, one block, or repeated blocks. ``plan``: its name in the Plan (mostly the same).
    ``default``: what Packer does when it is absent, None where that is nothing or computed. ``since`` and ``removed``:
    version of Packer (core components) or of the component's plugin, where known; ``since`` "" is at least as old as
    1.6.6. ``secret``: its value must never be shown. ``json_only``: legacy templates may have it (the decoder takes any
    field's name), HCL may not. ``rendered_again``: Packer renders the text as a Go template a second time just before
    it uses it. ``file``: a path on the machine that runs Packer.
    """

    name: str
    value: ValueKind
    form: Form = "attribute"
    element: ValueKind = "string"
    plan: str = ""
    default: str | int | bool | tuple[object, ...] | None = None
    required: bool = False
    since: str = ""
    removed: str = ""
    secret: bool = False
    json_only: bool = False
    rendered_again: bool = False
    file: bool = False

    @property
    def setting(self) -> str:
        """The key of the option in a Plan's settings."""
        return self.plan or self.name


class Component(Record):
    """The options of one builder, provisioner, post-processor or data source.

    ``opaque``: the Plan keeps its body as it stands; the rows only say what is an attribute and what is a block.
    """

    kind: Kind
    type: str
    options: Mapping[str, Option]
    opaque: bool = False

    def nested(self, block: str = "") -> dict[str, Option]:
        """The options directly inside a block (``""``: the component's own body), by their name there."""
        prefix = block + "." if block else ""
        return {
            name[len(prefix) :]: option
            for name, option in self.options.items()
            if name.startswith(prefix) and "." not in name[len(prefix) :]
        }


def component(kind: Kind, type: str, *groups: Iterable[Option], opaque: bool = False) -> Component:
    return Component(kind, type, {option.name: option for group in groups for option in group}, opaque)


def string(name: str, default: str | None = None, **more: object) -> Option:
    return Option(name, "string", default=default, **more)  # type: ignore[arg-type]


def strings(name: str, default: tuple[object, ...] | None = None, **more: object) -> Option:
    return Option(name, "list", element="string", default=default, **more)  # type: ignore[arg-type]


def numbers(name: str, default: tuple[object, ...] | None = None, **more: object) -> Option:
    return Option(name, "list", element="number", default=default, **more)  # type: ignore[arg-type]


def number(name: str, default: int | None = None, **more: object) -> Option:
    return Option(name, "number", default=default, **more)  # type: ignore[arg-type]


def boolean(name: str, default: bool | None = False, **more: object) -> Option:
    return Option(name, "bool", default=default, **more)  # type: ignore[arg-type]


def duration(name: str, default: str | None = None, **more: object) -> Option:
    return Option(name, "duration", default=default, **more)  # type: ignore[arg-type]


def mapping(name: str, **more: object) -> Option:
    return Option(name, "map", element="string", **more)  # type: ignore[arg-type]


def block(name: str, **more: object) -> Option:
    return Option(name, "block", "block", **more)  # type: ignore[arg-type]


def blocks(name: str, **more: object) -> Option:
    return Option(name, "block", "blocks", **more)  # type: ignore[arg-type]
