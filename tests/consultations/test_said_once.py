"""What a consultation says is drawn once, and anew as soon as it says something else."""

from datetime import date

import pytest

from consult.consultations import drawing
from consult.consultations.models import Consultation
from consult.core.formats import date_long
from tests.consultations.test_markdown import both, write
from tests.consultations.test_staff_path import the

TEXTS = [
    "can_change",
    "cannot_change",
    "promise",
    "who",
    "notice_who",
    "notice_why",
    "notice_how",
    "notice_rights",
    "notice_retention",
    "necessity",
    "ethics",
]


@pytest.fixture
def page(any_app):
    """Return what opens the page of the open consultation in French."""
    code, visitor = the(any_app, Consultation, state="open").code, any_app.test_client()
    return lambda lang="fr": visitor.get(f"/{lang}/c/{code}").text


def test_a_second_reader_gets_what_was_drawn_for_the_first(page):
    first = page()
    drawn = drawing._draw.cache_info()
    assert page() == first
    again = drawing._draw.cache_info()
    assert (again.misses, again.hits) == (drawn.misses, drawn.hits + 1)
    assert page("en") != first


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_changes_is_read_at_the_next_view(any_app, page, name):
    before = page()
    for words in ("Un sapin bleu.", "Un **érable** rouge."):
        write(any_app, the(any_app, Consultation, state="open").code, **{name: both(words)})
        after = page()
        assert words.replace("**érable**", "<strong>érable</strong>") in after
        assert after != before
        assert "sapin" not in after or "sapin" in words


def test_what_is_no_text_changes_at_the_next_view_too(any_app, page):
    page()
    code, due = the(any_app, Consultation, state="open").code, date(2033, 3, 4)
    write(any_app, code, iap2_level="empower", response_due=due, retention_months=7)
    after = page("en")
    assert "Empower: you decide" in after
    assert date_long(due, "en") in after
    assert "7 months at most." in after
