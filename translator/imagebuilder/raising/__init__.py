"""Raising: customizers as the Packer steps that they were lowered from, or that say the same.

A text is raised only where lowering what was raised gives the text again, expressions included. Anything else, such as
a lowered text that somebody edited, is a plain shell or powershell step with the text's lines, and that is said.
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.customizers import PowerShell, WindowsRestart, WindowsUpdate
from bakelift.translator.imagebuilder.lowering.generalizing import OFF, OVERRIDE
from bakelift.translator.imagebuilder.lowering.names import NUMBERED, named
from bakelift.translator.imagebuilder.raising.beside import beside
from bakelift.translator.imagebuilder.raising.check import lowered_again, same_customizers
from bakelift.translator.imagebuilder.raising.facts import facts_of, marked
from bakelift.translator.imagebuilder.raising.plain import generalizing_step, plain_step
from bakelift.translator.imagebuilder.raising.shapes import candidate
from bakelift.translator.imagebuilder.raising.staged import SamePlaces, fetched, held
from bakelift.translator.imagebuilder.rest import EXTRA
from bakelift.translator.plan.expressions import Literal
from bakelift.translator.plan.model import Setting
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.files import Entry
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.lowering.context import Lowered
    from bakelift.translator.imagebuilder.raising.candidates import Candidate
    from bakelift.translator.imagebuilder.raising.facts import Facts
    from bakelift.translator.imagebuilder.raising.staged import Held, StagedFiles
    from bakelift.translator.plan.model import Step

__all__ = ["Raised", "RaisingOptions", "raise_steps"]


class RaisingOptions(Record):
    """``windows``: what the build VM runs. ``generalize``: end with the step that Packer needs to generalize.

    ``staged``: the files that customizers fetch, as far as they are at hand.
    ``all_names``: keep every customizer's name; else those that lowering gives by itself are left out. ``places``:
    files of all images of the template, by path.
    """

    windows: bool = False
    generalize: bool = True
    staged: StagedFiles | None = None
    all_names: bool = False
    places: dict[str, bytes] = {}


class Raised(Record):
    """The steps of an image, and the files that they name, by path: relative to the template's folder, or absolute.

    ``folders``: what is in those that a step uploads whole, the files in them too; ``executable``: paths of files that
    have the mode bit; ``covers``: the customizers that each step says (the one that generalizes says none);
    ``secrets``: names of sensitive inputs that the steps use, and the template has in a vault.
    """

    steps: tuple[Step, ...]
    files: dict[str, bytes]
    folders: dict[str, tuple[Entry, ...]] = {}
    executable: frozenset[str] = frozenset()
    covers: tuple[tuple[Customizer, ...], ...] = ()
    secrets: frozenset[str] = frozenset()


def raise_steps(
    customizers: Sequence[Customizer],
    diagnostics: Diagnostics,
    options: RaisingOptions = RaisingOptions(),  # noqa: B008 (a record is immutable)
) -> Raised:
    """The Packer steps of customizers, in order. Each step's ``leaves`` are those of the customizers that it says."""
    steps: list[Step] = []
    gathered = _Gathered()
    again: list[Lowered] = []
    covered: list[tuple[int, int]] = []
    flat: list[Customizer] = []
    generalized = False
    whole = held(customizers, options.staged, diagnostics)
    holding = [item.customizer for item in whole]
    at = 0
    while at < len(holding):
        group, facts = _group(holding, at)
        given = _given(whole[at : at + len(group)])
        number = len(steps) + 1
        found = candidate(group, facts, options.windows) if facts is not None else None
        lowered: list[Lowered] | None = None
        if found is not None and not _clash({_place(path): data for path, data in found.files.items()}, gathered.files):
            staging = SamePlaces(given) if len(given) > len(group) or given != group else None
            lowered = lowered_again(found, number, options.windows, staging)
            if not same_customizers([item.customizer for item in lowered], given):
                lowered = None
        if found is not None and lowered is not None:
            step = found.step
            gathered.add(found)
            generalized = generalized or bool(facts and (facts.get("deprovision") or facts.get(OVERRIDE)))
        else:
            if facts is not None:
                group = group[:1]
                _say_edited(holding[at], diagnostics)
            given = _given(whole[at : at + 1])
            plain = [(plain_step(item, options.windows), item) for item in given]
            *before, (step, _) = plain
            for earlier, item in before:
                steps.append(_of(earlier, [item]))
                covered.append((len(flat), len(flat) + 1))
                flat.append(item)
                again += lowered_again(earlier, number, options.windows)
            given = given[-1:]
            lowered = lowered_again(step, len(steps) + 1, options.windows)
            if options.all_names:
                step, given = gathered.beside(step, given[0], len(steps) + 1, options.places)
        steps.append(_of(step, given))
        covered.append((len(flat), len(flat) + len(given)))
        flat += given
        again += lowered
        at += len(group)
    steps = _with_names(steps, flat, covered, [] if options.all_names else again)
    if options.generalize and not generalized:
        steps.append(generalizing_step(options.windows))
    return gathered.raised(tuple(steps), tuple(tuple(flat[a:b]) for a, b in covered))


class _Gathered:
    """What the raised steps name besides their text."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.folders: dict[str, tuple[Entry, ...]] = {}
        self.executable: set[str] = set()
        self.secrets: set[str] = set()

    def beside(
        self, step: Step, customizer: Customizer, number: int, places: dict[str, bytes]
    ) -> tuple[Step, list[Customizer]]:
        """A plain step, with a long script in a file."""
        made, noted, own = beside(step, customizer, number, places)
        places.update(own)
        self.files.update(own)
        return made, [noted]

    def add(self, found: Candidate) -> None:
        self.files.update({_place(path): data for path, data in found.files.items()})
        self.folders.update({_place(path): entries for path, entries in found.folders.items()})
        self.executable.update(_place(path) for path in found.executable)
        self.secrets.update(found.secrets)

    def raised(self, steps: tuple[Step, ...], covers: tuple[tuple[Customizer, ...], ...]) -> Raised:
        executable, secrets = frozenset(self.executable), frozenset(self.secrets)
        return Raised(steps, self.files, self.folders, executable, covers, secrets)


def _of(step: Step, given: Sequence[Customizer]) -> Step:
    """The step of some customizers: with their leaves, and what a single one says besides."""
    extra = given[0].extra if len(given) == 1 else None
    if extra is not None:
        step = step.but(settings={**step.settings, EXTRA: Setting(extra)})
    return step.but(leaves=tuple(leaf for item in given for leaf in item.leaves))


def _given(whole: Sequence[Held]) -> list[Customizer]:
    return [item for one in whole for item in one.given]


def _group(customizers: Sequence[Customizer], at: int) -> tuple[list[Customizer], Facts | None]:
    """The customizers from ``at`` on that one step was lowered to, and the facts of their marker lines."""
    first = customizers[at]
    facts = marked(first)
    if facts is None:
        waits = _waiting(customizers, at + 1) if isinstance(first, WindowsRestart) else []
        return [first, *waits], marked(waits[0]) if waits else None
    group = [first]
    if set(facts) == {"pause_before"} and at + 1 < len(customizers):
        following = customizers[at + 1]
        if isinstance(following, (WindowsRestart, WindowsUpdate)) or "windows-shell" in facts_of(following):
            waits = _waiting(customizers, at + 2) if isinstance(following, WindowsRestart) else []
            return [first, following, *waits], facts
    part = str(facts.get("part", "1/1"))
    if part.startswith("1/") and part[2:].isdigit():
        total = int(part[2:])
        for number in range(2, total + 1):
            index = at + number - 1
            following_facts = marked(customizers[index]) if index < len(customizers) else None
            if following_facts is None or following_facts.get("part") != f"{number}/{total}":
                return [first], facts
            group.append(customizers[index])
    after = at + len(group)
    if (
        isinstance(first, PowerShell)
        and after < len(customizers)
        and set(facts_of(customizers[after])) == {"pause_after"}
    ):
        group.append(customizers[after])
    after = at + len(group)
    if facts.get("deprovision") and after < len(customizers):
        said = facts_of(customizers[after])
        if OVERRIDE in said and said.keys() <= {OVERRIDE, OFF, "waits"}:
            group.append(customizers[after])
    return group, facts


def _waiting(customizers: Sequence[Customizer], at: int) -> list[Customizer]:
    """The customizer at a place that belongs to the restart before it, if it does."""
    from bakelift.translator.imagebuilder.lowering.windows import CHECK_REGISTRY

    own = marked(customizers[at]) if at < len(customizers) else None
    return [customizers[at]] if own is not None and CHECK_REGISTRY in own else []


def _place(path: str) -> str:
    """Where a file of a marker line's path belongs when the template is written elsewhere."""
    for folder in ("${path.root}/", "${path.cwd}/", "${path.template_dir}/"):
        path = path.removeprefix(folder)
    return path.replace("$${", "${").removeprefix("./")


def _clash(new: dict[str, bytes], known: dict[str, bytes]) -> bool:
    """Whether a path stands for other bytes already."""
    return any(path in known and known[path] != data for path, data in new.items())


def _say_edited(customizer: Customizer, diagnostics: Diagnostics) -> None:
    name = customizer.name
    shown = f" {name.value}" if isinstance(name, Literal) else ""
    diagnostics.note(
        "aib/edited-text",
        f"customizer{shown} is not what bakelift lowers to",
        "Its text was changed after it was lowered; its lines become a plain step, which does the same.",
        name.span if name is not None else None,
    )


def _with_own_name(lowered: Lowered, customizer: Customizer) -> Lowered:
    """With the name that the customizer has, where lowering a nameless step never gives it."""
    name = customizer.name
    if not isinstance(name, Literal) or not isinstance(name.value, str):
        return lowered
    said = lowered.found_name
    is_made = (
        NUMBERED.fullmatch(name.value) if said is None else name.value.removeprefix(said).lstrip("-0123456789") == ""
    )
    return lowered if is_made else lowered.but(own_name=name.value)


def _with_names(
    steps: list[Step],
    customizers: Sequence[Customizer],
    covered: Sequence[tuple[int, int]],
    again: Sequence[Lowered],
) -> list[Step]:
    """Names the steps whose customizers have another name than lowering a nameless step gives them."""
    whole = len(again) == len(customizers)
    said = [_with_own_name(*pair) for pair in zip(again, customizers, strict=True)] if whole else []
    given = [item.name for item in named(said)]
    found = []
    for step, (start, end) in zip(steps, covered, strict=True):
        mine = [index for index in range(start, end) if fetched(customizers[index]) is None]
        own = customizers[mine[0] if mine else start].name
        made = mine if whole and all(said[i] is again[i] and given[i] == customizers[i].name for i in mine) else []
        if own is None or not isinstance(own, Literal) or made:
            found.append(step)
        else:
            found.append(step.but(name=str(own.value)))
    return found
