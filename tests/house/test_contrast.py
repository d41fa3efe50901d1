"""The colours of the token file meet WCAG in both schemes: computed, for axe cannot see them all."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[2] / "consult/static/css/consult.css").read_text("utf-8")

# Foreground on background, where the style sheet puts one on the other.
TEXT = [
    ("ink", "paper"), ("ink", "surface"), ("ink", "sunk"), ("ink", "iris-tint"),
    ("ink-2", "paper"), ("ink-2", "surface"), ("ink-2", "sunk"), ("ink-2", "iris-tint"),
    ("ink-2", "warning-tint"), ("ink", "success-tint"), ("ink", "warning-tint"),
    ("ink", "error-tint"), ("iris", "paper"), ("iris", "surface"), ("iris", "sunk"),
    ("iris", "iris-tint"), ("iris", "warning-tint"), ("iris", "success-tint"),
    ("iris-strong", "paper"), ("iris-strong", "iris-tint"), ("on-iris", "iris"),
    ("on-iris", "iris-strong"), ("success", "success-tint"), ("success", "paper"),
    ("success", "iris-tint"), ("warning", "warning-tint"), ("error", "error-tint"),
    ("error", "paper"), ("error", "surface"), *((f"on-{n}", f"step-{n}") for n in range(1, 6)),
]  # fmt: skip
SHAPES = [
    ("control", "paper"), ("control", "surface"), ("iris", "paper"), ("iris", "surface"),
    ("error", "paper"), ("warning", "paper"), ("ring", "paper"), ("ring", "surface"),
    ("ring", "halo"), ("iris", "track"), ("leaf", "surface"),
]  # fmt: skip


def tokens(selector: str) -> dict[str, str]:
    """Return the colours a rule of the style sheet sets, by name."""
    start = CSS.index(selector + " {")
    block = CSS[start : CSS.index("}", start)]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


LIGHT = tokens(":root")
DARK = tokens(':root[data-scheme="dark"]')
SCHEMES = {"light": LIGHT, "dark": DARK}


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_formula_gives_the_published_values() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_is_readable(scheme: str, text: str, ground: str) -> None:
    colours = SCHEMES[scheme]
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_controls_are_visible(scheme: str, shape: str, ground: str) -> None:
    colours = SCHEMES[scheme]
    assert contrast(colours[shape], colours[ground]) >= 3


def test_the_dark_scheme_is_the_same_by_system_and_by_choice() -> None:
    assert tokens('  :root:not([data-scheme="light"])') == DARK


def test_the_dark_scheme_sets_every_colour() -> None:
    assert DARK.keys() == LIGHT.keys()


def test_rules_take_their_colours_from_the_tokens() -> None:
    rules = CSS[CSS.index("/* 2. Ground */") : CSS.index("@media print")]
    assert re.findall(r"#[0-9a-f]{3,8}\b", rules) == []
