"""Draw one page of questions: those that are asked, and those its answers may bring up."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from consult.core.html import SafeHtml, markup
from consult.core.i18n import current_language, environment_of
from consult.surveys import answers, assisting
from consult.surveys.queries import Sheet
from consult.surveys.rules import Item, PagePlan, Path, browser_rules, kind_of, waiting_items
from consult.surveys.wording import anchor, problem_text


class Shown(msgspec.Struct, frozen=True):
    """What a page is drawn from: answers, their path, what was overridden, what is wrong."""

    typed: Mapping[str, Any]
    path: Path
    confirmed: Iterable[str]
    wrong: list[answers.Problem]
    channel: str = "web"


class Question(msgspec.Struct, frozen=True):
    """One question as drawn; ``is_local`` when answers of its own page show or hide it."""

    code: str
    html: SafeHtml
    is_local: bool
    is_hidden: bool


# A question of a published version looks the same each time: the page of twenty questions
# costs a third. Only what the questionnaire itself offers is remembered, never a typed text.
_drawn: dict[tuple[object, ...], SafeHtml] = {}
_MOST_DRAWN = 10_000


def question_html(
    sheet: Sheet, item: Item, typed: Mapping[str, Any], errors: Mapping[str, str], lang: str
) -> SafeHtml:
    """Return one question as the form asks it, with what was typed and what is wrong with it."""
    look = None if errors else kind_of(item).memory(item, typed)
    if look is None:
        return _draw(item, typed, errors, lang)
    place = (sheet.sha256, lang, item.code, look, tuple([o.code for o in item.options]))
    if place not in _drawn:
        if len(_drawn) >= _MOST_DRAWN:
            _drawn.clear()
        _drawn[place] = _draw(item, typed, errors, lang)
    return _drawn[place]


def _draw(item: Item, typed: Mapping[str, Any], errors: Mapping[str, str], lang: str) -> SafeHtml:
    template = environment_of(lang).get_template("surveys/_question.html")
    return markup(template.render(item=item, typed=typed, errors=errors, lang=lang))


def shape(item: Item, typed: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the template of a kind needs, beside the item and what was typed."""
    return kind_of(item).shape(item, typed)


def step_context(sheet: Sheet, number: int, shown: Shown) -> dict[str, Any]:
    """Return what the template of a page of questions needs."""
    said = [(problem, problem_text(problem)) for problem in shown.wrong]
    texts: dict[str, dict[str, str]] = {}
    for problem, text in said:
        texts.setdefault(problem.item, {}).setdefault(problem.part, text)
    plan, found = sheet.plan.pages[number - 1], shown.path
    tokens = {*shown.confirmed, *(problem.token for problem in shown.wrong)} - {""}
    here = {item.code for item in plan.page.items} if tokens else set()
    return {
        "page": plan.page,
        "questions": _questions(sheet, plan, shown, texts),
        "has_ranking": any(item.kind == "ranking" for item in plan.page.items),
        "varies": plan.fixed is None,
        "rules": browser_rules(plan, found),
        "confirmed": sorted(token for token in tokens if token.partition(".")[0] in here),
        "position": found.position(number),
        "total": len(found.pages),
        "is_last": found.after(number) is None,
        "doubtful": all(problem.reason == "doubtful" for problem in shown.wrong),
        "errors": [{"href": f"#{anchor(problem)}", "text": text} for problem, text in said],
        "switch_form": "answers",
        "is_assisted": shown.channel == assisting.CHANNEL,
    }


def _questions(
    sheet: Sheet, plan: PagePlan, shown: Shown, texts: Mapping[str, Mapping[str, str]]
) -> list[Question]:
    here, lang = shown.path.page(plan.number), current_language()
    asked = {item.code: item for item in here.items} if here else {}
    waiting = waiting_items(plan, shown.path) if plan.is_live else {}
    drawn = []
    for entry in plan.items:
        code = entry.item.code
        item = asked.get(code) or waiting.get(code)
        if item is not None:
            html = question_html(sheet, item, shown.typed, texts.get(code, {}), lang)
            drawn.append(Question(code, html, entry.is_local, code in waiting))
    return drawn
