"""A facilitator makes a consultation; the gate says what is missing; both co-leads sign."""

import io
import json
import re

from sqlalchemy import select

from consult.accounts.models import Account, AccountSession
from consult.audit.services import seal, verify
from consult.consultations.models import Consultation, Signature
from consult.core.clock import today
from consult.core.db import read_session, write_session
from consult.core.paths import PACKAGE
from consult.demo.texts import COMMON, CONSULTATIONS
from consult.tables.models import AdvisoryTable, Mandate, Seat

QUESTIONNAIRE = (PACKAGE / "demo/data/se-deplacer.json").read_bytes()


class Staff:
    def __init__(self, app, person):
        self.client = app.test_client()
        assert self.client.post("/en/demo/role", data={"person": person}).status_code == 303

    def post(self, path, data=None, **kwargs):
        page = self.client.get("/en/my-account").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        return self.client.post(path, data={"csrf_token": token, **(data or {})}, **kwargs)


def the(app, model, **criteria):
    with read_session(app) as session:
        row = session.scalars(select(model).filter_by(**criteria).order_by(model.id)).first()
        session.expunge_all()
        return row


def texts():
    fields = {**CONSULTATIONS["se-deplacer"], **COMMON}
    return {f"{k}-{lang}": v[lang] for k, v in fields.items() for lang in ("fr", "en")}


def prepare(app):
    table = the(app, AdvisoryTable, state="active")
    camille = Staff(app, "facilitator")
    made = camille.post(
        f"/en/desk/tables/{table.code}/consultations/new",
        {"title-fr": "Essai", "title-en": "Trial"},
    )
    code = made.location.split("/")[-2]
    desk = f"/en/desk/consultations/{code}"
    gaps = camille.client.get(desk).text
    assert "The consultation has no questionnaire." in gaps
    assert f"{code}/edit#summary-fr" in gaps
    data = texts() | {
        "iap2_level": "consult",
        "response_due": "2031-01-01",
        "retention_months": "24",
        "version": "1",
    }
    assert camille.post(f"{desk}/edit", data).status_code == 303
    dates = {"opens": today().isoformat(), "closes": "2030-12-31"}
    phase = {"phase-0-kind": "answer"} | {f"phase-0-{k}": v for k, v in dates.items()}
    assert camille.post(f"{desk}/calendar", phase).status_code == 303
    file = (io.BytesIO(QUESTIONNAIRE), "q.json")
    assert camille.post(f"{desk}/questionnaire/file", {"file": file}).status_code == 303
    assert camille.post(f"{desk}/step", {"target": "review"}).status_code == 303
    return camille, code, desk


def state(app, code):
    return the(app, Consultation, code=code).state


def test_a_consultation_opens_only_with_both_signatures(any_app):
    camille, code, desk = prepare(any_app)
    assert state(any_app, code) == "review"
    for person in ("co_lead_partner", "co_lead_staff"):
        camille.post(f"{desk}/step", {"target": "open"})
        assert state(any_app, code) == "review"
        Staff(any_app, person).post(f"{desk}/sign", {"target": "open"})
    camille.post(f"{desk}/step", {"target": "open"})
    assert state(any_app, code) == "open"
    assert any_app.test_client().get(f"/fr/c/{code}/questionnaire").status_code == 200


def test_a_change_of_text_makes_earlier_signatures_void(app):
    camille, code, desk = prepare(app)
    Staff(app, "co_lead_partner").post(f"{desk}/sign", {"target": "open"})
    version = the(app, Consultation, code=code).version
    data = texts() | {"summary-en": "Another summary", "iap2_level": "consult"}
    data |= {"response_due": "2031-01-01", "retention_months": "24", "version": str(version)}
    assert camille.post(f"{desk}/edit", data).status_code == 303
    Staff(app, "co_lead_staff").post(f"{desk}/sign", {"target": "open"})
    camille.post(f"{desk}/step", {"target": "open"})
    assert state(app, code) == "review"


def test_a_facilitator_cannot_sign(app):
    camille, code, desk = prepare(app)
    assert camille.post(f"{desk}/sign", {"target": "open"}).status_code == 404
    assert the(app, Signature, consultation_id=the(app, Consultation, code=code).id) is None


def test_a_stale_version_is_told_and_what_was_typed_is_kept(app):
    camille, code, desk = prepare(app)
    data = texts() | {"summary-fr": "Mon texte à moi", "iap2_level": "consult"}
    data |= {"response_due": "2031-01-01", "retention_months": "24", "version": "1"}
    response = camille.post(f"{desk}/edit", data)
    assert response.status_code == 409
    assert "Mon texte à moi" in response.text
    assert the(app, Consultation, code=code).summary["fr"] != "Mon texte à moi"


def test_a_missing_title_is_told_and_what_was_typed_is_kept(app):
    camille, code, desk = prepare(app)
    version = the(app, Consultation, code=code).version
    data = texts() | {"title-fr": "", "summary-fr": "Mon texte à moi", "version": str(version)}
    response = camille.post(f"{desk}/edit", data | {"retention_months": "x"})
    assert response.status_code == 422
    assert "Write the French text." in response.text
    assert "Mon texte à moi" in response.text


def test_a_faulty_questionnaire_file_is_refused_with_its_place(app):
    camille, _code, desk = prepare(app)
    camille.post(f"{desk}/step", {"target": "draft"})
    broken = json.loads(QUESTIONNAIRE)
    broken["pages"][1]["items"][0]["options"][1]["code"] = "housing"
    for content, told in (
        (json.dumps(broken).encode(), "$.pages[1].items[0].options"),
        (b"{not json", "$"),
        (b'{"format": "other/1"}', "$.format"),
    ):
        file = (io.BytesIO(content), "q.json")
        response = camille.post(f"{desk}/questionnaire/file", {"file": file})
        assert response.status_code == 422
        assert told in response.text


def test_without_a_token_what_was_typed_comes_back_with_one_button(app):
    camille, code, desk = prepare(app)
    response = camille.client.post(f"{desk}/edit", data={"summary-fr": "Ne me perdez pas"})
    assert response.status_code == 422
    assert "Ne me perdez pas" in response.text
    assert state(app, code) == "review"


def test_an_ended_mandate_ends_access_at_once(app):
    table = the(app, AdvisoryTable, state="active")
    camille = Staff(app, "facilitator")
    assert camille.client.get(f"/en/desk/tables/{table.code}").status_code == 200
    with write_session(app) as session:
        rows = session.scalars(select(Mandate).join(Account).where(Account.name == "Camille Roy"))
        for mandate in rows:
            mandate.status = "ended"
    assert camille.client.get(f"/en/desk/tables/{table.code}").status_code == 404


def test_an_invited_person_chooses_a_password_signs_in_and_signs_out_everywhere(app):
    table = the(app, AdvisoryTable, state="forming")
    seat = the(app, Seat, table_id=table.id, role="facilitator")
    admin = Staff(app, "admin")
    person = {"name": "Zoé Roy", "email": "Zoe@example.org", "locale": "fr"}
    assert admin.post(f"/en/desk/seats/{seat.id}/invite", person).status_code == 303
    from consult.core.mail import MailMessage

    mail = the(app, MailMessage, recipient="zoe@example.org")
    link = re.search(r"http://consult.test(\S+)", mail.text)[1]
    visitor = app.test_client()
    assert visitor.get(link).status_code == 200
    assert visitor.post(link, data={"password": "short"}).status_code == 422
    assert visitor.post(link, data={"password": "quatre mots bien longs"}).status_code == 303
    assert app.test_client().get(link).status_code == 404
    again = app.test_client()
    wrong = again.post("/fr/connexion", data={"email": "zoe@example.org", "password": "x" * 14})
    unknown = again.post(
        "/fr/connexion", data={"email": "nobody@example.org", "password": "x" * 14}
    )
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace("zoe@", "nobody@") == unknown.text
    right = again.post(
        "/fr/connexion", data={"email": "ZOE@example.org", "password": "quatre mots bien longs"}
    )
    assert right.status_code == 303
    page = again.get("/fr/mon-compte").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    again.post("/fr/deconnexion/partout", data={"csrf_token": token})
    assert visitor.get("/fr/mon-compte").status_code == 303
    account = the(app, Account, email="zoe@example.org")
    assert the(app, AccountSession, account_id=account.id) is None


def test_the_audit_chain_tells_an_edited_entry(app):
    with write_session(app) as session:
        assert seal(session) > 10
    with read_session(app) as session:
        verdict = verify(session)
    assert (verdict.fault, verdict.unsealed) == (None, 0)
    from sqlalchemy import text

    with write_session(app) as session:
        guard = {
            "sqlite": "audit_entry_no_update",
            "postgresql": "audit_entry_append_only ON audit_entry",
        }
        session.execute(text(f"DROP TRIGGER {guard[session.get_bind().dialect.name]}"))
        session.execute(text("UPDATE audit_entry SET actor_id = 999 WHERE id = 5"))
    with read_session(app) as session:
        assert "was changed" in verify(session).fault


def test_an_organisation_admin_sees_where_a_consultation_stands_but_no_answer(app):
    code = the(app, Consultation, state="analysing").code
    josee = Staff(app, "admin").client
    page = josee.get(f"/en/desk/consultations/{code}")
    assert page.status_code == 200
    assert "/results" not in page.text
    assert josee.get(f"/en/desk/consultations/{code}/results").status_code == 404
    assert josee.get(f"/en/desk/consultations/{code}/export").status_code == 404


def test_a_wrong_number_or_day_is_told_in_words_and_kept_as_typed(app):
    camille, _code, desk = prepare(app)
    wrong = {"retention_months": "two years", "response_due": "soon", "version": "2"}
    response = camille.post(f"{desk}/edit", texts() | {"iap2_level": "consult"} | wrong)
    assert response.status_code == 422
    assert 'value="two years"' in response.text
    assert 'value="soon"' in response.text
    assert "Write a number of months from 1 to 120." in response.text
    assert response.text.count('<li><a href="#retention_months">') == 1
    assert response.text.count('<li><a href="#response_due">') == 1
