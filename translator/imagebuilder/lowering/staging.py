r"""Files that a template names by address instead of holding them.

A staged file is a File customizer, which Image Builder fetches when the template is submitted and checks by its sha256.
It lands beside the script of the step: ``/tmp/DIGEST-NAME``, or ``C:\Windows\Temp\DIGEST-NAME``. The customizer after
it is the one that would hold the file, and reads it there: users, environment and commands are the same.
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.customizers import File
from bakelift.translator.imagebuilder.lowering.context import Lowered
from bakelift.translator.plan.expressions import Literal
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.imagebuilder.lowering.shell_spec import Script
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader

    class Staging(Protocol):
        """Decides where files go. What stands in the way is told in diagnostics of its own."""

        def place(self, data: bytes, name: str, origin: str | None, source: str, span: Span | None) -> Staged | None:
            """Where bytes are fetched from; None: nowhere, so the customizer has to hold them.

            ``name``: the last part of the file's name; ``origin``: the file on disk that the bytes are made of, None
            where there is no one file; ``source``: its path as the template says it.
            """


#: Image Builder's own download crawls with more (image-builder-json: "only suitable for small file downloads, < 20MB").
SLOW = 20 * 1024 * 1024


class Staged(Record):
    """A file at an address. ``sha256``: 64 hexadecimal digits in lower case. ``name``: the last part of its name."""

    uri: str
    sha256: str
    name: str

    @property
    def file(self) -> str:
        """The name of the fetched file: short, of plain letters, and another for other bytes."""
        plain = re.sub(r"[^A-Za-z0-9._-]", "_", self.name).lstrip(".-")[-64:]
        return f"{self.sha256[:16]}-{plain or 'file'}"

    def path(self, windows: bool) -> str:
        """Where it lands on the build VM. Linux: the only folder that a File customizer may write to."""
        return f"C:\\Windows\\Temp\\{self.file}" if windows else f"/tmp/{self.file}"


def sha256(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def place(
    reader: StepReader, data: bytes, name: str, origin: str | None, source: str, span: Span | None = None
) -> Staged | None:
    """A place for a file of a step; None when the customizer is to hold it."""
    staging = reader.context.options.staging
    if staging is None:
        return None
    found = staging.place(data, name, origin, source, span or reader.step.span)
    if found is not None and len(data) > SLOW:
        reader.context.diagnostics.warning(
            "aib/staged-large",
            f"{source} has {len(data):,} bytes, and Image Builder fetches more than 20 MB slowly",
            "Let the step itself download it, with curl or Invoke-WebRequest and an identity of the build VM.",
            span or reader.step.span,
        )
    return found


def staged_script(reader: StepReader, script: Script, data: bytes, name: str, by: str = "the customizer") -> Script:
    """A script with a place of its own; without one where the customizer is to hold it. ``by``: what runs it then."""
    found = place(reader, data, name, script.origin, script.path or "")
    if found is not None:
        for option in ("script", "scripts"):
            if reader.expr(option) is not None:
                reader.say(option, "adapted", "aib/staged", f"fetched by its address, and run by {by}")
    return script.but(staged=found)


def fetches(reader: StepReader, staged: Iterable[Staged]) -> list[Lowered]:
    """The File customizers that bring files to the build VM, each once."""
    found = []
    for item in dict.fromkeys(staged):
        customizer = File(
            source_uri=Literal(item.uri),
            destination=Literal(item.path(reader.context.windows)),
            sha256_checksum=Literal(item.sha256),
            leaves=reader.leaves(),
        )
        found.append(Lowered(customizer, None, f"fetch {item.name}"))
    return found
