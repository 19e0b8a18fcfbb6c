"""Whether what was raised lowers to the customizers again."""

from __future__ import annotations

from bakelift.translator.diagnostics import Diagnostics, TemplateError
from bakelift.translator.files import DictFiles, Entry, Found
from bakelift.translator.imagebuilder.lowering import lower_step
from bakelift.translator.imagebuilder.lowering.context import Context, LoweringOptions
from bakelift.translator.imagebuilder.lowering.text import bare
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr, Ref, Template, template, transform
from bakelift.translator.plan.types import DYNAMIC
from bakelift.translator.plan.values import Value, from_python, to_expr, unknown
from bakelift.translator.report import Accounting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.lowering.context import Lowered
    from bakelift.translator.imagebuilder.lowering.staging import Staging
    from bakelift.translator.imagebuilder.raising.candidates import Candidate
    from bakelift.translator.plan.model import Step


class AsWritten:
    """A binder that binds nothing: what was raised is text already, or stays symbolic."""

    def fold(self, expr: Expr) -> Expr:
        return expr

    def value(self, expr: Expr, reason: str) -> Value:
        if isinstance(expr, Literal):
            return Value(DYNAMIC, None) if expr.value is None else from_python(expr.value)
        if isinstance(expr, Ref) and expr.kind == "path":
            return from_python(f"${{path.{expr.name}}}")
        if isinstance(expr, ListExpr):
            items = tuple(self.value(item, reason) for item in expr.items)
            return Value(DYNAMIC, items)
        if isinstance(expr, ObjectExpr):
            return Value(
                DYNAMIC, {str(k.value): self.value(v, reason) for k, v in expr.entries if isinstance(k, Literal)}
            )
        if isinstance(expr, Template):
            joined = template([to_expr(self.value(part, reason)) for part in expr.parts])
            if isinstance(joined, Literal):
                return self.value(joined, reason)
        return unknown(expr)

    def text(self, expr: Expr, reason: str) -> str | None:
        raw = self.value(expr, reason).raw
        return str(raw) if isinstance(raw, (str, int)) else None

    def unset(self, expr: Expr) -> tuple[str, ...]:
        return ()


class RaisedFiles(DictFiles):
    """The files that were raised, with the folders and the mode bits that a mapping of bytes cannot hold."""

    def __init__(
        self, files: dict[str, bytes], folders: dict[str, tuple[Entry, ...]], executable: frozenset[str]
    ) -> None:
        super().__init__({path.replace("$${", "${"): data for path, data in files.items()})
        self._folders = folders
        self._executable = executable

    def find(self, path: str, span: Span | None = None) -> Found | None:
        if path in self._folders:
            return Found(path, directory=True)
        if path in self.files:
            return Found(path, directory=False, executable=path in self._executable)
        return None

    def read(self, path: str, span: Span | None = None) -> bytes:
        return self.files[path] if path in self.files else super().read(path, span)

    def tree(self, path: str, span: Span | None = None) -> list[Entry]:
        return list(self._folders.get(path, ()))


def lowered_again(found: Candidate | Step, number: int, windows: bool, staging: Staging | None = None) -> list[Lowered]:
    """The customizers of what was raised; nothing when it cannot be lowered."""
    from bakelift.translator.imagebuilder.raising.candidates import Candidate

    item = found if isinstance(found, Candidate) else Candidate(found)
    context = Context(
        AsWritten(),
        RaisedFiles(item.files, item.folders, item.executable),
        Accounting(),
        Diagnostics(),
        LoweringOptions(
            staging=staging, vault=item.vault, sensitive=frozenset(("input", name) for name in item.secrets)
        ),
        item.build_name,
        item.builder_type,
        windows,
        identities=_identities(item),
    )
    context.emptied = item.rewritten
    context.left_behind = item.number - 1
    try:
        return lower_step(item.step, number, item.last, context, own=item.own)
    except TemplateError:
        return []


def _identities(item: Candidate) -> Expr | None:
    """Identities of the build VM with which the same one fetches the secrets."""
    if item.vault is None:
        return None
    chosen = [Literal(item.identity), Literal(item.identity)] if item.identity else [Literal("")]
    return ListExpr(tuple(chosen))


def same_customizers(made: Sequence[Customizer], given: Sequence[Customizer]) -> bool:
    """Whether two lists of customizers say the same, names and leaves aside."""
    if [type(item) for item in made] != [type(item) for item in given]:
        return False
    return all(
        _same(_normal(getattr(a, field)), _normal(getattr(b, field)))
        for a, b in zip(made, given, strict=True)
        for field in a._compared
        if field != "name"
    )


def _same(made: object, given: object) -> bool:
    return made == given or (
        isinstance(made, tuple) and isinstance(given, tuple) and _with_contents(made) == _with_contents(given)
    )


def _with_contents(lines: tuple[object, ...]) -> object:
    if not all(isinstance(line, Literal) and isinstance(line.value, str) for line in lines):
        return lines
    from bakelift.translator.imagebuilder.lowering.upload import with_contents

    return with_contents([str(line.value) for line in lines if isinstance(line, Literal)])


def _normal(value: object) -> object:
    """A field without the templates of one part, which only say "as text"."""
    if isinstance(value, Expr):
        return transform(value, lambda node: _normal(bare(node)) if bare(node) is not node else None)  # type: ignore[arg-type,return-value]
    if isinstance(value, tuple):
        return tuple(_normal(item) for item in value)
    return value
