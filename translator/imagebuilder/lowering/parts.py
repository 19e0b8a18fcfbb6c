"""Steps that stand for one of another tool: directories, uploads and commands, in the order in which Packer does them.

Packer's provisioner of such a tool makes folders, uploads files, and runs commands on the machine. Each of these is a
file or shell step of its own, so that it is lowered, and read back, as any other.
"""

from __future__ import annotations

import posixpath

from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.plan.expressions import ListExpr, Literal, template
from bakelift.translator.plan.model import Body, Setting, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.values import Value


class Parts:
    """Collects the steps. Paths on the build VM are absolute, and of Linux."""

    def __init__(self, reader: StepReader) -> None:
        self.reader = reader
        self.name = reader.step.name or reader.step.type
        self.steps: list[Step] = []
        self._folders: list[str] = []

    def folder(self, path: str) -> None:
        """A folder that has to be there, with those above it."""
        if path not in self._folders:
            self._folders.append(path)

    def file(self, option: str, target: str) -> str | None:
        """Uploads the file that an option names; gives where it lands, or None when the option is not set."""
        expr = self.reader.expr(option)
        if expr is None:
            return None
        self.upload(expr, target, option)
        return target

    def tree(self, option: str, target: str) -> str | None:
        """Uploads what is in the directory that an option names."""
        expr = self.reader.expr(option)
        if expr is None:
            return None
        self.upload_tree(expr, target, option)
        return target

    def upload(self, source: Expr, target: str, option: str) -> None:
        setting = self.reader.step.settings.get(option)
        leaves = setting.leaves if setting is not None else ()
        settings = {"source": Setting(source, leaves), "destination": Setting(Literal(target))}
        self.steps.append(self._made("file", settings, _base(target), self.reader.span(option)))

    def upload_tree(self, source: Expr, target: str, option: str) -> None:
        self.folder(target)
        self.upload(_folder(source, self.reader.text_of(source, option)), target, option)

    def uploaded(self, path: str) -> str | None:
        """Where a local path was brought; None when it was not."""
        wanted = posixpath.normpath(path)
        for step in self.steps:
            source, target = step.settings.get("source"), step.settings.get("destination")
            said = source.value.value if source is not None and isinstance(source.value, Literal) else None
            if isinstance(said, str) and target is not None and posixpath.normpath(said) == wanted:
                return str(getattr(target.value, "value", ""))
        return None

    def made(self, target: str) -> bool:
        """Whether a step writes there."""
        return any(getattr(step.settings.get("destination"), "value", None) == Literal(target) for step in self.steps)

    def write(self, text: str, target: str) -> None:
        """Writes a file that Packer makes."""
        self._step("file", _base(target), None, content=Literal(text), destination=Literal(target))

    def run(self, what: str, *commands: Expr | str, **settings: Expr) -> None:
        """Runs commands, each line as it is, until one fails."""
        lines = tuple(Literal(command) if isinstance(command, str) else command for command in commands)
        self._step("shell", what, None, inline=ListExpr(lines), **settings)

    def done(self) -> list[Step]:
        """The steps, with the folders made first; the pause of the step itself is the first's, its time the last's."""
        steps = list(self.steps)
        if self._folders:
            words = " ".join(t.path_word(path) for path in self._folders)
            settings = {"inline": Setting(ListExpr((Literal(f"mkdir -p {words}"),)))}
            steps.insert(0, self._made("shell", settings, "folders", None))
        own = self.reader.step.settings
        for name, index in (("pause_before", 0), ("max_retries", -1), ("timeout", -1)):
            if name in own and steps:
                steps[index] = steps[index].but(settings={**steps[index].settings, name: own[name].but(leaves=())})
        return steps

    def _step(self, type: str, what: str, span: Span | None, **settings: Expr) -> None:
        found = {name: Setting(value) for name, value in settings.items()}
        self.steps.append(self._made(type, found, what, span))

    def _made(self, type: str, settings: dict[str, Setting], what: str, span: Span | None) -> Step:
        step = self.reader.step
        return Step(type, settings, f"{self.name}: {what}", span=span or step.span, leaves=self.reader.leaves())


def with_known_options(step: Step) -> Step:
    """The step of a tool with its options as settings, where the Plan keeps them as a body."""
    from bakelift.translator.plan.model import Attribute

    own = {entry.name: entry.setting for entry in step.opaque.entries if isinstance(entry, Attribute)}
    rest = tuple(entry for entry in step.opaque.entries if not isinstance(entry, Attribute))
    return step.but(settings={**step.settings, **own}, opaque=Body(rest)) if own else step


def joined(*words: str | None) -> str:
    """Words of a command line that are there."""
    return " ".join(word for word in words if word)


def _base(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]


def _folder(source: Expr, path: str) -> Expr:
    """A directory's path with the slash that means its contents."""
    return source if path.endswith("/") else template([source, Literal("/")])


def filled(reader: StepReader, option: str, default: Expr, values: Mapping[str, str | bool]) -> str:
    """A command template with what the tool fills in (``{{.ConfigPath}}``, ``{{if .Sudo}}``)."""
    from bakelift.translator.plan.expressions import Ref, transform

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Ref) and node.kind in ("build", "command") and node.name in values:
            return Literal(values[node.name])
        return None

    return reader.text_of(transform(reader.expr(option) or default, visit), option)


def plain(value: Value) -> object:
    """A known value as Python's own."""
    from bakelift.translator.plan.values import to_python

    return to_python(value)


def listed(names: str) -> list[str]:
    """Names of options that have one row."""
    return names.split()
