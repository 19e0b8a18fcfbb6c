"""The comments of a template, with what each was written for: for formats that keep none."""

from __future__ import annotations

import re

from bakelift.translator.plan.model import Setting
from bakelift.translator.plan.record import Record
from bakelift.translator.plan.usage import leaves_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.plan.model import Plan, PostProcessor, Step


class Remark(Record):
    """``text``: lines without their signs; ``about``: the path of what it stands before, "" for the whole template."""

    text: tuple[str, ...]
    about: str
    span: Span | None = None

    def as_json(self) -> dict[str, object]:
        return {"text": list(self.text), "about": self.about, "span": self.span.as_json() if self.span else None}


def remarks(plan: Plan) -> tuple[Remark, ...]:
    """Every comment that the Plan keeps, in the order of the template."""
    found = [Remark(plan.comments, "")] if plan.comments else []
    found += [Remark(item.comments, f"variable.{item.name}", item.span) for item in plan.inputs if item.comments]
    found += [Remark(item.comments, f"local.{item.name}", item.span) for item in plan.named if item.comments]
    for source in plan.sources:
        found += _of(source.comments, f"source.{source.id}", source.span, source.settings)
    for index, group in enumerate(plan.groups):
        found += _of(group.comments, f"build.{group.name}" if group.name else f"build[{index}]", group.span, {})
        posts = [post for chain in group.post_processors for post in chain]
        parts: list[Step | PostProcessor] = [*group.steps, *posts]
        for part in [*parts, *([group.error_cleanup] if group.error_cleanup is not None else [])]:
            found += _of(part.comments, _address(part) or part.type, part.span, part.settings)
    for data in plan.data:
        found += _of(data.comments, f"data.{data.type}.{data.name}", data.span, {})
    return tuple(sorted(found, key=lambda r: (r.span.file.path, r.span.start) if r.span is not None else ("", -1)))


def _of(comments: tuple[str, ...], about: str, span: Span | None, settings: object) -> Iterator[Remark]:
    if comments:
        yield Remark(comments, about, span)
    for name, setting in settings.items() if isinstance(settings, dict) else ():
        if isinstance(setting, Setting) and setting.comments:
            yield Remark(setting.comments, f"{about}.{name}", setting.span)


def _address(part: Record) -> str:
    """The path of a step or post-processor, which is that of its leaves without their own names."""
    for leaf in leaves_of(part):
        found = re.match(r".*?(?:provisioners?|post-processors?)\[\d+\](?:\.post-processor\[\d+\])?", leaf.path)
        if found is not None:
            return found[0]
    return ""
