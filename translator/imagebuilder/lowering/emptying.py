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

    from bakelift.translator.imagebuilder.lowering.context import Context, Lowered
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader


def note_emptying(reader: StepReader, made: Sequence[Lowered]) -> None:
    """Remembers a step whose text, or a fetched script of which, removes the service's script."""
    context = reader.context
    if any(empties(line, context.windows) for line in lines_of(reader, made)):
        texts = (reader.step.settings.get(name) for name in ("inline", "script", "scripts"))
        leaves = tuple(leaf for setting in texts if setting is not None for leaf in setting.leaves)
        context.emptying.append((reader.step, leaves))
        context.emptied = True


def tell_emptying(context: Context) -> None:
    """Warns of these steps, unless the last one writes the script again."""
    if context.restored:
        return
    windows = context.windows
    folder, name = ("C:\\", "c:\\DeprovisioningScript.ps1") if windows else ("/tmp", "/tmp/DeprovisioningScript.sh")
    way = "." if windows else ": sudo find /tmp -mindepth 1 ! -name DeprovisioningScript.sh -delete."
    for step, leaves in context.emptying:
        context.diagnostics.warning(
            "aib/empties-folder",
            f"A script empties {folder}, where Image Builder keeps the script that generalizes the image",
            f"The build fails at its end without it. Leave {name} where it is{way}",
            step.span,
        )
        summary = f"it empties {folder}, where Image Builder keeps the script that generalizes the image"
        context.accounting.say(leaves, "approximated", "aib/empties-folder", summary)


def lines_of(reader: StepReader, made: Sequence[Lowered]) -> Iterator[str]:
    """The lines of a step's customizers, and of the scripts that they fetch; none that has a parameter in it."""
    for lowered in made:
        for line in getattr(lowered.customizer, "inline", None) or ():
            if isinstance(line, Literal):
                yield str(line.value)
    if reader.context.options.staging is not None:
        for script in reader.scripts:
            yield from script.data.decode("utf-8", "replace").split("\n")
