"""Give responses the shape of a table, for every format of export (floor 6).

No key and no technical identifier leaves; rows come in the order of keyed hashes, which
tells nothing to anybody without the pepper.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import select

from consult.core.db import Session
from consult.core.i18n import gettext as _
from consult.core.tabular import Column
from consult.surveys import queries
from consult.surveys.answers import NOT_ASKED, OVERRIDDEN
from consult.surveys.models import QuestionnaireVersion, ResponseText
from consult.surveys.rules import NOT_ASKED_CODE, Definition, Item, Voice, kind_of

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
        definition = _definition(session, consultation)
        depending = conditional(definition)
        voice = Voice(lang, _)
        for item in _variables(definition):
            columns += _item_columns(item, voice, varies=item.code in depending)
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
        definition = _definition(session, consultation)
        items, depending, voice = _variables(definition), conditional(definition), Voice(lang, _)
        numbers = {
            row.id: row.number
            for row in session.execute(select(QuestionnaireVersion.id, QuestionnaireVersion.number))
        }
        source = iter(queries.documents(session, consultation.id))
        while batch := list(islice(source, _BATCH)):
            texts = _texts(session, [row.key for row in batch])
            for row in batch:
                fixed = (row.channel, row.lang, f"{row.day:%Y-%m}", numbers[row.version_id])
                stored = (row.answers, texts.get(row.key, {}))
                yield fixed + _cells(items, depending, stored, voice)

    def codebook(
        self,
        session: Session,
        consultation: Any,  # noqa: ANN401
        lang: str,
    ) -> Iterable[tuple[object, ...]]:
        """Yield (column, question, kind, code, label) for every code that may occur."""
        definition = _definition(session, consultation)
        depending = conditional(definition)
        voice = Voice(lang, _)
        for item in _variables(definition):
            yield from _item_codes(item, voice, varies=item.code in depending)


def conditional(definition: Definition | None) -> frozenset[str]:
    """Return the items that some respondents may not be asked."""
    if definition is None:
        return frozenset()
    return frozenset(
        item.code
        for page in definition.pages
        for item in page.items
        if page.relevant or item.relevant or any(option.relevant for option in item.options)
    )


def _item_codes(item: Item, voice: Voice, *, varies: bool) -> Iterator[tuple[object, ...]]:
    """Yield what may stand in each column of an item."""
    title = voice.of(item.title)
    for row in kind_of(item).codes(item, voice, varies=varies):
        yield (_column(item, row.suffix), title, item.kind, row.code, row.label)
    for n, constraint in enumerate(item.constraints):
        if constraint.soft:
            column = _column(item, "overridden")
            yield (column, title, item.kind, str(n), voice.of(constraint.message))


def _column(item: Item, suffix: str) -> str:
    return f"{item.code}.{suffix}" if suffix else item.code


def _definition(session: Session, consultation: Any) -> Definition | None:  # noqa: ANN401
    """Return the live or draft version; None when there is no questionnaire yet."""
    sheet = queries.sheet(session, consultation.id) or queries.sheet(
        session, consultation.id, "draft"
    )
    return sheet.definition if sheet else None


def _variables(definition: Definition | None) -> tuple[Item, ...]:
    return definition.variables if definition else ()


def _item_columns(item: Item, voice: Voice, *, varies: bool) -> list[Column]:
    headings = kind_of(item).columns(item, voice, varies=varies)
    columns = [Column(_column(item, found.suffix), found.label) for found in headings]
    if any(constraint.soft for constraint in item.constraints):
        kept = _("confirmed although unusual")
        label = f"{voice.of(item.title)} – {kept}"
        columns.append(Column(_column(item, "overridden"), label))
    return columns


def _cells(
    items: Sequence[Item],
    depending: frozenset[str],
    stored: tuple[Mapping[str, Any], Mapping[str, str]],
    voice: Voice,
) -> tuple[object, ...]:
    document, texts = stored
    skipped = {code: {"na": NOT_ASKED_CODE} for code in document.get(NOT_ASKED, ())}
    overridden = document.get(OVERRIDDEN, {})
    told = ({**document, **skipped} if skipped else document, texts)
    cells: list[object] = []
    for item in items:
        varies = item.code in depending
        cells += kind_of(item).cells(item, told, voice, varies=varies)
        if any(constraint.soft for constraint in item.constraints):
            cells.append(" ".join(map(str, overridden.get(item.code, ()))) or None)
    return tuple(cells)


def _texts(session: Session, keys: Sequence[bytes]) -> dict[bytes, dict[str, str]]:
    found: dict[bytes, dict[str, str]] = {}
    statement = select(ResponseText.key, ResponseText.item, ResponseText.body).where(
        ResponseText.key.in_(keys)
    )
    for key, item, body in session.execute(statement):
        found.setdefault(key, {})[item] = body
    return found
