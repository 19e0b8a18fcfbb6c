"""What a comparison costs beside a translation, for templates of 10, 100 and 1000 steps: whole processes, in turn.

python bench/diff.py [RUNS]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BAKELIFT = str(Path(sys.executable).parent / "bakelift")


def template(steps: int, changed: int | None = None) -> str:
    """HCL with so many shell steps; the one numbered ``changed`` has another line."""
    lines = [
        'source "azure-arm" "image" {',
        '  os_type = "Linux"',
        '  image_publisher = "canonical"',
        '  image_offer = "ubuntu-24_04-lts"',
        '  image_sku = "server"',
        '  location = "westeurope"',
        '  managed_image_name = "image"',
        '  managed_image_resource_group_name = "images"',
        "}",
        "build {",
        '  sources = ["azure-arm.image"]',
    ]
    for number in range(steps):
        word = "other" if number == changed else "step"
        lines += [
            '  provisioner "shell" {',
            f'    environment_vars = ["NUMBER={number}"]',
            f'    inline = ["echo {word} {number}", "touch /tmp/{number}"]',
            "  }",
        ]
    return "\n".join([*lines, "}", ""])


def timed(words: list[str]) -> tuple[float, float]:
    """(seconds, peak MB) of one run."""
    start = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for steps in (10, 100, 1000):
            old, new = Path(folder, "old.pkr.hcl"), Path(folder, "new.pkr.hcl")
            old.write_text(template(steps))
            new.write_text(template(steps, steps // 2))
            commands = {"translate": [BAKELIFT, "translate", str(new)], "diff": [BAKELIFT, "diff", str(old), str(new)]}
            found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
            for _ in range(runs):
                for name, words in commands.items():
                    found[name].append(timed(words))
            medians = {name: statistics.median(seconds for seconds, _ in runs) for name, runs in found.items()}
            peak = max(memory for _, memory in found["diff"])
            ratio = medians["diff"] / medians["translate"]
            print(
                f"{steps:5} steps: translate {medians['translate'] * 1000:7.1f} ms, "
                f"diff {medians['diff'] * 1000:7.1f} ms, "
                f"ratio {ratio:.2f}, peak of diff {peak:.0f} MB"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
