"""What a template could do to the machine that reads it: hostile patterns, loops and lengths end soon."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.languages.hcl.parser import parse_expression
from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.operations.re2 import translate
from bakelift.translator.plan.operations.regular_threads import Program, risky
from bakelift.translator.plan.scope import Scope
from bakelift.translator.plan.values import to_python


def timed(source: str) -> tuple[object, float]:
    """The value, or the text of the error, and the CPU seconds."""
    start = time.process_time()
    try:
        found: object = to_python(evaluate(parse_expression(source), Scope()))
    except TemplateError as error:
        found = str(error)
    return found, time.process_time() - start


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('format("%1000000000s", "a")', "a width is at most 1,000,000"),
        ('format("%.1000000000f", 1.5)', "a precision at most 10,000"),
        ('indent(1000000000, "a\\nb")', "more than 50,000,000 characters"),
        ('replace(format("%100000s", ""), " ", format("%100000s", ""))', "more than 50,000,000 characters"),
        ('bcrypt("x", 31)', "a cost above 16"),
        ("setproduct(range(1000), range(1000))", "the product would have 1,000,000 elements"),
        ("[for x in range(1000) : [for y in range(1000) : x]]", "at most 100,000 times"),
        ("length([for x in range(1000) : length([for y in range(1000) : x])])", "at most 100,000 times"),
    ],
)
def test_what_would_grow_without_end(source: str, said: str) -> None:
    found, seconds = timed(source)
    assert said in str(found)
    assert seconds < 5


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("(a*)*b", "a" * 40, False),
        ("(a|aa)+$", "a" * 2000 + "b", False),
        ("(x+x+)+y", "x" * 2000, False),
        ("(.*)(.*)(.*)(.*)(.*)[^x]*y", "a" * 200, False),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 2000, False),
        ("(a?){30}a{30}", "a" * 30, True),
        ("a?" * 28 + "a" * 28, "a" * 28, True),
        ("a*b", "a" * 20000, False),
    ],
)
def test_patterns_that_go_back_take_no_time(pattern: str, text: str, matches: bool) -> None:
    found, seconds = timed(f'can(regex("{pattern}", "{text}"))')
    assert found is matches
    assert seconds < 5


def test_the_usual_pattern_stays_with_pythons_engine() -> None:
    assert not risky(translate("^[a-z][a-z0-9-]*[a-z0-9]$")[0], "a-usual-name" * 5)
    assert not risky(translate("(\\d+)\\.(\\d+)\\.(\\d+)")[0], "1.22.333")


ATOMS = ["a", "b", ".", "[ab]", "[^a]", r"\b", "^", "$", r"\d", "(?i:B)", "(?s:.)"]


def patterns() -> st.SearchStrategy[str]:
    return st.recursive(
        st.sampled_from(ATOMS),
        lambda inner: st.one_of(
            st.tuples(inner, inner).map("".join),
            st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
            inner.map(lambda part: f"({part})"),
            # A body that may be empty is left once by Python, and by Go as here: only the others are compared.
            st.tuples(
                inner.filter(
                    lambda part: (
                        re.fullmatch(part, "") is None and "^" not in part and "$" not in part and "\\b" not in part
                    )
                ),
                st.sampled_from(["*", "+", "?", "*?", "+?", "{1,3}"]),
            ).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        ),
        max_leaves=6,
    )


@given(patterns(), st.text("aabB1\n", max_size=8))
def test_both_engines_find_the_same(pattern: str, text: str) -> None:
    source = translate(pattern)[0]
    compiled = re.compile(source)
    found = compiled.search(text)
    slots = Program(source).search(text)
    assert (found is None) == (slots is None)
    if found is not None and slots is not None:
        assert [found.span(group) for group in range(compiled.groups + 1)] == list(
            zip(slots[::2], slots[1::2], strict=True)
        )


def test_all_matches_are_found_in_order() -> None:
    rng = random.Random(3)
    text = "".join(rng.choice("ab ") for _ in range(3000))
    found, _ = timed(f'regexall("(?:a|ab)+b*", "{text}")')
    assert found == re.findall("(?:a|ab)+b*", text)
    assert risky("(?:a|ab)+b*", text)
    found, _ = timed(f'regex_replace("{text}", "((?:a|b)*)*", "<$1>")')
    assert isinstance(found, str) and found.startswith("<")
