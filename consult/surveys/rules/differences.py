"""Tell what differs between two versions of a questionnaire, as people understand it. Pure.

The same code means the same question, and the same answer. Nobody but a person can tell whether
other French words still ask the same: where they changed, staff are asked (``to_decide``).
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import msgspec

from consult.surveys.rules.definition import Definition, Item, Page, Words
from consult.surveys.rules.merging import PARTS, Edition

_TOLD_APART = {"code", "kind", "relevant", "constraints", "calculation", *PARTS}
_EXPLAINS = {"hint"}  # other words here ask nothing else


class Difference(msgspec.Struct, frozen=True):
    """One thing that differs.

    ``subject``: questionnaire, page, item, part (an option or a row). ``verb``: added, removed,
    returned, moved, reworded, order, condition, constraints, calculation, setting. ``part`` is
    the code of an option or the name of a field; ``lang`` the language whose words changed.
    """

    subject: str
    verb: str
    code: str = ""
    part: str = ""
    lang: str = ""
    before: str = ""
    after: str = ""


class Reused(msgspec.Struct, frozen=True):
    """A code that was another kind of item in an earlier version: its place in the new one."""

    place: str
    code: str
    before: str
    after: str
    number: int


def differences(editions: Sequence[Edition], new: Definition) -> tuple[Difference, ...]:
    """Return what differs between the last of ``editions`` and ``new``, from first to last page."""
    old, past = editions[-1].definition, _latest(editions)
    found = list(_fields("questionnaire", "", old, new, skip={"pages", "code", "languages"}))
    found += _pages(old.pages, new.pages)
    before, after = _placed(old), _placed(new)
    moved = _moved([c for c in before if c in after], [c for c in after if c in before])
    for code, (page, item) in after.items():
        if code in before:
            if code in moved or before[code][0].code != page.code:
                pages = {"before": before[code][0].code, "after": page.code}
                found.append(Difference("item", "moved", code, **pages))
            found += _item(before[code][1], item)
        elif code in past:
            found.append(Difference("item", "returned", code))
            found += _item(past[code], item)
        else:
            found.append(Difference("item", "added", code))
    found += [Difference("item", "removed", code) for code in before if code not in after]
    return tuple(found)


def to_decide(found: Sequence[Difference]) -> tuple[str, ...]:
    """Return the items of which somebody must say whether they still ask the same.

    Their French title, or the French words of an answer, or their calculation changed.
    """
    codes = [
        difference.code
        for difference in found
        if difference.subject in {"item", "part"}
        and (
            difference.verb == "calculation"
            or (
                difference.verb == "reworded"
                and difference.lang == "fr"
                and difference.part not in _EXPLAINS
            )
        )
    ]
    return tuple(dict.fromkeys(codes))


def reused(editions: Sequence[Edition], new: Definition) -> list[Reused]:
    """Return the codes of ``new`` that an earlier version gave to another kind of item."""
    found = []
    for p, page in enumerate(new.pages):
        for i, item in enumerate(page.items):
            for edition in reversed(editions):
                known = _placed(edition.definition).get(item.code)
                if known is not None and known[1].kind != item.kind:
                    place = f"$.pages[{p}].items[{i}]"
                    kinds = known[1].kind, item.kind
                    found.append(Reused(place, item.code, *kinds, edition.number))
                    break
    return found


def renamed(content: Any, code: str, new_code: str) -> Any:  # noqa: ANN401  builtins
    """Return a definition (as builtins) in which an item has another code, everywhere."""
    if isinstance(content, dict):
        return {key: _renamed(key, value, code, new_code) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [renamed(value, code, new_code) for value in content]
    if isinstance(content, str):
        for end in ("}", ".", "_other}"):
            content = content.replace(f"${{{code}{end}", f"${{{new_code}{end}")
    return content


def _renamed(key: str, value: Any, code: str, new_code: str) -> Any:  # noqa: ANN401  builtins
    if key == "pages":
        return [
            {**page, "items": [_with_code(item, code, new_code) for item in page["items"]]}
            for page in renamed(value, code, new_code)
        ]
    if key == "options_from" and value == code:
        return new_code
    return renamed(value, code, new_code)


def _with_code(item: dict[str, Any], code: str, new_code: str) -> dict[str, Any]:
    return {**item, "code": new_code} if item["code"] == code else item


def free_code(code: str, number: int, taken: Collection[str]) -> str:
    """Return a code for what was ``code`` before version ``number`` and is now something else."""
    candidate = f"{code[:50]}_v{number}"
    while candidate in taken:
        candidate = f"{candidate[:58]}_x"
    return candidate


def _latest(editions: Sequence[Edition]) -> dict[str, Item]:
    latest: dict[str, Item] = {}
    for edition in editions:
        latest |= {code: item for code, (_page, item) in _placed(edition.definition).items()}
    return latest


def _placed(definition: Definition) -> dict[str, tuple[Page, Item]]:
    return {item.code: (page, item) for page in definition.pages for item in page.items}


def _moved(before: Sequence[str], after: Sequence[str]) -> frozenset[str]:
    """Return as few codes as explain the new order: those outside a longest run that kept its."""
    place = {code: n for n, code in enumerate(before)}
    ends: list[int] = []
    runs: list[list[str]] = []
    for code in after:
        at = bisect_left(ends, place[code])
        run = [*(runs[at - 1] if at else []), code]
        ends[at : at + 1] = [place[code]]
        runs[at : at + 1] = [run]
    return frozenset(after) - frozenset(runs[-1] if runs else ())


def _pages(old: Sequence[Page], new: Sequence[Page]) -> Iterator[Difference]:
    before, after = {page.code: page for page in old}, {page.code: page for page in new}
    moved = _moved([c for c in before if c in after], [c for c in after if c in before])
    for code, page in after.items():
        if code not in before:
            yield Difference("page", "added", code)
            continue
        if code in moved:
            yield Difference("page", "moved", code)
        yield from _fields("page", code, before[code], page, skip={"code", "items", "relevant"})
        yield from _condition("page", code, before[code].relevant, page.relevant)
    for code in before:
        if code not in after:
            yield Difference("page", "removed", code)


def _item(old: Item, new: Item) -> Iterator[Difference]:
    code = new.code
    yield from _fields("item", code, old, new, skip=_TOLD_APART)
    yield from _condition("item", code, old.relevant, new.relevant)
    if old.calculation != new.calculation:
        yield Difference("item", "calculation", code, before=old.calculation, after=new.calculation)
    if old.constraints != new.constraints:
        yield Difference("item", "constraints", code)
    for name in PARTS:
        yield from _parts(code, getattr(old, name, ()), getattr(new, name, ()))


def _parts(code: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Difference]:
    before, after = {part.code: part for part in old}, {part.code: part for part in new}
    for part, option in after.items():
        if part not in before:
            yield Difference("part", "added", code, part)
            continue
        earlier = before[part]
        for lang in ("fr", "en"):
            words = getattr(earlier.label, lang), getattr(option.label, lang)
            if words[0] != words[1]:
                yield Difference("part", "reworded", code, part, lang, *words)
        if earlier.relevant != option.relevant:
            conditions = earlier.relevant, option.relevant
            yield Difference("part", "condition", code, part, "", *conditions)
        if msgspec.structs.replace(earlier, label=option.label, relevant=option.relevant) != option:
            yield Difference("part", "setting", code, part)
    yield from (Difference("part", "removed", code, part) for part in before if part not in after)
    if _moved([c for c in before if c in after], [c for c in after if c in before]):
        yield Difference("item", "order", code)


def _condition(subject: str, code: str, old: str, new: str) -> Iterator[Difference]:
    if old != new:
        yield Difference(subject, "condition", code, before=old, after=new)


def _fields(
    subject: str, code: str, old: msgspec.Struct, new: msgspec.Struct, *, skip: set[str]
) -> Iterator[Difference]:
    """Yield what differs in the fields of a struct: words by language, the rest as settings."""
    for field in msgspec.structs.fields(new):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if field.name in skip or before == after:
            continue
        if isinstance(after, Words):
            for lang in ("fr", "en"):
                words = getattr(before, lang), getattr(after, lang)
                if words[0] != words[1]:
                    yield Difference(subject, "reworded", code, field.name, lang, *words)
        else:
            yield Difference(subject, "setting", code, field.name, "", _said(before), _said(after))


def _said(value: object) -> str:
    plain = msgspec.to_builtins(value)
    return plain if isinstance(plain, str) else msgspec.json.encode(plain).decode()


def all_codes(editions: Sequence[Edition], new: Definition) -> frozenset[str]:
    """Return every code of an item in any version, and in ``new``."""
    whole = [*editions, Edition(0, new)]
    return frozenset(code for edition in whole for code in _placed(edition.definition))
