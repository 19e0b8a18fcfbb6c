"""``diff -built``: both templates are built in sandboxes, and what they make is compared."""

from __future__ import annotations

import io
import os
import tempfile

from bakelift.translator.diagnostics import fail
from bakelift.translator.diff.model import Difference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.diffing import Template
    from bakelift.inventories.built import Layer
    from bakelift.translator.diff.model import Change

#: Lines of the log of a build that failed, which are shown.
TAIL = 20


def built_difference(a: Template, b: Template, base: str, names: tuple[str, str]) -> Difference:
    """What differs between the images that two templates make over one base.

    Raises TemplateError (``diff/build-failed``) with the end of the log when one cannot be built.
    """
    from bakelift.inventories.built import inventories, layers
    from bakelift.inventories.compare import compare_inventories

    with tempfile.TemporaryDirectory(prefix="bakelift-built-") as folder:
        made = []
        for number, (template, name) in enumerate(zip((a, b), names, strict=True)):
            out = os.path.join(folder, str(number))
            _build(template, base, out, name)
            made.append(layers(out))
        changes: list[Change] = []
        for old, new, image in _pairs(*made):
            found = compare_inventories(*inventories(old, new, base))
            prefix = f"{image}: " if image else ""
            changes += [change.but(summary=prefix + change.summary) for change in found.changes]
    return Difference(tuple(changes))


def _build(template: Template, base: str, out: str, name: str) -> None:
    from bakelift import runner
    from bakelift.deprovisioning import without_deprovisioning
    from bakelift.translator.plan.images import images

    loaded, bindings = template.loaded, template.bindings
    os.makedirs(out)
    log = io.StringIO()
    chosen = tuple(without_deprovisioning(image) for image in images(loaded.plan, inputs=bindings.values))
    status = runner.build(
        loaded.plan,
        chosen,
        bindings.values,
        files=loaded.files,
        on="sandbox",
        base=base,
        out=out,
        stdout=log,
        color=False,
    )
    if status:
        end = "\n".join(log.getvalue().splitlines()[-TAIL:])
        raise fail("diff/build-failed", f"{name} could not be built in a sandbox", f"The end of its log:\n{end}")


def _pairs(old: Mapping[str, Layer], new: Mapping[str, Layer]) -> Sequence[tuple[Layer, Layer, str]]:
    """Images of one name; a single image of each side whatever it is called."""
    if len(old) == len(new) == 1:
        return [(next(iter(old.values())), next(iter(new.values())), "")]
    return [(layer, new[name], name) for name, layer in old.items() if name in new]
