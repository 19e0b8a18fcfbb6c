"""What the symbols of a template mean in one build, and which of their values are secret."""

from __future__ import annotations

import os
import random
import time

from bakelift.runner.redaction import texts
from bakelift.runner.settings import build_symbols, text_value
from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.plan.binding import data_symbols
from bakelift.translator.plan.scope import Clock, Scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bakelift.translator.files import Files
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Plan
    from bakelift.translator.plan.values import Value


class World:
    """What is the same for every build of a run. ``version``: what ``packer.version`` says; ``clock`` and
    ``run_uuid``: those of the run that is resumed.
    """

    def __init__(
        self,
        plan: Plan,
        inputs: Mapping[str, Value],
        files: Files,
        environment: Mapping[str, str],
        version: str,
        clock: Clock | None = None,
        run_uuid: str | None = None,
    ) -> None:
        self.plan = plan
        self.files = files
        self.environment = environment
        self.version = version
        self.run_uuid = run_uuid or ordered_uuid()
        self.clock = clock or run_clock(time.time(), self.run_uuid)
        root = (plan.origin.directory if plan.origin is not None else "") or "."
        self._symbols = {
            **data_symbols(plan),
            ("path", "root"): text_value(root),
            ("path", "template_dir"): text_value(os.path.abspath(root)),
            ("path", "cwd"): text_value(files.cwd),
            ("packer", "version"): text_value(version),
        }
        self.inputs = self._with_defaults(inputs)

    @property
    def json(self) -> bool:
        """Whether the template is legacy JSON, whose rules differ here and there."""
        origin = self.plan.origin
        return origin is not None and origin.format == "json"

    def scope(self, image: Image | None = None, generated: Mapping[str, str] | None = None) -> Scope:
        """The meaning of symbols in one build; of those that belong to no build, without an image. ``generated``: data
        that this builder has besides what every builder has.
        """
        symbols = dict(self._symbols)
        if image is not None:
            symbols |= build_symbols({"PackerRunUUID": self.run_uuid, **(generated or {})})
            symbols |= {
                ("source", "name"): text_value(image.local_name),
                ("source", "type"): text_value(image.type),
                ("group", "name"): text_value(image.group_name or ""),
                ("build", "name"): text_value(image.group_name or ""),
            }
        return Scope(self.inputs, self.plan.values(), symbols, self.files, self.clock, self.environment)

    def secrets(self) -> Iterator[tuple[str, str]]:
        """Every text inside a sensitive variable or local, and inside a local that is made of one; by whose it is."""
        from bakelift.translator.plan.evaluate import evaluate

        for item in self.plan.inputs:
            if item.sensitive and item.name in self.inputs:
                yield from ((f"var.{item.name}", text) for text in texts(self.inputs[item.name]))
        scope = self.scope()
        for named in self.plan.named:
            try:
                value = evaluate(named.value, scope)
            except TemplateError:
                continue  # told where it is used
            if named.sensitive or value.sensitive:
                yield from ((f"local.{named.name}", text) for text in texts(value))

    def _with_defaults(self, inputs: Mapping[str, Value]) -> dict[str, Value]:
        """Variables that nobody set have their defaults, which may use each other in any order."""
        from bakelift.translator.plan.evaluate import evaluate

        values = dict(inputs)
        waiting = [item for item in self.plan.inputs if item.name not in values and item.default is not None]
        while waiting:
            scope = Scope(values, {}, self._symbols, self.files, self.clock, self.environment)
            left = []
            for item in waiting:
                assert item.default is not None
                value = evaluate(item.default, scope)
                if value.wholly_known():
                    values[item.name] = value
                else:
                    left.append(item)
            if len(left) == len(waiting):
                break
            waiting = left
        return values


def run_clock(now: float, run_uuid: str) -> Clock:
    """The time of a run, and its uuids: the same again when it is resumed."""
    source = random.Random(run_uuid)

    def uuid() -> str:
        import uuid

        return str(uuid.UUID(int=source.getrandbits(128), version=4))

    return Clock(now, uuid)


def ordered_uuid() -> str:
    """A UUID whose first 32 bits are the seconds since 1970, so that they sort by time."""
    digits = f"{int(time.time()) & 0xFFFFFFFF:08x}{random.getrandbits(96):024x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
