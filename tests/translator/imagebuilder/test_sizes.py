"""Large templates are told of before Azure refuses them, with the steps that make them large."""

from __future__ import annotations

from bakelift.translator.diagnostics import Diagnostics
from bakelift.translator.imagebuilder.sizes import LARGE_RESOURCE, LARGEST_RESOURCE, LARGEST_TEMPLATE, check_sizes


def resource(size: int, name: str = "big") -> dict[str, object]:
    lines = ["x" * 100] * (size // 105)
    return {"properties": {"customize": [{"name": "small", "inline": ["y"]}, {"name": name, "inline": lines}]}}


def told(*sizes: int, whole: bool = True) -> list[tuple[str, str, str, str]]:
    found = Diagnostics()
    resources = [resource(size, f"big{number}") for number, size in enumerate(sizes)]
    check_sizes({"resources": resources} if whole else None, resources, "/resources" if whole else "", found)
    return [(d.severity, d.code, d.summary.split(" has ")[0], d.detail) for d in found]


def test_small_ones_are_silent() -> None:
    assert told(1000) == [] == told(LARGE_RESOURCE - 1000) == told(1000, whole=False)


def test_a_large_resource_is_warned_of_with_its_steps() -> None:
    ((severity, code, what, detail),) = told(LARGE_RESOURCE + 10_000, whole=False)
    assert (severity, code, what) == ("warning", "aib/large", "The resource")
    assert "big0 778 KB, small" in detail and "-scripts git" in detail


def test_a_resource_beyond_the_limit_is_an_error() -> None:
    found = told(LARGEST_RESOURCE + 30_000)
    assert [item[:3] for item in found] == [
        ("error", "aib/too-large", "/resources/0"),
        ("warning", "aib/large", "The template"),
    ]


def test_many_resources_are_a_large_template() -> None:
    each = LARGE_RESOURCE - 10_000
    assert [item[:3] for item in told(each, each)] == [("warning", "aib/large", "The template")]
    ((severity, _, _, detail),) = told(*[each] * (LARGEST_TEMPLATE // each + 1))
    assert severity == "error" and "/resources/5: big5" in detail
