"""What changes in the images of a repository between two revisions, through whatever file."""

from __future__ import annotations

import os
import tempfile

from bakelift.differences.review import Compared, review
from bakelift.diffing import difference, open_side
from bakelift.discovery import templates
from bakelift.git_trees import checkout, git, top_of, working_in
from bakelift.translator.diagnostics import Diagnostics, TemplateError, fail
from bakelift.translator.diff.model import Change, Difference
from bakelift.two_templates import hiding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.arguments import Parsed
    from bakelift.differences.review import Review
    from bakelift.diffing import Template
    from bakelift.translator.diagnostics import Diagnostic

    Trouble = tuple[str, tuple[Diagnostic, ...]]


def review_history(parsed: Parsed) -> Review:
    """``-git BASE...HEAD`` (from where they parted), ``BASE..HEAD``, or ``BASE`` alone against the work tree.

    Raises TemplateError (``git/…``) when a revision cannot be had. A template that cannot be read is one of the
    review's troubles; the others are compared all the same.
    """
    top = top_of(".")
    base, head = revisions(parsed.text("git") or "", top)
    wanted = [os.path.relpath(os.path.abspath(path), top) for path in parsed.positionals]
    with tempfile.TemporaryDirectory(prefix="bakelift-") as folder:
        old = os.path.join(folder, "old")
        checkout(top, base, old)
        new = top
        if head is not None:
            new = os.path.join(folder, "new")
            checkout(top, head, new)
        return _compared(parsed, old, new, wanted, (base, head or "the work tree"))


def revisions(text: str, top: str) -> tuple[str, str | None]:
    """(old, new); new None: the work tree."""
    for sign in ("...", ".."):
        before, found, after = text.partition(sign)
        if found:
            base, head = before or "HEAD", after or "HEAD"
            if sign == "...":
                base = git(["merge-base", "--end-of-options", base, head], top).strip()
            return base, head
    if not text:
        raise fail("git/operand", "-git names no revisions", "Write -git BASE...HEAD, such as -git origin/main...HEAD.")
    return text, None


def _compared(parsed: Parsed, old: str, new: str, wanted: Sequence[str], names: tuple[str, str]) -> Review:
    here, there = _chosen(old, wanted), _chosen(new, wanted)
    compared: list[Compared] = []
    troubles: list[Trouble] = []
    opened: list[Template] = []
    for path in dict.fromkeys([*here, *there]):
        sides: list[Template | None] = []
        for side, folder, listed in (("a", old, here), ("b", new, there)):
            try:
                sides.append(_opened(parsed, folder, path, side) if path in listed else None)
            except TemplateError as problem:
                if side == "b":
                    troubles.append((path, problem.diagnostics))
                sides.append(None)
        opened += [side for side in sides if side is not None]
        before, after = sides
        if before is not None and after is not None:
            try:
                found = difference(before, after)
            except TemplateError as problem:
                troubles.append((path, problem.diagnostics))
                continue
            if found.changes:
                compared.append(Compared(path, found))
        elif path not in here or path not in there:
            status = "added" if path not in here else "removed"
            if after is not None or before is not None:
                compared.append(Compared(path, Difference((_whole(path, status, after or before),)), status))
    return review(names[0][:12], names[1], compared, hiding(opened), many=True, troubles=troubles)


def _chosen(top: str, wanted: Sequence[str]) -> dict[str, None]:
    """The templates of a tree; with ``wanted`` only those at or below one of these paths."""
    found = templates(top)
    if not wanted:
        return dict.fromkeys(found)
    return dict.fromkeys(
        path for path in found if any(want in (".", path) or path.startswith(f"{want}/") for want in wanted)
    )


def _opened(parsed: Parsed, folder: str, path: str, side: str) -> Template:
    """A template of a tree, with paths in messages from its top."""
    variables = [*parsed.texts("var"), *parsed.texts(f"var-{side}")]
    files = [os.path.abspath(name) for name in (*parsed.texts("var-file"), *parsed.texts(f"var-file-{side}"))]
    with working_in(folder):
        return open_side(path, variables, files, ["."], Diagnostics())


def _whole(path: str, status: str, template: Template | None) -> Change:
    """A template that is new, or gone."""
    added = status == "added"
    count = sum(len(group.sources) for group in template.loaded.plan.groups) if template is not None else 0
    images = f"{count} image{'s' if count != 1 else ''}"
    return Change(
        kind="added" if added else "removed",
        code="diff/template-added" if added else "diff/template-removed",
        kind_of="source",
        severity="medium",
        consequence="re-create",
        path=path,
        summary=f"template {path}, with {images}",
        before=None if added else path,
        after=path if added else None,
    )
