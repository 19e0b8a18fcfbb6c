"""The limits that docs/reading.md gives are those of the program."""

from __future__ import annotations

from pathlib import Path

from bakelift.loading import MAX_TEMPLATE
from bakelift.translator.languages.hcl.cursor import TokenCursor
from bakelift.translator.languages.json.parser import MAX_DEPTH
from bakelift.translator.plan.evaluate import LARGEST
from bakelift.translator.plan.frame import MOST_TURNS
from bakelift.translator.plan.operations.formatting import FINEST, WIDEST
from bakelift.translator.plan.operations.hashing import DEAREST
from bakelift.translator.plan.operations.sets import MOST_ROWS
from bakelift.translator.plan.operations.strings import LONGEST


def test_limits(checkout: Path) -> None:
    page = (checkout / "docs" / "reading.md").read_text()
    for row in (
        f"| a template, a variable file | {MAX_TEMPLATE // 1024**2} MiB |",
        f"| nesting of expressions and blocks; of JSON values | {TokenCursor.DEEPEST}; {MAX_DEPTH} |",
        f"| turns of the loops of one expression | {MOST_TURNS:,} |",
        f"| parts of one value | {LARGEST:,} |",
        f"| characters that `replace`, `indent` make | {LONGEST:,} |",
        f"| width and precision in `format` | {WIDEST:,} and {FINEST:,} |",
        f"| elements of `setproduct` | {MOST_ROWS:,} |",
        f"| cost of `bcrypt` | {DEAREST} |",
    ):
        assert row in page
