"""How an Image Builder template is written."""

from __future__ import annotations

from bakelift.translator.imagebuilder.versions import DEFAULT
from bakelift.translator.plan.record import Record


class WriteOptions(Record):
    """``shape``: ``arm``, a deployment template, or ``resource``, the bare body of one image template.

    ``identity``: resource id of the identity that Image Builder works with: the value of a parameter, or what a bare
    resource says. ``resolve``: nothing stays symbolic that has a value. ``partial``: write what can be written even
    when a source or the only destination cannot. ``now``: seconds since 1970, for clock calls that may not stay
    symbolic.
    """

    shape: str = "arm"
    api_version: str = DEFAULT
    identity: str | None = None
    resolve: bool = False
    partial: bool = False
    now: int | None = None
