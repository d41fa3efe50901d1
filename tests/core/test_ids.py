"""Public identifiers and slugs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.core.ids import ALPHABET, public_id, slugify


def test_public_ids_are_random_crockford_text() -> None:
    drawn = {public_id() for _ in range(2000)}
    assert len(drawn) == 2000
    assert all(len(text) == 8 and set(text) <= set(ALPHABET) for text in drawn)
    assert len(public_id(12)) == 12


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("L’accès aux soins : où en est-on ?", "l-acces-aux-soins-ou-en-est-on"),
        ("Cœur & œuvre", "coeur-oeuvre"),
        ("  --  ", ""),
        ("Éloïse ÇA", "eloise-ca"),
    ],
)
def test_slugs_keep_the_words(text: str, slug: str) -> None:
    assert slugify(text) == slug


def test_a_long_slug_is_cut_at_a_word() -> None:
    assert slugify("un deux trois", limit=10) == "un-deux"
    assert slugify("a" * 80, limit=10) == "a" * 10
    assert slugify("un deux", limit=7) == "un-deux"


@given(st.text(max_size=100))
def test_every_slug_is_safe_in_an_address(text: str) -> None:
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", slugify(text))
    assert len(slugify(text)) <= 60
