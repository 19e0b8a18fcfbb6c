"""``clean -azure``: lists what builds have left in Azure, and removes it when somebody says so."""

from __future__ import annotations

import asyncio
import sys

from bakelift.arguments import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.arguments import Parsed
    from bakelift.runner.azure.leftovers import Leftover
    from bakelift.runner.azure.session import Session

#: Seconds that something of a direct build has to be there before it counts as left.
OLD = "2h"


def clean_azure(parsed: Parsed) -> int:
    """0: done, or nothing to do; 1: something could not be asked or removed."""
    from bakelift.azure_options import login
    from bakelift.runner.errors import BuildError

    older = _seconds(parsed.text("older-than") or OLD)
    try:
        session = login(parsed)
        try:
            return asyncio.run(_clean(parsed, session, older))
        finally:
            session.close()
    except BuildError as problem:
        sys.stderr.write(f"Error: {problem}\n")
        return 1


def _seconds(text: str) -> float:
    from bakelift.runner import durations

    try:
        return durations.parse(text)
    except ValueError:
        raise Usage("-older-than takes a duration: 30m, 2h, 0s") from None


async def _clean(parsed: Parsed, session: Session, older: float) -> int:
    from bakelift.runner.azure.leftovers import Search, remove
    from bakelift.runner.targets.azure.calls import Azure

    group = parsed.text("resource-group") or ""
    azure = Azure(session)
    search = Search(azure, group, older, parsed.flag("all"))
    found = await search.all()
    if search.absent:
        print(f"There is no resource group {group} in subscription {session.subscription}.")
    where = f"resource group {group} of subscription" if group else "subscription"
    going = [one for one in found if not one.kept]
    for one in found:
        _show(one)
    if not found:
        print(f"Nothing is left in {where} {session.subscription}.")
        return 0
    print(f"Left in {where} {session.subscription}: {_counted(going) or 'nothing that may go'}.")
    if not going or not _wanted(parsed, len(going)):
        return 0
    removed: list[Leftover] = []

    def tell(one: Leftover, problem: str) -> None:
        if problem:
            sys.stderr.write(f"Error: {one.id} could not be removed: {problem}\n")
            return
        removed.append(one)
        print(f"Removed {one.id}")

    good = await remove(azure, going, tell)
    failed = len(going) - len(removed)
    print(f"Removed {_counted(removed) or 'nothing'}" + (f"; {failed} could not be removed." if failed else "."))
    return 0 if good else 1


def _show(one: Leftover) -> None:
    from bakelift.runner.azure.leftovers import KINDS

    stays = f"; stays: {one.kept}" if one.kept else ""
    print(f"{KINDS[one.kind][0]}: {one.id} ({one.what}{stays})")


def _counted(found: Sequence[Leftover]) -> str:
    from bakelift.runner.azure.leftovers import KINDS

    counts = {kind: sum(one.kind == kind for one in found) for kind in KINDS}
    return ", ".join(f"{count} {KINDS[kind][count != 1]}" for kind, count in counts.items() if count)


def _wanted(parsed: Parsed, count: int) -> bool:
    """Whether it is to be removed: said with -force, or on a terminal when asked."""
    if parsed.flag("force"):
        return True
    if not sys.stdin.isatty():
        print("Nothing was removed: -force removes it.")
        return False
    what = "it" if count == 1 else f"these {count}"
    answer = input(f"Remove {what}? [y/N] ")
    return answer.strip().lower() in ("y", "yes")
