"""Short text, number, date, section, consent and “other: specify”, from the page to the export."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from consult.consultations.models import Consultation
from consult.core.codes import derive_keys
from consult.core.db import read_session, write_session
from consult.core.i18n import in_language
from consult.surveys import queries
from consult.surveys.answers import is_same_answer
from consult.surveys.exporting import ResponsesExport
from consult.surveys.models import Response, ResponseConsent, ResponseText
from consult.surveys.rules import Voice, parse_definition, path, plan_of
from consult.surveys.visits import pepper
from tests.support.conditions import TODAY
from tests.support.questionnaires import put_in_force
from tests.surveys.test_answering import Citizen, open_consultation

FILE = json.loads((Path(__file__).parent / "data/simple-kinds.json").read_text("utf-8"))
WHOLE = {
    "way": "other",
    "way_other": "=À vélo",
    "needs": ["rides", "other"],
    "needs_other": "Un accompagnement",
    "place": "  Rivière-aux-\tAulnes ",
    "distance": "1 250,5",
    "since.day": "1",
    "since.month": "02",
    "since.year": "2024",
}
LAST = {"research": "yes", "quote": "no"}


@pytest.fixture
def site(app):
    with write_session(app) as session, app.test_request_context("/fr/"):
        found = session.scalars(select(Consultation).where(Consultation.state == "open")).one()
        put_in_force(session, found, parse_definition(FILE))
    return app


def sent(site, lang="fr", **changed):
    citizen = Citizen(site, lang).start()
    assert citizen.answer(1, **WHOLE | changed).status_code == 303
    assert citizen.answer(2, **LAST).status_code == 303
    assert citizen.send().status_code == 303
    return citizen


def stored(site, citizen):
    with site.app_context():
        key = derive_keys(pepper(), citizen.consultation, citizen.code).response
    with read_session(site) as session:
        texts = {t.item: t.body for t in session.scalars(select(ResponseText).filter_by(key=key))}
        consents = {
            c.purpose: c.is_given
            for c in session.scalars(select(ResponseConsent).filter_by(key=key))
        }
        found = session.get(Response, key)
        return (found.answers if found else None), texts, consents


def test_each_kind_is_stored_in_its_shape_and_comes_back_in_both_languages(site) -> None:
    citizen = sent(site)
    document, texts, consents = stored(site, citizen)
    expected = {"way": "other", "way_other": {"text": True}, "needs": ["rides", "other"]}
    expected |= {"needs_other": {"text": True}, "place": {"text": True}, "distance": 1250.5}
    assert document.pop("_not_asked") == ["parking"]
    assert document.pop("far") is True
    assert document == expected | {"since": "2024-02-01", "research": "yes", "quote": "no"}
    assert texts["way_other"] == "=À vélo"
    assert texts["place"] == "Rivière-aux- Aulnes"
    assert consents == {"research": True, "quote": False}
    came = citizen.client.post(
        f"/fr/c/{citizen.consultation}/mon-code", data={"typed": citizen.code}
    )
    mine = citizen.client.get(came.location).text
    for shown in ("– =À vélo", "1250,5 km", "1er\u00a0février 2024", "Un accompagnement"):
        assert shown in mine
    citizen.client.post(f"/fr/c/{citizen.consultation}/corriger", data={"code": citizen.code})
    english = citizen.client.get(f"/en/c/{citizen.consultation}/questionnaire/step/1").text
    assert re.search(r'name="q-distance" value="1250.5"', english)
    assert english.index('name="q-since.month" value="2"') < english.index('name="q-since.day"')


def test_a_correction_changes_the_consents_and_a_withdrawal_erases_them(site) -> None:
    citizen = sent(site)
    citizen.client.post(f"/fr/c/{citizen.consultation}/corriger", data={"code": citizen.code})
    citizen.answer(2, research="no")
    citizen.send()
    assert stored(site, citizen)[2] == {"research": False}
    citizen.client.post(f"/fr/c/{citizen.consultation}/retirer", data={"code": citizen.code})
    assert stored(site, citizen) == (None, {}, {})


@pytest.mark.parametrize(
    ("lang", "typed", "told"),
    [
        ("fr", {"distance": "12,5x"}, "Écrivez un nombre en chiffres, comme 12 ou 12,5"),
        ("en", {"distance": "12,5x"}, "Write a number in digits, such as 12 or 12.5"),
        ("en", {"distance": "1,200.50"}, "Write a number in digits"),
        ("fr", {"distance": "2000,5"}, "Écrivez un nombre de 0 à 2\u00a0000."),
        ("en", {"distance": "0.123"}, "fewer digits after the decimal sign: 1 at most"),
        ("fr", {"since.day": "31", "since.month": "2"}, "Cette date n’existe pas"),
        ("en", {"since.day": ""}, "or leave all three empty"),
        ("en", {"since.year": "soon"}, "in digits, such as 24, 11 and 2026"),
        ("fr", {"place": "x" * 41}, "la limite est de 40"),
        ("fr", {"way_other": "x" * 256}, "la limite est de 255"),
        ("fr", {"needs": ["rides"]}, "Choisissez au moins 2 réponses"),
    ],
)
def test_a_wrong_answer_comes_back_as_typed_and_says_how_to_mend_it(
    site, lang, typed, told
) -> None:
    citizen = Citizen(site, lang).start()
    answer = citizen.answer(1, **WHOLE | typed)
    assert answer.status_code == 422
    assert told in re.sub(r"<[^>]+>", "", answer.text)
    for name, value in typed.items():
        if isinstance(value, str):
            assert f'name="q-{name}" value="{value}"' in answer.text
    for target in re.findall(r'<a href="#(q-[^"]+)"', answer.text):
        assert f'id="{target}"' in answer.text


def test_the_words_beside_other_outlive_a_change_of_mind_but_are_not_sent(site) -> None:
    citizen = Citizen(site).start()
    citizen.answer(1, **WHOLE | {"way": "car"})
    assert 'value="=À vélo"' in citizen.client.get(f"{citizen.steps}/1").text
    citizen.answer(2)
    assert "=À vélo" not in citizen.client.get(citizen.review).text
    citizen.send()
    document, texts, _consents = stored(site, citizen)
    assert "way_other" not in document | texts


def test_a_section_governs_what_follows_it() -> None:
    plan = plan_of(parse_definition(FILE))
    by = {answer: path(plan, {"way": answer}, TODAY).pages[0].items for answer in ("car", "other")}
    codes = {answer: [item.code for item in items] for answer, items in by.items()}
    assert "parking" in codes["car"]
    assert not {"parking", "by_car"} & set(codes["other"])
    assert "since" in codes["other"]  # after the next section


def test_a_number_written_in_two_ways_is_one_answer() -> None:
    items = {item.code: item for item in parse_definition(FILE).items}
    same = [({"distance": 12.5}, {"distance": "12,50"}), ({"way": "car"}, {"way": "car"})]
    other = [({"distance": "x"}, {"distance": "y"}), ({"distance": 12.5}, {"distance": "12,51"})]
    other += [({"way": "other", "way_other": "a"}, {"way": "other", "way_other": "b"})]
    for pairs, expected in ((same, True), (other, False)):
        for one, two in pairs:
            assert is_same_answer(items[next(iter(one))], one, two) is expected


def test_expressions_read_each_kind() -> None:
    plan = plan_of(parse_definition(FILE))
    typed = {"distance": "60,0", "since": "2020-01-01", "research": "yes", "way": "other"}
    typed |= {"way_other": "Un vélo", "place": "Ici"}
    assert path(plan, typed, TODAY).computed == {"far": True}
    for change in ({"distance": "6x"}, {"way": "car"}, {"since": "2026-01-01"}, {"place": ""}):
        assert path(plan, typed | change, TODAY).computed == {"far": False}


def test_results_and_the_export_hold_each_kind(site) -> None:
    sent(site)
    sent(site, "en", distance="3", way="car")
    with read_session(site) as session, site.test_request_context("/fr/"), in_language("fr"):
        found = session.scalars(select(Consultation).where(Consultation.state == "open")).one()
        code, number = found.code, found.id
        _total, results = queries.results(session, number, Voice("fr", str))
        by = {result.code: result for result in results}
        export = ResponsesExport()
        columns = [column.code for column in export.columns(session, found, "fr")]
        rows = [dict(zip(columns, row, strict=True)) for row in export.rows(session, found, "fr")]
        book = [row[:1] + row[3:4] for row in export.codebook(session, found, "fr")]
    assert [(o.label, o.n) for o in by["distance"].options] == [
        ("3\u00a0km", 1),
        ("1250,5\u00a0km", 1),
    ]
    assert by["distance"].mean == (1250.5 + 3) / 2
    assert [(o.code, o.n) for o in by["research"].options] == [("yes", 2), ("no", 0)]
    assert (by["way"].words, by["way"].words_key) == (1, "way_other")
    [row] = [r for r in rows if r["distance"] == 1250.5]
    assert (row["way"], row["way_other"], row["needs_other"]) == (
        "other",
        "=À vélo",
        "Un accompagnement",
    )
    assert (row["since"], row["place"]) == ("2024-02-01", "Rivière-aux- Aulnes")
    assert {("way_other", ""), ("consent", "yes")} & set(book) == {("way_other", "")}
    assert ("research", "yes") in book
    assert open_consultation(site) == code


@pytest.mark.parametrize(
    ("change", "place", "told"),
    [
        ({"minimum": 9, "maximum": 9}, "distance", "The maximum must be above"),
        ({"max_length": 256}, "place", "the limit is 255"),
        ({"purpose": None}, "quote", "Say in “purpose”"),
        ({"purpose": "research"}, "quote", "ask each once"),
        ({"code": "w" * 55}, "way", "at most 54 characters"),
        ({"code": "way_other"}, "place", "already used"),
    ],
)
def test_a_definition_that_cannot_work_is_refused(change, place, told) -> None:
    raw = json.loads(json.dumps(FILE))
    item = next(i for p in raw["pages"] for i in p["items"] if i["code"] == place)
    item |= change
    with pytest.raises(ValueError, match=re.escape(told)):
        parse_definition(raw)


def test_a_section_that_is_never_asked_is_told_once() -> None:
    raw = json.loads(json.dumps(FILE))
    section = next(i for i in raw["pages"][0]["items"] if i["code"] == "by_car")
    section["relevant"] = "${way} = 'car' and ${way} = 'bus'"
    with pytest.raises(ValueError, match="never_asked") as refused:
        parse_definition(raw)
    assert [fault.item for fault in refused.value.faults] == ["by_car"]
