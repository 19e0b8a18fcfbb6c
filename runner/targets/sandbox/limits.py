"""Limits of a build in the sandbox: the time that its steps may take, and the disk that they may fill."""

from __future__ import annotations

import asyncio
import os

from bakelift.runner import durations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.targets import SandboxOptions
    from bakelift.runner.targets.sandbox.machine import Sandbox

#: Seconds between looks at how much has been written. A single file cannot grow beyond the limit meanwhile.
PAUSE = 1.0

UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def size(text: str) -> int:
    """Bytes of a number with K, M, G or T (thousands), an optional B after it. Raises ValueError."""
    plain = text.strip().upper().removesuffix("B")
    unit = plain[-1:] if plain[-1:] in UNITS else ""
    return round(float(plain.removesuffix(unit)) * UNITS[unit])


async def watch(sandbox: Sandbox, options: SandboxOptions) -> None:
    """Ends what runs when a limit is exceeded; then the command that ran fails with the reason."""
    loop = asyncio.get_running_loop()
    end = loop.time() + options.max_seconds if options.max_seconds else None
    while True:
        left = PAUSE if end is None else end - loop.time()
        await asyncio.sleep(max(0.0, min(PAUSE, left)))
        if end is not None and loop.time() >= end:
            await sandbox.communicator.stop(
                f"The build has taken longer than {durations.go(options.max_seconds)} (-max-time)."
            )
            return
        if options.max_bytes:
            written = await asyncio.to_thread(_written, sandbox.stack.top, options.max_bytes)
            if written > options.max_bytes:
                await sandbox.communicator.stop(
                    f"The build has written more than {options.max_bytes} bytes (-max-size)."
                )
                return


def _written(folder: str, limit: int) -> int:
    """Bytes on disk below a folder; counting ends beyond the limit."""
    total = 0
    folders = [folder]
    while folders and total <= limit:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:
            continue  # it has gone meanwhile, or is the overlay's own
    return total
