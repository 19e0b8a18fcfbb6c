"""How large a template is, and which steps make it so.

ARM's published limits: a template 4 MB, one resource 1 MB
(learn.microsoft.com/azure/azure-resource-manager/templates/best-practices, "Template limits").
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bakelift.translator.diagnostics import Diagnostics

LARGEST_TEMPLATE = 4 * 1024 * 1024
LARGEST_RESOURCE = 1024 * 1024

#: From here on it is said that a template grows towards the limit; below, nobody has to think of it.
LARGE_TEMPLATE = 1024 * 1024
LARGE_RESOURCE = LARGEST_RESOURCE * 3 // 4

#: As many of the largest steps are named.
_NAMED = 8

_OUTSIDE = (
    "Keep files outside of the template: -scripts git names them at their address in the repository, -scripts URL at "
    "one where bakelift stage puts them."
)


def check_sizes(
    whole: dict[str, Any] | None, resources: Sequence[dict[str, Any]], base: str, diagnostics: Diagnostics
) -> None:
    """Warns of a template, or one of its resources, that is large, with its largest steps; too large is an error.

    ``whole``: a deployment template; None for a bare resource. ``base``: where the resources stand, as ``/resources``.
    """
    steps: list[tuple[int, str]] = []
    for index, resource in enumerate(resources):
        place = f"{base}/{index}" if base else "The resource"
        own = _steps(resource, f"{place}: " if len(resources) > 1 else "")
        steps += own
        _judge(place, _length(resource), LARGE_RESOURCE, LARGEST_RESOURCE, own, diagnostics)
    if whole is not None:
        _judge("The template", _length(whole), LARGE_TEMPLATE, LARGEST_TEMPLATE, steps, diagnostics)


def _judge(
    what: str, size: int, large: int, largest: int, steps: list[tuple[int, str]], diagnostics: Diagnostics
) -> None:
    if size <= large:
        return
    listed = ", ".join(f"{name} {_shown(length)}" for length, name in sorted(steps, reverse=True)[:_NAMED])
    detail = f"Its largest steps: {listed}. {_OUTSIDE}"
    if size > largest:
        diagnostics.error("aib/too-large", f"{what} has {size:,} characters; ARM takes {largest:,}", detail)
    else:
        diagnostics.warning("aib/large", f"{what} has {size:,} of the {largest:,} characters that ARM takes", detail)


def _steps(resource: dict[str, Any], place: str) -> list[tuple[int, str]]:
    """(characters, name) of each customizer."""
    listed = resource.get("properties", {}).get("customize")
    found = []
    for index, step in enumerate(listed if isinstance(listed, list) else ()):
        lines = step.get("inline") if isinstance(step, dict) else None
        size = sum(len(line) + 5 for line in lines if isinstance(line, str)) if isinstance(lines, list) else 0
        found.append((size, f"{place}{step.get('name', index) if isinstance(step, dict) else index}"))
    return found


def _length(data: Any) -> int:
    import json

    return len(json.dumps(data))


def _shown(size: int) -> str:
    return f"{size / 1024:.0f} KB" if size >= 1024 else f"{size} B"
