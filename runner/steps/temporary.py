"""Temporary names as Packer makes them, and a file of that name where a local script needs one."""

from __future__ import annotations

import os
import random
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def temporary_name(extension: str = "") -> str:
    """``$TMPDIR/packer-shell<digits>``: a name that is not taken."""
    folder = os.environ.get("TMPDIR") or "/tmp"
    while True:
        path = os.path.join(folder, f"packer-shell{random.randrange(10**8, 2**32)}{extension}")
        if not os.path.lexists(path):
            return path


@contextmanager
def temporary_script(data: bytes, extension: str = "") -> Iterator[str]:
    """An executable file for this user only, removed at the end."""
    path = temporary_name(extension)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        yield path
    finally:
        os.unlink(path)
