"""``-only`` and ``-except`` of a command line, applied to names."""

from __future__ import annotations

from bakelift.translator.diagnostics import fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.plan.model import Plan


class Selection:
    """Says which images and post-processors stay, and remembers which patterns matched anything."""

    def __init__(self, plan: Plan, only: Sequence[str], excepted: Sequence[str]) -> None:
        exact = plan.origin is not None and plan.origin.format == "json"
        self.exact = exact
        self.only = [(pattern, _matcher("only", pattern, exact)) for pattern in _split(only)]
        self.excepted = [(pattern, _matcher("except", pattern, exact)) for pattern in _split(excepted)]
        self.matched: set[tuple[str, str]] = set()

    def keeps(self, name: str) -> bool:
        """Whether an image of this display name is to be built."""
        taken = self._hit("only", self.only, name) or not self.only
        return not self._hit("except", self.excepted, name) and taken

    def drops(self, name: str) -> bool:
        """Whether -except takes out a post-processor of this name (its type, where it has none)."""
        return self._hit("except", self.excepted, name)

    def _hit(self, option: str, patterns: list[tuple[str, Callable[[str], bool]]], name: str) -> bool:
        """Whether a pattern of an option matches; notes which do, all of them."""
        hits = [(option, pattern) for pattern, matches in patterns if matches(name)]
        self.matched.update(hits)
        return bool(hits)

    def tell_unmatched(self, diagnostics: Diagnostics, names: Sequence[str]) -> None:
        """Warns of patterns that matched nothing. Legacy templates take them silently, as Packer does."""
        if self.exact:
            return
        known = f"Possible build names: {', '.join(names)}." if names else "The template builds nothing."
        kinds = (("only", self.only, "plan/unmatched-only"), ("except", self.excepted, "plan/unmatched-except"))
        for option, patterns, code in kinds:
            for pattern, _ in patterns:
                if (option, pattern) not in self.matched:
                    diagnostics.warning(code, f"-{option} '{pattern}' matches no build", known)


def _split(texts: Sequence[str]) -> list[str]:
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]


def _matcher(option: str, pattern: str, exact: bool) -> Callable[[str], bool]:
    if exact:
        return lambda name: name == pattern
    from bakelift.translator.plan.globs import BadGlob, compile_glob

    try:
        compiled = compile_glob(pattern)
    except BadGlob as bad:
        raise fail("plan/bad-glob", f"-{option} '{pattern}' is not a pattern", f"{str(bad).capitalize()}.") from None
    return lambda name: compiled.fullmatch(name) is not None
