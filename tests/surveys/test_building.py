"""Whatever is done at the desk, the document stays one of the format, and loses nothing unasked."""

import copy

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from consult.surveys import building
from consult.surveys.building import Line, Sentence
from consult.surveys.library import MODELS, model
from consult.surveys.rules import KINDS, Definition

WORDS = st.fixed_dictionaries({"fr": st.text(max_size=30), "en": st.text(max_size=30)})
STEPS = st.sampled_from([-1, 1])
PICK = st.integers(0, 999)


class Editing(RuleBasedStateMachine):
    """Random changes of one document, beside what must be left of it."""

    def __init__(self):
        super().__init__()
        self.document = building.empty_document("essai", {"fr": "Essai", "en": "Trial"})
        self.items, self.pages = set(), {"page_1"}

    def one(self, codes, number):
        return sorted(codes)[number % len(codes)]

    @rule(title=WORDS)
    def page_added(self, title):
        self.document, code = building.add_page(self.document, title)
        assert code not in self.pages
        self.pages.add(code)

    @precondition(lambda self: self.pages)
    @rule(title=WORDS, kind=st.sampled_from(sorted(KINDS)), number=PICK)
    def question_added(self, title, kind, number):
        item = {"code": "", "kind": kind, "title": title}
        page = self.one(self.pages, number)
        self.document, code = building.add_item(self.document, page, item)
        assert code not in self.items
        self.items.add(code)

    @precondition(lambda self: self.items)
    @rule(number=PICK)
    def question_copied(self, number):
        self.document, code = building.duplicate_item(self.document, self.one(self.items, number))
        assert code not in self.items
        self.items.add(code)

    @precondition(lambda self: self.items)
    @rule(number=PICK, step=STEPS)
    def question_moved(self, number, step):
        self.document = building.move_item(self.document, self.one(self.items, number), step)

    @precondition(lambda self: self.items and self.pages)
    @rule(number=PICK, other=PICK)
    def question_sent_to_a_page(self, number, other):
        item, page = self.one(self.items, number), self.one(self.pages, other)
        self.document = building.move_item_to(self.document, item, page)

    @precondition(lambda self: self.pages)
    @rule(number=PICK, step=STEPS)
    def page_moved(self, number, step):
        self.document = building.move_page(self.document, self.one(self.pages, number), step)

    @precondition(lambda self: self.items)
    @rule(number=PICK)
    def question_removed(self, number):
        code = self.one(self.items, number)
        self.document = building.remove_item(self.document, code)
        self.items.remove(code)

    @precondition(lambda self: self.pages)
    @rule(number=PICK)
    def page_removed(self, number):
        code = self.one(self.pages, number)
        _index, page = building.find_page(self.document, code)
        self.document = building.remove_page(self.document, code)
        self.pages.remove(code)
        self.items -= {item["code"] for item in page["items"]}

    @invariant()
    def nothing_is_lost_and_every_code_is_its_own(self):
        codes = [item["code"] for item in building.items_of(self.document)]
        assert sorted(codes) == sorted(self.items)
        assert sorted(page["code"] for page in self.document["pages"]) == sorted(self.pages)

    @invariant()
    def it_is_json_of_the_format_but_for_what_is_still_empty(self):
        plain = msgspec.json.decode(msgspec.json.encode(self.document))
        assert plain == self.document
        filled = [page for page in building.completed(plain)["pages"] if page["items"]]
        if filled:
            msgspec.convert(plain | {"pages": filled}, Definition)


TestEditing = Editing.TestCase


@given(title=WORDS, taken=st.sets(st.sampled_from(["question", "a", "oui", "oui_2"])))
def test_a_code_is_always_one_and_never_taken(title, taken):
    code = building.code_from(title, taken, "question")
    assert code not in taken
    assert len(code) <= 60
    assert code.isascii()
    assert code[0].isalpha()
    assert code == code.lower()


def test_a_change_leaves_the_document_before_it_alone():
    document = building.document_of(model("essential"))
    before = copy.deepcopy(document)
    building.move_item(document, "role", 1)
    building.remove_page(document, "you")
    building.replace_head(document, {"title": {"fr": "Autre"}})
    assert document == before


LINES = st.sampled_from(
    [
        Line("role", "is", "public"),
        Line("role", "is_not", "prefer_not"),
        Line("top3", "includes", "food"),
        Line("top3", "excludes", "climate"),
        Line("easy", "at_least", "4"),
        Line("easy", "at_most", "2.5"),
        Line("helps", "answered"),
        Line("age", "unanswered"),
    ]
)


@given(lines=st.lists(LINES, max_size=6), join=st.sampled_from(["all", "any"]))
def test_a_sentence_written_is_the_sentence_read(lines, join):
    items = {item["code"]: item for item in building.items_of(ESSENTIAL)}
    sentence = Sentence(join if len(lines) > 1 else "all", tuple(lines))
    assert all(building.fits(line, items[line.item]) for line in lines)
    source = building.written(sentence, items)
    assert building.sentence_of(source, items) == sentence


ESSENTIAL = building.document_of(model("essential"))


@pytest.mark.parametrize(
    "source",
    [
        "not(${role} = 'public')",
        "${role} = 'public' and (${age} = 'a75' or ${age} = 'a65_74')",
        "count-selected(${top3}) > 1",
        "${nothing} = 'x'",
        "${role} =",
        "'public' = ${role}",
    ],
)
def test_what_no_sentence_says_stays_an_expression(source):
    items = {item["code"]: item for item in building.items_of(ESSENTIAL)}
    assert building.sentence_of(source, items) is None


def test_who_depends_on_a_question_or_an_option_is_told():
    document = building.document_of(model("essential"))
    item = building.find_item(document, "urgent").item
    changed = item | {"relevant": "${doctor} = 'no'"}
    document = building.replace_item(document, "urgent", changed)
    assert [use.code for use in building.uses_of(document, {"doctor"})] == ["urgent"]
    assert [use.code for use in building.uses_of(document, {"doctor"}, "no")] == ["urgent"]
    assert building.uses_of(document, {"doctor"}, "waiting") == []
    assert building.uses_of(document, {"urgent"}) == []


def test_every_kind_names_what_it_asks_at_the_desk():
    asked = {field.name for kind in KINDS for field in building.fields_of({"kind": kind})}
    wanted = {name for kind in KINDS.values() for name in kind.fields}
    assert asked == wanted - {"constraints"}


@pytest.mark.parametrize("name", MODELS)
def test_nothing_is_found_missing_in_a_model(name):
    assert building.findings(building.document_of(model(name)), ["fr", "en"], {}) == []
