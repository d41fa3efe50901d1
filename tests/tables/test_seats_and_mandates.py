"""Seats: alternates, invitations sent again or cancelled, mandates that end by themselves."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from consult.accounts.models import Account
from consult.audit.models import AuditEntry
from consult.core.clock import now, today, travel
from consult.core.db import read_session, write_session
from consult.tables.models import AdvisoryTable, Mandate, Seat
from consult.tables.queries import roles_of
from tests.support.staff import Staff, link_sent_to

ZOE = "zoe@example.org"
PASSWORD = {"password": "quatre mots bien longs"}


def forming(app):
    with read_session(app) as session:
        table = session.scalars(select(AdvisoryTable).where(AdvisoryTable.state == "forming")).one()
        session.expunge_all()
        return table


def seat_of(app, table, role, *, alternate=False):
    statement = select(Seat.id).where(Seat.table_id == table.id, Seat.role == role)
    other = Seat.alternate_of_id
    with read_session(app) as session:
        statement = statement.where(other.is_not(None) if alternate else other.is_(None))
        return session.scalars(statement.order_by(Seat.id)).first()


def person(email=ZOE, name="Zoé Roy", **more):
    return {"name": name, "email": email, "locale": "en"} | more


def mandate_of(app, email):
    with read_session(app) as session:
        statement = select(Mandate.id).join(Account).where(Account.email == email)
        return session.scalars(statement.order_by(Mandate.id.desc())).first()


def roles(app, email):
    with read_session(app) as session:
        account = session.scalars(select(Account.id).where(Account.email == email)).one()
        return {role.name for role in roles_of(session, account, today())}


def verbs(app):
    with read_session(app) as session:
        return list(session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)))


@pytest.fixture
def admin(any_app):
    return Staff(any_app, "admin")


def test_a_vacant_seat_lends_its_role_to_the_alternate_and_takes_it_back(any_app, admin):
    table = forming(any_app)
    principal = seat_of(any_app, table, "co_lead_partner")
    desk = f"/en/desk/tables/{table.code}"
    added = admin.post(f"{desk}/seats", {"role": "partner", "alternate_of": principal})
    assert added.status_code == 303
    spare = seat_of(any_app, table, "co_lead_partner", alternate=True)
    assert "Alternate: Co-lead, partner" in admin.get(desk).text
    admin.post(f"/en/desk/seats/{spare}/invite", person())
    assert roles(any_app, ZOE) == {"co_lead_partner"}
    admin.post(f"/en/desk/seats/{principal}/invite", person("max@example.org", "Max Roy"))
    assert roles(any_app, ZOE) == {"alternate"}
    mandate = mandate_of(any_app, "max@example.org")
    admin.post(f"/en/desk/mandates/{mandate}/end")
    assert roles(any_app, ZOE) == {"co_lead_partner"}


@pytest.mark.parametrize(
    "kind", ["second co-lead", "alternate of an alternate", "of another table"]
)
def test_a_seat_that_would_make_no_sense_is_refused(any_app, admin, kind):
    table = forming(any_app)
    desk = f"/en/desk/tables/{table.code}"
    data = {"role": "co_lead_staff"}
    if kind == "alternate of an alternate":
        first = {"role": "partner", "alternate_of": seat_of(any_app, table, "co_lead_staff")}
        admin.post(f"{desk}/seats", first)
        data["alternate_of"] = seat_of(any_app, table, "co_lead_staff", alternate=True)
    elif kind == "of another table":
        with read_session(any_app) as session:
            other = session.scalars(select(Seat.id).where(Seat.table_id != table.id)).first()
        data["alternate_of"] = other
    with read_session(any_app) as session:
        before = len(session.scalars(select(Seat.id)).all())
    answer = admin.post(f"{desk}/seats", data)
    assert answer.status_code == 422
    assert "co-lead seat already" in answer.text
    with read_session(any_app) as session:
        assert len(session.scalars(select(Seat.id)).all()) == before


def test_a_cancelled_invitation_opens_nothing_and_asks_before(any_app, admin):
    table = forming(any_app)
    seat = seat_of(any_app, table, "facilitator")
    admin.post(f"/en/desk/seats/{seat}/invite", person())
    link, mandate = link_sent_to(any_app, ZOE), mandate_of(any_app, ZOE)
    assert "Cancel the invitation" in admin.get(f"/en/desk/tables/{table.code}").text
    asked = admin.get(f"/en/desk/mandates/{mandate}/end")
    assert "The link in the message stops working" in asked.text
    assert any_app.test_client().get(link).status_code == 200
    assert admin.post(f"/en/desk/mandates/{mandate}/end").status_code == 303
    assert any_app.test_client().get(link).status_code == 404
    assert any_app.test_client().post(link, data=PASSWORD).status_code == 404
    assert admin.post(f"/en/desk/mandates/{mandate}/end").status_code == 303
    assert verbs(any_app).count("mandate.ended") == 1
    assert admin.post(f"/en/desk/mandates/{mandate}/invite-again").status_code == 409
    assert "already ended" in admin.get(f"/en/desk/mandates/{mandate}/end").text


def test_an_invitation_may_be_sent_again_until_it_is_taken_up(any_app, admin):
    seat = seat_of(any_app, forming(any_app), "facilitator")
    admin.post(f"/en/desk/seats/{seat}/invite", person())
    first, mandate = link_sent_to(any_app, ZOE), mandate_of(any_app, ZOE)
    assert admin.post(f"/en/desk/mandates/{mandate}/invite-again").status_code == 303
    second = link_sent_to(any_app, ZOE)
    assert any_app.test_client().get(first).status_code == 404
    assert any_app.test_client().post(second, data=PASSWORD).status_code == 303
    assert admin.post(f"/en/desk/mandates/{mandate}/invite-again").status_code == 409


def test_a_mandate_past_its_last_day_gives_no_access_and_frees_the_seat(any_app, admin):
    table = forming(any_app)
    seat = seat_of(any_app, table, "facilitator")
    last = today() + timedelta(days=1)
    assert (
        admin.post(f"/en/desk/seats/{seat}/invite", person(ends_on=last.isoformat())).status_code
        == 303
    )
    zoe = any_app.test_client()
    zoe.post(link_sent_to(any_app, ZOE), data=PASSWORD)
    desk = f"/en/desk/tables/{table.code}"
    assert zoe.get(desk).status_code == 200
    for days, held in ((1, {"facilitator"}), (2, set())):
        with travel(now() + timedelta(days=days)):
            assert roles(any_app, ZOE) == held
    with write_session(any_app) as session:
        mandate = session.scalars(select(Mandate).join(Account).where(Account.email == ZOE)).one()
        mandate.starts_on, mandate.ends_on = (today() - timedelta(days=n) for n in (3, 1))
    assert zoe.get(desk).status_code == 404
    assert "Zoé Roy" not in admin.get(desk).text
    next_person = person("max@example.org", "Max Roy")
    assert admin.post(f"/en/desk/seats/{seat}/invite", next_person).status_code == 303
    assert "Max Roy" in admin.get(desk).text


def test_a_last_day_in_the_past_is_refused_with_what_was_typed(any_app, admin):
    seat = seat_of(any_app, forming(any_app), "facilitator")
    data = person(ends_on=(today() - timedelta(days=1)).isoformat())
    answer = admin.post(f"/en/desk/seats/{seat}/invite", data)
    assert answer.status_code == 422
    assert "already past" in answer.text
    assert "Zoé Roy" in answer.text


def test_two_people_who_fill_one_seat_fill_it_once(any_app, admin):
    seat = seat_of(any_app, forming(any_app), "facilitator")
    assert admin.post(f"/en/desk/seats/{seat}/invite", person()).status_code == 303
    late = admin.post(f"/en/desk/seats/{seat}/invite", person("max@example.org", "Max Roy"))
    assert late.status_code == 409
    assert "Max Roy" in late.text
    assert "just been filled" in late.text


def test_members_find_their_tables_on_the_desk_and_no_link_of_it_is_dead(any_app):
    with read_session(any_app) as session:
        email = session.scalars(
            select(Account.email)
            .join(Mandate, Mandate.account_id == Account.id)
            .join(Seat, Seat.id == Mandate.seat_id)
            .where(Seat.role == "partner")
        ).first()
    member = Staff(any_app, email)
    page = member.get("/en/desk").text
    assert "/en/tables/" in page
    assert "/en/desk/tables/" not in page.replace('/en/desk/tables"', "")
