"""A review as diagnostics, for formats that annotate lines: GitHub's workflow commands and SARIF."""

from __future__ import annotations

from bakelift.translator.diagnostics import Diagnostic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.differences.review import Review, Shown
    from bakelift.translator.diagnostics import Severity

_LEVELS: dict[str, Severity] = {"high": "warning", "medium": "warning", "low": "note", "info": "note"}


def diagnostics(review: Review) -> list[Diagnostic]:
    """One for each change, severest first; templates that could not be read are errors."""
    found = [item for _, told in review.troubles for item in told]
    return found + [_diagnostic(change) for change in review.changes]


def _diagnostic(change: Shown) -> Diagnostic:
    said = []
    if change.before is not None and change.after is not None:
        said.append(f"{change.before} → {change.after}")
    elif change.after is not None:
        said.append(f"new: {change.after}")
    elif change.before is not None:
        said.append(f"gone: {change.before}")
    for hunk in change.hunks:
        said += [line for line in hunk.lines if line[:1] in "+-"]
    if change.detail:
        said.append(change.detail)
    if change.consequence != "none":
        said.append(f"Image Builder: {change.consequence}.")
    title = f"{change.kind_of}, {change.severity}: {change.summary}"
    return Diagnostic(_LEVELS[change.severity], change.code, title, "\n".join(said), change.span)
