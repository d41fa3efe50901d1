"""Bring the desk of a questionnaire into its states."""

import re

from tests.support.rare_states import collect
from tests.support.states import Answers, Cast, state

__all__ = ["collect"]


@state
def making_a_questionnaire(cast: Cast) -> Answers:
    """Make a questionnaire on the desk, up to two editors of one question."""
    camille = cast.camille
    create = camille.url("consultations_desk.create", code=cast.table)
    code = camille.send(create, {"title-fr": "Essai", "title-en": "42"}).location.split("/")[-2]

    def at(endpoint: str, **names: str) -> str:
        return camille.url(f"surveys_desk.{endpoint}", code=code, **names)

    camille.send(at("start"))
    yield "questionnaire not begun", camille.get(at("show"))
    yield "question without words", camille.send(at("add_question", step="page_1"))
    words = {"title-fr": "Pourquoi?", "kind": "one_choice"}
    camille.send(at("add_question", step="page_1"), words)
    camille.send(at("add_page"))
    yield "questionnaire with gaps", camille.get(at("show"))
    item = at("edit_item", item="pourquoi")
    yield "question to write", camille.get(item)
    seen = re.search(r'name="seen" value="(\w+)"', camille.get(item).text)[1]
    typed = {"new-option-0-fr": "Oui", "new-option-1-en": "42", "constraint-0-fr": "x"}
    typed |= {"title-fr": "Autre", "seen": seen}
    yield "check without a test", camille.send(item, typed)
    camille.send(item, typed | {"constraint-0-fr": ""})
    yield "question changed meanwhile", camille.send(item, typed | {"constraint-0-fr": ""})
    camille.send(at("add_question", step="page_2"), words | {"title-fr": "Comment?"})
    when = at("condition", what="item", name="comment")
    yield "condition to say", camille.get(when)
    yield "condition with a line", camille.send(when, {"act": "add", "new-item": "pourquoi"})
    line = {"act": "save", "line-0-item": "pourquoi", "line-0-test": "is", "seen": "0"}
    yield "condition without a value", camille.send(when, line)
    yield "condition changed meanwhile", camille.send(when, line | {"line-0-value": "oui"})
    head = at("edit_head")
    yield "introduction changed meanwhile", camille.send(head, {"title-fr": "Autre", "seen": "0"})
    yield "page to remove", camille.get(at("remove", what="page", name="page_1"))
    gone = {"seen": "0"}
    yield "removed meanwhile", camille.send(at("remove", what="item", name="pourquoi"), gone)


@state
def reading_results(cast: Cast) -> Answers:
    """Look for words, break a question down, set a goal that somebody else set meanwhile."""
    camille, code = cast.camille, cast.codes["open"]

    def at(endpoint: str, **names: str) -> str:
        return camille.url(f"surveys_desk.{endpoint}", code=code, **names)

    yield "texts that nobody wrote", camille.get(at("texts", item="change", q="qqqq"))
    yield "breakdown by network", camille.get(at("breakdown", item="role", by="network"))
    participation = at("participation")
    yield "goal that is no number", camille.send(participation, {"total": "x", "seen": "0"})
    yield "goal set meanwhile", camille.send(participation, {"total": "42", "seen": "999"})
