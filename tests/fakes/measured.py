"""A command as a process, and the memory it took: whatever the process that asks has in its own.

The kernel counts what a parent holds, when it forks, as a child's peak (``ru_maxrss`` outlives ``exec``: see
``setmax_mm_hiwater_rss`` in its ``fs/exec.c``). So a small process stands between.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

_BETWEEN = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[2:])
with open(sys.argv[1], "w") as told:
    print(process.pid, file=told, flush=True)
    _, status, usage = os.wait4(process.pid, 0)
    print(usage.ru_maxrss, file=told)
code = os.waitstatus_to_exitcode(status)
sys.exit(code if code >= 0 else 128 - code)
"""


class Measured(subprocess.Popen[bytes]):
    """As ``Popen``; a command that a signal ends has 128 and its number as its status, as in a shell."""

    def __init__(self, words: Sequence[str], told: Path, stdout: int | IO[bytes], stderr: int | IO[bytes], cwd: Path):
        self._told = told
        between = [sys.executable, "-I", "-S", "-c", _BETWEEN, str(told)]
        super().__init__([*between, *words], stdout=stdout, stderr=stderr, cwd=cwd)

    def peak_so_far(self) -> int:
        """The most memory that the command has had until now, in KB."""
        pid = self._told.read_text().split()[0]
        text = Path(f"/proc/{pid}/status").read_text()
        return int(text.partition("VmHWM:")[2].split()[0])

    def peak(self) -> int:
        """The most memory that the command had, in KB. Waits for its end."""
        self.wait()
        return int(self._told.read_text().split()[1])
