"""What a writer gives back, and how it is spelled: JSON in ASCII with LF, the same bytes on each run."""

from __future__ import annotations

import json

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Output(Record):
    """One file. ``template`` None: nothing can be written (the diagnostics say why). ``name``: stem of its file's name.

    ``parameters``: a deployment's parameters file, where there is something to say in it. ``bicep``: the template's
    text, where it is written in Bicep; ``template`` is the same as ARM JSON.
    """

    name: str
    template: dict[str, Any] | None
    parameters: dict[str, Any] | None = None
    bicep: str | None = None

    @property
    def suffix(self) -> str:
        """What the file's name ends in."""
        return ".json" if self.bicep is None else ".bicep"

    def text(self) -> str:
        return json_text(self.template) if self.bicep is None else self.bicep

    def parameters_text(self) -> str | None:
        return None if self.parameters is None else json_text(self.parameters)


def json_text(data: object) -> str:
    """JSON as it is written to a file."""
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"
