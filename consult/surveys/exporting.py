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
from consult.surveys.models import QuestionnaireVersion, ResponseText
from consult.surveys.rules import Item
from consult.surveys.wording import non_answer_text

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
        for item in _items(session, consultation):
            columns += _item_columns(item, lang)
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
        items = _items(session, consultation)
        numbers = {
            row.id: row.number
            for row in session.execute(select(QuestionnaireVersion.id, QuestionnaireVersion.number))
        }
        source = iter(queries.documents(session, consultation.id))
        while batch := list(islice(source, _BATCH)):
            texts = _texts(session, [row.key for row in batch])
            for row in batch:
                fixed = (row.channel, row.lang, f"{row.day:%Y-%m}", numbers[row.version_id])
                yield fixed + _cells(items, row.answers, texts.get(row.key, {}), lang)

    def codebook(
        self,
        session: Session,
        consultation: Any,  # noqa: ANN401
        lang: str,
    ) -> Iterable[tuple[object, ...]]:
        """Yield (column, question, kind, code, label) for every code that may occur."""
        for item in _items(session, consultation):
            title = item.title.pick(lang)[0]
            for option in item.options:
                several = item.kind == "several_choices"
                column = f"{item.code}.{option.code}" if several else item.code
                yield (column, title, item.kind, option.code, option.label.pick(lang)[0])
            column = f"{item.code}.non_answer" if item.kind == "several_choices" else item.code
            for code in item.non_answers:
                yield (column, title, item.kind, code, non_answer_text(code))
            if item.kind == "long_text":
                yield (item.code, title, item.kind, "", "")


def _items(session: Session, consultation: Any) -> tuple[Item, ...]:  # noqa: ANN401
    """Return the items of the live or draft version; none when there is no questionnaire yet."""
    sheet = queries.sheet(session, consultation.id) or queries.sheet(
        session, consultation.id, "draft"
    )
    return tuple(sheet.definition.items) if sheet else ()


def _item_columns(item: Item, lang: str) -> list[Column]:
    title = item.title.pick(lang)[0]
    if item.kind == "several_choices":
        options = [
            Column(f"{item.code}.{o.code}", f"{title} – {o.label.pick(lang)[0]}")
            for o in item.options
        ]
        return [*options, Column(f"{item.code}.non_answer", title)]
    if item.kind == "long_text":
        return [Column(item.code, title)]
    return [Column(item.code, title), Column(f"{item.code}.label", title)]


def _cells(
    items: Sequence[Item], answers: Mapping[str, Any], texts: Mapping[str, str], lang: str
) -> tuple[object, ...]:
    cells: list[object] = []
    for item in items:
        cells += _item_cells(item, answers.get(item.code), texts.get(item.code), lang)
    return tuple(cells)


def _item_cells(item: Item, value: Any, text: str | None, lang: str) -> list[object]:  # noqa: ANN401
    non_answer = value["na"] if isinstance(value, dict) and "na" in value else None
    if item.kind == "several_choices":
        chosen = value if isinstance(value, list) else None
        marks = [None if chosen is None else int(o.code in chosen) for o in item.options]
        return [*marks, non_answer]
    if item.kind == "long_text":
        return [text]
    if non_answer:
        return [non_answer, non_answer_text(non_answer)]
    if value is None:
        return [None, None]
    labels = {option.code: option.label.pick(lang)[0] for option in item.options}
    return [value, labels.get(value)]


def _texts(session: Session, keys: Sequence[bytes]) -> dict[bytes, dict[str, str]]:
    found: dict[bytes, dict[str, str]] = {}
    statement = select(ResponseText.key, ResponseText.item, ResponseText.body).where(
        ResponseText.key.in_(keys)
    )
    for key, item, body in session.execute(statement):
        found.setdefault(key, {})[item] = body
    return found
