"""Judge what the types of a definition cannot say: repeated codes, limits, missing texts. Pure."""

from collections.abc import Iterator, Sequence

import msgspec

from consult.surveys.rules.definition import (
    CHOICES,
    MAX_ITEMS,
    MAX_OPTIONS,
    Definition,
    Fault,
    Item,
    Words,
)

MAX_EXPRESSIONS = 300_000


def check_definition(definition: Definition) -> list[Fault]:
    """List what the types cannot say: repeated codes, choices without options, limits."""
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    count = 0
    for p, page in enumerate(definition.pages):
        for i, item in enumerate(page.items):
            place = f"$.pages[{p}].items[{i}]"
            count += 1
            if item.code in seen:
                faults.append(
                    Fault(place, f"code {item.code!r} is already used at {seen[item.code]}")
                )
            seen.setdefault(item.code, place)
            faults += _item_faults(item, place)
            faults += _computed_faults(item, place)
    pages = [page.code for page in definition.pages]
    faults += [
        Fault("$.pages", f"page code {code!r} is used twice")
        for code in sorted({c for c in pages if pages.count(c) > 1})
    ]
    length = sum(map(len, _expressions(definition)))
    if length > MAX_EXPRESSIONS:
        told = f"expressions have {length} characters together; the limit is {MAX_EXPRESSIONS}"
        faults.append(Fault("$", told))
    if count > MAX_ITEMS:
        faults.append(Fault("$.pages", f"{count} items; the limit is {MAX_ITEMS}"))
    return faults


def _expressions(definition: Definition) -> Iterator[str]:
    for page in definition.pages:
        yield page.relevant
        for item in page.items:
            yield from (item.relevant, item.calculation)
            yield from (option.relevant for option in item.options)
            yield from (constraint.test for constraint in item.constraints)


def _item_faults(item: Item, place: str) -> list[Fault]:
    faults = []
    takes_options = item.kind in CHOICES
    if takes_options and not 2 <= len(item.options) <= MAX_OPTIONS:  # noqa: PLR2004
        faults.append(Fault(f"{place}.options", f"give from 2 to {MAX_OPTIONS} options"))
    if not takes_options and item.options:
        faults.append(Fault(f"{place}.options", f"an item of kind {item.kind} has no options"))
    codes = [option.code for option in item.options]
    faults += [
        Fault(f"{place}.options", f"option code {code!r} is used twice")
        for code in sorted({c for c in codes if codes.count(c) > 1})
    ]
    if item.kind != "several_choices" and (
        item.max_choices is not None or any(option.exclusive for option in item.options)
    ):
        faults.append(Fault(place, "max_choices and exclusive belong to several_choices"))
    if item.max_choices is not None and item.max_choices > len(item.options):
        faults.append(Fault(f"{place}.max_choices", "more than there are options"))
    if set(codes) & {"dont_know", "prefer_not", "not_asked"}:
        faults.append(
            Fault(
                f"{place}.options", "dont_know, prefer_not and not_asked are kept for non_answers"
            )
        )
    return faults


def _computed_faults(item: Item, place: str) -> list[Fault]:
    if item.kind != "computed":
        needless = Fault(f"{place}.calculation", "only an item of kind computed has a calculation")
        misplaced = Fault(f"{place}.constraints", "a note takes no answer to judge")
        found = [needless] if item.calculation else []
        return [*found, misplaced] if item.kind == "note" and item.constraints else found
    faults = []
    if not item.calculation.strip():
        faults.append(Fault(f"{place}.calculation", "say how the value is computed"))
    if item.required or item.constraints or item.non_answers:
        faults.append(
            Fault(place, "required, constraints and non_answers belong to items that are asked")
        )
    return faults


class Missing(msgspec.Struct, frozen=True):
    """A text that is not written in a declared language."""

    place: str
    lang: str
    other: str


def missing_texts(definition: Definition, languages: Sequence[str] | None = None) -> list[Missing]:
    """List each text that lacks in one of ``languages``; by default those the file declares."""
    found: list[Missing] = []
    wanted = definition.languages if languages is None else languages

    def look(words: Words, place: str, *, needed: bool) -> None:
        for lang in wanted:
            text, other = (words.fr, words.en) if lang == "fr" else (words.en, words.fr)
            if not text.strip() and (needed or other.strip()):
                found.append(Missing(place, lang, other))

    look(definition.title, "title", needed=True)
    look(definition.introduction, "introduction", needed=False)
    for page in definition.pages:
        look(page.title, f"{page.code}.title", needed=True)
        for item in page.items:
            look(item.title, f"{item.code}.title", needed=True)
            look(item.hint, f"{item.code}.hint", needed=False)
            for option in item.options:
                look(option.label, f"{item.code}.{option.code}", needed=True)
            for n, constraint in enumerate(item.constraints):
                look(constraint.message, f"{item.code}.constraints[{n}].message", needed=True)
    return found
