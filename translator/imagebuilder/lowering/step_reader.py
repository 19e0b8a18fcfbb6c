"""One step as it is lowered: its settings as values, bound or symbolic, and what becomes of each of its leaves."""

from __future__ import annotations

from bakelift.translator.imagebuilder.lowering.context import SECRET, CannotLower, Unbound
from bakelift.translator.imagebuilder.lowering.gotext import seconds
from bakelift.translator.plan.expressions import Call, ListExpr, Literal, ObjectExpr, Ref, Template, transform
from bakelift.translator.plan.types import STRING
from bakelift.translator.plan.values import Value, to_expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.imagebuilder.lowering.context import Context
    from bakelift.translator.imagebuilder.lowering.shell_spec import Script
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Leaf, Setting, Step
    from bakelift.translator.report import Class

#: For how long Packer tries to start a script (provisioner/shell, start_retry_timeout).
START_RETRY_SECONDS = 300

#: Generated data that the build VM itself can say, as shell text outside quotes.
RUN_TIME_SHELL = {"User": "$(id -un)"}


class StepReader:
    """The settings of one step, bound as structure or kept symbolic, and what is said of their leaves."""

    def __init__(self, step: Step, number: int, context: Context, own: bool = False) -> None:
        self.step = step
        #: Whether the step says what a customizer of an image template said.
        self.own = own
        self.number = number
        self.context = context
        #: The scripts that were read for it.
        self.scripts: tuple[Script, ...] = ()
        self._said: dict[str, tuple[Class, str, str]] = {}
        self._rest: tuple[Class, str, str] | None = None

    # -- reading ----------------------------------------------------------------------------------------------------

    def expr(self, name: str) -> Expr | None:
        """The expression of an option; None when it is absent, null or ``""``."""
        setting = self.step.settings.get(name)
        if setting is None or (isinstance(setting.value, Literal) and setting.value.value in (None, "")):
            return None
        return setting.value

    def span(self, name: str) -> Span | None:
        setting = self.step.settings.get(name)
        return (setting.span if setting else None) or self.step.span

    def value(self, name: str) -> Value | None:
        expr = self.expr(name)
        if expr is None:
            return None
        found = self.bind(expr, name)
        return None if found.null or found.raw == "" else found

    def bind(self, expr: Expr, name: str) -> Value:
        """A wholly known value. Raises :class:`CannotLower` for secrets and what only a build knows, else Unbound."""
        if type(expr) is Literal and type(expr.value) is str:
            return Value(STRING, expr.value)
        self.refuse_secrets(expr, name)
        self.refuse_build_data(expr, name)
        self._stand_in(expr)
        found = self.context.binder.value(expr, f"{self.step.type}.{name}")
        if found.sensitive:
            self._secret(name)
        if not found.wholly_known():
            residual = to_expr(found)
            if any(isinstance(n, Ref) and n.kind == "input" for n in residual.walk()):
                raise Unbound
            self.refuse_build_data(residual, name)
            raise CannotLower(
                "aib/deploy-time-text",
                f"{name} needs a value that is known only when the template is deployed",
                "Pass it in environment_vars: an environment value may be a parameter, the text of a script may not.",
                self.span(name),
            )
        return found

    def _stand_in(self, expr: Expr) -> None:
        """With ``missing_files="placeholder"``, a step whose text or file is not known becomes one that fails."""
        if self.context.options.missing_files == "placeholder":
            names = self.context.binder.unset(expr)
            if names:
                raise Unbound(names)

    def rendered(self, name: str, without_credentials: bool = False) -> Expr | None:
        """An option with everything bound but its own holes: a literal, or a template that still has refs.

        ``without_credentials``: the password of the build's user becomes an empty text, since sudo asks for none there.
        """
        expr = self.expr(name)
        if expr is None:
            return None
        if without_credentials:
            bare = self.context.without_credentials(expr)
            if bare is not expr:
                self.say(name, "adapted", "aib/sudo-password", "sudo asks Image Builder's user for no password")
                expr = bare
        if all(type(n) in (Literal, Template) or (isinstance(n, Ref) and n.kind == "command") for n in expr.walk()):
            return expr  # text and its own holes: there is nothing to bind
        self.refuse_secrets(expr, name)
        self._stand_in(expr)
        found = self.context.binder.value(expr, f"{self.step.type}.{name}")
        if found.sensitive:
            self._secret(name)
        residual = to_expr(found)
        if any(isinstance(n, Ref) and n.kind == "input" for n in residual.walk()):
            raise Unbound
        return residual

    def text(self, name: str) -> str | None:
        found = self.value(name)
        return None if found is None else scalar_text(found)

    def text_of(self, expr: Expr, name: str) -> str:
        return scalar_text(self.bind(expr, name)) or ""

    def items(self, name: str) -> tuple[Expr, ...]:
        """The elements of a list option; one that is not written as a list is bound."""
        expr = self.expr(name)
        if expr is None:
            return ()
        if isinstance(expr, Template):
            return (expr,)
        if not isinstance(expr, ListExpr):
            expr = self.context.binder.fold(expr)
        if not isinstance(expr, ListExpr):
            expr = to_expr(self.bind(expr, name))
        if isinstance(expr, ListExpr):
            return expr.items
        return () if isinstance(expr, Literal) and expr.value is None else (expr,)

    def entries(self, name: str) -> tuple[tuple[str, Expr], ...]:
        """The entries of a map option, keys bound."""
        expr = self.expr(name)
        if expr is None:
            return ()
        if not isinstance(expr, ObjectExpr):
            expr = self.context.binder.fold(expr)
        if not isinstance(expr, ObjectExpr):
            expr = to_expr(self.bind(expr, name))
        entries = expr.entries if isinstance(expr, ObjectExpr) else ()
        return tuple((self.text_of(key, name), value) for key, value in entries)

    def flag(self, name: str) -> bool:
        found = self.value(name)
        return found is not None and (found.raw is True or str(found.raw).lower() in ("true", "1"))

    def number_of(self, name: str) -> int:
        """A whole number, 0 when absent."""
        text = self.text(name)
        if text is None:
            return 0
        try:
            return int(text)
        except ValueError:
            raise self._bad(name, text, "a whole number") from None

    def numbers(self, name: str) -> tuple[int, ...]:
        found = []
        for item in self.items(name):
            text = self.text_of(item, name)
            try:
                found.append(int(text))
            except ValueError:
                raise self._bad(name, text, "a list of whole numbers") from None
        return tuple(found)

    def duration(self, name: str) -> Decimal | None:
        """Seconds; None when absent or zero."""
        text = self.text(name)
        if text is None:
            return None
        found = seconds(text)
        if found is None:
            raise self._bad(name, text, "a duration such as 30s or 1h5m")
        return found or None

    def symbolic(self, expr: Expr, name: str) -> Expr:
        """What is known folded; what is left may be written as a parameter, and is no secret."""
        self.refuse_secrets(expr, name)
        self.refuse_build_data(expr, name)
        return self.context.binder.fold(expr)

    def refuse_secrets(self, expr: Expr, name: str, parameter: bool = False) -> None:
        if parameter and self.context.options.allow_secrets:
            return
        for node in expr.walk():
            if isinstance(node, Ref) and (node.kind, node.name) in self.context.options.sensitive:
                self._secret(name)

    def _secret(self, name: str) -> None:
        raise CannotLower(
            SECRET,
            f"{name} needs a sensitive value, and everybody who may read an image template can read its customizers",
            "In environment_vars, -secrets keyvault:NAME lets the build VM fetch it from Key Vault when it builds, and "
            "-allow-secrets-inline accepts that it is readable. Elsewhere, let the script fetch it itself.",
            self.span(name),
        )

    def refuse_build_data(self, expr: Expr, name: str) -> None:
        for node in expr.walk():
            if isinstance(node, Ref) and node.kind == "build":
                way = "Let the script find it out on the build VM, for example from the instance metadata service."
                if "Password" in node.name or "Key" in node.name:
                    way = "Nothing on the build VM knows it. Let the step make a user of its own, or run as System."
                raise CannotLower(
                    "aib/build-data",
                    f"{name} uses build.{node.name}, which Image Builder does not tell its scripts",
                    way,
                    node.span or self.span(name),
                )

    def run_time_user(self, expr: Expr) -> Expr:
        """``build.User`` outside of single quotes becomes ``$(id -un)``; elsewhere it is left, to be refused."""
        quotes = 0

        def visit(node: Expr) -> Expr | None:
            nonlocal quotes
            if isinstance(node, Literal) and isinstance(node.value, str):
                quotes += node.value.count("'")
                return node
            if isinstance(node, Ref) and node.kind == "build" and node.name in RUN_TIME_SHELL and quotes % 2 == 0:
                return Literal(RUN_TIME_SHELL[node.name])
            return node if isinstance(node, Call) else None

        return transform(expr, visit)

    def _bad(self, name: str, text: str, wanted: str) -> Exception:
        from bakelift.translator.diagnostics import fail

        return fail("packer/bad-value", f"{name} is {text!r}, not {wanted}", span=self.span(name))

    def judge_start_retry(self) -> None:
        """Of a start_retry_timeout that is longer than the service's own: Packer's default."""
        limit = self.duration("start_retry_timeout")
        if limit is not None and limit > START_RETRY_SECONDS:
            summary = "Image Builder tries for 5 minutes to start a script"
            self.say("start_retry_timeout", "approximated", "aib/start-retry", summary)

    def warn(self, name: str) -> None:
        """Tells of an option that has no form, as it was said of it."""
        _, code, summary = self._said[name]
        detail = summary[:1].upper() + summary[1:] + "."
        self.context.diagnostics.warning(
            code, f"{self.step.type} has no {name} in Image Builder", detail, self.span(name)
        )

    # -- telling ----------------------------------------------------------------------------------------------------

    def say(self, name: str, kind: Class, code: str, summary: str) -> None:
        """Decides the class of an option; it is written to the account when the step is done."""
        self._said[name] = (kind, code, summary)

    def say_options(self, table: Mapping[str, tuple[Class, str, str]]) -> None:
        """Decides the class of each option of which a table has one: class, code, summary."""
        for name in self.step.settings:
            if name in table:
                self.say(name, *table[name])

    def say_rest(self, kind: Class, code: str, summary: str) -> None:
        """Decides the class of every option of which nothing else is said, known or not."""
        self._rest = (kind, code, summary)

    def settle(self) -> None:
        """Accounts for every leaf of the step: what was said, else that no row knows the option."""
        say = self.context.accounting.say
        say(self.step.leaves, "exact", "aib/step")
        for part in (self.step.only, self.step.excepted):
            if part is not None:
                say(part.leaves, "adapted", "aib/step-selection", "decided when translating")
        for name, setting in self.step.settings.items():
            unsaid = self._rest or (
                "unsupported",
                "aib/step-option",
                f"{self.step.type} has no {name} in Image Builder",
            )
            kind, code, summary = self._said.get(name, unsaid)
            say(setting.leaves, kind, code, summary)
        strange = f"not an option of {self.step.type} that bakelift knows"
        kind, code, summary = self._rest or ("unsupported", "aib/step-option", strange)
        for leaf in opaque_leaves(self.step):
            say([leaf], kind, code, summary)

    def give_up(self, kind: Class, code: str, summary: str) -> None:
        """Puts every leaf of the step into one class."""
        for leaf in self.leaves():
            self.context.accounting.say([leaf], kind, code, summary)

    def leaves(self) -> tuple[Leaf, ...]:
        """Every leaf of the step, each once."""
        found: dict[int, Leaf] = {id(leaf): leaf for leaf in self.step.leaves}
        settings: list[Setting | None] = [*self.step.settings.values(), self.step.only, self.step.excepted]
        for setting in settings:
            found.update({id(leaf): leaf for leaf in (setting.leaves if setting else ())})
        found.update({id(leaf): leaf for leaf in opaque_leaves(self.step)})
        return tuple(found.values())


def scalar_text(value: Value) -> str | None:
    """A scalar as HCL converts it to a string."""
    raw = value.raw
    if raw is None:
        return None
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw)


def opaque_leaves(step: Step) -> Iterator[Leaf]:
    from bakelift.translator.plan.model import Attribute

    bodies = [step.opaque]
    while bodies:
        for entry in bodies.pop().entries:
            if isinstance(entry, Attribute):
                yield from entry.setting.leaves
            else:
                bodies.append(entry.body)
                for setting in (entry.dynamic or {}).values():
                    yield from setting.leaves
