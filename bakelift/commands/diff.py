"""``bakelift diff``: what changes in the image from one template to another; any two formats."""

from __future__ import annotations

import sys

from bakelift.arguments import Command, Option, Usage
from bakelift.differences import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.arguments import Parsed
    from bakelift.differences.review import Review

#: Characters of a comment on a pull request of GitHub, with some room.
COMMENT = 65_000

COMMAND = Command(
    "diff",
    "Say what changes in the image from template A to B: any two formats, files or folders, git:REV:PATH, - for stdin.",
    "A B | -git BASE...HEAD [PATH...]",
    (
        Option("format", "how to say it", "FORMAT", default="text", choices=FORMATS),
        Option("out", "write there instead of to stdout", "FILE"),
        Option("git", "all templates of the repository that change between two revisions", "BASE...HEAD"),
        Option("built", "build both in sandboxes, and compare files, packages, services and accounts"),
        Option("base", "with -built, what the sandboxes begin with: a folder, a tar file, or host", "BASE"),
        Option("textconv", "print one template, of any format, as HCL: for git's textconv", "FILE"),
        Option("strict", "what cannot be compared counts as a difference, and is listed whole"),
        Option("var", "set a variable on both sides", "NAME=VALUE", many=True),
        Option("var-file", "variable values for both sides", "FILE", many=True),
        Option("var-a", "set a variable of A alone", "NAME=VALUE", many=True),
        Option("var-b", "set a variable of B alone", "NAME=VALUE", many=True),
        Option("var-file-a", "variable values for A alone", "FILE", many=True),
        Option("var-file-b", "variable values for B alone", "FILE", many=True),
        Option("root", "files may be read below this folder (repeatable)", "DIR", many=True),
        Option("max-chars", "of Markdown; the severest changes are kept", "N", default=str(COMMENT)),
    ),
    "bakelift diff web.pkr.hcl image/web.json",
    minimum=0,
    maximum=100,
)


def run(parsed: Parsed) -> int:
    """As ``diff(1)``: 0 no difference, 1 differences, 2 trouble."""
    from bakelift import terminal
    from bakelift.translator.diagnostics import TemplateError

    limit = parsed.text("max-chars") or "0"
    if not limit.isdecimal():
        raise Usage(f"-max-chars takes a number, not {limit}")
    converted = parsed.text("textconv")
    if converted is not None:
        from bakelift.textconv import canonical

        sys.stdout.write(canonical(converted))
        return 0
    try:
        review = _review(parsed)
    except TemplateError as problem:
        terminal.show(problem.diagnostics)
        return 2
    _write(parsed, review, int(limit))
    for _, told in review.troubles:
        terminal.show(told)
    sys.stderr.write(f"{review.summary_line()}\n")
    if review.troubles:
        return 2
    strict = parsed.flag("strict") and bool(review.not_comparable)
    return 1 if review.changes or strict else 0


def _review(parsed: Parsed) -> Review:
    if parsed.text("git") is not None:
        from bakelift.git_review import review_history

        return review_history(parsed)
    if len(parsed.positionals) != 2:
        raise Usage("diff takes two templates, A and B, or -git BASE...HEAD")
    from bakelift.two_templates import review_two

    return review_two(parsed)


def _write(parsed: Parsed, review: Review, limit: int) -> None:
    from bakelift import terminal
    from bakelift.differences import rendered

    out = parsed.text("out")
    colour = out is None and terminal.coloured(sys.stdout)
    format = parsed.text("format") or "text"
    text = rendered(review, format, colour=colour, limit=limit, strict=parsed.flag("strict"))
    if out is None:
        sys.stdout.write(text)
    else:
        from bakelift.output import write_file

        write_file(out, text)
