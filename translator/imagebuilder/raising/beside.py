"""Long inline scripts as files beside the template, which is how a person keeps them; and the way back.

So do texts with ``{{``, which Packer would take for a template of its own where they stand inline, and texts for
PowerShell with strings that go over several items, which Packer would indent (since 1.13).
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.rest import INLINE, fields
from bakelift.translator.languages.powershell import joined
from bakelift.translator.plan.expressions import TRUE, ListExpr, Literal, ObjectExpr, Ref, template
from bakelift.translator.plan.model import Setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.plan.model import Step

#: An inline script of so many lines is long.
LONG = 20


def beside(
    step: Step, customizer: Customizer, number: int, taken: Mapping[str, bytes]
) -> tuple[Step, Customizer, dict[str, bytes]]:
    """The step, its customizer with a note for the way back, and the file that the step names then."""
    inline = step.settings.get("inline")
    lines = inline.value.items if inline is not None and isinstance(inline.value, ListExpr) else ()
    texts = [line.value for line in lines if isinstance(line, Literal) and isinstance(line.value, str)]
    if inline is None or step.type not in ("shell", "powershell") or not texts or len(texts) != len(lines):
        return step, customizer, {}
    if any("\n" in text or "\r" in text for text in texts) or t.read_marker(texts[0]) is not None:
        return step, customizer, {}
    broken = step.type == "powershell" and joined(texts) != texts
    if len(texts) < LONG and not broken and not any("{{" in text for text in texts):
        return step, customizer, {}
    name = customizer.name.value if isinstance(customizer.name, Literal) else None
    word = re.sub(r"[^A-Za-z0-9._-]+", "-", str(name or f"step-{number}")).strip("-.") or f"step-{number}"
    ending = "sh" if step.type == "shell" else "ps1"
    shebang = ["#!/bin/sh -e"] if step.type == "shell" else []
    data = "\n".join([*shebang, *texts, ""]).encode()
    path, again = f"scripts/{word}.{ending}", 2
    while taken.get(path, data) != data:
        path, again = f"scripts/{word}-{again}.{ending}", again + 1
    script = Setting(template([Ref("path", "root"), Literal(f"/{path}")]), inline.leaves)
    settings = {("script" if key == "inline" else key): setting for key, setting in step.settings.items()}
    settings["script"] = script
    noted = ObjectExpr((*((Literal(k), v) for k, v in fields(customizer.extra).items()), (Literal(INLINE), TRUE)))
    return step.but(settings=settings), customizer.but(extra=noted), {path: data}
