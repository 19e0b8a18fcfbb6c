"""``bakelift explain``: what a diagnostic's code means, with an example and the way out."""

from __future__ import annotations

import sys

from bakelift.arguments import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.arguments import Parsed
    from bakelift.explaining import Area, Explanation

COMMAND = Command(
    "explain",
    "Explain the code of a message or of a report's entry; without a code, or with an area, list them.",
    "[CODE]",
    (),
    "bakelift explain aib/deploy-time",
    minimum=0,
)


def run(parsed: Parsed) -> int:
    """0: explained or listed; 1: no such code."""
    from bakelift.explaining import area, areas, explanation

    if not parsed.positionals:
        sys.stdout.write("".join(_listed(found) for found in map(area, areas()) if found is not None))
        return 0
    word = parsed.positionals[0].strip("[]`")
    found = explanation(word)
    if found is not None:
        sys.stdout.write(_explained(found))
        return 0
    whole = area(word.rstrip("/"))
    if whole is not None:
        sys.stdout.write(_listed(whole))
        return 0
    return _unknown(word)


def _explained(found: Explanation) -> str:
    example = "\n".join(f"    {line}".rstrip() for line in found.example.split("\n"))
    parts = (found.code, _paragraphs(found.meaning), "Example:", example, "The way out:", _paragraphs(found.way_out))
    return "\n\n".join(part for part in parts) + "\n"


def _paragraphs(text: str) -> str:
    from bakelift.terminal import wrapped

    return "\n".join(f"  {line}".rstrip() for line in wrapped(" ".join(text.split()), 96))


def _listed(found: Area) -> str:
    lines = [f"{found.name}: {found.about}"]
    lines += [f"  {item.code:<32} {_first_sentence(item.meaning)}" for item in found.explanations]
    return "\n".join(lines) + "\n\n"


def _first_sentence(text: str) -> str:
    whole = " ".join(text.split())
    end = whole.find(". ")
    return whole if end < 0 else whole[: end + 1]


def _unknown(word: str) -> int:
    from bakelift.explaining import areas, near

    sys.stderr.write(f"bakelift explain: there is no code {word!r}.\n")
    alike = near(word)
    if alike:
        sys.stderr.write(f"Did you mean {', '.join(alike)}?\n")
    sys.stderr.write(f"The areas are {', '.join(areas())}; bakelift explain AREA lists the codes of one.\n")
    return 1
