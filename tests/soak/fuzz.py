"""Fuzzes the readers: ``fuzz.py [-seconds N] [-keep DIR] [READER...]``.

With atheris (where it can be installed) guided by coverage, each reader in a process of its own; without it, by
mutations alone. Status 1 when an input gave anything but a Plan or diagnostics, or took longer than a second; the
inputs are kept. The last line of each reader counts: executions, coverage, findings.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
NAMES = (
    "hcl",
    "pkr-json",
    "legacy-json",
    "go-template",
    "arm-expression",
    "arm-template",
    "bicep",
    "var-file",
    "console",
)
_STATUS = re.compile(r"^#(\d+)\s.*?cov: (\d+) ft: (\d+) corp: (\d+)", re.MULTILINE)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("readers", nargs="*", metavar="READER", help=", ".join(NAMES))
    words.add_argument("-seconds", type=int, default=600, help="for each reader")
    words.add_argument("-keep", type=Path, help="where findings and the grown corpus go (default: a new folder)")
    words.add_argument("-replay", type=Path, nargs="*", help="only run these inputs")
    words.add_argument("-child", action="store_true", help=argparse.SUPPRESS)
    given = words.parse_args()
    unknown = set(given.readers) - set(NAMES)
    if unknown:
        words.error(f"no such reader: {', '.join(sorted(unknown))}")
    if given.replay is not None:
        return _replay(given.readers[0], given.replay)
    if given.child:
        return _child(given.readers[0], given.seconds, given.keep)
    keep = given.keep or Path(tempfile.mkdtemp(prefix="soak-"))
    failed = [name for name in given.readers or NAMES if not _soak(name, given.seconds, keep / name)]
    if failed:
        print(f"soak: findings in {', '.join(failed)}; the inputs are in {keep}")
    return 1 if failed else 0


def _soak(name: str, seconds: int, keep: Path) -> bool:
    """Fuzzes one reader; whether nothing was found."""
    (keep / "findings").mkdir(parents=True, exist_ok=True)
    command = [sys.executable, __file__, "-seconds", str(seconds), "-keep", str(keep), "-child", name]
    with (keep / "log").open("w") as log:
        # A reader that hangs for good is ended by the fuzzer, and the input kept; this is for a fuzzer that hangs.
        done = subprocess.run(command, stdout=log, stderr=log, timeout=seconds * 2 + 600, check=False)
    text = (keep / "log").read_text(errors="replace")
    states = _STATUS.findall(text)
    inputs = sorted((keep / "findings").iterdir())
    bad = (
        subprocess.run([sys.executable, __file__, name, "-replay", *map(str, inputs)], check=False) if inputs else None
    )
    runs, coverage, features, corpus = states[-1] if states else ("?", "?", "?", "?")
    own = re.findall(r"^executions: (\d+)", text, re.MULTILINE)
    broken = done.returncode not in (0, 77) and bad is None
    if broken:
        print(text[-2000:])
    print(
        f"{name}: {own[-1] if own else runs} executions, coverage {coverage}, features {features}, corpus {corpus}, "
        f"{len(inputs)} kept, {'FINDINGS' if broken or (bad and bad.returncode) else 'no findings'}",
        flush=True,
    )
    return not broken and not (bad and bad.returncode)


def _replay(name: str, inputs: list[Path]) -> int:
    """Runs inputs without instrumentation: what remains of findings, and what is too slow."""
    from readers import LIMIT, attempt

    bad = 0
    for path in inputs:
        data = path.read_bytes()
        # The first run pays for imports.
        for _ in range(2):
            start = time.process_time()
            problem = None
            try:
                attempt(name, data)
            except BaseException as caught:
                problem = f"{type(caught).__name__}: {str(caught)[:300]} at {_place(caught)}"
            taken = time.process_time() - start
        if taken > LIMIT:
            problem = (problem or "") + f" {taken:.2f} s for {len(data)} bytes"
        if problem:
            bad += 1
            print(f"{name}: {path}: {problem}")
    return 1 if bad else 0


def _place(problem: BaseException) -> str:
    frames = [f for f in traceback.extract_tb(problem.__traceback__) if "/bakelift/" in f.filename] or list(
        traceback.extract_tb(problem.__traceback__)
    )
    last = frames[-1]
    return f"{last.filename.rpartition('/bakelift/')[2]}:{last.lineno}:{last.name}"


class _Watch:
    """Runs one input after the other; keeps what is a finding, each kind a few times."""

    def __init__(self, name: str, keep: Path) -> None:
        from readers import LIMIT, LONGEST, attempt

        self.name, self.keep, self.attempt = name, keep, attempt
        self.limit, self.longest = LIMIT, LONGEST
        self.seen: dict[str, int] = {}
        self.executions = 0

    def __call__(self, data: bytes) -> None:
        self.executions += 1
        data = data[: self.longest]
        start = time.process_time()
        try:
            self.attempt(self.name, data)
        except Exception as problem:
            self.found(f"{type(problem).__name__} {_place(problem)}", data)
        if time.process_time() - start > self.limit:
            self.found("slow", data)
        if self.executions % 500 == 0:
            print(f"executions: {self.executions}", flush=True)

    def found(self, kind: str, data: bytes) -> None:
        self.seen[kind] = self.seen.get(kind, 0) + 1
        if self.seen[kind] <= (3 if kind != "slow" else 20):
            print(f"finding: {kind}", flush=True)
            path = self.keep / "findings" / f"{re.sub('[^A-Za-z0-9]+', '-', kind)}-{self.seen[kind]}"
            path.write_bytes(data)


def _child(name: str, seconds: int, keep: Path) -> int:
    try:
        import atheris
    except ImportError:
        print("atheris is not installed: mutations only, without coverage")
        return _mutate(name, seconds, keep)
    with atheris.instrument_imports(include=["bakelift"]):
        import bakelift

        # What is imported while it runs would not be instrumented.
        for module in pkgutil.walk_packages(bakelift.__path__, "bakelift."):
            if ".runner" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    from seeds import seeds

    corpus = keep / "corpus"
    corpus.mkdir(exist_ok=True)
    start = keep / "seeds"
    start.mkdir(exist_ok=True)
    for number, seed in enumerate(seeds(name)):
        (start / f"{number:05}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}",
        "-max_len=65536",
        "-timeout=60",
        "-rss_limit_mb=4096",
        "-report_slow_units=60",
        f"-dict={_dictionary(keep)}",
        f"-artifact_prefix={keep}/findings/",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus), str(start)], _Watch(name, keep))
    atheris.Fuzz()
    return 0


def _dictionary(keep: Path) -> Path:
    """Words that the readers know: tables and marks of the languages."""
    from mutations import _BRACKETS, _VALUES

    from bakelift.translator.languages.arm.functions import FUNCTIONS
    from bakelift.translator.languages.go_template.functions import BY_NAME
    from bakelift.translator.languages.hcl.functions import NAMES

    words = {*FUNCTIONS, *BY_NAME, *NAMES, "var.", "local.", "source", "build", "provisioner", "azure-arm", "dynamic"}
    words |= {"for_each", "sensitive", "variable", "builders", "provisioners", "post-processors", "{{user `", "`}}"}
    words |= {
        "resources",
        "properties",
        "customize",
        "distribute",
        "Shell",
        "parameters('",
        "each.value",
        "%{for x in ",
    }
    marks = {mark.decode("latin-1") for mark in (*_BRACKETS, *_VALUES)}
    path = keep / "words.dict"
    path.write_text("".join(json.dumps(w).encode("latin-1", "replace").decode() + "\n" for w in sorted(words)))
    with path.open("a", encoding="ascii") as file:
        for mark in sorted(marks):
            escaped = "".join(f"\\x{ord(c):02x}" for c in mark)
            file.write(f'"{escaped}"\n')
    return path


def _mutate(name: str, seconds: int, keep: Path) -> int:
    from mutations import mutated
    from seeds import seeds

    watch = _Watch(name, keep)
    start = seeds(name)
    rng = random.Random(name)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        watch(mutated(rng.choice(start), rng, start))
    print(f"executions: {watch.executions}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
