"""Where a PowerShell text may be cut."""

from __future__ import annotations

import pytest

from bakelift.translator.languages.powershell import joined, shape


@pytest.mark.parametrize(
    ("lines", "within"),
    [
        (["$x = @'", "it's", "'@", "y"], {1, 2}),
        (['$x = @"', 'a "b" $(c)', '"@ | Set-Content x', "y"], {1, 2}),
        (["$x = @'  ", " '@", "'@"], {1, 2}),  # a terminator stands at the start of its line
        (["$x = 'a", "it''s", "b' # c"], {1, 2}),
        (['$x = "a', '`"', 'b ""', 'c"'], {1, 2, 3}),
        (['"$(f @{a = "b"', '}) c"', "d"], {1}),
        (["Write-Output it`'s", "x"], set()),
        (["# it's", "x"], set()),
        (["a#it's", "'"], {1}),  # inside of a word, # begins no comment
        (["<# it's", "#>", "x"], set()),
        (["cmd.exe --% /c echo it's", "x"], set()),
        (["$a = \u2018x", "y\u2019"], {1}),  # PowerShell takes these for apostrophes
        (["${it's}", "x"], set()),
    ],
)
def test_lines_within_strings(lines: list[str], within: set[int]) -> None:
    found = shape("\n".join(lines))
    assert found.within == within
    assert found.whole


def test_depths() -> None:
    assert shape("if ($a) {\n  b (\n1\n)\n}\nc '{'\n<#\n{\n#>\nd").depths == (0, 1, 2, 2, 1, 0, 0, 1, 1, 0)


@pytest.mark.parametrize("text", ["'", '"', '"$(', "@'\nx\n '@", "{", "}", "} {", "(", "<# x", "${x"])
def test_what_is_not_closed(text: str) -> None:
    assert not shape(text).whole


def test_strings_stay_in_one_item() -> None:
    lines = ["a", "$x = @'", "b", "'@ + @'", "c", "'@", "d"]
    assert joined(lines) == ["a", "$x = @'\nb\n'@ + @'\nc\n'@", "d"]
    assert joined(["$x = @'", "b"]) == ["$x = @'", "b"]


def test_every_new_line_is_counted() -> None:
    text = 'a\n\'b\nc\'\n@"\nd\n"@\n<#\n#>`\ne\n"$(\n1)"\n'
    assert len(shape(text).depths) == text.count("\n") + 1
