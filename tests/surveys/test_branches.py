"""Questions that depend on answers, end to end: pages, drafts, receipts, results and exports."""

import random
import re

import pytest
from sqlalchemy import select, update

from consult.consultations.models import Consultation
from consult.core.codes import derive_keys
from consult.core.db import read_session, write_session
from consult.core.i18n import in_language
from consult.surveys import queries
from consult.surveys.exporting import ResponsesExport
from consult.surveys.models import Response
from consult.surveys.rules import Voice, parse_definition
from consult.surveys.visits import pepper
from tests.support import conditions
from tests.support.questionnaires import put_in_force
from tests.surveys.test_answering import Citizen, open_consultation
from tests.surveys.test_conditions import computed, many, one, page, questionnaire, text

AGE = {"test": "not(. = 'young' and ${job} = 'retired')", "soft": True}
AGE["message"] = {"fr": "Jeune et à la retraite?", "en": "Young and retired?"}
LONG = {"test": "string-length(.) >= 5", "message": {"fr": "Écrivez plus.", "en": "Write more."}}
BRANCHING = questionnaire(
    page(
        "you",
        one("job", "works", "retired"),
        one("age", "young", "old", constraints=[AGE]),
        one("carer", "yes", "no"),
        many("needs", "rest", "rides", relevant="${carer} = 'yes'", required=True),
        one("nights", "few", "many", relevant="selected(${needs}, 'rest')"),
    ),
    page("caring", text("how", constraints=[LONG], required=True), relevant="${carer} = 'yes'"),
    page(
        "end",
        computed("weight", "count-selected(${needs}) * 2"),
        one("help", "more", "less", "same", offered={"more": "${weight} > 2"}),
    ),
)


def publish(app, definition=BRANCHING):
    code = open_consultation(app)
    with write_session(app) as session:
        found = session.scalars(select(Consultation).where(Consultation.code == code)).one()
        session.query(Response).delete()
        put_in_force(session, found, parse_definition(definition))
    return code


def to(response):
    assert response.status_code == 303, response.text
    return re.sub(r".*/(?:questionnaire|c/[^/]+)/", "", response.location)


def shown(page):
    """Return the questions that a reader sees, hidden ones left out."""
    visible = re.sub(r'<div data-item="\w+" hidden>.*?</fieldset>', "", page, flags=re.DOTALL)
    return list(dict.fromkeys(re.findall(r'name="q-(\w+)"', visible)))


class Answering(Citizen):
    """A citizen whose browser posts what the page showed, as a form does."""

    def page(self, number):
        response = self.client.get(f"{self.steps}/{number}")
        return response.text if response.status_code == 200 else response.location

    def post(self, number, **typed):
        page, more = self.page(number), typed.pop("more", {})
        data = {"code": self.code} | {f"q-{k}": v for k, v in typed.items()}
        data |= {"page-shown": re.findall(r'name="page-shown" value="([^"]*)"', page)}
        data |= {"page-seen": re.findall(r'name="page-seen" value="(\w+)">', page)}
        data |= {"page-confirm": re.findall(r'name="page-confirm" value="([^"]*)"', page)}
        return self.client.post(f"{self.steps}/{number}", data=data | more)


def stored(app, citizen):
    with app.app_context():
        key = derive_keys(pepper(), citizen.consultation, citizen.code).response
    with read_session(app) as session:
        found = session.get(Response, key)
        return dict(found.answers), queries.texts_of(session, key)


def test_without_script_a_page_comes_back_with_what_its_answers_bring_up(any_app):
    publish(any_app)
    citizen = Answering(any_app, "en").start()
    assert shown(citizen.page(1)) == ["job", "age", "carer"]
    assert to(citizen.post(1, carer="yes")) == "step/1#q-needs"
    assert shown(citizen.page(1)) == ["job", "age", "carer", "needs"]
    assert to(citizen.post(1, carer="yes", needs=["rest"])) == "step/1#q-nights"
    assert to(citizen.post(1, carer="yes", needs=["rest"])) == "step/2", "seen once is enough"


def test_what_the_script_showed_is_not_asked_again(app):
    publish(app)
    citizen = Answering(app).start()
    seen = {"page-seen": ["needs", "nights"]}
    assert to(citizen.post(1, carer="yes", needs=["rest"], more=seen)) == "etape/2"


def test_a_required_question_counts_only_on_the_path(app):
    publish(app)
    citizen = Answering(app, "en").start()
    seen = {"page-seen": ["needs"]}
    assert citizen.post(1, carer="yes", more=seen).status_code == 422
    assert to(citizen.post(1, carer="no", more=seen)) == "step/3"
    assert to(citizen.post(3)) == "review"
    assert to(citizen.send()) == "receipt"


def test_steps_are_true_and_back_goes_to_the_page_that_was_asked(app):
    publish(app)
    citizen = Answering(app, "en").start()
    citizen.post(1, carer="no")
    assert "Step 2 of 2" in citizen.page(3)
    assert to(citizen.post(3, more={"back": "1"})) == "step/1"
    assert citizen.page(2).endswith("/step/3"), "a page off the path leads on"
    citizen.post(1, carer="yes", needs=["rides"], more={"page-seen": ["needs"]})
    assert "Step 3 of 3" in citizen.page(3)
    assert to(citizen.post(3, more={"back": "1"})) == "step/2"


def test_a_change_from_the_review_leads_through_the_page_it_opens(app):
    publish(app)
    citizen = Answering(app, "en").start()
    citizen.post(1, carer="no")
    citizen.post(3)
    page = f"{citizen.steps}/1?from=review"
    data = {"code": citizen.code, "q-carer": "yes", "q-needs": "rides", "page-seen": "needs"}
    shown_now = {"page-shown": "job age carer needs nights"}
    opened = citizen.client.post(page, data=data | shown_now)
    assert to(opened) == "step/2?from=review"
    assert (
        to(citizen.client.post(opened.location, data={"code": citizen.code, "q-how": "Gently"}))
        == "review"
    )
    assert to(citizen.client.post(page, data=data | shown_now)) == "review"


def test_a_change_of_mind_and_back_loses_nothing_and_stores_only_the_path(any_app):
    publish(any_app)
    citizen = Answering(any_app, "en").start()
    seen = {"page-seen": ["needs", "nights"]}
    citizen.post(1, carer="yes", needs=["rest", "rides"], nights="many", more=seen)
    citizen.post(2, how="With great care")
    citizen.post(3, help="more")
    hidden = {"needs": ["rest", "rides"], "nights": "many"}  # a hidden question is still posted
    assert to(citizen.post(1, carer="no", **hidden)) == "step/3"
    assert shown(citizen.page(3)) == ["help"]
    assert 'value="more"' not in citizen.page(3)
    citizen.post(3)
    review = citizen.client.get(citizen.review).text
    assert "With great care" not in review
    citizen.send()
    document, texts = stored(any_app, citizen)
    assert document == {"carer": "no", "weight": 0, "_not_asked": ["needs", "nights", "how"]}
    assert texts == {}


def test_an_answer_off_the_path_comes_back_when_the_mind_changes_back(any_app):
    publish(any_app)
    citizen = Answering(any_app, "en").start()
    seen = {"page-seen": ["needs", "nights"]}
    citizen.post(1, carer="yes", needs=["rest", "rides"], nights="many", more=seen)
    citizen.post(2, how="With great care")
    citizen.post(3, help="more")
    hidden = {"needs": ["rest", "rides"], "nights": "many"}
    citizen.post(1, carer="no", **hidden)
    citizen.post(3)
    assert to(citizen.post(1, carer="yes", **hidden, more=seen)) == "step/2"
    assert "With great care" in citizen.page(2)
    assert re.search(r'value="more"[^>]* checked', citizen.page(3))
    citizen.send()
    document, texts = stored(any_app, citizen)
    assert (document["help"], document["weight"], texts) == ("more", 4, {"how": "With great care"})
    assert "_not_asked" not in document


@pytest.mark.parametrize(("lang", "said"), [("fr", "Écrivez plus."), ("en", "Write more.")])
def test_a_hard_constraint_is_told_in_the_language_of_the_page(app, lang, said):
    publish(app)
    citizen = Answering(app, lang).start()
    citizen.post(1, carer="yes", needs=["rides"], more={"page-seen": ["needs"]})
    refused = citizen.post(2, how="abc")
    assert refused.status_code == 422
    assert said in refused.text
    assert ">abc</textarea>" in refused.text.replace("\n", "")
    assert to(citizen.post(2, how="abcde")).endswith("/3")


def test_a_soft_constraint_is_asked_once_and_its_override_is_stored(any_app):
    publish(any_app)
    citizen = Answering(any_app, "en").start()
    asked = citizen.post(1, job="retired", age="young", carer="no")
    assert asked.status_code == 422
    assert "Young and retired? If your answer is right, keep it and continue." in asked.text
    token = re.findall(r'name="page-confirm" value="([^"]*)"', asked.text)
    assert (
        to(citizen.post(1, job="retired", age="young", carer="no", more={"page-confirm": token}))
        == "step/3"
    )
    assert to(citizen.post(1, job="retired", age="young", carer="no")) == "step/3", "not twice"
    citizen.post(3)
    citizen.send()
    assert stored(any_app, citizen)[0]["_overridden"] == {"age": [0]}
    correct = f"/en/c/{citizen.consultation}/correct"
    citizen.client.post(correct, data={"code": citizen.code})
    assert to(citizen.send()) == "receipt", "a correction knows what was confirmed"
    assert stored(any_app, citizen)[0]["_overridden"] == {"age": [0]}


def test_a_doubt_that_came_up_later_is_told_at_the_review(app):
    doubt = {"test": "${first} = .", "soft": True, "message": {"fr": "Autre?", "en": "Differs?"}}
    pages = [
        page("a", one("first", "x", "y")),
        page("b", one("second", "x", "y", constraints=[doubt])),
    ]
    publish(app, questionnaire(*pages))
    citizen = Answering(app, "en").start()
    citizen.post(1, first="x")
    citizen.post(2, second="x")
    citizen.post(1, first="y")
    sent = citizen.send()
    assert sent.status_code == 422
    assert "Differs?" in sent.text
    told = citizen.post(2, second="x")
    token = re.findall(r'name="page-confirm" value="([^"]*)"', told.text)
    citizen.post(2, second="x", more={"page-confirm": token})
    assert to(citizen.send()) == "receipt"


def test_two_versions_are_compared_by_what_each_would_store(app):
    publish(app)
    citizen = Answering(app, "en").start()
    citizen.post(1, carer="yes", needs=["rides"], more={"page-seen": ["needs"]})
    citizen.post(2, how="With great care")
    citizen.send()
    citizen.client.post(f"/en/c/{citizen.consultation}/correct", data={"code": citizen.code})
    citizen.post(1, carer="no", needs=["rides"])
    with write_session(app) as session:
        session.execute(update(Response).values(revision=Response.revision + 1))
    late = citizen.send()
    assert late.status_code == 409
    kept = late.text.partition("With great care")[2]
    assert "No answer" in kept.partition("</div>")[0], "off the path, it would not be stored"


def test_a_page_that_did_not_show_a_question_does_not_erase_its_answer(app):
    """Two windows: the one that was drawn before the branch opened knows nothing of it."""
    publish(app)
    citizen = Answering(app, "en").start()
    seen = {"page-seen": ["needs"]}
    citizen.post(1, carer="yes", needs=["rides"], more=seen)
    old = {
        "code": citizen.code,
        "q-carer": "yes",
        "page-shown": "job age carer",
        "page-seen": "needs",
    }
    citizen.client.post(f"{citizen.steps}/1", data=old)
    assert re.search(r'value="rides"[^>]* checked', citizen.page(1))


def test_an_option_that_is_not_offered_is_never_stored(app):
    publish(app)
    citizen = Answering(app, "en").start()
    citizen.post(1, carer="no")
    assert to(citizen.post(3, help="more")) == "review"
    citizen.send()
    assert "help" not in stored(app, citizen)[0]


def answered(app):
    """Send four sheets: two carers, one who is none, one who says nothing."""
    publish(app)
    for carer in ("yes", "yes", "no", None):
        citizen = Answering(app, "en").start()
        typed = {"carer": carer} if carer else {}
        if carer == "yes":
            typed |= {"needs": ["rest"], "more": {"page-seen": ["needs", "nights"]}}
        citizen.post(1, **typed)
        if carer == "yes":
            citizen.post(2, how="With care")
        citizen.post(3, help="less")
        assert to(citizen.send()) == "receipt"


def test_results_count_each_question_over_those_who_were_asked(any_app):
    answered(any_app)
    with read_session(any_app) as session:
        found = session.scalars(select(Consultation).where(Consultation.state == "open")).one()
        code = found.code
        total, items = queries.results(session, found.id, Voice("en", str))
    by_code = {item.code: item for item in items}
    assert total == 4
    needs, nights, weight = (by_code[code] for code in ("needs", "nights", "weight"))
    assert (needs.asked, needs.not_asked, needs.base, needs.no_answer) == (2, 2, 2, 0)
    assert (nights.asked, nights.base, nights.no_answer) == (2, 0, 2)
    assert (by_code["carer"].asked, by_code["carer"].no_answer) == (4, 1)
    assert ([(o.label, o.n) for o in weight.options], weight.mean) == ([("0", 2), ("2", 2)], 1.0)
    client = any_app.test_client()
    client.post("/en/demo/role", data={"person": "facilitator"})
    page = client.get(f"/en/desk/consultations/{code}/results").text
    assert "Asked: 2; not asked: 2." in page


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_exports_tell_not_asked_from_no_answer(any_app, lang):
    answered(any_app)
    exported = ResponsesExport()
    with read_session(any_app) as session, in_language(lang):
        found = session.scalars(select(Consultation).where(Consultation.state == "open")).one()
        columns = [column.code for column in exported.columns(session, found, lang)]
        rows = [dict(zip(columns, row, strict=True)) for row in exported.rows(session, found, lang)]
        codebook = list(exported.codebook(session, found, lang))
    carers = [row for row in rows if row["carer"] == "yes"]
    others = [row for row in rows if row["carer"] != "yes"]
    assert {(row["needs.rest"], row["needs.non_answer"]) for row in carers} == {(1, None)}
    assert {(row["needs.rest"], row["needs.non_answer"]) for row in others} == {(None, "not_asked")}
    assert {(row["nights"], row["how"], row["how.non_answer"]) for row in carers} == {
        (None, "With care", None)
    }
    assert {(row["nights"], row["how"], row["how.non_answer"]) for row in others} == {
        ("not_asked", None, "not_asked")
    }
    assert sorted(row["weight"] for row in rows) == [0, 0, 2, 2]
    assert {row["age.overridden"] for row in rows} == {None}
    assert {entry[0] for entry in codebook} <= set(columns)
    assert ("nights", "not_asked") in {(entry[0], entry[3]) for entry in codebook}


@pytest.mark.parametrize("seed", range(6))
def test_random_walks_meet_no_error_and_the_same_pages_in_french_and_english(app, seed):
    chance = random.Random(seed)
    publish(app, conditions.raw(conditions.questionnaire(chance)))
    with read_session(app) as session:
        found = session.scalars(select(Consultation).where(Consultation.state == "open")).one()
        definition = queries.sheet(session, found.id).definition
    for _ in range(3):
        typed = conditions.answers(chance, definition)
        french, english = (walked(app, lang, definition, typed) for lang in ("fr", "en"))
        assert french == english


def walked(app, lang, definition, typed):
    """Answer each page as it comes, twice where it doubts; return pages asked and document."""
    citizen = Answering(app, lang).start()
    number, pages = 1, []
    for _ in range(40):
        place = citizen.page(number)
        while not place.startswith("<"):
            if re.search(r"/(?:review|verifier)$", place):
                citizen.send()
                return pages, None if not has_response(app, citizen) else stored(app, citizen)
            number = int(re.search(r"/(\d+)", place.rpartition("/questionnaire/")[2])[1])
            place = citizen.page(number)
        here = {i.code for i in definition.pages[number - 1].items}
        pages.append((number, shown(place)))
        response = citizen.post(number, **{c: v for c, v in typed.items() if c in here})
        if response.status_code == 422:
            token = re.findall(r'name="page-confirm" value="([^"]*)"', response.text)
            fix = {c: v for c, v in typed.items() if c in here} | {"more": {"page-confirm": token}}
            response = citizen.post(number, **fix)
        if response.status_code == 422:
            return [*pages, re.findall(r'href="#q-(\w+)"', response.text)], None
        if re.search(r"/(?:review|verifier)$", response.location):
            citizen.send()
            return pages, None if not has_response(app, citizen) else stored(app, citizen)
        number = int(re.search(r"/(\d+)(?:#|$)", response.location)[1])
    raise AssertionError(pages)


def has_response(app, citizen):
    with app.app_context():
        key = derive_keys(pepper(), citizen.consultation, citizen.code).response
    with read_session(app) as session:
        return session.get(Response, key) is not None
