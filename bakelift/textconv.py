"""Any template as HCL text, for git's ``textconv``: what it says, whatever format says it."""

from __future__ import annotations

from bakelift.translator.diagnostics import Diagnostics, TemplateError


def canonical(path: str) -> str:
    """The template in canonical HCL, without what only its format says. A file that cannot be read as a template is
    given as it is, since a broken one has to be shown too. Raises OSError.
    """
    from bakelift.loading import load_template
    from bakelift.packer_output import write_packer

    with open(path, encoding="utf-8", errors="replace") as file:
        raw = file.read()
    told = Diagnostics()
    try:
        loaded = load_template(path, told)
        made = write_packer(loaded.plan, "hcl", "-", loaded.scripts, told, alone=True)
    except TemplateError:
        return raw
    return made.text
