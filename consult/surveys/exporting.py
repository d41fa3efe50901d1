"""Give responses the shape of a table, for every format of export (floor 6).

No key and no technical identifier leaves; rows come in the order of keyed hashes, which
tells nothing to anybody without the pepper.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import select

from consult.core.db import Session
from consult.core.i18n import gettext as _
from consult.core.tabular import Column
from consult.surveys import queries
from consult.surveys.answers import NOT_ASKED, OVERRIDDEN
from consult.surveys.models import ResponseText
from consult.surveys.rules import (
    NOT_ASKED_CODE,
    Definition,
    Heading,
    Item,
    MergedItem,
    Voice,
    kind_of,
)

_BATCH = 500
_FIXED = ("channel", "language", "month", "version")


class ResponsesExport:
    """One row per response, one or several columns per item."""

    code = "responses"

    def title(self, lang: str) -> str:
        """Return the name of the set."""
        del lang  # a file is written in the language of its labels
        return _("Responses")

    def columns(self, session: Session, consultation: Any, lang: str) -> list[Column]:  # noqa: ANN401
        """Return the fixed columns, then those of each item, labelled in ``lang``."""
        labels = {
            "channel": _("Channel"),
            "language": _("Language of the response"),
            "month": _("Month"),
            "version": _("Version of the questionnaire"),
        }
        columns = [Column(code, labels[code]) for code in _FIXED]
        voice = Voice(lang, _)
        for shape in _shapes(_asked(session, consultation), voice):
            columns += _item_columns(shape, voice)
        return columns

    def count(self, session: Session, consultation: Any) -> int:  # noqa: ANN401
        """Return how many responses there are now."""
        return queries.count(session, consultation.id)

    def rows(
        self,
        session: Session,
        consultation: Any,  # noqa: ANN401
        lang: str,
    ) -> Iterator[tuple[object, ...]]:
        """Yield the rows; texts are read batch by batch."""
        asked, voice = _asked(session, consultation), Voice(lang, _)
        shapes = _shapes(asked, voice)
        numbers = asked.numbers if asked else {}
        newest = max(numbers.values(), default=1)
        source = iter(queries.documents(session, consultation.id))
        while batch := list(islice(source, _BATCH)):
            texts = _texts(session, [row.key for row in batch])
            for row in batch:
                number = numbers.get(row.version_id, newest)
                fixed = (row.channel, row.lang, f"{row.day:%Y-%m}", number)
                stored = (row.answers, texts.get(row.key, {}))
                yield fixed + _cells(shapes, number, stored, voice)

    def codebook(
        self,
        session: Session,
        consultation: Any,  # noqa: ANN401
        lang: str,
    ) -> Iterable[tuple[object, ...]]:
        """Yield (column, question, kind, code, label, versions) for every code that may occur."""
        asked, voice = _asked(session, consultation), Voice(lang, _)
        editions = asked.editions if asked else ()
        depending = {edition.number: conditional(edition.definition) for edition in editions}
        for shape in _shapes(asked, voice):
            yield from _item_codes(shape, voice, depending)


def conditional(definition: Definition) -> frozenset[str]:
    """Return the items that some respondents may not be asked."""
    found: set[str] = set()
    for page in definition.pages:
        section = ""
        for item in page.items:
            section = item.relevant if item.kind == "section" else section
            offered = "".join(option.relevant for option in item.options)
            if page.relevant or section or item.relevant or offered:
                found.add(item.code)
    return frozenset(found)


class _Shape(msgspec.Struct, frozen=True):
    """The columns of one item: those of every version, those of each by its number.

    ``plain`` are the versions whose columns are those of all.
    """

    merged: MergedItem
    varies: bool
    is_soft: bool
    headings: tuple[Heading, ...]
    own: Mapping[int, tuple[str, ...]]
    plain: frozenset[int]


def _asked(session: Session, consultation: Any) -> queries.Asked | None:  # noqa: ANN401
    return queries.asked_over(session, consultation.id)


def _shapes(asked: queries.Asked | None, voice: Voice) -> list[_Shape]:
    if asked is None:
        return []
    depending = frozenset[str]().union(*(conditional(e.definition) for e in asked.editions))
    numbers = frozenset(asked.merged.numbers)
    return [
        _shape(merged, voice, varies=merged.item.code in depending or numbers != set(merged.own))
        for merged in asked.merged.items
    ]


def _shape(merged: MergedItem, voice: Voice, *, varies: bool) -> _Shape:
    kind = kind_of(merged.item)
    found = {h.suffix: h for h in kind.columns(merged.item, voice, varies=varies)}
    own: dict[int, tuple[str, ...]] = {}
    for number, item in merged.own.items():
        headings = kind.columns(item, voice, varies=varies)
        own[number] = tuple(heading.suffix for heading in headings)
        for heading in headings:
            found.setdefault(heading.suffix, heading)
    is_soft = any(rule.soft for item in merged.own.values() for rule in item.constraints)
    plain = frozenset(number for number, suffixes in own.items() if suffixes == tuple(found))
    return _Shape(merged, varies, is_soft, tuple(found.values()), own, plain)


def _item_codes(
    shape: _Shape, voice: Voice, depending: Mapping[int, frozenset[str]]
) -> Iterator[tuple[object, ...]]:
    """Yield what may stand in each column of an item, and in which versions."""
    item = shape.merged.item
    title, kind = voice.of(item.title), kind_of(item)
    found: dict[tuple[str, str, str], set[int]] = {}
    for row in kind.codes(item, voice, varies=shape.varies):
        found[row.suffix, row.code, row.label] = set()
    for number, own in shape.merged.own.items():
        for row in kind.codes(own, voice, varies=own.code in depending[number]):
            found.setdefault((row.suffix, row.code, row.label), set()).add(number)
        for n, constraint in enumerate(own.constraints):
            if constraint.soft:
                key = "overridden", str(n), voice.of(constraint.message)
                found.setdefault(key, set()).add(number)
    for key in found:
        if key[1] == NOT_ASKED_CODE:
            found[key] |= set(depending) - set(shape.merged.own)
    for (suffix, code, label), numbers in found.items():
        if not numbers:
            continue  # what several versions would offer together, and none of them did
        versions = ", ".join(str(number) for number in sorted(numbers))
        yield (_column(item, suffix), title, item.kind, code, label, versions)


def _column(item: Item, suffix: str) -> str:
    """Return the code of a column: a part stands after a point, ``_other`` is a variable."""
    joint = "." if suffix and not suffix.startswith("_") else ""
    return f"{item.code}{joint}{suffix}"


def _item_columns(shape: _Shape, voice: Voice) -> list[Column]:
    item = shape.merged.item
    columns = [Column(_column(item, found.suffix), found.label) for found in shape.headings]
    if shape.is_soft:
        kept = _("confirmed although unusual")
        label = f"{voice.of(item.title)} – {kept}"
        columns.append(Column(_column(item, "overridden"), label))
    return columns


def _cells(
    shapes: Sequence[_Shape],
    number: int,
    stored: tuple[Mapping[str, Any], Mapping[str, str]],
    voice: Voice,
) -> tuple[object, ...]:
    document, texts = stored
    skipped = {code: {"na": NOT_ASKED_CODE} for code in document.get(NOT_ASKED, ())}
    for shape in shapes:
        if number not in shape.own:
            skipped[shape.merged.item.code] = {"na": NOT_ASKED_CODE}
    overridden = document.get(OVERRIDDEN, {})
    told = ({**document, **skipped} if skipped else document, texts)
    cells: list[object] = []
    for shape in shapes:
        cells += _item_cells(shape, number, told, voice)
        if shape.is_soft:
            code = shape.merged.item.code
            cells.append(" ".join(map(str, overridden.get(code, ()))) or None)
    return tuple(cells)


def _item_cells(
    shape: _Shape,
    number: int,
    told: tuple[Mapping[str, Any], Mapping[str, str]],
    voice: Voice,
) -> list[object]:
    """Return the cells of one item; what a version did not offer stays empty."""
    item = shape.merged.own.get(number, shape.merged.item)
    cells = kind_of(item).cells(item, told, voice, varies=shape.varies)
    suffixes = shape.own.get(number)
    if suffixes is None:
        return [*cells, *[None] * (len(shape.headings) - len(cells))]
    if number in shape.plain:
        return cells
    by_suffix = dict(zip(suffixes, cells, strict=True))
    return [by_suffix.get(heading.suffix) for heading in shape.headings]


def _texts(session: Session, keys: Sequence[bytes]) -> dict[bytes, dict[str, str]]:
    found: dict[bytes, dict[str, str]] = {}
    statement = select(ResponseText.key, ResponseText.item, ResponseText.body).where(
        ResponseText.key.in_(keys)
    )
    for key, item, body in session.execute(statement):
        found.setdefault(key, {})[item] = body
    return found
