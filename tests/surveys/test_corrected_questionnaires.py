"""A questionnaire in force is corrected in public; nobody's sheet changes under their hands."""

import io
import json

import msgspec
import pytest
from sqlalchemy import select

from consult.audit.models import AuditEntry
from consult.consultations.models import Amendment, Consultation
from consult.core.db import read_session
from consult.core.i18n import in_language
from consult.core.paths import PACKAGE
from consult.surveys import queries
from consult.surveys.exporting import ResponsesExport
from consult.surveys.models import QuestionnaireCorrection, QuestionnaireVersion, Response
from consult.surveys.rules import Voice
from tests.support.staff import Staff
from tests.surveys.test_answering import Citizen, open_consultation
from tests.surveys.test_second_window import keys_of

SOURCE = (PACKAGE / "demo/data/se-deplacer.json").read_bytes()
REASON = {"reason-fr": "Une réponse manquait.", "reason-en": "An answer was missing."}
NEW_ITEM = {
    "code": "walk",
    "kind": "one_choice",
    "title": {"fr": "Marchez-vous chaque jour?", "en": "Do you walk every day?"},
    "options": [
        {"code": "yes", "label": {"fr": "Oui", "en": "Yes"}},
        {"code": "no", "label": {"fr": "Non", "en": "No"}},
    ],
}


def corrected(**changes):
    """Return the questionnaire of the demo with a new question, a new answer, one question less."""
    made = json.loads(SOURCE)
    first, priorities = made["pages"][0]["items"], made["pages"][1]["items"]
    first.append(NEW_ITEM)
    by_code = {item["code"]: item for page in made["pages"] for item in page["items"]}
    tram = {"code": "tram", "label": {"fr": "Un tramway", "en": "A tramway"}}
    by_code["measure"]["options"].insert(0, tram)
    priorities.remove(by_code["why"])
    for code, change in changes.items():
        by_code[code].update(change)
    return made


class Correcting:
    """The open consultation of the demo, and those who correct its questionnaire."""

    def __init__(self, app):
        self.app, self.code = app, open_consultation(app)
        self.desk = f"/en/desk/consultations/{self.code}"
        self.page = f"{self.desk}/questionnaire/correction"
        self.camille = Staff(app, "facilitator")
        self.leads = [Staff(app, p) for p in ("co_lead_partner", "co_lead_staff")]

    def load(self, made):
        data = {"file": (io.BytesIO(json.dumps(made).encode()), "q.json")}
        return self.camille.post(f"{self.page}/file", data)

    def propose(self, **decisions):
        with read_session(self.app) as session:
            mark = session.scalar(select(QuestionnaireCorrection.sha256).filter_by(version_id=None))
        said = {f"same-{code}": choice for code, choice in decisions.items()}
        return self.camille.post(f"{self.page}/propose", {"mark": mark or "", **said, **REASON})

    def sign(self, person):
        with read_session(self.app) as session:
            waiting = session.scalar(select(Amendment.id).filter_by(state="proposed"))
        return person.post(f"{self.desk}/proposal/sign", {"amendment": waiting})

    def correct(self, made, **decisions):
        assert self.load(made).status_code == 303
        assert self.propose(**decisions).status_code == 303
        for person in self.leads:
            assert self.sign(person).status_code == 303

    def versions(self):
        with read_session(self.app) as session:
            asked = queries.in_force(session, self.id)
            return {s.number: s.definition for s in asked}

    @property
    def id(self):
        with read_session(self.app) as session:
            return session.scalar(select(Consultation.id).filter_by(code=self.code))

    def version_of(self, citizen):
        with read_session(self.app) as session:
            key = keys_of(self.app, citizen).response
            version = session.get(QuestionnaireVersion, session.get(Response, key).version_id)
            return version.number

    def results(self, lang="en"):
        with read_session(self.app) as session, in_language(lang):
            _n, found = queries.results(session, self.id, Voice(lang, str))
            return {item.code: item for item in found}

    def exported(self, lang="en"):
        kind = ResponsesExport()
        with read_session(self.app) as session, in_language(lang):
            made = session.get(Consultation, self.id)
            columns = [c.code for c in kind.columns(session, made, lang)]
            rows = [dict(zip(columns, r, strict=True)) for r in kind.rows(session, made, lang)]
            return columns, rows, list(kind.codebook(session, made, lang))


@pytest.fixture
def open_one(any_app):
    return Correcting(any_app)


def test_a_correction_is_compared_proposed_signed_twice_and_shown_in_public(open_one, any_app):
    assert open_one.load(corrected()).status_code == 303
    page = open_one.camille.get(open_one.page).text
    for text in ("Do you walk every day?", "A tramway", "No longer asked.", "Added."):
        assert text in page
    assert "Counted over the responses to version 2 and later." in page
    assert "Its share is over those who were offered it." in page
    assert open_one.propose().status_code == 303
    assert open_one.sign(open_one.leads[0]).status_code == 303
    assert list(open_one.versions()) == [1]
    assert open_one.sign(open_one.leads[1]).status_code == 303
    assert list(open_one.versions()) == [1, 2]
    public = any_app.test_client().get(f"/fr/c/{open_one.code}").text
    assert REASON["reason-fr"] in public
    assert "Questionnaire corrigé" in public
    with read_session(any_app) as session:
        verbs = set(session.scalars(select(AuditEntry.verb)))
        statuses = session.scalars(
            select(QuestionnaireVersion.status).join(
                QuestionnaireCorrection,
                QuestionnaireCorrection.version_id == QuestionnaireVersion.id,
            )
        ).all()
    assert {"questionnaire.correction_prepared", "questionnaire.corrected"} <= verbs
    assert statuses == ["live"]


def test_a_sheet_begun_before_finishes_on_its_version_and_a_new_one_on_the_next(open_one, any_app):
    begun = Citizen(any_app, "en").start()
    begun.answer(1, role="citizen")
    seen_only = Citizen(any_app, "fr").start()  # nothing saved yet
    open_one.correct(corrected())
    page = begun.client.get(f"{begun.steps}/1").text
    assert "Do you walk every day?" not in page
    assert "Why this choice?" in begun.client.get(f"{begun.steps}/2").text
    begun.answer(2, measure="kitchen", why="Old words")
    assert "was corrected after you began" in begun.client.get(begun.review).text
    assert begun.send().location.endswith("/receipt")
    assert open_one.version_of(begun) == 1
    late = {"code": seen_only.code, "page-version": "1", "q-role": "citizen"}
    seen_only.client.post(f"{seen_only.steps}/1", data=late)
    assert "Marchez-vous" not in seen_only.client.get(f"{seen_only.steps}/1").text
    fresh = Citizen(any_app, "en").start()
    assert "Do you walk every day?" in fresh.client.get(f"{fresh.steps}/1").text
    fresh.answer(1, walk="yes")
    assert "was corrected" not in fresh.client.get(fresh.review).text
    fresh.send()
    assert open_one.version_of(fresh) == 2


def test_a_response_is_read_and_corrected_in_its_own_version(open_one, any_app):
    citizen = Citizen(any_app, "en").start()
    citizen.answer(2, why="Because of the hills")
    citizen.send()
    open_one.correct(corrected())
    code, base = citizen.code, f"/en/c/{citizen.consultation}"
    citizen.client.post(f"{base}/my-code", data={"typed": code})
    assert "Because of the hills" in citizen.client.get(f"{base}/my-response").text
    assert citizen.client.post(f"{base}/correct", data={"code": code}).status_code == 303
    assert "Because of the hills" in citizen.client.get(f"{citizen.steps}/2").text
    citizen.answer(2, why="Because of the snow")
    citizen.send()
    assert open_one.version_of(citizen) == 1
    late = citizen.answer(2, why="From a window left open")
    assert late.status_code == 303
    assert "From a window left open" in citizen.client.get(citizen.review).text


def test_a_page_of_another_version_is_not_stored_and_what_was_typed_is_shown(open_one, any_app):
    citizen = Citizen(any_app, "en").start()
    open_one.correct(corrected())
    citizen.answer(4, change="On the new version")
    data = {"code": citizen.code, "page-version": "1", "q-why": "Typed on the older one"}
    answer = citizen.client.post(f"{citizen.steps}/2", data=data)
    assert answer.status_code == 409
    assert "Typed on the older one" in answer.text


def test_results_give_each_question_and_each_answer_its_own_base(open_one, any_app):
    before = open_one.results()
    open_one.correct(corrected())
    for walk, measure in (("yes", "tram"), ("no", "tram"), ("yes", "kitchen")):
        citizen = Citizen(any_app, "en").start()
        citizen.answer(1, walk=walk)
        citizen.answer(2, measure=measure)
        citizen.send()
    after = open_one.results()
    walk, measure, why = after["walk"], after["measure"], after["why"]
    assert (walk.since, walk.total, walk.base) == (2, 3, 3)
    assert [(o.code, o.n) for o in walk.options] == [("yes", 2), ("no", 1)]
    assert (why.until, why.total, why.base) == (1, before["why"].total, before["why"].base)
    tram = next(o for o in measure.options if o.code == "tram")
    assert (tram.n, measure.bases["tram"], tram.share) == (2, 3, 2 / 3)
    assert measure.base == before["measure"].base + 3
    kitchen = next(o for o in measure.options if o.code == "kitchen")
    assert kitchen.share == kitchen.n / measure.base
    assert list(after).index("why") == len(after) - 1
    page = Staff(any_app, "facilitator").get(f"{open_one.desk}/results").text
    for text in ("Asked since version 2", "Asked until version 1", "offered to 3 who answered"):
        assert text in page
    assert "Read the texts" in page


def test_exports_have_the_columns_of_all_versions_and_say_which_had_each_code(open_one, any_app):
    columns, rows, _codes = open_one.exported()
    open_one.correct(corrected())
    citizen = Citizen(any_app, "en").start()
    citizen.answer(1, walk="no")
    citizen.send()
    after, merged, codebook = open_one.exported()
    assert set(columns) <= set(after)
    assert len(merged) == len(rows) + 1
    assert {row["version"] for row in merged} == {1, 2}
    old = [row for row in merged if row["version"] == 1]
    assert {row["walk"] for row in old} == {"not_asked"}
    assert [row["walk"] for row in merged if row["version"] == 2] == ["no"]
    assert {row["why.non_answer"] for row in merged if row["version"] == 2} == {"not_asked"}
    versions = {(row[0], row[3]): row[5] for row in codebook}
    assert versions["walk", "yes"] == "2"
    assert versions["walk", "not_asked"] == "1"
    assert versions["measure", "tram"] == "2"
    assert versions["measure", "kitchen"] == "1, 2"
    assert versions["why", ""] == "1"


def test_what_one_version_did_not_offer_is_empty_and_not_zero(open_one, any_app):
    made = corrected()
    top3 = made["pages"][1]["items"][0]
    top3["options"].append({"code": "safety", "label": {"fr": "Sécurité", "en": "Safety"}})
    open_one.correct(made)
    citizen = Citizen(any_app, "en").start()
    citizen.answer(2, top3=["food"])
    citizen.send()
    _columns, rows, _codes = open_one.exported()
    assert {row["top3.safety"] for row in rows if row["version"] == 1} == {None}
    assert [row["top3.safety"] for row in rows if row["version"] == 2] == [0]


OTHER_WORDS = {"title": {"fr": "Que voulez-vous changer?", "en": "What would you change?"}}


def test_other_french_words_ask_whether_it_is_the_same_question(open_one):
    assert open_one.load(corrected(change=OTHER_WORDS)).status_code == 303
    refused = open_one.propose()
    assert refused.status_code == 422
    title = next(i.title.en for i in open_one.versions()[1].items if i.code == "change")
    assert f"“{title}”: Say whether it still asks the same." in refused.text
    assert REASON["reason-fr"] in refused.text
    assert open_one.propose(change="same").status_code == 303
    for person in open_one.leads:
        open_one.sign(person)
    assert "change" in {item.code for item in open_one.versions()[2].items}
    with read_session(open_one.app) as session:
        kept = session.scalar(select(QuestionnaireCorrection.decisions))
    assert kept == {"change": "same"}


def test_another_question_is_counted_alone_under_another_code(open_one):
    role = {"title": {"fr": "Où travaillez-vous?", "en": "Where do you work?"}}
    before = open_one.results()["role"]
    open_one.correct(corrected(role=role), role="another")
    new = open_one.versions()[2]
    assert "role" not in {item.code for item in new.items}
    caregiving = next(page for page in new.pages if page.code == "caregiving")
    assert caregiving.relevant == "${role_v2} = 'caregiver'"
    after = open_one.results()
    assert (after["role_v2"].total, after["role"].base) == (0, before.base)


def test_a_code_of_another_kind_the_same_file_and_missing_words_are_refused(open_one):
    kind = corrected(clear={"kind": "one_choice"})
    refused = open_one.load(kind)
    assert refused.status_code == 422
    assert "give the new question another code" in refused.text
    with read_session(open_one.app) as session:
        live = queries.sheet(session, open_one.id).definition
    same = open_one.load(msgspec.to_builtins(live))
    assert "This file says what the questionnaire in force says." in same.text
    half = corrected(change={"title": {"fr": "Seulement en français"}})
    assert "English text is missing" in open_one.load(half).text
    assert open_one.propose().status_code == 409


def test_the_file_of_the_version_in_force_loads_again(open_one):
    file = open_one.camille.get(f"{open_one.desk}/questionnaire/version-in-force")
    made = json.loads(file.data)
    made["pages"][0]["items"].append(NEW_ITEM)
    assert open_one.load(made).status_code == 303
    found = open_one.camille.get(open_one.page).text
    assert "walk" in found
    assert "No longer asked." not in found


def test_a_correction_read_before_another_was_loaded_is_not_proposed(open_one):
    open_one.load(corrected())
    with read_session(open_one.app) as session:
        mark = session.scalar(select(QuestionnaireCorrection.sha256).filter_by(version_id=None))
    open_one.load(corrected(change=OTHER_WORDS))
    late = open_one.camille.post(f"{open_one.page}/propose", {"mark": mark, **REASON})
    assert late.status_code == 409
    assert "loaded another correction meanwhile" in late.text


def test_a_correction_is_set_aside_or_taken_back_and_nothing_changes(open_one):
    open_one.load(corrected())
    open_one.propose()
    assert open_one.camille.post(f"{open_one.page}/set-aside").status_code == 409
    assert open_one.load(corrected()).status_code == 409
    with read_session(open_one.app) as session:
        waiting = session.scalar(select(Amendment.id).filter_by(state="proposed"))
    open_one.camille.post(f"{open_one.desk}/proposal/drop", {"amendment": waiting})
    assert open_one.propose().status_code == 303
    with read_session(open_one.app) as session:
        waiting = session.scalar(select(Amendment.id).filter_by(state="proposed"))
    open_one.camille.post(f"{open_one.desk}/proposal/drop", {"amendment": waiting})
    assert open_one.camille.post(f"{open_one.page}/set-aside").status_code == 303
    assert open_one.propose().status_code == 409
    assert list(open_one.versions()) == [1]
