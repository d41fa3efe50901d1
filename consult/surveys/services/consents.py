"""Write what a response consents to apart, one row a purpose (floor 6)."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Table, delete, insert

from consult.core.clock import today
from consult.core.db import Session
from consult.surveys.models import ResponseConsent
from consult.surveys.rules import Definition

_TABLE = cast("Table", ResponseConsent.__table__)


def consents_in(definition: Definition, document: Mapping[str, Any]) -> dict[str, bool]:
    """Return what a stored document consents to or refuses, by purpose."""
    return {
        str(item.purpose): document[item.code] == "yes"
        for item in definition.items
        if item.kind == "consent" and document.get(item.code) in {"yes", "no"}
    }


def store_consents(
    session: Session,
    key: bytes,
    definition: Definition,
    document: Mapping[str, Any],
    *,
    is_new: bool,
) -> None:
    """Write the consents of a response in the place of those it had."""
    if not is_new:
        session.execute(delete(_TABLE).where(_TABLE.c.key == key))
    day = today()
    found = [
        {"key": key, "purpose": purpose, "is_given": is_given, "day": day}
        for purpose, is_given in consents_in(definition, document).items()
    ]
    if found:
        session.execute(insert(_TABLE), found)
