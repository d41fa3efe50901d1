"""Read one page of answers from a form, and judge it against the path. Pure.

Raw answers lie under the keys of their items (``rules/kinds``); an item that was seen and left
empty has none.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from consult.surveys.expressions import THIS, Value
from consult.surveys.rules import (
    FIELD,
    SILENT,
    Constraint,
    Definition,
    FormData,
    Item,
    ItemPlan,
    Page,
    PagePlan,
    Path,
    Plan,
    Problem,
    kind_of,
    moved,
    ranks,
)

__all__ = ["FIELD", "NOT_ASKED", "OVERRIDDEN", "Problem"]
# Kept beside the answers under names that no item can have.
NOT_ASKED, OVERRIDDEN = "_not_asked", "_overridden"
_EMPTY: tuple[Any, ...] = (None, "", [], {})


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
        if item.is_question:
            typed |= kind_of(item).read(item, form)
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
    shown = [entry for entry in page.items if entry.item.code in posted.shown]
    keys = {key for entry in shown for key in entry.kind.keys(entry.item)}
    typed = {key: raw for key, raw in before.items() if key not in keys}
    for entry in shown:
        code = entry.item.code
        found = {key: posted.typed.get(key) for key in entry.kind.keys(entry.item)}
        if entry.has_filter and code in offers:
            gone = _gone(entry.item, offers[code])
            found[code] = entry.kind.with_hidden(found[code], before.get(code), gone)
        typed |= {key: raw for key, raw in found.items() if raw not in _EMPTY}
    return typed


def _gone(whole: Item, item: Item) -> set[str]:
    """Return the codes of options not offered now; those of rows come as ``row:code``."""
    every, left = (
        {option.code for option in one.options} | {f"row:{row.code}" for row in one.rows}
        for one in (whole, item)
    )
    return every - left


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
        if (unseen or changed) and value_of(entry, item, typed) is None:
            found.append(item.code)
    return found


def arranged(page: PagePlan, posted: Posted, move: str) -> Posted:
    """Return a posted page after one press in a ranking: ``item.act.option``."""
    code, act, option = [*move.split("."), "", ""][:3]
    item = next((i for i in page.page.items if i.code == code and i.kind == "ranking"), None)
    if item is None or all(option != known.code for known in item.options):
        return posted
    ranked = moved(posted.typed.get(code) or [], option, act, ranks(item))
    return msgspec.structs.replace(posted, typed={**posted.typed, code: ranked})


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
                value = value_of(entry, asked[code], typed)
                token = token_of(code, n, value) if rule.soft else ""
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
            entry = filtered[item.code]
            gone: Collection[str] = _gone(entry.item, item)
            left[item.code] = entry.kind.offered_only(left[item.code], gone)
    return left


def value_of(entry: ItemPlan, item: Item, typed: Mapping[str, Any]) -> Value:
    """Return what an answer is worth as a whole."""
    return entry.kind.values(item, typed)[item.code]


def failures(
    entry: ItemPlan, item: Item, found: Path, typed: Mapping[str, Any]
) -> list[tuple[int, Constraint]]:
    """Return the constraints that an answer does not hold; no answer and non-answers hold all."""
    value = value_of(entry, item, typed)
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
        if typed.get(item.code) not in _EMPTY:
            found += kind_of(item).judge(item, typed)
        elif item.required:
            found.append(Problem(item.code, "required"))
    return found


def to_document(
    plan: Plan, found: Path, typed: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Split accepted raw answers into the stored document and the free texts apart.

    The document holds what each kind stores, ``{"na": code}`` for a typed non-answer,
    ``{"text": true}`` where a text lies apart, the value of a computed item; and beside them
    ``_not_asked``, the codes of the items off the path, and ``_overridden``, soft constraints
    by item. What is off the path is not in it.
    """
    document: dict[str, Any] = {}
    texts: dict[str, str] = {}
    for page in found.pages:
        typed_here = _on_offer(plan.pages[page.number - 1], page.questions, typed)
        for item in page.questions:
            kind_of(item).store(item, typed_here, document, texts)
    for code, value in found.computed.items():
        if value is not None:
            whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
            document[code] = int(value) if whole else value
    document |= _beside(plan, found, typed)
    return document, texts


def _beside(plan: Plan, found: Path, typed: Mapping[str, Any]) -> dict[str, Any]:
    asked = {item.code: item for item in found.questions}
    skipped: list[str] = []
    overridden: dict[str, list[int]] = {}
    for page in plan.pages:
        for entry in page.items:
            code = entry.item.code
            if entry.item.kind in SILENT or code in found.computed:
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


def to_typed(
    definition: Definition, document: Mapping[str, Any], texts: Mapping[str, str]
) -> dict[str, Any]:
    """Undo ``to_document``, by the version the response was given to: what the form shows again."""
    typed: dict[str, Any] = {}
    for item in definition.variables:
        typed |= kind_of(item).restore(item, document, texts)
    return typed


def is_same_answer(item: Item, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two raw answers say the same: a number may be written in two ways."""
    kind = kind_of(item)
    if all(one.get(key) == other.get(key) for key in kind.keys(item)):
        return True
    value = kind.values(item, one)[item.code]
    is_plain = not item.options and value is not None
    return is_plain and value == kind.values(item, other)[item.code]


def confirmed_in(
    items: Iterable[Item], document: Mapping[str, Any], typed: Mapping[str, Any]
) -> list[str]:
    """Return the tokens of what was overridden in a stored document."""
    overridden: Mapping[str, list[int]] = document.get(OVERRIDDEN, {})
    return [
        token_of(item.code, n, kind_of(item).values(item, typed)[item.code])
        for item in items
        for n in overridden.get(item.code, ())
    ]


def answered(definition: Definition, document: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many questions have an answer or a non-answer, and how many were asked."""
    skipped = set(document.get(NOT_ASKED, ()))
    asked = [item.code for item in definition.items if item.code not in skipped]
    return sum(code in document for code in asked), len(asked)
