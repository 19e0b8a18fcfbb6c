"""Builds the same template in sandboxes over and over, and looks for what builds leave behind.

    python tests/soak/builds.py [-count 1000]

Every hundred builds it compares processes, mounts, open files of this process and what is in the cache, the temporary
folder and the output folder with what was there after the first ones. Exit status 1 when something grows.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
import time
from pathlib import Path

TEMPLATE = """source "null" "soak" {
  communicator = "none"
}

build {
  sources = ["source.null.soak"]
  provisioner "shell" {
    inline = ["echo one >/etc/one"]
  }
  provisioner "shell" {
    environment_vars = ["RUN=${timestamp()}"]
    inline           = ["echo $RUN >/etc/two; rm /etc/one"]
  }
}
"""


def state(folder: Path) -> dict[str, int]:
    """What must not grow, counted."""
    cache = folder / "cache" / "bakelift"
    mounts = Path("/proc/self/mountinfo").read_text().count(str(folder))
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return {
        "open files": len(os.listdir("/proc/self/fd")),
        "mounts": mounts,
        "child processes": len(children),
        "running builds": len(list((cache / "b").iterdir())),
        "journals": sum(1 for _ in (cache / "j").rglob("*") if _.is_file()),
        "half-made files": sum(1 for path in cache.iterdir() if "." in path.name),
        "outputs": len(list((folder / "out").iterdir())),
        "temporary files": len(list((folder / "tmp").iterdir())),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-count", type=int, default=1000)
    count = parser.parse_args().count
    import bakelift
    from bakelift.runner.targets.sandbox import cleaning

    with tempfile.TemporaryDirectory(prefix="bakelift-soak-") as name:
        folder = Path(name)
        (folder / "tmp").mkdir()
        os.environ.update(XDG_CACHE_HOME=str(folder / "cache"), TMPDIR=str(folder / "tmp"))
        (folder / "soak.pkr.hcl").write_text(TEMPLATE)
        first: dict[str, int] | None = None
        for number in range(1, count + 1):
            log = io.StringIO()
            plan = bakelift.load(folder / "soak.pkr.hcl")
            status = bakelift.build(plan, on="sandbox", base="host", out=str(folder / "out"), stdout=log)
            if status:
                print(f"build {number} failed:\n{log.getvalue()}")
                return 1
            if number == 3:
                first = state(folder)
            if first is not None and (number % 100 == 0 or number == count):
                now = state(folder)
                grown = [f"{what}: {first[what]}, then {now[what]}" for what in now if now[what] > first[what]]
                print(f"{time.strftime('%H:%M:%S')} {number} builds: {'; '.join(grown) or 'nothing has grown'}")
                if grown:
                    return 1
        cleaning.clean(everything=True)
        left = sorted(str(path) for path in (folder / "cache").rglob("*"))
        if left:
            print(f"clean left {', '.join(left)}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
