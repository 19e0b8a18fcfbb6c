"""Which lowered shape some customizers have, by the facts of their marker lines, and the step that they may say."""

from __future__ import annotations

from bakelift.translator.imagebuilder.customizers import PowerShell, Shell, WindowsRestart, WindowsUpdate
from bakelift.translator.imagebuilder.lowering.generalizing import BATCH, OVERRIDE, overridden
from bakelift.translator.imagebuilder.lowering.pause import SLEEP
from bakelift.translator.imagebuilder.lowering.restart import RESTART
from bakelift.translator.imagebuilder.raising.candidates import Candidate, settings
from bakelift.translator.imagebuilder.raising.facts import Unreadable, facts_of, items, literal, options
from bakelift.translator.imagebuilder.raising.plain import service_step
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal
from bakelift.translator.plan.model import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.raising.facts import Facts

#: Options of a restart that the customizer after it says.
_OF_RESTARTS = ("check_registry", "registry_keys")


def candidate(group: Sequence[Customizer], facts: Facts, windows: bool) -> Candidate | None:
    """The step that these customizers may have been lowered from; None when they are of no lowered shape."""
    try:
        of_service = next((item for item in group if isinstance(item, (WindowsRestart, WindowsUpdate))), None)
        if of_service is not None:
            step = service_step(of_service)
            own = {**facts, **facts_of(group[-1])}
            values = {name: literal(own[name]) for name in ("pause_before", *_OF_RESTARTS) if name in own}
            return Candidate(step.but(settings={**step.settings, **settings(values)}))
        if OVERRIDE in facts_of(group[-1]) and len(group) > 1:
            found = candidate(group[:-1], facts, windows)  # which writes again what the last one does
            return found.but(rewritten=True) if found is not None else None
        if OVERRIDE in facts:
            return _override(group[0], facts).but(rewritten=True)
        if RESTART in facts:
            values = {"inline": ListExpr((Literal("sudo reboot"),)), "expect_disconnect": Literal(True)}
            return Candidate(Step("shell", settings(values)))
        if SLEEP in facts:
            return Candidate(Step("sleep", settings({"duration": literal(facts[SLEEP]), **options(facts)})))
        if "destination" in facts:
            from bakelift.translator.imagebuilder.raising.uploads import upload_candidate

            return upload_candidate(group, facts, windows)
        if isinstance(group[0], Shell):
            from bakelift.translator.imagebuilder.raising.shell import shell_candidate

            return shell_candidate(group, facts)
        if "windows-shell" in facts or (isinstance(group[-1], PowerShell) and "windows-shell" in facts_of(group[-1])):
            from bakelift.translator.imagebuilder.raising.batch import batch_candidate

            return batch_candidate(group)
        if isinstance(group[0], PowerShell):
            from bakelift.translator.imagebuilder.raising.powershell import powershell_candidate

            return powershell_candidate(group, facts)
    except Unreadable:
        pass
    return None


def _override(customizer: Customizer, facts: Facts) -> Candidate:
    """A step that only generalizes, in its own way."""
    windows = isinstance(customizer, PowerShell)
    lines = overridden(getattr(customizer, "inline", None) or (), windows)
    if lines is None:
        raise Unreadable
    values: dict[str, Expr | None] = {**options(facts)}
    values["inline"] = ListExpr(tuple(Literal(item) for item in items(lines, facts)))
    if isinstance(customizer, PowerShell):
        from bakelift.translator.imagebuilder.raising.plain import elevation

        values.update({k: v for k, v in elevation(customizer).items() if v is not None})
    values.pop(BATCH, None)
    type = "windows-shell" if BATCH in facts else "powershell" if windows else "shell"
    return Candidate(Step(type, settings(values)), last=True)
