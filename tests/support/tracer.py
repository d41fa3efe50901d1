"""Put a mark of an attack wherever a text is kept, and look for it alive in pages."""

import re
from html.parser import HTMLParser
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import JSON, Boolean, CheckConstraint, Column, String, Table, select, text, update

from consult.core.db import Base, write_session
from consult.core.textmap import ProperName, ProperNameType, TextMap, TextMapType

# Codes, names of states, hashes and addresses of machines: not texts that somebody writes.
NO_TEXT = {
    "consultation_signature.content_hash",  # a hash, unique with what it signs
    "consultation.trace",  # days and codes; its words are those of the amendments
    "consultation.reviewed",  # hashes
    "account.password_hash",
    "mail_message.lang",
    "mail_message.recipient",
    "mail_message.state",
    "organisation.path",
    "phase.kind",
    "questionnaire.code",
    "questionnaire_version.sha256",
    "response_text.item",
}
# Expressions are codes too: they are read by their own parser before they are stored.
CODES = {"code", "kind", "format", "languages", "non_answers", "type"}
CODES |= {"relevant", "calculation", "test", "options_from"}
LISTS_OF_CODES = {"consultation.languages", "phase.activities"}
ADDRESSES = {"href", "src", "action", "formaction"}
LEARNED = re.compile(r"xq\d+>49")


class Marks:
    """Make marks, each with its number, and remember where each was put."""

    def __init__(self) -> None:
        self.places: dict[int, str] = {}
        self._numbers = count(1)

    def make(self, place: str) -> str:
        """Return a fresh mark for ``place``."""
        number = next(self._numbers)
        self.places[number] = place
        return f'"><svg/onload=xq{number}>{{{{7*7}}}}'

    def seen(self, page: str) -> set[str]:
        """Return the places whose mark stands in ``page``."""
        return {self.places[int(n)] for n in re.findall(r"onload=xq(\d+)", page)}


def poison(app: Flask, marks: Marks) -> set[str]:
    """Put a mark into every column that holds a text; return their names."""
    done = set()
    with write_session(app) as session:
        kind = session.get_bind().dialect.name
        assert kind == "sqlite", kind
        for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
            session.execute(text(f'DROP TRIGGER "{name}"'))
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if _poison_column(session, table, column, marks):
                    done.add(f"{table.name}.{column.name}")
        # Compiled questionnaires are kept by the hash of their content.
        session.execute(text("UPDATE questionnaire_version SET sha256 = 'poisoned' || id"))
    return done


def _poison_column(session: Any, table: Table, column: Column[Any], marks: Marks) -> bool:
    place = f"{table.name}.{column.name}"
    if place in NO_TEXT | LISTS_OF_CODES or column.primary_key or column.foreign_keys:
        return False
    if isinstance(column.type, ProperNameType):
        session.execute(update(table).values({column: ProperName.of(marks.make(place))}))
    elif isinstance(column.type, TextMapType):
        both = TextMap({"fr": marks.make(place), "en": marks.make(place)})
        session.execute(update(table).values({column: both}))
    elif isinstance(column.type, JSON):
        _poison_documents(session, table, column, marks)
    elif isinstance(column.type, String) and not _is_enumerated(table, column):
        if place == "account.email":
            session.execute(text("UPDATE account SET email = '\"><svg/onload=xq0>' || id"))
            marks.places[0] = place
        elif column.unique:
            return False
        else:
            session.execute(update(table).values({column: marks.make(place)}))
    else:
        return False
    return True


def _is_enumerated(table: Table, column: Column[Any]) -> bool:
    checks = [c for c in table.constraints if isinstance(c, CheckConstraint)]
    pattern = re.compile(rf"\b{column.name}\b")
    return isinstance(column.type, Boolean) or any(pattern.search(str(c.sqltext)) for c in checks)


def _poison_documents(session: Any, table: Table, column: Column[Any], marks: Marks) -> None:
    keys = list(table.primary_key.columns)
    rows = session.execute(select(*keys, column).limit(60)).all()
    place = f"{table.name}.{column.name}"
    for row in rows:
        *key, content = row
        changed = _poisoned(content, marks, place)
        where = [k == v for k, v in zip(keys, key, strict=True)]
        session.execute(update(table).where(*where).values({column: changed}))


def _poisoned(content: Any, marks: Marks, place: str) -> Any:
    if isinstance(content, dict):
        # What core/richtext.py made is made anew from the source, as a raised recipe would.
        content = {name: value for name, value in content.items() if name != "made"}
        if content.get("kind") != "number":  # a unit beside another kind would be refused
            content.pop("unit", None)
        if content.get("options_from"):  # its options are made from those it names
            content.pop("options", None)
        return {
            name: value if name in CODES else _poisoned(value, marks, place)
            for name, value in content.items()
        }
    if isinstance(content, list):
        return [_poisoned(value, marks, place) for value in content]
    return marks.make(place) if isinstance(content, str) else content


class _Search(HTMLParser):
    """Look at each element of a page as a browser would see it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if "xq" in tag or any("xq" in name or name.startswith("on") for name in names):
            self.found.append(f"<{tag} {' '.join(names)}>")
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name in ADDRESSES and address.startswith(("javascript:", "data:", "vbscript:")):
                self.found.append(f"<{tag} {name}={address[:40]}>")


def alive(page: str) -> list[str]:
    """Return what of a mark became markup, or was computed, in ``page``."""
    search = _Search()
    search.feed(page)
    search.close()
    return LEARNED.findall(page) + search.found
