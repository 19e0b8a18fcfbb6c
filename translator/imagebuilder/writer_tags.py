"""Tags whose value only Packer's own run knows: an image template goes without them, and that is told."""

from __future__ import annotations

from bakelift.translator.plan.expressions import Literal, ObjectExpr, Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.writer_leaves import Leaves
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Setting

#: Kinds of references that no deployment knows.
_OF_PACKER = frozenset({"packer", "source", "group", "build"})


def sayable_tags(setting: Setting, leaves: Leaves) -> Setting:
    """The tags without those that no deployment can say; of these a warning tells, and their leaves are unsupported."""
    value = leaves.binder.fold(setting.value)
    value = value if isinstance(value, ObjectExpr) else leaves.inlined(value)
    if not isinstance(value, ObjectExpr):
        return setting
    kept: list[tuple[Expr, Expr]] = []
    for key, tag in value.entries:
        problem = _problem(tag, leaves)
        if problem is None:
            kept.append((key, tag))
        else:
            _tell(key, tag, problem, setting, leaves)
    return setting if len(kept) == len(value.entries) else setting.but(value=ObjectExpr(tuple(kept), value.span))


def _problem(tag: Expr, leaves: Leaves) -> str | None:
    """Why no deployment knows a tag's value; None when one does."""
    whole = leaves.inlined(tag)
    of_packer = any(isinstance(node, Ref) and node.kind in _OF_PACKER for node in whole.walk())
    return leaves.symbols.problem(whole) if of_packer else None


def _tell(key: Expr, tag: Expr, problem: str, setting: Setting, leaves: Leaves) -> None:
    name = str(key.value) if isinstance(key, Literal) else "of a tag"
    own = tuple(leaf for leaf in setting.leaves if leaf.path.endswith(f".{name}")) or setting.leaves
    leaves.accounting.say(own, "unsupported", "aib/tag", f"the image goes without the tag {name}: {problem}")
    leaves.diagnostics.warning(
        "aib/tag",
        f"A deployment does not know the value of the tag {name}",
        f"The image goes without it, since {problem}. Write its value as text, or set it after the build.",
        tag.span or setting.span,
    )
