"""The first page of the desk shows what is under way at one's own tables, and nothing of others."""

from sqlalchemy import select

from consult.accounts.models import Account
from consult.consultations.models import Consultation
from consult.core.db import write_session
from consult.demo.texts import CONSULTATIONS, DRAFT_TITLE
from consult.tables.models import Mandate, Seat
from tests.conftest import BASE
from tests.support.crawl import signed_in
from tests.support.people import Staff

DRAFT = DRAFT_TITLE["fr"]
OPEN, ANALYSED = (CONSULTATIONS[name]["title"]["en"] for name in ("se-deplacer", "bien-vieillir"))


def overview(app, key):
    staff = Staff(app, BASE, "en", key)
    return staff.get(staff.url("web.desk")).text


def test_a_facilitator_finds_what_is_under_way_drafts_too(any_app):
    page = overview(any_app, "facilitator")
    assert [title for title in (DRAFT, OPEN, ANALYSED) if title not in page] == []
    assert "Last day to answer" in page


def test_a_member_without_a_desk_sees_the_table_but_no_draft(any_app):
    page = signed_in(any_app, "rachel.9911@demo.invalid").get("/en/desk").text
    assert "Pointe-au-Phare advisory table" in page
    assert "Consultations under way" not in page and DRAFT not in page


def test_a_draft_of_another_table_stays_out(any_app):
    with write_session(any_app) as session:
        table = session.scalars(
            select(Consultation.table_id).where(Consultation.state == "draft")
        ).one()
        held = select(Mandate).join(Seat).join(Account, Account.id == Mandate.account_id)
        mandate = session.scalars(
            held.where(Account.email == "sylvie@demo.invalid", Seat.table_id == table)
        ).one()
        session.delete(mandate)
    page = overview(any_app, "co_lead_staff")
    assert OPEN in page
    assert DRAFT not in page and ANALYSED not in page
