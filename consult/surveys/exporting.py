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
from consult.surveys.rules import Definition, Item
from consult.surveys.wording import non_answer_text

_BATCH = 500
NOT_ASKED_CODE = "not_asked"
# Kinds whose values are free: why there is none stands in a column of its own.
_APART = {"long_text", "computed"}
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
        for item in _variables(definition):
            columns += _item_columns(item, lang, varies=item.code in depending)
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
        items, depending = _variables(definition), conditional(definition)
        numbers = {
            row.id: row.number
            for row in session.execute(select(QuestionnaireVersion.id, QuestionnaireVersion.number))
        }
        source = iter(queries.documents(session, consultation.id))
        while batch := list(islice(source, _BATCH)):
            texts = _texts(session, [row.key for row in batch])
            for row in batch:
                fixed = (row.channel, row.lang, f"{row.day:%Y-%m}", numbers[row.version_id])
                yield fixed + _cells(items, depending, (row.answers, texts.get(row.key, {})), lang)

    def codebook(
        self,
        session: Session,
        consultation: Any,  # noqa: ANN401
        lang: str,
    ) -> Iterable[tuple[object, ...]]:
        """Yield (column, question, kind, code, label) for every code that may occur."""
        definition = _definition(session, consultation)
        depending = conditional(definition)
        for item in _variables(definition):
            yield from _item_codes(item, lang, varies=item.code in depending)


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


def _item_codes(item: Item, lang: str, *, varies: bool) -> Iterator[tuple[object, ...]]:
    """Yield what may stand in each column of an item."""
    title = item.title.pick(lang)[0]
    for option in item.options:
        several = item.kind == "several_choices"
        column = f"{item.code}.{option.code}" if several else item.code
        yield (column, title, item.kind, option.code, option.label.pick(lang)[0])
    apart = item.kind in {*_APART, "several_choices"}
    state = f"{item.code}.non_answer" if apart else item.code
    for code in item.non_answers:
        yield (state, title, item.kind, code, non_answer_text(code))
    if item.kind in {"long_text", "computed"}:
        yield (item.code, title, item.kind, "", "")
    if varies:
        yield (state, title, item.kind, NOT_ASKED_CODE, _("This response was not asked."))
    for n, constraint in enumerate(item.constraints):
        if constraint.soft:
            column = f"{item.code}.overridden"
            yield (column, title, item.kind, str(n), constraint.message.pick(lang)[0])


def _definition(session: Session, consultation: Any) -> Definition | None:  # noqa: ANN401
    """Return the live or draft version; None when there is no questionnaire yet."""
    sheet = queries.sheet(session, consultation.id) or queries.sheet(
        session, consultation.id, "draft"
    )
    return sheet.definition if sheet else None


def _variables(definition: Definition | None) -> tuple[Item, ...]:
    return definition.variables if definition else ()


def _item_columns(item: Item, lang: str, *, varies: bool) -> list[Column]:
    title = item.title.pick(lang)[0]
    if item.kind == "several_choices":
        options = [
            Column(f"{item.code}.{o.code}", f"{title} – {o.label.pick(lang)[0]}")
            for o in item.options
        ]
        columns = [*options, Column(f"{item.code}.non_answer", title)]
    elif item.kind in _APART:
        columns = [Column(item.code, title)]
        if varies:
            columns.append(Column(f"{item.code}.non_answer", title))
    else:
        columns = [Column(item.code, title), Column(f"{item.code}.label", title)]
    if any(constraint.soft for constraint in item.constraints):
        kept = _("confirmed although unusual")
        columns.append(Column(f"{item.code}.overridden", f"{title} – {kept}"))
    return columns


def _cells(
    items: Sequence[Item],
    depending: frozenset[str],
    stored: tuple[Mapping[str, Any], Mapping[str, str]],
    lang: str,
) -> tuple[object, ...]:
    document, texts = stored
    skipped = frozenset(document.get(NOT_ASKED, ()))
    overridden = document.get(OVERRIDDEN, {})
    cells: list[object] = []
    for item in items:
        code = item.code
        value = {"na": NOT_ASKED_CODE} if code in skipped else document.get(code)
        cells += _item_cells(item, value, texts.get(code), lang, varies=code in depending)
        if any(constraint.soft for constraint in item.constraints):
            cells.append(" ".join(map(str, overridden.get(code, ()))) or None)
    return tuple(cells)


def _item_cells(
    item: Item,
    value: Any,  # noqa: ANN401  a stored answer
    text: str | None,
    lang: str,
    *,
    varies: bool,
) -> list[object]:
    non_answer = value["na"] if isinstance(value, dict) and "na" in value else None
    if item.kind == "several_choices":
        chosen = value if isinstance(value, list) else None
        marks = [None if chosen is None else int(o.code in chosen) for o in item.options]
        return [*marks, non_answer]
    if item.kind in _APART:
        said = text if item.kind == "long_text" else _said(value)
        return [said, non_answer] if varies else [said]
    if non_answer:
        told = non_answer_text(non_answer) if non_answer in item.non_answers else None
        return [non_answer, told]
    if value is None:
        return [None, None]
    labels = {option.code: option.label.pick(lang)[0] for option in item.options}
    return [value, labels.get(value)]


def _said(value: Any) -> object:  # noqa: ANN401  a stored value
    """Return a computed value; true and false as 1 and 0, as other marks are."""
    if isinstance(value, bool):
        return int(value)
    return None if isinstance(value, dict) else value


def _texts(session: Session, keys: Sequence[bytes]) -> dict[bytes, dict[str, str]]:
    found: dict[bytes, dict[str, str]] = {}
    statement = select(ResponseText.key, ResponseText.item, ResponseText.body).where(
        ResponseText.key.in_(keys)
    )
    for key, item, body in session.execute(statement):
        found.setdefault(key, {})[item] = body
    return found
