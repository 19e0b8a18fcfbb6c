"""A Plan of an Image Builder template with customizers in the service's own words, for comparing."""

from __future__ import annotations

from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.raising.plain import described_step
from bakelift.translator.plan.expressions import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.plan.model import Plan, Step


def described(plan: Plan, covers: Mapping[int, tuple[Customizer, ...]], everything: bool) -> Plan:
    """The Plan with a step for each customizer that no lowering made; with ``everything``, for each customizer."""
    groups = tuple(group.but(steps=tuple(_steps(group.steps, covers, everything))) for group in plan.groups)
    return plan.but(groups=groups)


def _steps(steps: Iterable[Step], covers: Mapping[int, tuple[Customizer, ...]], everything: bool) -> Iterator[Step]:
    for step in steps:
        own = covers.get(id(step), ())
        if own and (everything or not any(_lowered(customizer) for customizer in own)):
            yield from (described_step(customizer) for customizer in own)
        else:
            yield step


def _lowered(customizer: Customizer) -> bool:
    """Whether a customizer has the mark of a lowered text."""
    lines = getattr(customizer, "inline", None)
    first = lines[0] if lines else None
    text = first.value if isinstance(first, Literal) else None
    return isinstance(text, str) and t.read_marker(text) is not None
