"""How far a survey is, on a terminal."""

from __future__ import annotations

import os
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO


@contextmanager
def progress(stream: TextIO) -> Iterator[Callable[[int, int, str], None]]:
    """What is to be called before each template, with its number, how many there are, and its path."""
    if not stream.isatty() or os.environ.get("CI"):
        yield _silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from bakelift.audits.printable import printable
    from bakelift.terminal import coloured

    columns = (BarColumn(20), MofNCompleteColumn(), TextColumn("{task.fields[path]}", markup=False))
    with Progress(*columns, console=Console(file=stream, no_color=not coloured(stream)), transient=True) as shown:
        task = shown.add_task("", total=None, path="")

        def said(number: int, total: int, path: str) -> None:
            shown.update(task, completed=number - 1, total=total, path=printable(path))

        yield said


def _silent(_number: int, _total: int, _path: str) -> None:
    """Where nobody watches."""
