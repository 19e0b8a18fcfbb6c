"""What would be submitted to the service: nothing is asked, and nobody logs in."""

from __future__ import annotations

from bakelift.runner.imagebuilder.submission import image_templates
from bakelift.runner.imagebuilder.work import step_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.runner.imagebuilder.submission import Submission
    from bakelift.runner.log import Log
    from bakelift.runner.ui import Ui

#: What says where a distribution goes, by its type's own name for it.
_IMAGE = ("publisher", "offer", "sku", "version")
_PLACES = ("imageId", "galleryImageId", "uri")


def show(submissions: Sequence[Submission], group: str, log: Log) -> None:
    """``group``: the resource group of the image templates."""
    logs = log.open([submission.label for submission in submissions])
    for submission, own in zip(submissions, logs, strict=True):
        what = "image template" if submission.body is not None else "deployment"
        own.ui.say(f"Would submit {what} {submission.name} to {group}, in API version {submission.api_version}")
        if submission.after:
            own.ui.say(f"after {', '.join(submission.after)}, which makes its source")
        if submission.body is not None:
            _show(submission.body, own.ui)
            continue
        for body in image_templates((submission.template or {}).get("resources")):
            own.ui.say(f"with image template {body.get('name')}")
            _show(body, own.ui)


def _show(body: Mapping[str, object], ui: Ui) -> None:
    properties = body.get("properties")
    found = properties if isinstance(properties, dict) else {}
    ui.say(f"Built from {_source(found.get('source'))}")
    steps = step_names(body)
    for number, (name, kind) in enumerate(zip(steps, _kinds(found.get("customize")), strict=True), 1):
        ui.say(f"Customizer {number} of {len(steps)}: {name} ({kind})")
    listed = found.get("distribute")
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict):
            place = next((str(item[name]) for name in _PLACES if item.get(name)), "in the service's own account")
            ui.say(f"{item.get('runOutputName')} ({item.get('type')}): {place}")


def _source(source: object) -> str:
    """A marketplace image as az writes it, or the id of an image."""
    found = source if isinstance(source, dict) else {}
    parts = [str(found[name]) for name in _IMAGE if found.get(name)]
    ids = [str(found[name]) for name in ("imageId", "imageVersionId") if found.get(name)]
    return ids[0] if ids else ":".join(parts) or "what its source says"


def _kinds(customize: object) -> list[str]:
    listed = customize if isinstance(customize, list) else []
    return [str(item.get("type")) if isinstance(item, dict) else "?" for item in listed]
