r"""Steps that empty the folder in which Image Builder keeps the script that generalizes the image.

Source: image-builder-troubleshoot ("make sure the deprovisioning script is not accidentally deleted"). Packer has no
such script, so its templates empty ``/tmp`` at their end.
"""

from __future__ import annotations

from bakelift.translator.plan.expressions import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.imagebuilder.lowering.context import Lowered, StepReader


def tell_emptying(reader: StepReader, made: Sequence[Lowered]) -> None:
    """Warns of a step whose text removes the script. What is quick to see is looked for first: most texts have none."""
    windows = reader.context.windows
    sign, folder = ("remove-item", "C:\\") if windows else ("/tmp", "/tmp")
    for lowered in made:
        lines = getattr(lowered.customizer, "inline", None) or ()
        for line in lines:
            text = str(line.value) if isinstance(line, Literal) else ""
            if sign in text.lower() and len(text) < 4096 and _empties(text, windows):
                keep = "c:\\DeprovisioningScript.ps1" if windows else "/tmp/DeprovisioningScript.sh"
                way = f"Leave {keep} where it is" + (
                    "." if windows else ": sudo find /tmp -mindepth 1 ! -name DeprovisioningScript.sh -delete."
                )
                reader.context.diagnostics.warning(
                    "aib/empties-folder",
                    f"A script empties {folder}, where Image Builder keeps the script that generalizes the image",
                    f"The build fails at its end without it. {way}",
                    reader.step.span,
                )
                summary = f"it empties {folder}, where Image Builder keeps the script that generalizes the image"
                for name in ("inline", "script", "scripts"):
                    if name in reader.step.settings:
                        reader.say(name, "approximated", "aib/empties-folder", summary)
                return


def _empties(text: str, windows: bool) -> bool:
    from bakelift.translator.imagebuilder.troubles import EMPTIES

    return EMPTIES["PowerShell" if windows else "Shell"].search(text) is not None
