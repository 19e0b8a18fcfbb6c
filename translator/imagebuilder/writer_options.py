"""How an Image Builder template is written."""

from __future__ import annotations

from bakelift.translator.imagebuilder.versions import DEFAULT
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.scope import Clock


class WriteOptions(Record):
    """``shape``: ``arm``, a deployment template, ``bicep``, the same in Bicep, or ``resource``, the bare body of one
    image template.

    ``identity``: resource id of the identity that Image Builder works with: the value of a parameter, or what a bare
    resource says. ``resolve``: nothing stays symbolic that has a value. ``partial``: write what can be written even
    when a source or the only destination cannot. ``clock``: for clock calls that may not stay symbolic: those of a
    bare resource, and all with ``resolve``. ``template_name``: what an image template is called; ``{name}`` is what it
    would be. ``parallel``: it runs beside the pipeline that it is to replace. ``trigger``: the service builds it anew
    when its source has a new version.
    """

    shape: str = "arm"
    api_version: str = DEFAULT
    identity: str | None = None
    resolve: bool = False
    partial: bool = False
    clock: Clock | None = None
    template_name: str = "{name}"
    parallel: bool = False
    trigger: bool = False
