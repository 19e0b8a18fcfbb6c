"""Names of templates, parameters and regions."""

from __future__ import annotations

import pytest

from bakelift.translator.imagebuilder.names import NAME, Names, region, slug, words


@pytest.mark.parametrize(
    ("text", "name"),
    [("East US 2", "eastus2"), ("westeurope", "westeurope"), ("West US 3", "westus3"), ("UK-South", "uksouth")],
)
def test_region(text: str, name: str) -> None:
    assert region(text) == name


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("web", "ubuntu"), "web-ubuntu"),
        ((None, "azure-arm"), "azure-arm"),
        (("a b", "c/d"), "a-b-c-d"),
        (("\u00e9",), "image"),
        (("x" * 80,), "x" * 64),
    ],
)
def test_slug(parts: tuple[str | None, ...], name: str) -> None:
    assert slug(*parts) == name
    assert NAME.fullmatch(name)


def test_names_differ_in_more_than_case() -> None:
    names = Names()
    assert [names.give(n) for n in ("Foo", "foo", "FOO", "a.b", "1x")] == ["Foo", "foo2", "FOO3", "a_b", "_1x"]
    assert not names.free("fOO2")


def test_words() -> None:
    assert words("web-server.prod_1") == "WebServerProd1"
