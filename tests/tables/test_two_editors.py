"""Two people save one page at the same instant: one is told, and nothing typed is lost."""

import contextlib
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from consult.accounts.models import Account
from consult.consultations import services as consultations
from consult.consultations.models import Consultation
from consult.core.db import ConflictError, write_session
from consult.tables import services
from consult.tables.models import AdvisoryTable, Mandate


def signed_in_as(app, person):
    client = app.test_client()
    assert client.post("/en/demo/role", data={"person": person}).status_code == 303
    page = client.get("/en/my-account").text
    return client, re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def meet(service, monkeypatch, module, name):
    """Let nobody into a service before both are there (SQLite lets one in at a time)."""
    gate = threading.Barrier(2)

    def waiting(*args, **kwargs):
        with contextlib.suppress(threading.BrokenBarrierError):
            gate.wait(timeout=1)
        return service(*args, **kwargs)

    monkeypatch.setattr(module, name, waiting)


def fields(table, purpose):
    values = {f"{name}-{lang}": "" for name in ("purpose", "mandate") for lang in ("fr", "en")}
    values |= {"name-fr": table.name["fr"], "name-en": table.name["en"], "purpose-fr": purpose}
    return values | {
        "visibility": table.visibility,
        "state": table.state,
        "version": str(table.version),
    }


def test_one_of_two_editors_sees_both_texts_and_nothing_is_overwritten(any_app, monkeypatch):
    with write_session(any_app) as session:
        table = session.scalars(
            select(AdvisoryTable).where(AdvisoryTable.state == "active")
        ).first()
        session.expunge_all()
    meet(services.edit_table, monkeypatch, services, "edit_table")
    texts = {"facilitator": "Le texte de Camille", "co_lead_staff": "Le texte de Sylvie"}
    people = {person: signed_in_as(any_app, person) for person in texts}

    def save(person):
        client, token = people[person]
        data = fields(table, texts[person]) | {"csrf_token": token}
        return client.post(f"/fr/bureau/tables/{table.code}/modifier", data=data)

    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip(texts, pool.map(save, texts), strict=True))
    by_status = {answer.status_code: person for person, answer in answers.items()}
    assert set(by_status) == {303, 409}
    page = answers[by_status[409]].text
    assert all(typed in page for typed in texts.values())
    assert f'name="version" value="{table.version + 1}"' in page
    with write_session(any_app) as session:
        stored = session.get(AdvisoryTable, table.id)
        assert stored.purpose["fr"] == texts[by_status[303]]


@pytest.mark.parametrize("model", [AdvisoryTable, Consultation])
def test_a_row_saved_by_somebody_else_meanwhile_is_a_conflict(any_app, model):
    with pytest.raises(ConflictError), write_session(any_app) as session:
        row = session.scalars(select(model)).first()
        statement = f"UPDATE {model.__tablename__} SET version = version + 1"
        session.execute(text(statement))
        row.state = "closed" if model is AdvisoryTable else "archived"


def test_a_conflict_that_a_page_does_not_show_itself_keeps_what_was_typed(app, monkeypatch):
    def lose(*_args, **_kwargs):
        raise ConflictError

    monkeypatch.setattr(consultations, "create", lose)
    with write_session(app) as session:
        code = session.scalars(
            select(AdvisoryTable.code).where(AdvisoryTable.state == "active")
        ).first()
    client, token = signed_in_as(app, "facilitator")
    data = {"title-fr": "Un titre à garder", "title-en": "", "csrf_token": token}
    answer = client.post(f"/fr/bureau/tables/{code}/consultations/nouvelle", data=data)
    assert answer.status_code == 409
    assert "Un titre à garder" in answer.text


def vacant_seats(app, count):
    """Return the numbers of ``count`` vacant seats of the table that is being formed."""
    with write_session(app) as session:
        table = session.scalars(select(AdvisoryTable).where(AdvisoryTable.state == "forming")).one()
        return [services.add_seat(session, None, table, "partner").id for _ in range(count)]


def invite_at_once(app, monkeypatch, wanted):
    """Send both invitations (seat, address) at the same instant; return the statuses."""
    meet(services.fill_seat, monkeypatch, services, "fill_seat")
    people = [signed_in_as(app, "admin") for _ in wanted]

    def invite(pair):
        (client, token), (seat, email) = pair
        data = {"name": "Zoé Roy", "email": email, "locale": "fr", "csrf_token": token}
        return client.post(f"/en/desk/seats/{seat}/invite", data=data)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(invite, zip(people, wanted, strict=True)))


def test_one_seat_filled_twice_at_the_same_instant_is_filled_once(any_app, monkeypatch):
    (seat,) = vacant_seats(any_app, 1)
    wanted = [(seat, "zoe@example.org"), (seat, "max@example.org")]
    answers = invite_at_once(any_app, monkeypatch, wanted)
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    late = next(answer for answer in answers if answer.status_code == 409)
    assert "just been filled" in late.text
    assert "Zoé Roy" in late.text
    with write_session(any_app) as session:
        assert len(session.scalars(select(Mandate).where(Mandate.seat_id == seat)).all()) == 1


def test_one_new_person_invited_twice_at_the_same_instant_has_one_account(any_app, monkeypatch):
    seats = vacant_seats(any_app, 2)
    wanted = [(seat, "zoe@example.org") for seat in seats]
    answers = invite_at_once(any_app, monkeypatch, wanted)
    assert [answer.status_code for answer in answers] == [303, 303]
    with write_session(any_app) as session:
        account = session.scalars(select(Account).where(Account.email == "zoe@example.org")).one()
        held = session.scalars(select(Mandate).where(Mandate.account_id == account.id)).all()
    assert {mandate.seat_id for mandate in held} == set(seats)
