"""A review as JSON (``schemas/diff.schema.json``)."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.differences.review import Review, Shown
    from bakelift.translator.diff.model import NotComparable


def as_json(review: Review) -> str:
    """Changes, severest first; what cannot be compared; and, of a repository, what became of each template."""
    data: dict[str, object] = {
        "version": 1,
        "old": review.old,
        "new": review.new,
        "counts": {**review.counts(), "total": len(review.changes), "not_comparable": len(review.not_comparable)},
        "consequence": review.consequence(),
        "changes": [_change(change) for change in review.changes],
        "not_comparable": [_lost(item) for item in review.not_comparable],
    }
    if review.many:
        data["templates"] = [{"path": item.name, "status": item.status} for item in review.templates]
        data["troubles"] = [
            {"path": path, "diagnostics": [item.as_json() for item in told]} for path, told in review.troubles
        ]
    return json.dumps(data, indent=2) + "\n"


def _change(change: Shown) -> dict[str, object]:
    return {
        "class": change.kind_of,
        "severity": change.severity,
        "consequence": change.consequence,
        "kind": change.kind,
        "code": change.code,
        "path": change.path,
        "summary": change.summary,
        "before": change.before,
        "after": change.after,
        "span": change.span.as_json() if change.span is not None else None,
        "old_span": change.old_span.as_json() if change.old_span is not None else None,
        "lines": [
            {"old_line": hunk.old_line, "new_line": hunk.new_line, "lines": list(hunk.lines)} for hunk in change.hunks
        ],
        "affects": list(change.affects),
        "detail": change.detail,
        "templates": list(change.templates),
    }


def _lost(item: NotComparable) -> dict[str, object]:
    return {
        "side": item.side,
        "code": item.code,
        "path": item.path,
        "summary": item.summary,
        "span": item.span.as_json() if item.span is not None else None,
    }
