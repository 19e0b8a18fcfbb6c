"""What is said of a whole tree follows from what is said of its templates, whatever these are."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bakelift.translator.audit import totals
from bakelift.translator.audit.model import (
    OPEN,
    VERDICTS,
    Counts,
    ImageFacts,
    Obstacle,
    Place,
    Script,
    Survey,
    Template,
)

CODES = ("aib/a", "aib/b", "packer/c")
numbers = st.integers(0, 5)
images = st.builds(
    ImageFacts,
    name=st.just("image"),
    type=st.sampled_from(("azure-arm", "docker")),
    source=st.none() | st.builds(Place, st.sampled_from(("marketplace", "vhd")), st.sampled_from(("p:o:s", "a b"))),
    regions=st.lists(st.sampled_from(("westus", "eastus")), unique=True).map(tuple),
    steps=st.dictionaries(st.sampled_from(("shell", "file")), st.integers(1, 3)),
)
templates = st.builds(
    Template,
    path=st.just(""),
    verdict=st.sampled_from(tuple(VERDICTS)),
    format=st.sampled_from(("hcl", "json", "arm")),
    images=st.lists(images, max_size=3).map(tuple),
    counts=st.builds(Counts, numbers, numbers, numbers, numbers, numbers),
    obstacles=st.lists(st.builds(Obstacle, st.sampled_from(CODES), st.sampled_from(totals.KINDS), numbers)).map(tuple),
    scripts=st.lists(st.builds(Script, st.sampled_from("xy"), st.sampled_from("12"), st.just(1))).map(tuple),
    digest=st.none() | st.sampled_from("ab"),
)
surveys = st.builds(
    lambda to, found: Survey(to, (".",), tuple(item.but(path=f"{n}.json") for n, item in enumerate(found))),
    st.sampled_from(("arm", "hcl")),
    st.lists(templates, max_size=6),
)


@settings(max_examples=50, deadline=None)
@given(surveys)
def test_everything_adds_up(survey: Survey) -> None:
    listed = survey.templates
    assert sum(totals.verdicts(survey).values()) == len(listed)
    assert totals.counts(survey).total == sum(item.counts.total for item in listed)
    assert totals.counts(survey).waived == sum(item.counts.waived for item in listed)
    ordered = totals.order(survey)
    assert sorted(item.path for item in ordered) == sorted(item.path for item in listed if item.verdict in OPEN)
    ranks = [OPEN.index(item.verdict) for item in ordered]
    assert ranks == sorted(ranks)


@settings(max_examples=50, deadline=None)
@given(surveys)
def test_codes_are_counted_once_a_template(survey: Survey) -> None:
    holds = totals.holds(survey)
    assert {hold.code for hold in holds} == {o.code for item in survey.templates for o in item.obstacles}
    for hold in holds:
        having = [item for item in survey.templates if any(o.code == hold.code for o in item.obstacles)]
        assert hold.paths == tuple(item.path for item in having)
        assert hold.leaves == sum(o.leaves for item in having for o in item.obstacles if o.code == hold.code)
        assert hold.alone <= hold.templates
        only = [item for item in having if {o.code for o in item.obstacles} == {hold.code}]
        assert hold.alone >= len(only)
    # What keeps templates from being done stands before what wants a look; the more templates, the earlier.
    weights = [hold.kind in ("error", "unsupported") for hold in holds]
    assert weights == sorted(weights, reverse=True)


@settings(max_examples=50, deadline=None)
@given(surveys)
def test_uses_are_counted_by_image_and_by_template(survey: Survey) -> None:
    scoped = {
        item.path: [i for i in item.images if survey.to == "hcl" or i.type == "azure-arm"]
        for item in survey.templates
        if item.verdict in OPEN
    }
    assert sum(use.count for use in totals.steps(survey)) == sum(
        number for found in scoped.values() for image in found for number in image.steps.values()
    )
    assert sum(use.count for use in totals.sources(survey)) == sum(
        image.source is not None for found in scoped.values() for image in found
    )
    assert totals.images(survey) == sum(map(len, scoped.values()))
    for use in (*totals.steps(survey), *totals.sources(survey), *totals.regions(survey), *totals.builders(survey)):
        assert 1 <= use.templates <= use.count


@settings(max_examples=50, deadline=None)
@given(surveys)
def test_what_templates_share(survey: Survey) -> None:
    for shared in totals.scripts(survey):
        users = [item.path for item in survey.templates if any(s.sha256 == shared.sha256 for s in item.scripts)]
        assert shared.templates == tuple(users) and len(users) > 1
    for paths in totals.duplicates(survey):
        digests = {item.digest for item in survey.templates if item.path in paths}
        assert len(digests) == 1 and None not in digests and len(paths) > 1
