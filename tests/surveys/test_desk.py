"""A facilitator makes a questionnaire on the desk, alone and without a file."""

import re

import pytest
from sqlalchemy import select

from consult.audit.models import AuditEntry
from consult.consultations.models import Consultation
from consult.core.db import read_session
from consult.surveys import queries
from consult.surveys.library import MODELS, model
from consult.surveys.models import QuestionnaireVersion
from consult.surveys.rules import missing_texts
from consult.tables.models import AdvisoryTable
from tests.consultations.test_staff_path import the
from tests.support.staff import Staff


class Desk:
    """Somebody at the desk of one consultation, by its address."""

    def __init__(self, app, person="facilitator", code="", model=""):
        self.app, self.staff = app, Staff(app, person)
        if not code:
            table = the(app, AdvisoryTable, state="active")
            path = f"/en/desk/tables/{table.code}/consultations/new"
            made = self.staff.post(path, {"title-fr": "Essai", "title-en": "Trial"})
            code = made.location.split("/")[-2]
            assert self.send("start", at=code, model=model).status_code == 303
        self.code = code

    def path(self, rest="", at=""):
        tail = f"/{rest}" if rest else ""
        return f"/en/desk/consultations/{at or self.code}/questionnaire{tail}"

    def send(self, rest, at="", **data):
        return self.staff.post(self.path(rest, at), data)

    def get(self, rest=""):
        return self.staff.get(self.path(rest)).text

    def add(self, title, kind="one_choice", page="page_1"):
        sent = self.send(f"pages/{page}/question", **{"title-fr": title, "kind": kind})
        assert sent.status_code == 303, sent.text
        return sent.location.rpartition("/")[2]

    def seen(self, rest):
        return re.search(r'name="seen" value="(\w+)"', self.get(rest))[1]

    def write(self, item, act="save", seen=None, **data):
        rest = f"questions/{item}"
        fields = {name.replace("__", "-"): value for name, value in data.items()}
        return self.send(rest, act=act, seen=seen or self.seen(rest), **fields)

    def document(self):
        with read_session(self.app) as session:
            consultation = session.scalars(
                select(Consultation).where(Consultation.code == self.code)
            ).one()
            return queries.working(session, consultation.id).content

    def item(self, code):
        return next(i for p in self.document()["pages"] for i in p["items"] if i["code"] == code)


CHOICE = {
    "title__fr": "Avez-vous un médecin?",
    "title__en": "Do you have a doctor?",
    "new__option__0__fr": "Oui",
    "new__option__0__en": "Yes",
    "new__option__1__fr": "Non",
    "new__option__1__en": "No",
}


def test_a_question_is_made_with_its_options_and_becomes_the_draft(any_app):
    desk = Desk(any_app)
    assert "this page holds nothing yet" in desk.get()
    code = desk.add("Avez-vous un médecin?")
    assert code == "avez_medecin"
    assert "is missing" in desk.get()
    assert desk.write(code, **CHOICE).status_code == 303
    assert "Nothing is missing" in desk.get()
    assert [o["code"] for o in desk.item(code)["options"]] == ["oui", "non"]
    with read_session(any_app) as session:
        version = session.scalars(
            select(QuestionnaireVersion).order_by(QuestionnaireVersion.id.desc())
        ).first()
        assert (version.number, version.status) == (1, "draft")
        assert version.definition["pages"][0]["items"][0]["code"] == code
        verbs = session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)).all()
        assert [v for v in verbs if v.startswith("questionnaire.")][-3:] == [
            "questionnaire.started",
            "questionnaire.question_added",
            "questionnaire.edited",
        ]


def test_codes_stay_when_words_change(app):
    desk = Desk(app)
    code = desk.add("Avez-vous un médecin?")
    desk.write(code, **CHOICE)
    desk.write(code, title__fr="Qui vous soigne?", option__oui__fr="Un médecin")
    assert desk.item(code)["title"]["fr"] == "Qui vous soigne?"
    assert [o["label"]["fr"] for o in desk.item(code)["options"]] == ["Un médecin", "Non"]


def test_options_move_and_go_after_a_confirmation_that_names_who_depends_on_them(app):
    desk = Desk(app)
    code = desk.add("Avez-vous un médecin?")
    desk.write(code, **CHOICE)
    assert desk.write(code, act="up:option-non").location.endswith("#option-non-fr")
    assert [o["code"] for o in desk.item(code)["options"]] == ["non", "oui"]
    asked = desk.write(code, act="remove:option-non").location
    page = desk.staff.get(asked).text
    assert "Remove “No”?" in page
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    assert desk.staff.post(asked, {"seen": seen}).status_code == 303
    assert [o["code"] for o in desk.item(code)["options"]] == ["oui"]


def test_pages_and_questions_are_arranged(app):
    desk = Desk(app)
    first, second = desk.add("Un"), desk.add("Deux")
    page = desk.send("pages/new").location.rpartition("/")[2]

    def order():
        return [(p["code"], [i["code"] for i in p["items"]]) for p in desk.document()["pages"]]

    def act(what, name, act, target=""):
        sent = desk.send("arrange", what=what, name=name, act=act, target=target)
        assert sent.status_code == 303

    act("item", second, "up")
    assert order() == [("page_1", [second, first]), (page, [])]
    act("item", first, "down")
    assert order() == [("page_1", [second]), (page, [first])]
    act("item", first, "copy")
    assert order()[1] == (page, [first, f"{first}_2"])
    act("item", second, "move", page)
    act("page", page, "up")
    assert order() == [(page, [first, f"{first}_2", second]), ("page_1", [])]
    act("item", "gone", "up")
    assert "Somebody removed this meanwhile" in desk.get()
    assert desk.send("arrange", what="item", name=first, act="explode").status_code == 409


def test_two_editors_of_one_question_see_both_versions_and_nothing_is_lost(app):
    camille = Desk(app)
    code = camille.add("Avez-vous un médecin?")
    camille.write(code, **CHOICE)
    sylvie = Desk(app, "co_lead_staff", camille.code)
    seen = sylvie.seen(f"questions/{code}")
    camille.write(code, title__fr="La version de Camille", option__oui__fr="Certainement")
    late = sylvie.write(code, seen=seen, title__fr="La version de Sylvie", option__oui__fr="Oui!")
    assert late.status_code == 409
    for words in ("La version de Camille", "La version de Sylvie", "Certainement", "Oui!"):
        assert words in late.text
    assert camille.item(code)["title"]["fr"] == "La version de Camille"
    again = re.search(r'name="seen" value="(\w+)"', late.text)[1]
    assert sylvie.write(code, seen=again, title__fr="Ensemble").status_code == 303
    assert camille.item(code)["title"]["fr"] == "Ensemble"


def test_two_editors_of_two_questions_do_not_disturb_each_other(app):
    camille = Desk(app)
    first, second = camille.add("Un", "long_text"), camille.add("Deux", "long_text")
    sylvie = Desk(app, "co_lead_staff", camille.code)
    seen = sylvie.seen(f"questions/{second}")
    assert camille.write(first, title__fr="Premier").status_code == 303
    assert sylvie.write(second, seen=seen, title__fr="Second").status_code == 303
    titles = [i["title"]["fr"] for i in camille.document()["pages"][0]["items"]]
    assert titles == ["Premier", "Second"]


def test_what_changed_since_it_was_read_is_not_removed(app):
    camille = Desk(app)
    code = camille.add("Un", "long_text")
    seen = camille.seen(f"remove/item/{code}")
    camille.write(code, title__fr="Un autre")
    assert camille.send(f"remove/item/{code}", seen=seen).status_code == 409
    assert camille.item(code)
    again = camille.seen(f"remove/item/{code}")
    assert camille.send(f"remove/item/{code}", seen=again).status_code == 303
    assert camille.document()["pages"][0]["items"] == []


@pytest.mark.parametrize("number", ["0", "6000", "beaucoup"])
def test_a_number_out_of_bounds_is_told_at_its_field_and_kept(app, number):
    desk = Desk(app)
    code = desk.add("Pourquoi?", "long_text")
    sent = desk.write(code, title__fr="Pourquoi donc?", max_length=number)
    assert sent.status_code == 422
    assert 'href="#max_length"' in sent.text
    assert f'value="{number}"' in sent.text
    assert "Pourquoi donc?" in sent.text


def test_title_introduction_and_pages_are_written_in_both_languages(app):
    desk = Desk(app)
    texts = {"title-fr": "Se soigner", "title-en": "Care", "introduction-fr": "Bonjour"}
    seen = desk.seen("texts")
    assert desk.send("texts", seen=seen, **texts).status_code == 303
    assert desk.send("texts", seen=seen, **texts).status_code == 409
    assert desk.document()["introduction"] == {"fr": "Bonjour", "en": ""}
    page = {"seen": desk.seen("pages/page_1"), "title-fr": "Vous", "title-en": "About you"}
    assert desk.send("pages/page_1", **page).status_code == 303
    assert desk.document()["pages"][0]["title"] == {"fr": "Vous", "en": "About you"}
    assert "Trial" in desk.staff.get(f"/en/desk/consultations/{desk.code}").text


def test_every_gap_of_the_gate_leads_to_the_field_that_mends_it(app):
    desk = Desk(app)
    code = desk.add("Avez-vous un médecin?")
    page = desk.staff.get(f"/en/desk/consultations/{desk.code}").text
    links = re.findall(rf'href="([^"]*questionnaire/questions/{code}#([^"]+))"', page)
    assert {anchor for _link, anchor in links} == {"title-en", "options"}
    form = desk.get(f"questions/{code}")
    assert all(f'id="{anchor}"' in form for _link, anchor in links)


def test_nothing_changes_once_published(app):
    with read_session(app) as session:
        code = session.scalars(select(Consultation.code).where(Consultation.state == "open")).one()
    desk = Desk(app, code=code)
    page = desk.get()
    assert "Correct the questionnaire" in page
    assert "Add a page" not in page
    assert desk.send("pages/new").status_code == 303
    assert "cannot change" in desk.get()
    assert desk.staff.get(desk.path("texts")).status_code == 404


def test_a_change_of_one_language_asks_to_review_the_other_until_confirmed_or_changed(app):
    desk = Desk(app)
    code = desk.add("Pourquoi?", "long_text")
    desk.write(code, title__fr="Pourquoi?", title__en="Why?")
    assert "Translations to review" not in desk.get()
    desk.write(code, title__fr="Pourquoi donc?", title__en="Why?")
    page = desk.get()
    assert "the English is to review" in page
    gate = desk.staff.get(f"/en/desk/consultations/{desk.code}").text
    assert "the English is to review" in gate
    seen = re.search(r'name="key" value="item:pourquoi:title">\s*<input[^>]*value="(\w+)"', page)[1]
    assert desk.send("translation", key="item:pourquoi:title", seen="0").status_code == 303
    assert "has just changed again" in desk.get()
    desk.send("translation", key="item:pourquoi:title", seen=seen)
    assert "Translations to review" not in desk.get()
    desk.write(code, title__fr="Pourquoi donc?", title__en="Why then?")
    assert "the French is to review" in desk.get()
    desk.write(code, title__fr="Pourquoi alors?", title__en="Why then?")
    assert "Translations to review" not in desk.get()


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_complete_in_both_languages_and_ready_at_once(app, name):
    assert missing_texts(model(name), ["fr", "en"]) == []
    desk = Desk(app, model=name)
    assert "Nothing is missing" in desk.get()
    assert len(model(name).items) == {"essential": 12, "evaluation": 8}[name]


def test_a_condition_is_built_in_sentences_without_script(app):
    desk = Desk(app, model="essential")
    rest = "condition/item/urgent"
    seen = desk.seen(rest)
    sent = desk.send(rest, act="add", **{"new-item": "doctor"})
    assert sent.status_code == 200
    assert 'name="line-0-item" value="doctor"' in sent.text
    line = {"line-0-item": "doctor", "line-0-test": "is", "seen": seen, "act": "save"}
    missing = desk.send(rest, **line)
    assert missing.status_code == 422
    assert 'href="#line-0-value"' in missing.text
    line |= {"line-0-value": "no", "line-1-item": "top3", "line-1-test": "includes"}
    both = line | {"line-1-value": "climate", "join": "any"}
    assert desk.send(rest, **both).status_code == 303
    found = "${doctor} = 'no' or selected(${top3}, 'climate')"
    assert desk.item("urgent")["relevant"] == found
    page = desk.get(rest)
    assert 'value="climate" selected' in page
    assert desk.send(rest, **both).status_code == 409
    assert "words" not in re.findall(r'<option value="(\w+)"', page)
    again = {"seen": desk.seen(rest), "act": "raw", "source": "string-length(${change}) > 3"}
    assert desk.send(rest, **again).status_code == 303
    assert "too particular for sentences" in desk.get(rest)
    assert "Nothing is missing" in desk.get()
    lost = {"seen": desk.seen(rest), "act": "raw", "source": "${nothing} = 1"}
    assert desk.send(rest, **lost).status_code == 303
    assert "There is no item “nothing”" in desk.get()
