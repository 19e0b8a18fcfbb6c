"""``bakelift inventory``: a script that collects what is on a machine, to compare real images."""

from __future__ import annotations

import sys

from bakelift.arguments import Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.arguments import Parsed

COMMAND = Command(
    "inventory",
    "Print a script that collects what is on a machine (packages, files, services, accounts) as JSON, for diff.",
    "",
    (Option("os", "of the machine", "SYSTEM", default="linux", choices=("linux", "windows")),),
    "bakelift inventory | ssh web01 sudo sh > web01.json",
    minimum=0,
    maximum=0,
)

_SCRIPTS = {"linux": "linux.sh", "windows": "windows.ps1"}


def run(parsed: Parsed) -> int:
    """The script on stdout; it needs nothing on the machine but what every system has."""
    from importlib.resources import files

    name = _SCRIPTS[parsed.text("os") or "linux"]
    sys.stdout.write(files("bakelift.inventories").joinpath(name).read_text(encoding="utf-8"))
    return 0
