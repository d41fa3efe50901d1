"""Who is written to when a consultation waits for a signature or opens, and what the mail says."""

from sqlalchemy import select, update

from consult.accounts.models import Account
from consult.consultations.models import Consultation
from consult.core import events
from consult.core.db import read_session, write_session
from consult.core.mail import MailMessage
from consult.tables import services as tables
from consult.tables.models import AdvisoryTable, Mandate, Seat
from tests.consultations.test_staff_path import Staff, prepare, state, texts, the

TITLES = {"fr": texts()["title-fr"], "en": texts()["title-en"]}


def letters(app):
    """Let the worker act; return the mails written since, by recipient, and forget them."""
    events.handle_pending(app, app.extensions["consult_settings"])
    with write_session(app) as session:
        found = session.scalars(select(MailMessage).order_by(MailMessage.id)).all()
        for mail in found:
            session.delete(mail)
        session.flush()
        session.expunge_all()
    return {mail.recipient: mail for mail in found}


def co_lead(app, place):
    table = the(app, AdvisoryTable, state="active")
    with read_session(app) as session:
        return session.scalars(
            select(Account.email)
            .join(Mandate, Mandate.account_id == Account.id)
            .join(Seat, Seat.id == Mandate.seat_id)
            .where(Seat.table_id == table.id, Seat.role == f"co_lead_{place}")
        ).one()


def in_english(app, email):
    with write_session(app) as session:
        session.execute(update(Account).where(Account.email == email).values(locale="en"))


def test_co_leads_are_asked_to_sign_then_the_one_who_has_not(any_app):
    partner, staff = co_lead(any_app, "partner"), co_lead(any_app, "staff")
    in_english(any_app, staff)
    _camille, code, desk = prepare(any_app)
    asked = letters(any_app)
    assert set(asked) == {partner, staff}
    assert asked[partner].subject == "Votre signature est demandée"
    assert f"/fr/bureau/consultations/{code}" in asked[partner].text
    assert TITLES["fr"] in asked[partner].text
    assert asked[staff].subject == "Your signature is asked for"
    assert f'href="http://consult.test/en/desk/consultations/{code}"' in asked[staff].html
    Staff(any_app, "co_lead_partner").post(f"{desk}/sign", {"target": "open"})
    reminder = letters(any_app)
    assert set(reminder) == {staff}
    assert "It waits for yours" in reminder[staff].text
    Staff(any_app, "co_lead_staff").post(f"{desk}/sign", {"target": "open"})
    assert letters(any_app) == {}


def test_members_with_a_live_mandate_hear_once_that_their_consultation_is_open(any_app):
    camille, code, desk = prepare(any_app)
    for person in ("co_lead_partner", "co_lead_staff"):
        Staff(any_app, person).post(f"{desk}/sign", {"target": "open"})
    letters(any_app)
    table = the(any_app, AdvisoryTable, state="active")
    with write_session(any_app) as session:
        seats = select(Seat.id).where(Seat.table_id == table.id)
        mandates = session.scalars(select(Mandate).where(Mandate.seat_id.in_(seats))).unique().all()
        gone, away = [m for m in mandates if m.seat.role == "partner"][:2]
        gone.status, away.account.state = "ended", "suspended"
        told = {m.account.email for m in mandates} - {gone.account.email, away.account.email}
    camille.post(f"{desk}/step", {"target": "open"})
    assert state(any_app, code) == "open"
    mails = letters(any_app)
    assert set(mails) == told
    mail = next(iter(mails.values()))
    assert f"http://consult.test/fr/c/{code}" in mail.text
    assert TITLES["fr"] in mail.html
    assert "/bureau/" not in mail.text
    assert letters(any_app) == {}


def test_the_organisation_is_asked_for_a_vacant_seat(app):
    partner, staff = co_lead(app, "partner"), co_lead(app, "staff")
    with write_session(app) as session:
        account = select(Account.id).where(Account.email == partner).scalar_subquery()
        session.execute(update(Mandate).where(Mandate.account_id == account).values(status="ended"))
    prepare(app)
    asked = letters(app)
    assert partner not in asked
    assert staff in asked
    (admin,) = set(asked) - {staff}
    assert "ce siège de coresponsable est vacant" in asked[admin].text


def test_the_alternate_is_asked_for_a_vacant_seat_and_not_the_organisation(app):
    staff = co_lead(app, "staff")
    with write_session(app) as session:
        table = the(app, AdvisoryTable, state="active")
        held = select(Mandate).join(Seat).where(Seat.table_id == table.id)
        holder = session.scalars(held.where(Seat.role == "co_lead_partner")).one()
        seat = tables.add_seat(
            session, None, holder.seat.table, holder.seat.role, alternate_of=holder.seat
        )
        zoe = Account(email="zoe@example.org", name="Zoé Roy", state="active", locale="en")
        session.add(zoe)
        session.flush()
        session.add(
            Mandate(seat_id=seat.id, account_id=zoe.id, status="active", starts_on=holder.starts_on)
        )
        holder.status = "ended"
    prepare(app)
    asked = letters(app)
    assert set(asked) == {"zoe@example.org", staff}
    assert "you stand in for it" in asked["zoe@example.org"].text
    assert "the organisation signs" not in asked["zoe@example.org"].text


def test_the_title_of_a_private_table_stays_out_of_the_mail(app):
    table = the(app, AdvisoryTable, state="active")
    with write_session(app) as session:
        session.get(AdvisoryTable, table.id).visibility = "private"
    prepare(app)
    asked = letters(app)
    assert len(asked) == 2
    for mail in asked.values():
        assert TITLES["fr"] not in mail.text + mail.html + mail.subject


def test_nobody_is_asked_to_sign_a_text_that_went_back_to_draft(app):
    camille, _code, desk = prepare(app)
    camille.post(f"{desk}/step", {"target": "draft"})
    assert letters(app) == {}


def test_a_signature_made_void_by_a_change_asks_nobody(app):
    camille, code, desk = prepare(app)
    letters(app)
    Staff(app, "co_lead_partner").post(f"{desk}/sign", {"target": "open"})
    data = texts() | {"summary-en": "Another summary", "iap2_level": "consult"}
    version = str(the(app, Consultation, code=code).version)
    data |= {"response_due": "2031-01-01", "retention_months": "24", "version": version}
    assert camille.post(f"{desk}/edit", data).status_code == 303
    assert letters(app) == {}
