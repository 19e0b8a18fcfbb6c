"""How fast HCL is parsed: real templates in one process, beside python-hcl2's ``parses`` in the same run.

``python bench/parse_rate.py [FOLDER] [RUNS]``: medians over the files of a folder (default: the corpus beside the
checkout, else the project's own templates) that both can read.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import hcl2

from bakelift.translator.diagnostics import SourceFile
from bakelift.translator.languages.hcl.parser import parse_file

CHECKOUT = Path(__file__).resolve().parent.parent
WANTED = 12.0


def texts(folder: Path) -> list[str]:
    """Those that both parsers accept."""
    found = []
    for path in filter(Path.is_file, sorted(folder.rglob("*.pkr.hcl"))):
        text = path.read_text("utf-8", "replace")
        try:
            parse_file(SourceFile(path.name, text))
            hcl2.parses(text)
        except Exception:  # python-hcl2 raises whatever its parser does
            continue
        found.append(text)
    return found


def seconds(parse: object, given: list[str]) -> float:
    start = time.perf_counter()
    for text in given:
        parse(text)  # type: ignore[operator]
    return time.perf_counter() - start


def main() -> int:
    corpus = CHECKOUT.parent / "shared" / "corpus"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else corpus if corpus.is_dir() else CHECKOUT
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    given = texts(folder)
    size = sum(map(len, given)) / 1e6
    ours, theirs = [], []
    for _ in range(runs):
        ours.append(seconds(lambda text: parse_file(SourceFile("t.pkr.hcl", text)), given))
        theirs.append(seconds(hcl2.parses, given))
    mine, other = statistics.median(ours), statistics.median(theirs)
    print(f"{len(given)} files, {size:.2f} MB, medians of {runs}")
    print(f"bakelift    {mine:7.3f} s  {size / mine:6.2f} MB/s")
    print(f"python-hcl2 {other:7.3f} s  {size / other:6.2f} MB/s")
    print(f"{other / mine:.1f} times as fast (wanted: {WANTED:g})")
    return 0 if other / mine >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
