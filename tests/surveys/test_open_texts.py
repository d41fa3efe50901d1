"""What people wrote, read by staff: page by page, and nothing of a key in any address."""

import re
from base64 import urlsafe_b64decode
from html import unescape

import pytest
from sqlalchemy import select

from consult.accounts.models import Account
from consult.consultations.models import Consultation
from consult.core.db import read_session, write_session
from consult.surveys.models import Response, ResponseText
from tests.support.staff import Staff

NEXT = re.compile(r'rel="next" href="([^"]+)"')
TEXT = re.compile(r"<blockquote[^>]*>([^<]+)<")
SOME_HEX = re.compile(rb"[0-9A-Fa-f]{16}")
ITEM = "change"


@pytest.fixture
def address(any_app):
    """Return the page of the texts of one item, and add texts until there are three pages."""
    with write_session(any_app) as session:
        like = session.scalars(
            select(Response)
            .join(ResponseText, ResponseText.key == Response.key)
            .join(Consultation, Consultation.id == Response.consultation_id)
            .where(ResponseText.item == ITEM, Consultation.state == "analysing")
        ).first()
        shared = {c.key: getattr(like, c.key) for c in Response.__table__.columns if c.key != "key"}
        for number in range(120):
            session.add(Response(key=bytes([number]) * 32, **shared))
        session.flush()
        for number in range(120):
            body = f"added {number}"
            session.add(ResponseText(key=bytes([number]) * 32, item=ITEM, lang="en", body=body))
        code = session.get_one(Consultation, like.consultation_id).code
    return f"/en/desk/consultations/{code}/results/{ITEM}"


def test_each_text_is_shown_once_and_no_address_holds_a_key(any_app, address):
    camille, seen, page = Staff(any_app, "facilitator"), [], address
    while page:
        text = camille.get(page).text
        seen += TEXT.findall(text)
        cursor = page.partition("after=")[2]
        opened = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        assert SOME_HEX.search(opened) is None, "the cursor would tell a key"
        found = NEXT.search(text)
        page = unescape(found[1]) if found else ""
    with read_session(any_app) as session:
        kept = session.scalars(
            select(ResponseText.body)
            .join(Response, Response.key == ResponseText.key)
            .join(Consultation, Consultation.id == Response.consultation_id)
            .where(ResponseText.item == ITEM, Consultation.code == address.split("/")[4])
        ).all()
    assert sorted(map(unescape, seen)) == sorted(kept)
    assert len(kept) > 100


def test_a_cursor_of_another_instance_or_a_forged_one_starts_the_list_anew(any_app, address):
    camille = Staff(any_app, "facilitator")
    first = camille.get(address).text
    forged = "W2ZhbHNlLFsiRkYiXV0"  # [false,["FF"]]: what an unsealed cursor would hold
    assert TEXT.findall(camille.get(f"{address}?after={forged}").text) == TEXT.findall(first)


def test_an_item_that_nobody_knows_has_no_page(any_app, address):
    camille, known = Staff(any_app, "facilitator"), address.rpartition("/")[0]
    assert camille.get(f"{known}/nowhere").status_code == 404
    assert camille.get(address).status_code == 200


def test_an_item_of_an_earlier_version_keeps_its_page_while_texts_are_kept(any_app, address):
    with write_session(any_app) as session:
        session.execute(
            ResponseText.__table__.update()
            .where(ResponseText.key == bytes(32))
            .values(item="dropped")
        )
    page = Staff(any_app, "facilitator").get(address.replace(ITEM, "dropped"))
    assert page.status_code == 200
    assert "added 0" in page.text


def test_the_list_of_people_leads_on_without_anybody_s_address(app):
    with write_session(app) as session:
        for number in range(60):
            account = Account(email=f"person{number:02}@example.org", name="Zoé", state="active")
            session.add(account)
    page = Staff(app, "admin").get("/en/desk/people").text
    cursor = unescape(NEXT.search(page)[1]).partition("after=")[2].partition("&")[0]
    opened = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert b"example" not in opened
    assert "person59@example.org" in Staff(app, "admin").get(unescape(NEXT.search(page)[1])).text
