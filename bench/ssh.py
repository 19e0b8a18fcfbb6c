"""Builds over ssh beside the real Packer: many trivial shell provisioners on an sshd of the loopback.

    python bench/ssh.py [RUNS [STEPS]]

Both are whole processes of installed programs that do the same work for every step: upload a script, make it
executable, run it, remove it. They take turns. Both log in as a throw-away user with /bin/sh, which root makes and
removes again. A run of Packer's that stalls is stopped after a while, counted, and left out of its median; one of ours
that stalls ends the measuring. Needs root, sshd, Packer, and the installed console script.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from sandbox import THEIRS, USER, server, show, timed

#: In a folder of its own: Packer takes one of 9999 names in /tmp, and where another user has left a file of that name
#: it tries for five minutes.
STEP = """  provisioner "shell" {{
    inline        = ["echo hi"]
    remote_folder = "{home}"
  }}
"""

#: Seconds after which a run counts as stalled.
STALLED = 20.0


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    program = str(Path(sys.executable).parent / "bakelift")
    with tempfile.TemporaryDirectory() as name, server(Path(name)) as reached:
        if reached is None:
            return
        folder = Path(name)
        port, key = reached
        path = folder / "bench.pkr.hcl"
        path.write_text(THEIRS.format(port=port, user=USER, key=key, steps=STEP.format(home=folder / "home") * steps))
        ours: list[float] = []
        theirs: list[float] = []
        stalled = 0
        for number in range(4 * runs):
            took = timed([program, "build", "-color=false", str(path)], folder, STALLED)
            if took is None:
                raise SystemExit("a build of ours stalled")
            beside = timed(["packer", "build", "-color=false", str(path)], folder, STALLED)
            if beside is None:
                stalled += 1
            if number:  # the first run of both fills caches
                ours.append(took)
                theirs += [beside] if beside is not None else []
            if len(theirs) >= runs:
                break
        print(f"load {os.getloadavg()[0]:.1f}")
        mine = show(f"bakelift build, ssh, {steps} steps", ours)
        other = show(f"packer build, ssh, {steps} steps", theirs, f"stalled: {stalled}")
        print(f"ratio of the medians {mine / other:.2f}")


if __name__ == "__main__":
    main()
