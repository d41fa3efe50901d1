"""Make the fictional responses of the demo, from one seed (floor 10)."""

import random
from datetime import date, timedelta
from typing import Any

import msgspec
from sqlalchemy import insert

from consult.consultations.models import Consultation
from consult.core.db import Session
from consult.demo.parts import PARTS, weights_of
from consult.demo.texts import MORE, WHAT, WHO
from consult.surveys.answers import to_document
from consult.surveys.models import Response, ResponseText
from consult.surveys.queries import Sheet
from consult.surveys.rules import Item, path

_BATCH = 2000


class Shape(msgspec.Struct, frozen=True):
    """How many responses: by channel, in English, partial, with open texts; over which days.

    ``newsletter`` is the day of the municipal newsletter, after which many people answer.
    """

    channels: dict[str, int]
    english: int
    partial: int
    texts: int
    first_day: date
    days: int
    newsletter: int | None = None

    @property
    def total(self) -> int:
        """Return how many responses there are."""
        return sum(self.channels.values())

    def at(self, total: int) -> "Shape":
        """Return the same shape with another number of responses."""

        def part(n: int) -> int:
            return n * total // self.total

        channels = {name: part(n) for name, n in self.channels.items()}
        channels["web"] += total - sum(channels.values())
        english, partial, texts = (part(n) for n in (self.english, self.partial, self.texts))
        return msgspec.structs.replace(
            self, channels=channels, english=english, partial=partial, texts=texts
        )


def add_responses(
    session: Session, consultation: Consultation, sheet: Sheet, shape: Shape, seed: str | int
) -> int:
    """Insert the responses of ``shape``, a batch at a time; return how many."""
    chance = random.Random(seed)  # noqa: S311  fictional data, repeatable on purpose
    channels = [channel for channel, n in shape.channels.items() for _ in range(n)]
    chance.shuffle(channels)
    total = len(channels)
    english = set(chance.sample(range(total), shape.english))
    partial = set(chance.sample(range(total), shape.partial))
    speaking = set(chance.sample(range(total), min(shape.texts, total)))
    written = [item for item in sheet.definition.items if item.kind == "long_text"]
    rows: list[dict[str, Any]] = []
    texts: list[dict[str, Any]] = []
    for number, channel in enumerate(channels):
        lang = "en" if number in english else "fr"
        key = chance.randbytes(32)
        typed = _answers(sheet, chance, skipping=number in partial)
        if number in speaking:
            typed[chance.choice(written).code] = _words(chance, lang)
        day = shape.first_day + timedelta(days=_day(chance, shape))
        found = path(sheet.plan, typed, day)
        document, said = to_document(sheet.plan, found, typed)
        texts += [{"key": key, "item": i, "lang": lang, "body": body} for i, body in said.items()]
        rows.append({**_row(consultation, sheet, (key, document, channel, lang)), "day": day})
        if len(rows) >= _BATCH:
            _flush(session, rows, texts)
    _flush(session, rows, texts)
    return total


def _flush(session: Session, rows: list[dict[str, Any]], texts: list[dict[str, Any]]) -> None:
    """Insert what was gathered, and begin anew."""
    if rows:
        session.execute(insert(Response), rows)
    if texts:
        session.execute(insert(ResponseText), texts)
    rows.clear()
    texts.clear()


def _words(chance: random.Random, lang: str) -> str:
    """Return what one person writes: often one sentence, sometimes two."""
    said = f"{chance.choice(WHO[lang])} {chance.choice(WHAT[lang])}"
    return f"{said} {chance.choice(MORE[lang])}" if chance.random() < 0.5 else said  # noqa: PLR2004


def _day(chance: random.Random, shape: Shape) -> int:
    """Return a day: many at the start, a third near the end, a jump after a newsletter."""
    if shape.newsletter is not None and chance.random() < 0.4:  # noqa: PLR2004
        return min(shape.days - 1, shape.newsletter + int(chance.expovariate(0.8)))
    share = chance.choices((0.1, 0.45, 0.9), weights=(3, 3, 4))[0]
    return min(shape.days - 1, max(0, int(chance.gauss(share * shape.days, shape.days / 8))))


def _row(
    consultation: Consultation, sheet: Sheet, content: tuple[bytes, dict[str, Any], str, str]
) -> dict[str, Any]:
    key, document, channel, lang = content
    return {
        "key": key,
        "table_id": consultation.table_id,
        "consultation_id": consultation.id,
        "questionnaire_id": sheet.questionnaire_id,
        "version_id": sheet.version_id,
        "notice_number": consultation.published_notice or 1,
        "channel": channel,
        "lang": lang,
        "answers": document,
        "revision": 1,
        "chunk": None,
    }


def _answers(sheet: Sheet, chance: random.Random, *, skipping: bool) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for item in sheet.definition.items:
        if not item.options or (skipping and chance.random() < 0.35):  # noqa: PLR2004
            continue
        if item.kind in PARTS:
            typed[item.code] = PARTS[item.kind](item, typed, chance)
        elif item.non_answers and chance.random() < 0.04:  # noqa: PLR2004
            alone = item.non_answers[0]
            typed[item.code] = [alone] if item.kind == "several_choices" else alone
        else:
            typed[item.code] = _choice(item, chance)
    return typed


def _choice(item: Item, chance: random.Random) -> Any:  # noqa: ANN401  a raw answer
    weights = list(weights_of(item).values())
    codes = [option.code for option in item.options]
    if item.kind != "several_choices":
        return chance.choices(codes, weights)[0]
    alone = [o.code for o in item.options if o.exclusive]
    if alone and chance.random() < 0.1:  # noqa: PLR2004
        return alone
    wanted = chance.randint(1, item.max_choices or 3)
    picked = {chance.choices(codes, weights)[0] for _ in range(wanted)} - set(alone)
    return [code for code in codes if code in picked] or [codes[0]]
