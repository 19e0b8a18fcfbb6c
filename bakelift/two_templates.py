"""Two templates that a command line names, compared."""

from __future__ import annotations

import os
from contextlib import ExitStack

from bakelift.arguments import Usage
from bakelift.differences.review import Compared, review
from bakelift.diffing import difference, open_side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bakelift.arguments import Parsed
    from bakelift.differences.review import Review
    from bakelift.diffing import Template
    from bakelift.inventories.compare import Inventory


def review_two(parsed: Parsed) -> Review:
    """Compares the two. Raises TemplateError when one cannot be read."""
    old, new = parsed.positionals
    inventories = [_inventory(name) for name in (old, new)]
    if inventories[0] is not None and inventories[1] is not None:
        from bakelift.inventories.compare import compare_inventories

        return review(old, new, [Compared(new, compare_inventories(inventories[0], inventories[1]))], str)
    if any(inventories):
        raise Usage("an inventory is compared with an inventory: of both machines, or of neither")
    with ExitStack() as stack:
        a = _opened(old, "a", parsed, stack)
        b = _opened(new, "b", parsed, stack)
        if parsed.flag("built"):
            from bakelift.built_images import built_difference

            base = parsed.text("base")
            if base is None:
                raise Usage("-built needs -base: a folder or tar file with a root file system, or host")
            found = built_difference(a, b, base, (old, new))
        else:
            found = difference(a, b)
        return review(old, new, [Compared(new, found)], hiding((a, b)))


def _inventory(name: str) -> Inventory | None:
    """What a collector printed, if that is what a file holds. Raises TemplateError (``inventory/…``)."""
    if not name.endswith(".json") or not os.path.isfile(name):
        return None
    from bakelift.inventories.compare import MARK, read_inventory

    with open(name, "rb") as file:
        start = file.read(4096)
        file.seek(max(0, os.path.getsize(name) - 4096))
        if MARK not in start and MARK not in file.read():
            return None
        file.seek(0)
        return read_inventory(name, file.read())


def _opened(name: str, side: str, parsed: Parsed, stack: ExitStack) -> Template:
    variables = [*parsed.texts("var"), *parsed.texts(f"var-{side}")]
    files = [os.path.abspath(path) for path in (*parsed.texts("var-file"), *parsed.texts(f"var-file-{side}"))]
    if name.startswith("git:"):
        from bakelift.git_trees import at_revision, working_in

        path, top = stack.enter_context(at_revision(name))
        with working_in(top):
            return open_side(path, variables, files, ["."])
    return open_side(name, variables, files, parsed.texts("root"))


def hiding(templates: Iterable[Template]) -> Callable[[str], str]:
    """Takes the values of sensitive variables, of all sides, out of a text."""
    from bakelift.runner.redaction import Redactor, texts
    from bakelift.translator.plan.expressions import Literal
    from bakelift.translator.plan.usage import held

    secrets: list[str] = []
    for template in templates:
        plan = template.loaded.plan
        for item in plan.inputs:
            value = template.bindings.values.get(item.name)
            if value is not None and (item.sensitive or value.sensitive):
                secrets += texts(value)
            if item.sensitive and item.default is not None:
                secrets += [n.value for n in item.default.walk() if isinstance(n, Literal) and isinstance(n.value, str)]
        for named in plan.named:
            if named.sensitive:
                secrets += [n.value for n in held(named.value, Literal) if isinstance(n.value, str)]
    return Redactor(secrets)
