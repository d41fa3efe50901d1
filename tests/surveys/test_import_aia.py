"""A real bilingual government questionnaire, imported, published and walked at random."""

import json
import random
from datetime import date
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from consult.consultations.models import Consultation
from consult.core.db import write_session
from consult.surveys import queries, services
from consult.surveys.expressions import evaluate, refs, to_json
from consult.surveys.importing import read
from consult.surveys.rules import missing_texts, parse_definition, path, plan_of
from tests.surveys.test_expressions import in_node, is_same

FILE = Path(__file__).parent / "data/imports/aia-survey-enfr.json"
TODAY = date(2026, 11, 24)
WALKS, CONDITIONS = 1000, 124


@pytest.fixture(scope="module")
def imported():
    return read(FILE.read_bytes())


@pytest.fixture(scope="module")
def definition(imported):
    return parse_definition(imported.definition)


def chosen(chance, item):
    """Return random indexes of options of an item, or the words of a text."""
    if not item.options:
        return chance.choice(["", "Oui", "un texte"]) if item.kind != "number" else "4"
    if item.kind == "several_choices":
        exclusive = [n for n, option in enumerate(item.options) if option.exclusive]
        if exclusive and chance.random() < 0.2:
            return [chance.choice(exclusive)]
        free = [n for n in range(len(item.options)) if n not in exclusive]
        return sorted(
            chance.sample(free, chance.randint(0, min(len(free), item.max_choices or 99)))
        )
    return chance.randrange(len(item.options))


def said(item, choice, lang):
    """Return the answer of a person who knows only the labels of one language."""
    codes = {option.label.pick(lang)[0]: option.code for option in item.options}
    assert len(codes) == len(item.options), item.code
    labels = [option.label.pick(lang)[0] for option in item.options]
    if isinstance(choice, list):
        return [codes[labels[n]] for n in choice]
    return codes[labels[choice]] if isinstance(choice, int) else choice


def walk(plan, chance):
    """Answer page by page to the end; return the answers in each language and the page numbers."""
    given = {"fr": {}, "en": {}}
    number, seen = 0, []
    while (number := path(plan, given["fr"], TODAY).after(number)) is not None:
        seen.append(number)
        answered = set()
        while here := path(plan, given["fr"], TODAY).page(number):
            waiting = [item for item in here.questions if item.code not in answered]
            if not waiting:
                break
            for item in waiting:
                answered.add(item.code)
                choice = chosen(chance, item)
                for lang, answers in given.items():
                    answers[item.code] = said(item, choice, lang)
    return given, seen


@pytest.fixture(scope="module")
def walks(definition):
    chance, plan = random.Random(20261124), plan_of(definition)
    return plan, [walk(plan, chance) for _ in range(WALKS)]


def conditions_of(plan):
    """Return every condition of a plan, by where it stands."""
    found = {}
    for page in plan.pages:
        if page.relevant:
            found[page.page.code] = page.relevant
        for entry in page.items:
            named = [("", entry.relevant), ("=", entry.calculation)]
            named += [(o.code, when) for o, when in (*entry.options, *entry.rows)]
            named += [(f"!{n}", when) for n, (_c, when) in enumerate(entry.constraints)]
            found |= {(entry.item.code, part): when for part, when in named if when}
    return found


def test_it_is_imported_whole_in_both_languages_with_every_condition(imported, definition):
    assert imported.faults == ()
    assert imported.counts == {"items": 305, "pages": 18, "conditions": CONDITIONS}
    assert definition.languages == ("fr", "en")
    assert missing_texts(definition) == []
    assert [(note.place, note.code) for note in imported.notes] == [
        ("$.pages[1].elements[0].elements[4].choicesOrder", "order_not_carried"),
        ("$.pages[10].title", "text_alike"),
        ("$.pages[0]", "title_from_heading"),
        ("$.title", "title_from_page"),
    ]


def test_it_is_published(app, definition):
    with write_session(app) as session:
        consultation = session.scalars(
            select(Consultation).where(Consultation.state == "draft")
        ).first()
        services.load_definition(session, None, consultation, definition)
        services.publish(session, consultation)
        live = queries.sheet(session, consultation.id)
        assert msgspec.json.encode(live.definition) == msgspec.json.encode(definition)
        session.rollback()


def test_a_thousand_walks_reach_every_page_and_end(definition, walks):
    plan, walked = walks
    reached = {number for _given, seen in walked for number in seen}
    assert reached == {page.number for page in plan.pages}
    assert len({tuple(seen) for _given, seen in walked}) > 1
    for given, seen in walked:
        assert [page.number for page in path(plan, given["fr"], TODAY).pages] == seen


def test_the_path_is_the_same_whichever_language_the_answers_were_given_in(walks):
    plan, walked = walks
    for given, _seen in walked:
        assert path(plan, given["en"], TODAY) == path(plan, given["fr"], TODAY)


def test_the_conditions_have_the_same_values_in_python_and_javascript(walks):
    plan, walked = walks
    trees = {place: condition.tree for place, condition in conditions_of(plan).items()}
    named = {place: {ref.code for ref in refs(tree)} for place, tree in trees.items()}
    cases = {}
    for given, _seen in walked:
        values = path(plan, given["fr"], TODAY).values
        for place, codes in named.items():
            known = {code: values[code] for code in sorted(codes) if code in values}
            cases[place, json.dumps(known)] = (trees[place], known)
    found = in_node([[to_json(tree), values] for tree, values in cases.values()])
    expected = [evaluate(tree, values, TODAY) for tree, values in cases.values()]
    pairs = zip(cases, expected, found, strict=True)
    assert [(key, want, got) for key, want, got in pairs if not is_same(want, got)] == []
    assert len(trees) >= CONDITIONS
    assert {place for place, _known in cases} == {*trees}
    assert {True, False} <= set(expected)
