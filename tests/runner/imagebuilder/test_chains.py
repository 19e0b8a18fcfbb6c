"""An image that is made from another one's is built after it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import fake_arm
import fake_blob
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from service_templates import IDENTITY, SUBSCRIPTION, TEMPLATE

from bakelift.__main__ import main
from bakelift.translator.plan.chains import Cycle, Flow, Product, after, by_id, stages

Azure = tuple[fake_arm.Arm, fake_blob.Store]
PLATFORM = """  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
"""


def gallery(name: str, source: str = "", version: str = "") -> str:
    """A template that makes a version of the gallery image of its name, from the marketplace or from another."""
    text = TEMPLATE.replace("NAME", name)
    managed = text[text.index("  managed_image_name") : text.index("}\n\nbuild")]
    made = f'''  shared_image_gallery_destination {{
    subscription   = "{SUBSCRIPTION}"
    resource_group = "images"
    gallery_name   = "gallery"
    image_name     = "{name}"
    image_version  = "1.0.0"
  }}
'''
    text = text.replace(managed, made)
    if not source:
        return text
    said = f'\n    image_version  = "{version}"' if version else ""
    taken = f'''  shared_image_gallery {{
    subscription   = "{SUBSCRIPTION}"
    resource_group = "Images"
    gallery_name   = "gallery"
    image_name     = "{source}"{said}
  }}
'''
    return text.replace(PLATFORM, taken)


@pytest.fixture
def chain(azure: Azure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.chdir(tmp_path)

    def run(*options: str, **templates: str) -> int:
        for name, text in templates.items():
            Path(f"{name}.pkr.hcl").write_text(text)
        words = ["build", "-on", "imagebuilder", "-identity", IDENTITY, "-color=false", "-resource-group", "images"]
        return main([*words, *options, *(f"{name}.pkr.hcl" for name in templates)])

    return run


def changes(arm: fake_arm.Arm) -> list[str]:
    return [f"{method} {path.rpartition('/')[2]}" for method, path, _ in arm.log if method in ("PUT",)]


def test_the_source_is_built_first(azure: Azure, chain: Callable[..., int]) -> None:
    arm, _ = azure
    done: list[str] = []

    def ran(_arm: fake_arm.Arm, key: str) -> None:
        done.append(key.rpartition("/")[2])

    arm.runner = ran
    puts_when_base_ended: list[str] = []

    def base(_arm: fake_arm.Arm, key: str) -> None:
        puts_when_base_ended.extend(changes(arm))
        ran(_arm, key)

    arm.runs["base"] = base
    assert (
        chain(web=gallery("web", "base"), slim=gallery("slim", "web"), base=gallery("base"), other=gallery("other"))
        == 0
    )
    assert done.index("base") < done.index("web") < done.index("slim")
    assert set(puts_when_base_ended) <= {"PUT base", "PUT other"}, "nothing is submitted before its source is there"


def test_what_comes_from_a_failed_one_is_not_built(
    azure: Azure, chain: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    arm, _ = azure
    arm.runs["base"] = lambda *_: {"code": "BuildFailed", "message": "no"}
    assert chain(base=gallery("base"), web=gallery("web", "base"), other=gallery("other")) == 1
    out = capsys.readouterr().out
    assert "its source comes from base, which was not built" in out
    assert "PUT web" not in changes(arm) and "--> other:" in out


def test_another_version_is_no_chain(azure: Azure, chain: Callable[..., int]) -> None:
    """base makes 1.0.0: what takes 0.9.0 does not wait for it, what takes 1.0.0 does."""
    arm, _ = azure
    arm.runs["base"] = lambda *_: {"code": "BuildFailed", "message": "no"}
    assert chain(base=gallery("base"), old=gallery("old", "base", "0.9.0"), new=gallery("new", "base", "1.0.0")) == 1
    assert "PUT old" in changes(arm) and "PUT new" not in changes(arm)


def test_a_circle_is_an_error(azure: Azure, chain: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert chain(a=gallery("a", "b"), b=gallery("b", "a")) == 1
    err = capsys.readouterr().err
    assert "[azure/chain-cycle]" in err and ("a → b → a" in err or "b → a → b" in err)
    assert azure[0].log == []


def test_what_has_to_be_waited_for_cannot_be_let_go(
    azure: Azure, chain: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert chain("-no-wait", base=gallery("base"), web=gallery("web", "base")) == 1
    assert "-no-wait" in capsys.readouterr().err and azure[0].log == []


def test_a_graph_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base.pkr.hcl").write_text(gallery("base"))
    Path("web.pkr.hcl").write_text(gallery("web", "base"))
    assert main(["inspect", "-graph", "web.pkr.hcl", "base.pkr.hcl"]) == 0
    out = capsys.readouterr().out
    assert out.index("base.pkr.hcl: azure-arm.base\n") < out.index("azure-arm.web from base.pkr.hcl: azure-arm.base")
    assert main(["inspect", "-graph", "-json", "web.pkr.hcl", "base.pkr.hcl"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["stages"] == [["base.pkr.hcl: azure-arm.base"], ["web.pkr.hcl: azure-arm.web"]]
    assert main(["translate", "web.pkr.hcl", "-identity", IDENTITY, "-out", "web.json"]) == 0
    assert main(["inspect", "-graph", "-json", "base.pkr.hcl", "web.json"]) == 0
    out = capsys.readouterr().out
    data = json.loads(out[out.index("{") :])
    assert data["images"][1]["after"] == ["base.pkr.hcl: azure-arm.base"], "an ARM template takes the same"
    assert main(["inspect", "web.pkr.hcl", "base.pkr.hcl"]) != 0


def test_ids() -> None:
    group = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute"
    assert by_id(f"{group}/images/web") == Product("managed image", "s", "g", "web")
    made = by_id(f"{group.lower()}/galleries/G/images/d")
    taken = by_id(f"{group}/galleries/g/images/D/versions/latest")
    assert made is not None and taken is not None and made.feeds(taken)
    assert by_id("/subscriptions/s") is None and by_id(None) is None


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=8))
def test_stages_respect_who_comes_before(pairs: list[tuple[int, int]]) -> None:
    """Image n makes ``n`` and takes what the pair says; either there is an order, or there is a circle."""
    flows = [Flow(str(n), Product("m", "", "g", str(t)), (Product("m", "", "g", str(n)),)) for n, t in pairs]
    try:
        before = after(flows)
    except Cycle as cycle:
        assert cycle.names[0] == cycle.names[-1] and len(cycle.names) > 2
        return
    at = {place: number for number, stage in enumerate(stages(before)) for place in stage}
    assert sorted(at) == list(range(len(flows)))
    assert all(at[need] < at[place] for place, needs in enumerate(before) for need in needs)
