"""bakelift lifts baked images from one pipeline to another.

>>> import bakelift
>>> plan = bakelift.load("web.pkr.hcl")                     # doctest: +SKIP
>>> translation = bakelift.dump(plan, "arm")                # doctest: +SKIP
>>> bakelift.build(plan, on="sandbox", base="host")         # doctest: +SKIP
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.api import Translation, build, dump, load
    from bakelift.translator.diagnostics import Diagnostic, TemplateError
    from bakelift.translator.plan.model import Plan

__version__ = "0.1.0"

__all__ = ["Diagnostic", "Plan", "TemplateError", "Translation", "build", "dump", "load"]

#: Where the public names live; they are loaded when they are first asked for.
_HOMES = {
    "Diagnostic": "bakelift.translator.diagnostics",
    "Plan": "bakelift.translator.plan.model",
    "TemplateError": "bakelift.translator.diagnostics",
    "Translation": "bakelift.api",
    "build": "bakelift.api",
    "dump": "bakelift.api",
    "load": "bakelift.api",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'bakelift' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
