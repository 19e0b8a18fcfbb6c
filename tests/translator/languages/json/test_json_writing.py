"""Our JSON writer says what Python's does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakelift.translator.languages.json.writing import json_text

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DATA = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(DATA)
def test_writes_what_python_writes(data: object) -> None:
    assert json_text(data, "  ") == json.dumps(data, indent=2)
    assert json_text(data) == json.dumps(data, separators=(",", ":"))
    assert json_text(data, sort=True) == json.dumps(data, separators=(",", ":"), sort_keys=True)


@pytest.mark.parametrize("data", [float("nan"), float("-inf"), {"a": object()}])
def test_refuses_what_json_cannot_say(data: object) -> None:
    with pytest.raises(TypeError):
        json_text(data)
