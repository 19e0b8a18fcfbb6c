"""A review as Markdown, for a comment on a pull request."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.differences.review import Review, Shown

#: Whoever updates a comment in place finds it by this line.
ANCHOR = "<!-- bakelift:diff -->"
_MARKS = {"high": "🔴", "medium": "🟠", "low": "🔵", "info": "⚪"}


def as_markdown(review: Review, limit: int = 0) -> str:
    """The severest changes first. With a ``limit`` the last ones are left out, and their number is said."""
    parts = [_change(change, review.many) for change in review.changes]
    tail = _not_comparable(review)
    head = _head(review)
    kept = len(parts)
    if limit:
        room = limit - len(head) - len(tail) - 200
        kept, used = 0, 0
        for part in parts:
            if used + len(part) > room:
                break
            used += len(part)
            kept += 1
    rest = len(parts) - kept
    if limit and rest and kept == 0:
        parts[0] = _short(review.changes[0])
        kept, rest = 1, rest - 1
    said = f"\n*{rest} more changes, less severe, did not fit here: `-format html` or `json` has all.*\n"
    more = said if rest else ""
    text = head + "".join(parts[:kept]) + more + tail
    return text if not limit or len(text) <= limit else text[: limit - 1] + "\n"


def _head(review: Review) -> str:
    title = f"### Image changes: {_cell(review.old)} → {_cell(review.new)}"
    lines = [ANCHOR, title, "", f"**{review.summary_line()}**", ""]
    if review.many and review.templates:
        lines += ["| template | changes |", "|---|---|"]
        for template in review.templates[:50]:
            number = len(template.difference.changes)
            what = f"{number} change{'s' if number != 1 else ''}" if template.status == "changed" else template.status
            lines.append(f"| `{_cell(template.name)}` | {what} |")
        if len(review.templates) > 50:
            lines.append(f"| {len(review.templates) - 50} more | |")
        lines.append("")
    for path, told in review.troubles:
        first = told[0].summary if told else "could not be read"
        lines += [f"⚠️ `{_cell(path)}`: {_cell(first)}", ""]
    return "\n".join(lines) + "\n"


def _change(change: Shown, many: bool) -> str:
    lines = [_line(change)]
    if change.detail:
        lines.append(f"  {_cell(change.detail)}")
    if many and len(change.templates) > 1:
        names = ", ".join(f"`{_cell(name)}`" for name in change.templates[:10])
        lines.append(f"  in {len(change.templates)} templates: {names}")
    if change.affects:
        lines.append("  decides " + ", ".join(f"`{_cell(path)}`" for path in change.affects[:6]))
    if change.hunks:
        lines += _folded(change)
    return "\n".join(lines) + "\n"


def _line(change: Shown) -> str:
    consequence = "" if change.consequence == "none" else f", {change.consequence}"
    values = ""
    if change.before is not None and change.after is not None and not change.hunks:
        values = f": {_code(change.before)} → {_code(change.after)}"
    elif not change.hunks and change.kind in ("added", "removed"):
        value = change.after if change.kind == "added" else change.before
        values = f": {change.kind}" + (f" {_code(value)}" if value is not None else "")
    elif change.kind in ("added", "removed"):
        values = f": {change.kind}"
    place = f" ({_cell(change.place)})" if change.place else ""
    mark = _MARKS[change.severity]
    return f"- {mark} **{change.kind_of}** ({change.severity}{consequence}): {_cell(change.summary)}{values}{place}"


def _short(change: Shown) -> str:
    return _line(change)[:2000] + "\n"


def _folded(change: Shown) -> list[str]:
    from bakelift.translator.diff.lines import counts

    added, removed = counts(change.hunks)
    text = []
    for hunk in change.hunks:
        text.append(f"@@ -{hunk.old_line} +{hunk.new_line} @@")
        text += hunk.lines
    fence = "`" * (max([2, *(len(run) for line in text for run in re.findall(r"`+", line))]) + 1)
    return [
        f"  <details><summary>+{added} −{removed} lines</summary>",
        "",
        f"  {fence}diff",
        *(f"  {line}" for line in text),
        f"  {fence}",
        "  </details>",
        "",
    ]


def _not_comparable(review: Review) -> str:
    if not review.not_comparable:
        return ""
    groups: dict[tuple[str, str], list[str]] = {}
    for item in review.not_comparable:
        groups.setdefault((item.code, item.summary), []).append(item.path)
    lines = [f"\n<details><summary>Not comparable: {len(review.not_comparable)} settings</summary>\n"]
    for (code, summary), paths in list(groups.items())[:60]:
        lines.append(f"- {_cell(summary)} (`{code}`): {_few(paths)}")
    return "\n".join([*lines, "</details>", ""])


def _few(paths: Iterable[str]) -> str:
    listed = list(paths)
    more = f" and {len(listed) - 4} more" if len(listed) > 4 else ""
    return ", ".join(f"`{_cell(path)}`" for path in listed[:4]) + more


def _cell(text: str) -> str:
    """Text that is text in Markdown, and stays on its line."""
    return re.sub(r"([\\`*_\[\]|<>#])", r"\\\1", text.replace("\n", " "))


def _code(text: str) -> str:
    """A value as inline code, whatever backticks it has."""
    line = text.replace("\n", "⏎")
    if len(line) > 160:
        line = line[:157] + "…"
    fence = "`" * (max([0, *(len(run) for run in re.findall(r"`+", line))]) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else "(empty)"
