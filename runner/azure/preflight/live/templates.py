"""What is there already of an image template's name, and in its staging group."""

from __future__ import annotations

from bakelift.runner.azure.preflight.facts import name_of
from bakelift.runner.azure.preflight.findings import TEMPLATE, TROUBLES
from bakelift.runner.imagebuilder.submission import HASH_TAG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.azure.preflight.facts import Facts
    from bakelift.runner.azure.preflight.live.asker import Asker

_TEMPLATES = "2024-02-01"
_GROUPS = "2021-04-01"


def ask(facts: Facts, asker: Asker) -> None:
    if facts.way != "imagebuilder" or "<" in facts.template_id:
        return
    there = _template(facts, asker)
    if facts.staging.startswith("/") and not there:
        _staging(facts, asker)


def _template(facts: Facts, asker: Asker) -> bool:
    """Whether an image template of the name is there."""
    found = asker.get(facts.template_id, _TEMPLATES, absent=None)
    if found is None:
        return False
    state = str(((found.get("properties") or {}).get("lastRunStatus") or {}).get("runState", ""))
    if state == "Running":
        asker.tell(
            "error",
            "preflight/template-running",
            f"The image template {facts.image} is there, and a run of it goes on",
            TROUBLES,
            "Wait for its end (build -resume follows it), or cancel it.",
            facts.image,
            (f"az image builder cancel -g {facts.group} -n {facts.image}",),
        )
    elif facts.deployment:
        asker.tell(
            "error",
            "preflight/template-exists",
            f"The image template {facts.image} is there, and a deployment cannot change it",
            TROUBLES,
            "Delete it before it is deployed again.",
            facts.image,
            (f"az image builder delete -g {facts.group} -n {facts.image}",),
        )
    else:
        mine = HASH_TAG in (found.get("tags") or {})
        asker.tell(
            "note" if mine else "warning",
            "preflight/template-exists",
            f"The image template {facts.image} is there"
            + ("" if mine else ", and was not made by bakelift")
            + ": it is deleted and made anew, unless it is the same",
            TROUBLES,
            "Nothing has to be done, if it is this image's; else give the image template another name.",
            facts.image,
        )
    return True


def _staging(facts: Facts, asker: Asker) -> None:
    listed = asker.listed(f"{facts.staging}/resources", _GROUPS)
    if listed is None:
        return
    asker.settle("preflight/staging-group", facts.image)
    if listed:
        asker.tell(
            "error",
            "preflight/staging-filled",
            f"The staging resource group {name_of(facts.staging)} is not empty: it holds {len(listed)} resources",
            TEMPLATE,
            "Empty it, or name another; it can be of one image template only.",
            facts.image,
            (f"az resource list -g {name_of(facts.staging)} -o table",),
        )
