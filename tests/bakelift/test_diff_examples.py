"""The examples of the documentation are what the program says of real templates' history."""

from __future__ import annotations

from pathlib import Path

import pytest

from bakelift.__main__ import main

#: name: what it shows, and the two templates below the corpus.
EXAMPLES = {
    "another-windows": (
        "the source image and a script's address change",
        "aib/NakayamaKento__azureimagebuilder@3dc5ba9b55/win11ja/localize.json",
        "aib/NakayamaKento__azureimagebuilder/win10ja/localize.json",
    ),
    "more-steps": (
        "three customizers are added",
        "aib/OtterDoom__AzureImageBuild@58f5b0c334/avd/Host Pools/pool-1/armtemplateAVD.json",
        "aib/OtterDoom__AzureImageBuild@ac00b6cedb/avd/Host Pools/pool-0-template/armtemplateAVD.json",
    ),
    "another-api-version": (
        "a template for another API version, with a name that has to be given",
        "aib/danielsollondon__azvmimagebuilder@ac3f17741b/quickquickstarts/helloImageTemplateRhelBYOS.json",
        "aib/danielsollondon__azvmimagebuilder@d7a89e8a01/quickquickstarts/"
        "5_Creating_a_Custom_Image_using_Red_Hat_Subscription_Licences/helloImageTemplateRhelBYOS.json",
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("format", ["markdown", "html"])
def test_examples_are_current(
    checkout: Path,
    shared: Path,
    name: str,
    format: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, old, new = EXAMPLES[name]
    monkeypatch.chdir(shared / "corpus")
    assert main(["diff", "-format", format, old, new]) == 1
    kept = checkout / "docs" / "examples" / f"diff-{name}.{'md' if format == 'markdown' else 'html'}"
    assert kept.read_text() == capsys.readouterr().out


def test_examples_are_linked(checkout: Path) -> None:
    text = (checkout / "docs" / "diff.md").read_text()
    for name, (what, _, _) in EXAMPLES.items():
        line = f"- {what}: [Markdown](examples/diff-{name}.md), [page](examples/diff-{name}.html)"
        assert line in text
