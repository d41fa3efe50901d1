"""Read one page of answers from a form, and judge it against the path. Pure.

``Answer`` values: an option code for one choice and scale, a tuple of codes for several
choices, a text for long text, ``NonAnswer`` codes under the key ``na``. An item that was
seen and left empty has no key.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from consult.surveys.expressions import THIS, Value
from consult.surveys.rules import (
    Constraint,
    Definition,
    Item,
    ItemPlan,
    Page,
    PagePlan,
    Path,
    Plan,
    Words,
)

NON_ANSWERS = ("dont_know", "prefer_not")
FIELD = "q-"
# Kept beside the answers under names that no item can have.
NOT_ASKED, OVERRIDDEN = "_not_asked", "_overridden"


class FormData(Protocol):
    """What is needed of a posted form."""

    def getlist(self, key: str) -> list[str]:
        """Return every value of a field."""


class Problem(msgspec.Struct, frozen=True):
    """Why an answer is not accepted: the item, a reason code, its figures or its message.

    ``token`` names a soft constraint with the answer it doubts: posted back, it overrides.
    """

    item: str
    reason: str
    limit: int = 0
    found: int = 0
    message: Words = Words()
    token: str = ""


class Posted(msgspec.Struct, frozen=True):
    """One page as it came back: raw answers, what the page showed, what was overridden."""

    number: int
    typed: Mapping[str, Any]
    shown: frozenset[str]
    seen: frozenset[str]
    confirmed: frozenset[str]


def read_post(page: PagePlan, form: FormData) -> Posted:
    """Return what a page's form holds; one that does not say what it showed showed everything."""
    every = frozenset(item.code for item in page.page.items if item.is_question)
    told = form.getlist("page-shown") if page.fixed is None else []
    shown = {code for value in told for code in value[:40_000].split()}
    return Posted(
        number=page.number,
        typed=read_page(page.page, form),
        shown=every & shown if told else every,
        seen=frozenset(form.getlist("page-seen")[:600]),
        confirmed=frozenset(value[:120] for value in form.getlist("page-confirm")[:600]),
    )


def read_page(page: Page, form: FormData) -> dict[str, Any]:
    """Return what was typed on ``page``, raw but bounded, by item code."""
    typed: dict[str, Any] = {}
    for item in page.items:
        if not item.is_question:
            continue
        values = [v for v in form.getlist(FIELD + item.code) if v != ""]
        if item.kind == "several_choices":
            if values:
                typed[item.code] = list(dict.fromkeys(v[:60] for v in values[:400]))
        elif values:
            text = values[0].replace("\r\n", "\n").replace("\x00", "")
            typed[item.code] = text.strip() if item.kind == "long_text" else text[:60]
            if not typed[item.code]:
                del typed[item.code]
    return typed


def merged(
    page: PagePlan, drawn: Path | None, before: Mapping[str, Any], posted: Posted
) -> dict[str, Any]:
    """Return the answers of a draft with those of one page; ``drawn`` is the path it was drawn on.

    What the page did not show is kept, so that a change of mind loses nothing: items that are
    not asked now, and chosen options that are not offered now.
    """
    here = drawn.page(page.number) if drawn else None
    offers = {item.code: item for item in here.items} if here else {}
    typed = {code: value for code, value in before.items() if code not in posted.shown}
    for entry in page.items:
        code = entry.item.code
        if code not in posted.shown:
            continue
        value = posted.typed.get(code)
        if entry.has_filter and code in offers:
            value = _with_hidden(value, before.get(code), entry, offers[code])
        if value not in (None, "", []):
            typed[code] = value
    return typed


def _with_hidden(value: Any, before: Any, entry: ItemPlan, offer: Item) -> Any:  # noqa: ANN401
    codes = {option.code for option in entry.item.options} - {o.code for o in offer.options}
    if isinstance(before, list):
        return [*(value or []), *(code for code in before if code in codes)]
    return before if value in (None, "") and before in codes else value


def newly_asked(
    page: PagePlan, paths: tuple[Path, Path], typed: Mapping[str, Any], posted: Posted
) -> list[str]:
    """Return the unanswered items of a page that its answers brought up after it was drawn.

    ``paths`` are those before and after. Without script such an item was not seen yet, or not
    with the options it has now.
    """
    before, after = (drawn.page(page.number) for drawn in paths)
    offers = {item.code: item.options for item in before.items} if before else {}
    entries = {entry.item.code: entry for entry in page.items}
    found = []
    for item in after.questions if after else ():
        entry = entries[item.code]
        unseen = entry.is_local and item.code not in posted.seen
        changed = item.code in offers and offers[item.code] != item.options
        if (unseen or changed) and entry.value_of(typed.get(item.code), item) is None:
            found.append(item.code)
    return found


def page_problems(
    plan: Plan, found: Path, number: int, typed: Mapping[str, Any], confirmed: Iterable[str]
) -> list[Problem]:
    """Judge the answers of one page that is on the path, its constraints included."""
    here = found.page(number)
    if here is None:
        return []
    return _judged(plan.pages[number - 1], here.questions, found, typed, confirmed)


def all_problems(
    plan: Plan, found: Path, typed: Mapping[str, Any], confirmed: Iterable[str]
) -> list[Problem]:
    """Judge every answer of the path."""
    wrong: list[Problem] = []
    for page in found.pages:
        wrong += page_problems(plan, found, page.number, typed, confirmed)
    return wrong


def _judged(
    page: PagePlan,
    items: Sequence[Item],
    found: Path,
    typed: Mapping[str, Any],
    confirmed: Iterable[str],
) -> list[Problem]:
    wrong = problems(items, _on_offer(page, items, typed))
    faulty = {problem.item for problem in wrong}
    asked = {item.code: item for item in items}
    for entry in page.items:
        code = entry.item.code
        if entry.constraints and code in asked and code not in faulty:
            for n, rule in failures(entry, asked[code], found, typed):
                token = token_of(code, n, typed[code]) if rule.soft else ""
                if token not in confirmed:
                    reason = "doubtful" if rule.soft else "constraint"
                    wrong.append(Problem(code, reason, message=rule.message, token=token))
    return wrong


def _on_offer(page: PagePlan, items: Sequence[Item], typed: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out chosen options that exist but are not offered now: they are off the path."""
    filtered = {entry.item.code: entry for entry in page.items if entry.has_filter}
    if not filtered:
        return typed
    left = dict(typed)
    for item in items:
        if item.code in filtered and item.code in left:
            left[item.code] = _offered_only(left[item.code], filtered[item.code].item, item)
    return left


def _offered_only(value: Any, whole: Item, item: Item) -> Any:  # noqa: ANN401  raw input
    gone = {option.code for option in whole.options} - {option.code for option in item.options}
    if isinstance(value, list):
        return [code for code in value if code not in gone]
    return None if value in gone else value


def failures(
    entry: ItemPlan, item: Item, found: Path, typed: Mapping[str, Any]
) -> list[tuple[int, Constraint]]:
    """Return the constraints that an answer does not hold; no answer and non-answers hold all."""
    value = entry.value_of(typed.get(item.code), item)
    if value is None or value in item.non_answers:
        return []
    values: dict[str, Value] = {**found.values, THIS: value}
    return [
        (n, rule)
        for n, (rule, test) in enumerate(entry.constraints)
        if test.run(values) is not True
    ]


def token_of(code: str, number: int, value: object) -> str:
    """Return what names a soft constraint with the one answer that was doubted."""
    digest = hashlib.sha256(msgspec.json.encode(value)).hexdigest()[:12]
    return f"{code}.{number}.{digest}"


def problems(items: Sequence[Item], typed: Mapping[str, Any]) -> list[Problem]:
    """Judge raw answers; an empty list means that they can be stored."""
    found = []
    for item in items:
        value = typed.get(item.code)
        if value in (None, "", []):
            if item.required:
                found.append(Problem(item.code, "required"))
            continue
        found += _judge(item, value)
    return found


def _judge(item: Item, value: Any) -> list[Problem]:  # noqa: ANN401  raw input
    if item.kind == "long_text":
        length = len(value) if isinstance(value, str) else -1
        if length < 0:
            return [Problem(item.code, "unknown")]
        over = length > item.max_length
        return [Problem(item.code, "too_long", item.max_length, length)] if over else []
    known = {option.code for option in item.options} | set(item.non_answers)
    chosen = value if isinstance(value, list) else [value]
    if isinstance(value, list) != (item.kind == "several_choices") or not set(chosen) <= known:
        return [Problem(item.code, "unknown")]
    if item.kind != "several_choices":
        return []
    return _judge_several(item, chosen)


def _judge_several(item: Item, chosen: list[str]) -> list[Problem]:
    alone = {option.code for option in item.options if option.exclusive} | set(item.non_answers)
    if len(chosen) > 1 and alone & set(chosen):
        return [Problem(item.code, "exclusive")]
    if item.max_choices is not None and len(chosen) > item.max_choices:
        return [Problem(item.code, "too_many", item.max_choices, len(chosen))]
    return []


def to_document(
    plan: Plan, found: Path, typed: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Split accepted raw answers into the stored document and the free texts apart.

    The document holds a code, a list of codes in the order of the questionnaire,
    ``{"na": code}`` for a typed non-answer, ``{"text": true}`` where a text lies apart, the
    value of a computed item; and beside them ``_not_asked``, the codes of the items off the
    path, and ``_overridden``, soft constraints by item. What is off the path is not in it.
    """
    document: dict[str, Any] = {}
    texts: dict[str, str] = {}
    for page in found.pages:
        typed_here = _on_offer(plan.pages[page.number - 1], page.questions, typed)
        for item in page.questions:
            _put(item, typed_here.get(item.code), document, texts)
    for code, value in found.computed.items():
        if value is not None:
            whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
            document[code] = int(value) if whole else value
    document |= _beside(plan, found, typed)
    return document, texts


def _put(item: Item, value: Any, document: dict[str, Any], texts: dict[str, str]) -> None:  # noqa: ANN401
    if value in (None, "", []):
        return
    first = value[0] if isinstance(value, list) else value
    if item.kind == "long_text":
        document[item.code] = {"text": True}
        texts[item.code] = value
    elif first in item.non_answers:
        document[item.code] = {"na": first}
    elif isinstance(value, list):
        order = {option.code: i for i, option in enumerate(item.options)}
        document[item.code] = sorted(value, key=order.__getitem__)
    else:
        document[item.code] = value


def _beside(plan: Plan, found: Path, typed: Mapping[str, Any]) -> dict[str, Any]:
    asked = {item.code: item for item in found.questions}
    skipped: list[str] = []
    overridden: dict[str, list[int]] = {}
    for page in plan.pages:
        for entry in page.items:
            code = entry.item.code
            if entry.item.kind == "note" or code in found.computed:
                continue
            if code not in asked:
                skipped.append(code)
            elif entry.constraints:
                failing = failures(entry, asked[code], found, typed)
                if failing:
                    overridden[code] = [n for n, _rule in failing]
    return ({NOT_ASKED: skipped} if skipped else {}) | (
        {OVERRIDDEN: overridden} if overridden else {}
    )


def to_typed(document: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """Undo ``to_document``: what the form shows again for a correction."""
    typed: dict[str, Any] = {}
    for code, value in document.items():
        if code.startswith("_"):
            continue
        if isinstance(value, dict):
            typed[code] = texts.get(code, "") if value.get("text") else value["na"]
        else:
            typed[code] = list(value) if isinstance(value, list) else value
    return typed


def confirmed_in(document: Mapping[str, Any], typed: Mapping[str, Any]) -> list[str]:
    """Return the tokens of what was overridden in a stored document."""
    overridden: Mapping[str, list[int]] = document.get(OVERRIDDEN, {})
    return [
        token_of(code, n, typed[code])
        for code, numbers in overridden.items()
        for n in numbers
        if code in typed
    ]


def answered(definition: Definition, document: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many questions have an answer or a non-answer, and how many were asked."""
    skipped = set(document.get(NOT_ASKED, ()))
    asked = [item.code for item in definition.items if item.code not in skipped]
    return sum(code in document for code in asked), len(asked)
