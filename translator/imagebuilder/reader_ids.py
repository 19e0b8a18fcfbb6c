"""Resource ids taken apart: the names in them, which may be expressions."""

from __future__ import annotations

from bakelift.translator.plan.expressions import Call, Index, Literal, Ref, Template, template
from bakelift.translator.plan.model import Setting
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.reader_resource import ResourceReader
    from bakelift.translator.plan.expressions import Expr


class ResourceId(Record):
    """``subscription`` and ``group`` None: those of the deployment. ``names``: one for each segment of the type."""

    type: str
    names: tuple[Expr, ...]
    subscription: Expr | None = None
    group: Expr | None = None


def read_id(expr: Expr) -> ResourceId | None:
    """The parts of a resource id, said as text or with ``resourceId``; None when they cannot be told."""
    if isinstance(expr, Call) and expr.operation == "arm.resourceId":
        return _called(expr)
    first = expr.parts[0] if isinstance(expr, Template) else None
    if isinstance(first, Call) and first.operation == "arm.resourceId":
        return _extended(_called(first), _segments(template(list(expr.children()[1:]))))
    return _written(_segments(expr))


def _extended(owner: ResourceId | None, segments: list[Expr]) -> ResourceId | None:
    """The id of what is inside a resource: its owner's, and ``/type/name`` behind it."""
    kinds = [str(kind.value) if isinstance(kind, Literal) else "" for kind in segments[1::2]]
    if owner is None or len(segments) % 2 == 0 or segments[0] != Literal("") or not all(kinds):
        return None
    return owner.but(type="/".join((owner.type, *kinds)), names=(*owner.names, *segments[2::2]))


def _called(expr: Call) -> ResourceId | None:
    at = next((i for i, a in enumerate(expr.args) if isinstance(a, Literal) and "/" in str(a.value)), None)
    if at is None or at > 2:
        return None
    type = str(expr.args[at].value).strip("/")  # type: ignore[attr-defined]
    names = expr.args[at + 1 :]
    if len(names) != type.count("/"):
        return None
    before = expr.args[:at]
    return ResourceId(type, names, _foreign(before[0]) if at == 2 else None, before[-1] if before else None)


def _foreign(subscription: Expr) -> Expr | None:
    """A subscription, unless it is the deployment's own."""
    own = Index(Call("arm.subscription", ()), Literal("subscriptionId"))
    return None if subscription == own else subscription


def _segments(expr: Expr) -> list[Expr]:
    """What stands between the slashes of a text."""
    parts = expr.parts if isinstance(expr, Template) else (expr,)
    segments: list[list[Expr]] = [[]]
    for part in parts:
        if isinstance(part, Literal) and isinstance(part.value, str):
            first, *more = part.value.split("/")
            segments[-1].append(Literal(first))
            segments += [[Literal(word)] for word in more]
        else:
            segments[-1].append(part)
    return [_joined(segment) for segment in segments]


def _joined(parts: list[Expr]) -> Expr:
    """One segment: a value that stands alone is itself, without a conversion to text."""
    real = [part for part in parts if part != Literal("")]
    return real[0] if len(real) == 1 else template(list(parts))


def _written(segments: list[Expr]) -> ResourceId | None:
    words = [str(s.value).lower() if isinstance(s, Literal) else None for s in segments]
    if len(segments) < 9 or words[0] != "" or words[1] != "subscriptions" or words[3] != "resourcegroups":
        return None
    if words[5] != "providers" or len(segments) % 2 == 0:
        return None
    kinds = [segments[6], *segments[7::2]]
    if not all(isinstance(kind, Literal) for kind in kinds):
        return None
    type = "/".join(str(kind.value) for kind in kinds if isinstance(kind, Literal))
    return ResourceId(type, tuple(segments[8::2]), _foreign(segments[2]), segments[4])


def invertible(reader: ResourceReader, found: ResourceId, expr: Expr, has_subscription: bool = False) -> bool:
    """Whether a writer makes the same id of its names. A subscription that is said and that no option keeps becomes
    Packer's own, as text: the id itself is kept as well.
    """
    from bakelift.translator.imagebuilder.writer_ids import resource_id
    from bakelift.translator.plan.normal import normal_expr

    subscription = found.subscription
    if subscription is not None and not has_subscription:
        if not _is_fill_in(reader, subscription):
            reader.settings.setdefault("subscription_id", Setting(subscription))
            if reader.deployment or reader.settings["subscription_id"].value != subscription:
                return False
        elif reader.deployment:
            return False
    if found.group is None:
        return False
    made = resource_id(subscription, found.group, found.type, *found.names)
    return normal_expr(made) == normal_expr(expr)


def _is_fill_in(reader: ResourceReader, subscription: Expr) -> bool:
    """What the writer says in a bare resource for a subscription that it is not told."""
    wanted = reader.parameters.placeholders.inputs.get("<subscriptionId>")
    return not reader.deployment and wanted is not None and subscription == Ref("input", wanted.name)
