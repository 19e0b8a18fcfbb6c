"""What Packer refuses beyond reading: rules on the options of components, each a pure function of their values.

A rule gets a :class:`Check` and tells it what is wrong; :func:`tell` runs rules and collects, :func:`refuse` raises.
The rules of each kind of component are tuples in ``checks_azure``, ``checks_communicator``, ``checks_steps`` and
``checks_posts``; those of a whole template are in ``checks_template``. Facts are Packer's ``Prepare`` functions
(Packer 1.16, packer-plugin-azure 2.6), observed on 1.6.6 where that agrees.
"""

from __future__ import annotations

from bakelift.translator.diagnostics import Diagnostics, TemplateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Protocol

    from bakelift.translator.files import Files
    from bakelift.translator.plan.values import Value

    Rule = Callable[["Check"], None]

    class Options(Protocol):
        """The evaluated options of a component. Reading one that has no value, or another type, raises TemplateError.

        ``given``: said, and neither null, "" nor an empty list. ``failure`` makes an error at the option ``name``.
        """

        def has(self, name: str) -> bool: ...
        def given(self, name: str) -> bool: ...
        def value(self, name: str) -> Value | None: ...
        def text(self, name: str, default: str = "") -> str: ...
        def texts(self, name: str) -> list[str]: ...
        def boolean(self, name: str, default: bool = False) -> bool: ...
        def integer(self, name: str, default: int = 0) -> int: ...
        def integers(self, name: str) -> list[int]: ...
        def duration(self, name: str, default: float = 0.0) -> float: ...
        def mapping(self, name: str) -> dict[str, str]: ...
        def failure(self, code: str, summary: str, detail: str = "", name: str = "") -> TemplateError: ...


#: An option whose value only a data source, or a running machine, can tell: no rule can be applied to it.
UNKNOWN = "build/value-unknown"


def _anywhere(_path: str) -> bool:
    return True


class Check:
    """One component. ``accessible``: whether a file of this machine (a key, a certificate) is there; it may stand
    anywhere, while ``files`` are those of the template.
    """

    def __init__(
        self,
        options: Options,
        files: Files,
        found: Diagnostics,
        accessible: Callable[[str], bool] = _anywhere,
    ) -> None:
        self.options = options
        self.files = files
        self.found = found
        self.accessible = accessible

    def error(self, code: str, summary: str, detail: str = "", name: str = "") -> None:
        """Tells of an error at the option ``name``, else at the component."""
        self.found.extend(self.options.failure(code, summary, detail, name).diagnostics)

    def given(self, *names: str) -> list[str]:
        """Those of these options that are set."""
        return [name for name in names if self.options.given(name)]

    def text(self, name: str) -> str:
        """The text of an option; "" also where nobody knows it yet."""
        try:
            return self.options.text(name)
        except TemplateError as error:
            if any(d.code != UNKNOWN for d in error.diagnostics):
                raise
            return ""

    def apply(self, rules: Iterable[Rule]) -> None:
        for rule in rules:
            try:
                rule(self)
            except TemplateError as error:
                self.found.extend(error.diagnostics)


def tell(
    rules: Iterable[Rule],
    options: Options,
    files: Files,
    found: Diagnostics,
    accessible: Callable[[str], bool] = _anywhere,
) -> None:
    """Applies rules; what depends on values that nobody knows yet is passed over."""
    every = Diagnostics()
    Check(options, files, every, accessible).apply(rules)
    found.extend(d for d in every if d.code != UNKNOWN)


def refuse(rules: Iterable[Rule], options: Options, files: Files) -> None:
    """Applies rules; raises TemplateError with all that they found. For who is about to build: all must be known."""
    found = Diagnostics()
    Check(options, files, found).apply(rules)
    found.stop_if_failed()
