"""One side of a comparison: a Plan with the values of its inputs and its files, and where its leaves come from."""

from __future__ import annotations

from bakelift.translator.diagnostics import SourceFile, TemplateError
from bakelift.translator.plan.inlining import inline_named
from bakelift.translator.plan.normal import normal_expr
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal as OneOf

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.files import Files
    from bakelift.translator.plan.binding import Bindings
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Leaf, Plan, Setting
    from bakelift.translator.plan.scope import Scope
    from bakelift.translator.plan.values import Value


class Place(Record):
    """Where something was said: the path of its leaf, and its range."""

    path: str
    span: Span | None


class Content(Record):
    """A file that a step names, or one below a folder that it names (``rest``: its path in there).

    ``lines``: of a text; None for other bytes.
    """

    path: str
    rest: str
    data: bytes
    lines: tuple[str, ...] | None
    file: SourceFile | None
    executable: bool = False


class Whence:
    """From paths of leaves in a translated template to where what they say stood before."""

    def __init__(self) -> None:
        self._places: dict[str, list[Place]] = {}

    def add(self, path: str, place: Place) -> None:
        self._places.setdefault(path, []).append(place)

    def find(self, path: str, name: str) -> Place | None:
        """The place of a leaf, or of what holds it. Of several, the one that ends in ``name``."""
        while path:
            found = self._places.get(path)
            if found:
                return next((place for place in found if place.path.endswith(f".{name}")), found[0])
            cut = max(path.rfind("."), path.rfind("["))
            path = path[:cut] if cut > 0 else ""
        return None


class Side:
    """``whence``: for a Plan that was made of another by translating it, where its leaves stood in the template that
    was given. ``embedded``: the files of the steps stood in the template itself, and have no lines of their own.
    """

    def __init__(
        self, plan: Plan, bindings: Bindings, files: Files, whence: Whence | None = None, embedded: bool = False
    ) -> None:
        self.plan = plan
        self.bindings = bindings
        self.files = files
        self.whence = whence
        self.embedded = embedded
        self.named = {item.name: item.value for item in plan.named}
        self._scope: Scope | None = None

    def of(self, plan: Plan) -> Side:
        """The same side with its Plan in other words."""
        return Side(plan, self.bindings, self.files, self.whence, self.embedded)

    def scope(self) -> Scope:
        if self._scope is None:
            from bakelift.translator.plan.binding import scope_of

            self._scope = scope_of(self.plan, self.bindings.values, self.files)
        return self._scope

    def inlined(self, expr: Expr) -> Expr:
        """In normal form, with every named value put in place."""
        return normal_expr(inline_named(expr, self.named))

    def value(self, expr: Expr) -> Value | None:
        """What an expression is with the inputs' values and defaults; None when that is not known, or fails."""
        from bakelift.translator.plan.evaluate import evaluate

        try:
            value = evaluate(expr, self.scope())
        except TemplateError:
            return None
        return value if value.wholly_known() else None

    def place(self, leaves: Iterable[Leaf], span: Span | None, path: str) -> Place:
        """Where the first of some leaves stands in the template that was given; else what is known of it.

        ``path``: what to call it without a leaf; its last part says which of several leaves is meant.
        """
        listed = tuple(leaves)
        name = path.rpartition(".")[2]
        if self.whence is None:
            if not listed:
                return Place(path, span)
            leaf = next((leaf for leaf in listed if leaf.path.endswith(f".{name}")), listed[-1])
            return Place(leaf.path, span or leaf.span)
        found = (self.whence.find(leaf.path, name) for leaf in listed)
        return next((place for place in found if place is not None), Place(path, None))

    def place_of(self, setting: Setting, path: str) -> Place:
        return self.place(setting.leaves, setting.span, path)

    # -- files --------------------------------------------------------------------------------------------------------

    def paths(self, expr: Expr) -> list[str] | None:
        """The paths that an option names; None when they are not known."""
        value = self.value(expr)
        if value is None or value.null:
            return None
        items = value.elements() or (value,)
        return [item.raw for item in items if isinstance(item.raw, str) and item.raw]

    def contents(self, path: str, span: Span | None) -> list[Content] | OneOf["absent", "unreadable"]:
        """The files at a path, by their path; a folder's are all below it."""
        try:
            found = self.files.find(path, span)
            if found is None:
                return "absent"
            if not found.directory:
                return [self._content(found.path, "", self.files.read(path, span), found.executable)]
            entries = self.files.tree(path, span)
        except TemplateError:
            return "unreadable"
        return [
            self._content(found.path, f"/{entry.name}", entry.data, bool(entry.mode & 0o111))
            for entry in entries
            if entry.data is not None
        ]

    def _content(self, path: str, rest: str, data: bytes, executable: bool) -> Content:
        whole = path.rstrip("/") + rest
        cwd = self.files.cwd.rstrip("/") + "/"
        return content(whole.removeprefix(cwd), rest, data, executable)


def content(path: str, rest: str, data: bytes, executable: bool = False) -> Content:
    """``path``: for display."""
    try:
        text = data.decode("utf-8") if b"\0" not in data else None
    except UnicodeDecodeError:
        text = None
    if text is None:
        return Content(path, rest, data, None, None, executable)
    return Content(path, rest, data, tuple(text.splitlines()), SourceFile(path, text), executable)
