"""A survey as JSON (``schemas/audit.schema.json``)."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.audits.page import Page, Step
    from bakelift.translator.audit.model import Counts, ImageFacts, Place, Template
    from bakelift.translator.audit.totals import Use


def as_json(page: Page) -> str:
    """Templates in the order of their paths; what they have in common; what was not inventoried."""
    survey = page.survey
    data: dict[str, object] = {
        "version": 1,
        "to": survey.to,
        "paths": list(survey.paths),
        "templates": [_template(item) for item in survey.templates],
        "counts": {
            "templates": {
                **{name.replace("-", "_"): n for name, n in page.verdicts.items()},
                "total": len(survey.templates),
            },
            "images": page.images,
            "settings": _counts(page.counts),
        },
        "codes": [_code(item) for item in page.steps_first],
        "order": [item.path for item in page.order],
        "shared_scripts": [
            {"sha256": item.sha256, "size": item.size, "paths": list(item.paths), "templates": list(item.templates)}
            for item in page.scripts
        ],
        "duplicates": [list(paths) for paths in page.duplicates],
        "sources": [{"kind": use.kind, **_use(use)} for use in page.sources],
        "builder_types": [_use(use) for use in page.builders],
        "regions": [_use(use) for use in page.regions],
        "steps": [_use(use) for use in page.steps],
        "post_processors": [_use(use) for use in page.post_processors],
        "not_inventoried": [
            {"reason": item.reason, "meaning": meaning, "count": item.count, "examples": list(item.examples)}
            for item, meaning in page.left
        ],
    }
    return json.dumps(data, indent=2) + "\n"


def _counts(of: Counts) -> dict[str, int]:
    return {
        "automatic": of.automatic,
        "review": of.review,
        "manual": of.manual,
        "waived": of.waived,
        "out_of_scope": of.out_of_scope,
        "total": of.total,
    }


def _template(item: Template) -> dict[str, object]:
    return {
        "path": item.path,
        "format": item.format or None,
        "verdict": item.verdict,
        "written": item.written,
        "counts": _counts(item.counts),
        "codes": [{"code": o.code, "class": o.kind, "settings": o.leaves} for o in item.obstacles],
        "missing_variables": list(item.missing),
        "missing_files": list(item.missing_files),
        "variable_files": {"read": list(item.read_files), "other": list(item.other_files)},
        "images": [_image(image) for image in item.images],
        "diagnostics": [diagnostic.as_json() for diagnostic in item.diagnostics],
    }


def _image(image: ImageFacts) -> dict[str, object]:
    return {
        "name": image.name,
        "type": image.type,
        "os": image.os,
        "source": _place(image.source) if image.source is not None else None,
        "destinations": [_place(place) for place in image.destinations],
        "regions": list(image.regions),
        "vm_size": image.vm_size,
        "steps": dict(image.steps),
        "post_processors": dict(image.post_processors),
        "counts": _counts(image.counts) if image.counts is not None else None,
    }


def _place(place: Place) -> dict[str, object]:
    return {"kind": place.kind, "name": place.name, "version": place.version}


def _code(item: Step) -> dict[str, object]:
    hold = item.hold
    return {
        "code": hold.code,
        "class": hold.kind,
        "templates": hold.templates,
        "alone": hold.alone,
        "settings": hold.leaves,
        "paths": list(hold.paths),
        "meaning": item.meaning,
        "way_out": item.way_out,
    }


def _use(use: Use) -> dict[str, object]:
    return {"name": use.name, "count": use.count, "templates": use.templates}
