"""What the names in a template's expressions mean: ``var.x``, ``local.x``, ``data.TYPE.NAME``, ``build.ID`` …

The HCL parser leaves a traversal as indexes below a Ref("name", root); here its first steps become one Ref of the kind
that binds it. What is not declared is an error, in HCL's words.
"""

from __future__ import annotations

from bakelift.translator.plan.expressions import Call, Expr, Index, Literal, ObjectExpr, Ref, transform
from bakelift.translator.plan.suggest import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bakelift.translator.diagnostics import Diagnostics, Span
    from bakelift.translator.plan.expressions import RefKind

#: Roots with a fixed set of attributes.
_FIXED: dict[str, tuple[RefKind, tuple[str, ...]]] = {
    "path": ("path", ("cwd", "root")),
    "packer": ("packer", ("iterationID", "version", "versionFingerprint")),
    "source": ("source", ("name", "type")),
}
_ROOT = Index(Ref("name", "path"), Literal("root"))
_ROOTS = ("build", "data", "local", "packer", "path", "source", "var")
#: Functions that take an error of an argument for an answer.
_FORGIVING = ("try", "can")


class Names:
    """The names that a template declares."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self.diagnostics = diagnostics
        self.inputs: set[str] = set()
        self.named: set[str] = set()
        self.data: set[str] = set()

    def resolve(
        self,
        expr: Expr,
        iterators: Mapping[str, str | None] | None = None,
        without: Collection[str] = (),
        own: str | None = None,
    ) -> Expr:
        """The expression with every name resolved.

        ``iterators``: of the dynamic blocks around it; with a text, ``NAME.value`` is Ref("bound", NAME) and
        ``NAME.key`` Ref("bound", text); with None the iterator stays an object, Ref("bound", NAME). ``without``: roots
        that do not exist here. ``own``: the local being defined, left out where ``local`` stands alone.
        """
        return _Resolver(self, iterators or {}, without, own).resolve(expr, forgiving=False)


class _Resolver:
    def __init__(
        self, names: Names, iterators: Mapping[str, str | None], without: Collection[str], own: str | None
    ) -> None:
        self.names = names
        self.iterators = iterators
        self.without = without
        self.own = own

    def resolve(self, expr: Expr, forgiving: bool) -> Expr:
        def visit(node: Expr) -> Expr | None:
            if isinstance(node, Index):
                return self.step(node, forgiving)
            if isinstance(node, Ref) and node.kind == "name":
                return self.root(node, forgiving)
            if isinstance(node, Call):
                return self.call(node, forgiving)
            return None

        return transform(expr, visit)

    def call(self, node: Call, forgiving: bool) -> Expr | None:
        name = node.operation.removeprefix("unknown:")
        if (name != node.operation or name == "env") and not forgiving:
            self.unknown_function(name, node.span)
        if node.operation == "convert" and len(node.args) == 2:  # the second argument is a type
            return node.but(args=(self.resolve(node.args[0], forgiving), node.args[1]))
        if node.operation == "abspath" and node.args == (_ROOT,) and "path" not in self.without:
            return Ref("path", "template_dir", node.span)  # a meaning that Go templates have a word for
        if node.operation in _FORGIVING and not forgiving:
            return node.but(args=tuple(self.resolve(arg, forgiving=True) for arg in node.args))
        return None

    def unknown_function(self, name: str, span: Span | None) -> None:
        from bakelift.translator.languages.hcl.functions import OPERATIONS

        detail = f'There is no function named "{name}".'
        if name == "env":
            detail += " The environment can only be read in the default of a variable."
        else:
            detail += did_you_mean(name, OPERATIONS)
        self.names.diagnostics.error("packer/unknown-function", "Call to unknown function", detail, span)

    def step(self, node: Index, forgiving: bool) -> Expr | None:
        """``root.name``, and ``data.TYPE.NAME``; None for what lies deeper."""
        target, key = node.target, node.key
        if not isinstance(key, Literal):
            return None
        name = str(key.value)
        if isinstance(target, Index) and isinstance(target.target, Ref) and target.target.kind == "name":
            if target.target.name == "data" and isinstance(target.key, Literal) and "data" not in self.without:
                return self.data(f"{target.key.value}.{name}", node, forgiving)
            return None
        if not isinstance(target, Ref) or target.kind != "name":
            return None
        root = target.name
        if root in self.iterators:
            return self.iterator(root, name, node)
        if root in self.without:
            return None
        if root == "var":
            return self.declared("input", name, self.names.inputs, node, forgiving)
        if root == "local":
            return self.declared("named", name, self.names.named, node, forgiving)
        if root == "data":  # chosen by a value: data.TYPE[…]
            found = sorted(known for known in self.names.data if known.startswith(name + "."))
            if not found and not forgiving:
                self.no_attribute(name, {known.partition(".")[0] for known in self.names.data}, node)
            entries = tuple((Literal(known.partition(".")[2]), Ref("data", known, node.span)) for known in found)
            return ObjectExpr(entries, node.span)
        if root == "build":
            return Ref("group", "name", node.span) if name == "name" else Ref("build", name, node.span)
        if root in _FIXED:
            kind, attributes = _FIXED[root]
            return self.declared(kind, name, attributes, node, forgiving)
        return None

    def iterator(self, root: str, name: str, node: Index) -> Expr | None:
        key_name = self.iterators[root]
        if key_name is None:
            return Index(Ref("bound", root, node.target.span), node.key, node.span)
        if name == "value":
            return Ref("bound", root, node.span)
        if name == "key":
            return Ref("bound", key_name, node.span)
        self.no_attribute(name, ("key", "value"), node)
        return Literal(None, node.span)

    def declared(self, kind: RefKind, name: str, known: Collection[str], node: Index, forgiving: bool) -> Expr:
        if name not in known:
            if forgiving:
                return node
            self.no_attribute(name, known, node)
        return Ref(kind, name, node.span)

    def data(self, name: str, node: Index, forgiving: bool) -> Expr:
        return self.declared("data", name, self.names.data, node, forgiving)

    def no_attribute(self, name: str, known: Collection[str], node: Index) -> None:
        detail = f'This object does not have an attribute named "{name}".' + did_you_mean(name, known)
        self.names.diagnostics.error("packer/unknown-name", "Unsupported attribute", detail, node.span)

    def root(self, node: Ref, forgiving: bool) -> Expr | None:
        """A root that stands alone: the object of all that it has."""
        name = node.name
        if name in self.iterators:
            return Ref("bound", name, node.span)
        if name not in self.without:
            if name == "var":
                return _object("input", self.names.inputs, node.span)
            if name == "local":
                return _object("named", self.names.named - {self.own or ""}, node.span)
            if name in _FIXED:
                kind, attributes = _FIXED[name]
                return _object(kind, set(attributes), node.span)
        if not forgiving:
            if name in self.without:
                detail = f'"{name}" cannot be used here.'
            else:
                detail = f'There is no variable named "{name}".' + did_you_mean(name, (*_ROOTS, *self.iterators))
            self.names.diagnostics.error("packer/unknown-name", "Unknown variable", detail, node.span)
        return node


def _object(kind: RefKind, names: set[str], span: Span | None) -> Expr:
    return ObjectExpr(tuple((Literal(name), Ref(kind, name, span)) for name in sorted(names)), span)
