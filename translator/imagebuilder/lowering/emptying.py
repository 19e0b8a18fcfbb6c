"""Steps that empty the folder in which Image Builder keeps the script that generalizes the image.

Source: image-builder-troubleshoot ("make sure the deprovisioning script is not accidentally deleted"). Packer has no
such script, so its templates empty ``/tmp`` at their end.
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.emptied import empties
from bakelift.translator.plan.expressions import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bakelift.translator.imagebuilder.lowering.context import Lowered
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader


def tell_emptying(reader: StepReader, made: Sequence[Lowered]) -> None:
    """Warns of a step whose text, or a fetched script of which, removes the service's script."""
    windows = reader.context.windows
    if not any(empties(line, windows) for line in lines_of(reader, made)):
        return
    folder, name = ("C:\\", "c:\\DeprovisioningScript.ps1") if windows else ("/tmp", "/tmp/DeprovisioningScript.sh")
    way = "." if windows else ": sudo find /tmp -mindepth 1 ! -name DeprovisioningScript.sh -delete."
    reader.context.diagnostics.warning(
        "aib/empties-folder",
        f"A script empties {folder}, where Image Builder keeps the script that generalizes the image",
        f"The build fails at its end without it. Leave {name} where it is{way}",
        reader.step.span,
    )
    summary = f"it empties {folder}, where Image Builder keeps the script that generalizes the image"
    for option in ("inline", "script", "scripts"):
        if option in reader.step.settings:
            reader.say(option, "approximated", "aib/empties-folder", summary)


def lines_of(reader: StepReader, made: Sequence[Lowered]) -> Iterator[str]:
    """The lines of a step's customizers, and of the scripts that they fetch; none that has a parameter in it."""
    for lowered in made:
        for line in getattr(lowered.customizer, "inline", None) or ():
            if isinstance(line, Literal):
                yield str(line.value)
    if reader.context.options.staging is not None:
        for script in reader.scripts:
            yield from script.data.decode("utf-8", "replace").split("\n")
