"""Say who may do what with tables and organisations (floor 3)."""

from enum import StrEnum

from consult.core.authz import Actor, Policy
from consult.tables import rules
from consult.tables.models import AdvisoryTable, Organisation


class TablePermission(StrEnum):
    """What can be done with a table."""

    READ = "tables:table:read"
    EDIT = "tables:table:edit"
    SEATS = "tables:seats:manage"
    CREATE = "tables:table:create"
    DESK = "tables:desk:open"


def holds(actor: Actor | None, names: frozenset[str], table: AdvisoryTable) -> bool:
    """Tell whether one of the roles is held for ``table`` or above its organisation."""
    return actor is not None and actor.holds(names, table_id=table.id, path=table.organisation.path)


def _read(actor: Actor | None, subject: object) -> bool:
    if not isinstance(subject, AdvisoryTable):
        return False
    return subject.visibility in {"public", "listed"} or holds(
        actor, rules.READERS_OF_PRIVATE, subject
    )


def _edit(actor: Actor | None, subject: object) -> bool:
    names = rules.EDITORS | {"organisation_admin"}
    return isinstance(subject, AdvisoryTable) and holds(actor, names, subject)


def _seats(actor: Actor | None, subject: object) -> bool:
    return isinstance(subject, AdvisoryTable) and holds(actor, rules.SEAT_ADMINS, subject)


def _create(actor: Actor | None, subject: object) -> bool:
    if actor is None:
        return False
    if not isinstance(subject, Organisation):
        return actor.holds_any(rules.ADMINS)
    return actor.holds(rules.ADMINS, table_id=None, path=subject.path)


def _desk(actor: Actor | None, _subject: object) -> bool:
    return actor is not None and actor.holds_any(rules.DESK)


POLICIES: dict[TablePermission, Policy] = {
    TablePermission.READ: _read,
    TablePermission.EDIT: _edit,
    TablePermission.SEATS: _seats,
    TablePermission.CREATE: _create,
    TablePermission.DESK: _desk,
}
