"""Bars drawn on the server: safe, without style, and adding up."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.core.charts import bar, stacked
from consult.core.html import SafeHtml

counts = st.lists(st.integers(0, 10_000), min_size=1, max_size=5)


def figures(svg: str, attribute: str) -> list[float]:
    return [
        float(value) for value in re.findall(rf'<rect class="step-.*? {attribute}="(.*?)%"', svg)
    ]


@pytest.mark.parametrize(
    ("share", "width"), [(0, "0%"), (0.125, "12.5%"), (1, "100%"), (-1, "0%"), (7, "100%")]
)
def test_a_bar_is_as_wide_as_its_share(share: float, width: str) -> None:
    drawn = bar(share)
    assert isinstance(drawn, SafeHtml)
    assert f'<rect class="value" width="{width}"' in drawn


@given(counts)
def test_steps_follow_each_other_and_stay_inside(segments: list[int]) -> None:
    drawn = stacked(segments)
    starts, widths = figures(drawn, "x"), figures(drawn, "width")
    assert len(starts) == sum(segment > 0 for segment in segments)
    assert starts == sorted(starts)
    for start, width in zip(starts, widths, strict=True):
        assert 0 <= start <= 100
        assert width > 0
        assert start + width <= 100.3


def test_a_share_of_a_tenth_shows_its_percentage_in_the_language_of_the_page() -> None:
    assert re.findall(">([^<]+)</text>", stacked([5, 10, 85])) == ["10\u00a0%", "85\u00a0%"]
    assert re.findall(">([^<]+)</text>", stacked([5, 10, 85], "en")) == ["10%", "85%"]


@pytest.mark.parametrize(
    ("count", "steps"),
    [(5, ["1", "2", "3", "4", "5"]), (3, ["1", "3", "5"]), (2, ["1", "5"]), (1, ["5"])],
)
def test_steps_are_spread_over_the_scale_of_colours(count: int, steps: list[str]) -> None:
    assert re.findall(r"step-(\d)", stacked([1] * count)) == steps


def test_no_answer_draws_nothing() -> None:
    assert "<rect" not in stacked([0, 0, 0])


@pytest.mark.parametrize("segments", [[], [1] * 6, [1, -1]])
def test_what_is_not_a_bar_is_refused(segments: list[int]) -> None:
    with pytest.raises(ValueError, match="segments"):
        stacked(segments)


@given(counts)
def test_drawings_hold_to_the_security_policy(segments: list[int]) -> None:
    for drawn in (stacked(segments), bar(0.5)):
        assert not re.search(r"style=|viewBox|<style|\son\w+=", drawn)
        assert 'aria-hidden="true"' in drawn
