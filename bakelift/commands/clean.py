"""``bakelift clean``: removes what builds keep on this machine, and what broken ones left, here or in Azure."""

from __future__ import annotations

from bakelift.arguments import Command, Option, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.arguments import Parsed

COMMAND = Command(
    "clean",
    "Remove cached layers, journals, and what broken builds left, from the cache folder; or what is left in Azure.",
    "",
    (
        Option("all", "also bases that were unpacked or made here; in Azure, what holds a VHD, or may"),
        Option("azure", "list what builds have left in Azure instead, and remove it when that is confirmed"),
        Option("force", "with -azure, remove it without asking"),
        Option("subscription", "with -azure, the subscription; else ARM_SUBSCRIPTION_ID, or that of az", "ID"),
        Option("resource-group", "with -azure, only what belongs to this one", "NAME"),
        Option("older-than", "with -azure, only what was made before that, unless its build is over [2h]", "DURATION"),
        Option("auth", "with -azure, as whom to log in [auto]", "WAY"),
    ),
    "bakelift clean",
    0,
    0,
)


#: Options that say something of Azure.
_OF_AZURE = ("force", "subscription", "resource-group", "older-than", "auth")


def run(parsed: Parsed) -> int:
    if parsed.flag("azure"):
        from bakelift.cleaning_azure import clean_azure

        return clean_azure(parsed)
    for name in _OF_AZURE:
        if parsed.values[name]:
            raise Usage(f"-{name} goes with -azure")
    from bakelift.runner.errors import BuildError
    from bakelift.runner.targets.sandbox import cache, cleaning
    from bakelift.translator.diagnostics import fail

    try:
        done = cleaning.clean(parsed.flag("all"))
    except BuildError as error:
        raise fail("build/cache", str(error)) from error
    said = [f"{len(paths)} {cleaning.KINDS[kind][len(paths) != 1]}" for kind, paths in done.paths.items() if paths]
    place = cache.cache_folder()
    if said:
        print(f"Removed {', '.join(said)} ({_size(done.size)}) from {place}.")
    else:
        print(f"Nothing to remove in {place}.")
    if done.running:
        builds = "a build is" if done.running == 1 else f"{done.running} builds are"
        print(f"Layers and bases stay while {builds} running.")
    return 0


def _size(size: float) -> str:
    units = ["bytes", "KB", "MB", "GB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        del units[0]
    return f"{size:.0f} {units[0]}" if units[0] == "bytes" or size >= 10 else f"{size:.1f} {units[0]}"
