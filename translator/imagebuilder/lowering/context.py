"""What the lowering of all steps of an image shares: how to lower, its collaborators, and what stops a step."""

from __future__ import annotations

from bakelift.translator.plan.expressions import Literal, Ref, transform
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.diagnostics import Diagnostics, Span
    from bakelift.translator.files import Files
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.lowering.staging import Staging
    from bakelift.translator.plan.binder import ValueBinder
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Leaf, Plan, Setting, Step
    from bakelift.translator.report import Accounting


class LoweringOptions(Record):
    """How to lower.

    ``missing_files``: ``error``, or ``placeholder``: a step whose file is missing becomes a customizer that fails.
    ``sensitive``: the symbols whose value must not be written, as (kind, name); ``allow_secrets``: a sensitive input
    may stand, as a parameter, in an environment prelude. ``pause_replaces_timeout``: the input is legacy JSON, where
    Packer ignores ``timeout`` when ``pause_before`` is set. ``staging``: where files go that the template is to name by
    address; None: customizers hold them. ``vault``: name of the Key Vault from which sensitive environment values are
    fetched. ``plan``: whose inputs and named values these are.
    """

    missing_files: str = "error"
    sensitive: frozenset[tuple[str, str]] = frozenset()
    allow_secrets: bool = False
    pause_replaces_timeout: bool = False
    validators: bool = True
    staging: Staging | None = None
    vault: str | None = None
    plan: Plan | None = None


#: A step that would show a secret is left out, and that is an error: what is written lacks it.
SECRET = "aib/secret-in-text"


class CannotLower(Exception):
    """A step (or one of its options) has no form in Image Builder. ``advice``: the way out."""

    def __init__(self, code: str, summary: str, advice: str, span: Span | None = None) -> None:
        super().__init__(summary)
        self.code = code
        self.summary = summary
        self.advice = advice
        self.span = span


class Unbound(Exception):
    """A value that structure needs has no value yet; the binder has noted which inputs are missing.

    ``names``: those inputs, where a step that fails is to stand in instead (then the binder has noted nothing).
    """

    def __init__(self, names: tuple[str, ...] = ()) -> None:
        super().__init__(names)
        self.names = names


class Lowered(Record):
    """A customizer, and the names that suit it: the step's own, else one that was found for it."""

    customizer: Customizer
    own_name: str | None = None
    found_name: str | None = None


class Context:
    """One image's lowering: its collaborators, and what its build is called."""

    def __init__(
        self,
        binder: ValueBinder,
        files: Files,
        accounting: Accounting,
        diagnostics: Diagnostics,
        options: LoweringOptions,
        build_name: str,
        builder_type: str,
        windows: bool,
        credentials: frozenset[tuple[str, str]] = frozenset(),
        identities: Expr | None = None,
    ) -> None:
        self.binder = binder
        self.files = files
        self.accounting = accounting
        self.diagnostics = diagnostics
        self.options = options
        self.build_name = build_name
        self.builder_type = builder_type
        self.windows = windows
        self.credentials = credentials
        self.identities = identities
        plan = options.plan
        self.named = {item.name: item.value for item in plan.named} if plan is not None else {}
        #: Secrets that steps fetch from the vault: the input that each stands for, by the secret's name.
        self.vaulted: dict[str, str] = {}
        #: How many steps so far leave their scripts on the machine.
        self.left_behind = 0
        #: Whether a step generalizes the machine, which is left to Image Builder.
        self.generalized = False
        #: Steps that generalize the machine, or upload what does, and are no end of the build.
        self.generalizing: list[Step] = []
        #: Names of users as whom Packer runs steps, of which it was told that System does.
        self.elevated: set[str] = set()
        #: Steps that remove the script with which Image Builder generalizes, each with the leaves that say it.
        self.emptying: list[tuple[Step, tuple[Leaf, ...]]] = []
        #: Whether the script is gone when the last step generalizes, and whether it is written again then.
        self.emptied = False
        self.restored = False
        #: The steps of the image, for what one does for another.
        self.steps: tuple[Step, ...] = ()
        #: What runs on the finished image.
        self.validators: list[Lowered] = []

    def leave_behind(self) -> int:
        """The number for the names of the scripts of one more step that leaves them on the machine."""
        self.left_behind += 1
        return self.left_behind

    def without_credentials(self, expr: Expr) -> Expr:
        """The expression with the symbols that say the build user's password made empty texts."""

        def visit(node: Expr) -> Expr | None:
            return Literal("") if isinstance(node, Ref) and (node.kind, node.name) in self.credentials else None

        return transform(expr, visit)


def passwords(settings: Mapping[str, Setting]) -> frozenset[tuple[str, str]]:
    """The symbols that are the password of the build's user: what the communicator logs in with, given or generated."""
    found = {("build", "Password"), ("build", "WinRMPassword")}
    for name in ("ssh_password", "winrm_password"):
        setting = settings.get(name)
        if setting is not None and isinstance(setting.value, Ref):
            found.add((setting.value.kind, setting.value.name))
    return frozenset(found)
