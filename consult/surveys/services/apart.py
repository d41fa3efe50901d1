"""Write what lies apart from the document of a response: words, and consents (floor 6)."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Table, delete, insert

from consult.core.clock import today
from consult.core.db import Session
from consult.surveys.models import ResponseConsent, ResponseText
from consult.surveys.rules import Definition

# The document, the words by key, and the language they are written in.
Said = tuple[dict[str, Any], dict[str, str], str]
_TEXTS = cast("Table", ResponseText.__table__)
_CONSENTS = cast("Table", ResponseConsent.__table__)


def consents_in(definition: Definition, document: Mapping[str, Any]) -> dict[str, bool]:
    """Return what a stored document consents to or refuses, by purpose."""
    return {
        str(item.purpose): document[item.code] == "yes"
        for item in definition.items
        if item.kind == "consent" and document.get(item.code) in {"yes", "no"}
    }


def store_apart(
    session: Session, key: bytes, definition: Definition, content: Said, *, is_new: bool
) -> None:
    """Write the words and the consents of a response, in the place of those it had."""
    document, texts, lang = content
    if not is_new:
        for table in (_TEXTS, _CONSENTS):
            session.execute(delete(table).where(table.c.key == key))
    words = [{"key": key, "item": i, "lang": lang, "body": body} for i, body in texts.items()]
    if words:
        session.execute(insert(_TEXTS), words)
    day = today()
    consents = [
        {"key": key, "purpose": purpose, "is_given": is_given, "day": day}
        for purpose, is_given in consents_in(definition, document).items()
    ]
    if consents:
        session.execute(insert(_CONSENTS), consents)
