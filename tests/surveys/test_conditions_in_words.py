"""The conditions of a questionnaire told in sentences, in both languages."""

import random
import re

import pytest

from consult.core.i18n import LANGUAGES
from consult.core.paths import PACKAGE
from consult.surveys.expressions import Call, compile_tree, parse, refs
from consult.surveys.rules import parse_definition, path, plan_of
from consult.surveys.rules.kinds.best_worst import screens
from consult.surveys.sentences import Teller
from consult.surveys.simplifying import simple
from tests.support import conditions

DEMO = parse_definition((PACKAGE / "demo/data/se-deplacer.json").read_bytes())


def words(text):
    return {"fr": f"{text}-fr", "en": text}


def item(code, kind, options="", **more):
    made = {"code": code, "kind": kind, "title": words(code.title()), **more}
    if options:
        made["options"] = [{"code": c, "label": words(c.upper())} for c in options]
    return made


ITEMS = [
    item("role", "one_choice", "abc", non_answers=["prefer_not"]),
    item("needs", "several_choices", "xyz"),
    item("heat", "scale", "12345"),
    item("why", "long_text"),
    item(
        "sum",
        "computed",
        calculation="if(selected(${needs}, 'x'), 0, count-selected(${needs}))",
    ),
]


def told(app, source, lang):
    pages = [{"code": "p", "title": words("P"), "items": ITEMS}]
    raw = {"format": "consult-questionnaire/1", "code": "q", "title": words("Q"), "pages": pages}
    plan = plan_of(parse_definition(raw))
    with app.test_request_context(f"/{lang}/"):
        return Teller(plan).condition(parse(source))


@pytest.mark.parametrize(
    ("source", "english", "french"),
    [
        (
            "${role} = 'a'",
            "you chose “A” at question 1",
            "vous avez choisi «\u00a0A-fr\u00a0» à la question 1",
        ),
        (
            "${role} != 'a'",
            "you did not choose “A” at question 1",
            "vous n’avez pas choisi «\u00a0A-fr\u00a0» à la question 1",
        ),
        (
            "${role} = 'a' or ${role} = 'c' or ${role} = 'prefer_not'",
            "you chose “A”, “C” or “I prefer not to answer” at question 1",
            "vous avez choisi «\u00a0A-fr\u00a0», «\u00a0C-fr\u00a0» ou «\u00a0Je préfère ne pas répondre\u00a0» à la question 1",
        ),
        (
            "'' != ${why} and not(selected(${needs}, 'y'))",
            "you answered question 4 and you did not choose “Y” at question 2",
            "vous avez répondu à la question 4 et vous n’avez pas choisi «\u00a0Y-fr\u00a0» à la question 2",
        ),
        (
            "number(${heat}) >= 4",
            "you chose “4” or “5” at question 3",
            "vous avez choisi «\u00a04-fr\u00a0» ou «\u00a05-fr\u00a0» à la question 3",
        ),
        (
            "${sum} > 0",
            "you did not choose “X” at question 2 and the number of choices in your answer to question 2 is more than 0",
            "vous n’avez pas choisi «\u00a0X-fr\u00a0» à la question 2 et le nombre de choix dans votre réponse à la question 2 est plus grand que 0",
        ),
        (
            "(${role} = 'a' or ${why} = '') and 2 < count-selected(${needs})",
            "(you chose “A” at question 1 or you left question 4 without an answer) and the number of choices in your answer to question 2 is more than 2",
            "(vous avez choisi «\u00a0A-fr\u00a0» à la question 1 ou vous avez laissé la question 4 sans réponse) et le nombre de choix dans votre réponse à la question 2 est plus grand que 2",
        ),
        (
            "today() >= date('2026-03-01')",
            "today’s date is March\u00a01, 2026 or after",
            "la date du jour est le 1er\u00a0mars 2026 ou après",
        ),
        ("true() or ${role} = 'a'", "", ""),
    ],
)
def test_a_condition_is_told_in_both_languages(app, source, english, french):
    assert told(app, source, "en") == english
    assert told(app, source, "fr") == french


@pytest.mark.parametrize("seed", range(40))
def test_every_condition_has_words_and_its_simpler_form_is_true_of_the_same_answers(app, seed):
    chance = random.Random(seed)
    definition = conditions.questionnaire(chance)
    plan = plan_of(definition)
    entries = {entry.item.code: entry for page in plan.pages for entry in page.items}
    tellings = [
        c for page in plan.pages for c in (page.relevant, *(e.relevant for e in page.items))
    ]
    found = [condition for condition in tellings if condition is not None]
    for _turn in range(20):
        walked = path(plan, conditions.answers(chance, definition), conditions.TODAY)
        for condition in found:
            # Only where what it refers to was reached: an item off the path has no value at all.
            if all(ref.code in walked.values for ref in refs(condition.tree)):
                easier = compile_tree(simple(condition.tree, entries))
                values = {code: walked.values.get(code) for code in entries} | walked.values
                assert (easier(values) is True) == (condition.run(values) is True)
    for lang in LANGUAGES:
        with app.test_request_context(f"/{lang}/"):
            texts = [Teller(plan).condition(condition.tree) for condition in found]
        assert not [text for text in texts if re.search(r"\$\{|selected\(|not\(|%\(", text)]
        always = [simple(condition.tree, entries) == Call("true", ()) for condition in found]
        assert [not text for text in texts] == always


@pytest.mark.parametrize("lang", LANGUAGES)
def test_all_the_questions_are_read_beforehand_with_their_numbers(client, app, lang):
    place = {"fr": "toutes-les-questions", "en": "all-questions"}[lang]
    start = re.search(
        rf"/{lang}/c/[\w-]+/questionnaire",
        client.get(
            client.get(f"/{lang}/consultations")
            .text.split('cards">')[1]
            .split('href="')[1]
            .split('"')[0]
        ).text,
    )[0]
    assert place in client.get(start).text
    page = client.get(f"{start}/{place}")
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    for number, question in enumerate(DEMO.items, 1):
        title = getattr(question.title, lang)
        assert re.search(rf">{number}\. [^<]*", page.text), title
    only = {"fr": "Seulement si vous avez choisi", "en": "Only if you chose"}[lang]
    assert only in page.text


def test_the_short_address_leads_to_the_consultation_and_stands_in_the_qr_code(client):
    listed = client.get("/en/consultations").text
    code = re.search(r'href="/en/c/([\w-]+)"', listed)[1]
    answer = client.get(f"/q/{code}")
    assert (answer.status_code, answer.location) == (302, f"/fr/c/{code}")
    client.set_cookie("consult_lang", "en", domain="consult.test")
    assert client.get(f"/q/{code}").location == f"/en/c/{code}"
    page = client.get(f"/en/c/{code}").text
    assert f'href="http://consult.test/q/{code}"' in page
    assert '<svg class="qr"' in page


def boxes(item):
    """Return how many boxes an item has on paper: ranks and points are written, not ticked."""
    ticked = len(item.options) + len(item.non_answers)
    if item.kind == "matrix":
        return ticked * len(item.rows)
    if item.kind == "best_worst":
        return 2 * sum(map(len, screens(item)))
    return len(item.non_answers) if item.kind in {"ranking", "points"} else ticked


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_paper_version_has_every_question_and_says_to_whom_it_goes_back(client, lang):
    code = re.search(r'href="/en/c/([\w-]+)"', client.get("/en/consultations").text)[1]
    page = client.get(f"/{lang}/c/{code}/questionnaire/" + {"fr": "papier", "en": "paper"}[lang])
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    numbers = [int(n) for n in re.findall(r"<h3>(\d+)\.", page.text)]
    assert numbers == list(range(1, len(DEMO.items) + 1))
    every = sum(map(boxes, DEMO.items))
    assert page.text.count('class="box') == every, "one box for each answer to tick"
    assert page.text.count('class="write') >= 2, "space to write"
    back = {"fr": "Remettez cette feuille à", "en": "Give this sheet back to"}[lang]
    assert back in page.text
