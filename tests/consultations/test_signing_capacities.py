"""Who signs for a co-lead seat: its holder, else its alternate, else the organisation."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from consult.accounts.models import Account
from consult.audit.models import AuditEntry
from consult.consultations import services
from consult.consultations.models import Consultation, Signature
from consult.core.clock import today
from consult.core.db import read_session, write_session
from consult.core.paths import PACKAGE
from consult.demo.texts import COMMON, CONSULTATIONS
from consult.surveys.rules import parse_definition
from consult.surveys.services import load_definition
from consult.tables import services as tables
from consult.tables.models import AdvisoryTable, Mandate, Organisation, Seat
from tests.support.staff import Staff

SYLVIE, AMADOU = "sylvie@demo.invalid", "amadou@demo.invalid"
ZOE, RITA = "zoe@example.org", "rita@example.org"


@pytest.fixture
def desk(any_app):
    """Return the desk address of a consultation ready for signatures."""
    day = today()
    with write_session(any_app) as session:
        table = session.scalars(
            select(AdvisoryTable).where(AdvisoryTable.state == "active")
        ).first()
        texts = CONSULTATIONS["se-deplacer"]
        made = services.create(session, None, table, texts["title"])
        due = day + timedelta(days=90)
        services.edit(session, None, made, **texts, **COMMON, response_due=due)
        phase = services.PhaseInput("answer", day, day + timedelta(days=5))
        services.set_phases(session, None, made, [phase])
        source = (PACKAGE / "demo/data/se-deplacer.json").read_bytes()
        load_definition(session, None, made, parse_definition(source))
        made.state = "review"
        for email, name in ((ZOE, "Zoé Roy"), (RITA, "Rita Roy")):
            session.add(Account(email=email, name=name, state="active"))
        code = made.code
    return f"/en/desk/consultations/{code}"


def vacate(app, role):
    with write_session(app) as session:
        seats = select(Seat.id).where(Seat.role == role, Seat.alternate_of_id.is_(None))
        for mandate in session.scalars(select(Mandate).where(Mandate.seat_id.in_(seats))):
            mandate.status = "ended"


def suspend(app, email, state="suspended"):
    with write_session(app) as session:
        session.scalars(select(Account).where(Account.email == email)).one().state = state


def make_alternate(app, desk, role, email=ZOE):
    with write_session(app) as session:
        table = table_of(session, desk)
        principal = session.scalars(
            select(Seat).where(Seat.table_id == table.id, Seat.role == role)
        ).first()
        seat = tables.add_seat(session, None, table, role, principal)
        account = session.scalars(select(Account).where(Account.email == email)).one()
        day = today()
        session.add(Mandate(seat_id=seat.id, account_id=account.id, status="active", starts_on=day))


def table_of(session, desk):
    code = desk.rsplit("/", 1)[1]
    return session.scalars(select(Consultation).where(Consultation.code == code)).one().table


def make_administrator(app, desk, email):
    with write_session(app) as session:
        account = session.scalars(select(Account).where(Account.email == email)).one()
        organisation = session.get(Organisation, table_of(session, desk).organisation_id)
        tables.grant(session, account, organisation, "organisation_admin")


def sign(staff, desk):
    return staff.post(f"{desk}/sign", {"target": "open"}).status_code


def signatures(app, desk):
    code = desk.rsplit("/", 1)[1]
    with read_session(app) as session:
        statement = select(Signature.place, Signature.capacity).join(Consultation)
        return {tuple(row) for row in session.execute(statement.where(Consultation.code == code))}


def test_the_alternate_signs_while_the_seat_is_vacant_and_the_page_says_so(any_app, desk):
    make_alternate(any_app, desk, "co_lead_staff")
    zoe = Staff(any_app, ZOE)
    assert sign(zoe, desk) == 404
    vacate(any_app, "co_lead_staff")
    assert "You sign as alternate" in zoe.get(desk).text
    assert sign(zoe, desk) == 303
    assert signatures(any_app, desk) == {("staff", "alternate")}
    assert "by the alternate of the vacant seat" in zoe.get(desk).text
    assert (
        "par la suppléance du siège vacant" in zoe.get(desk.replace("/en/desk", "/fr/bureau")).text
    )


def test_the_organisation_signs_only_where_there_is_neither_co_lead_nor_alternate(any_app, desk):
    admin = Staff(any_app, "admin")
    assert sign(admin, desk) == 404
    make_alternate(any_app, desk, "co_lead_staff")
    vacate(any_app, "co_lead_staff")
    assert sign(admin, desk) == 404
    with write_session(any_app) as session:
        zoe = session.scalars(select(Account).where(Account.email == ZOE)).one()
        session.scalars(select(Mandate).where(Mandate.account_id == zoe.id)).one().status = "ended"
    assert "You sign for the organisation" in admin.get(desk).text
    assert sign(admin, desk) == 303
    assert signatures(any_app, desk) == {("staff", "organisation")}
    assert "by the organisation, the seat being vacant" in admin.get(desk).text


def test_both_signatures_take_two_people_even_when_both_seats_are_vacant(any_app, desk):
    for role in ("co_lead_staff", "co_lead_partner"):
        vacate(any_app, role)
    admin = Staff(any_app, "admin")
    assert sign(admin, desk) == 303
    assert sign(admin, desk) == 303
    assert signatures(any_app, desk) == {("partner", "organisation")}
    make_administrator(any_app, desk, RITA)
    assert sign(Staff(any_app, RITA), desk) == 303
    assert signatures(any_app, desk) == {
        ("partner", "organisation"),
        ("staff", "organisation"),
    }


def test_a_co_lead_who_also_administers_signs_for_her_own_seat(any_app, desk):
    make_administrator(any_app, desk, SYLVIE)
    vacate(any_app, "co_lead_partner")
    sylvie = Staff(any_app, "co_lead_staff")
    assert sign(sylvie, desk) == 303
    assert sign(sylvie, desk) == 303
    assert signatures(any_app, desk) == {("staff", "co_lead")}


def test_a_suspended_co_lead_holds_nobody_up(any_app, desk):
    make_alternate(any_app, desk, "co_lead_staff")
    zoe, admin = Staff(any_app, ZOE), Staff(any_app, "admin")
    suspend(any_app, SYLVIE)
    assert "You sign as alternate" in zoe.get(desk).text
    assert sign(zoe, desk) == 303
    assert signatures(any_app, desk) == {("staff", "alternate")}
    suspend(any_app, AMADOU)
    assert "You sign for the organisation" in admin.get(desk).text
    suspend(any_app, SYLVIE, "active")
    assert sign(Staff(any_app, "co_lead_staff"), desk) == 303
    assert signatures(any_app, desk) == {("staff", "alternate")}


def unsign(staff, desk):
    return staff.post(f"{desk}/take-back-signature", {"target": "open"})


def test_a_signature_is_taken_back_until_the_step_is_taken(any_app, desk):
    sylvie, amadou = Staff(any_app, "co_lead_staff"), Staff(any_app, "co_lead_partner")
    assert "Take my signature back" not in sylvie.get(desk).text
    sign(sylvie, desk)
    assert "Take my signature back" in sylvie.get(desk).text
    assert "Take my signature back" not in amadou.get(desk).text
    assert unsign(amadou, desk).status_code == 303
    assert signatures(any_app, desk) == {("staff", "co_lead")}, "each takes back her own"
    assert unsign(sylvie, desk).status_code == 303
    assert signatures(any_app, desk) == set()
    sign(amadou, desk)
    sylvie.post(f"{desk}/step", {"target": "open"})
    assert "Open to the public" in sylvie.get(desk).text, "one signature opens nothing"
    sign(sylvie, desk)
    sylvie.post(f"{desk}/step", {"target": "open"})
    assert unsign(sylvie, desk).status_code == 409
    assert signatures(any_app, desk) == {("staff", "co_lead"), ("partner", "co_lead")}
    with read_session(any_app) as session:
        statement = select(AuditEntry.verb).where(AuditEntry.subject_id == desk.rsplit("/", 1)[1])
        verbs = session.scalars(statement.order_by(AuditEntry.id)).all()
    kept = [verb.partition(".")[2] for verb in verbs if "sign" in verb]
    assert kept == ["signed", "unsigned", "signed", "signed"]


def seat_on_both(app, desk, email):
    """Give one person both co-lead seats."""
    with write_session(app) as session:
        account = session.scalars(select(Account).where(Account.email == email)).one()
        seats = select(Seat.id).where(
            Seat.table_id == table_of(session, desk).id, Seat.role.startswith("co_lead")
        )
        for mandate in session.scalars(select(Mandate).where(Mandate.seat_id.in_(seats))):
            mandate.account_id = account.id


def test_one_person_on_both_seats_is_told_that_she_cannot_give_both_signatures(any_app, desk):
    told, waits = "must come from two people", "waits for the missing signatures"
    camille, sylvie = Staff(any_app, "facilitator"), Staff(any_app, "co_lead_staff")
    assert told not in sylvie.get(desk).text
    seat_on_both(any_app, desk, SYLVIE)
    assert told in camille.get(desk).text
    assert sign(sylvie, desk) == 303
    page = sylvie.get(desk).text
    open_section = page
    assert told in open_section
    assert waits not in open_section
    make_alternate(any_app, desk, "co_lead_partner")
    assert told in camille.get(desk).text, "an alternate stands in for a vacant seat only"
    vacate(any_app, "co_lead_partner")
    assert told in camille.get(desk).text, "she has signed for the other seat"
    unsign(sylvie, desk)
    assert told not in camille.get(desk).text


def test_a_seat_for_which_nobody_can_sign_is_told(any_app, desk):
    vacate(any_app, "co_lead_partner")
    camille = Staff(any_app, "facilitator")
    assert "Nobody can give a missing signature" not in camille.get(desk).text
    suspend(any_app, "admin@demo.invalid")
    assert "Nobody can give a missing signature" in camille.get(desk).text
