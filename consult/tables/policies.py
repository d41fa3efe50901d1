"""Say who may do what with tables, organisations, people and grants (floor 3)."""

from enum import StrEnum
from typing import Protocol

import msgspec

from consult.core.authz import Actor, Policy
from consult.core.db import AnyRow
from consult.tables import rules
from consult.tables.models import AdvisoryTable, Grant, Organisation
from consult.tables.queries import Person

PLATFORM = frozenset({"platform_admin"})
ORGANISATION = frozenset({"organisation_admin"})


class TablePermission(StrEnum):
    """What can be done with a table, its seats, and the people who have a role."""

    READ = "tables:table:read"
    OVERSEE = "tables:table:oversee"
    EDIT = "tables:table:edit"
    SEATS = "tables:seats:manage"
    CREATE = "tables:table:create"
    DESK = "tables:desk:open"
    GRANTS = "tables:grants:manage"
    PEOPLE = "tables:people:read"
    SUSPEND = "tables:people:suspend"


class GrantWish(msgspec.Struct, frozen=True):
    """A role that somebody wants to give, on the organisation at ``path``."""

    role: str
    path: str


class Below(Protocol):
    """An organisation, as far as a role looks at it: where it stands in the tree."""

    @property
    def path(self) -> str:
        """Return its place."""


class Placed(Protocol):
    """A table, an entity or what was read of it, as far as a role looks at it."""

    @property
    def id(self) -> int:
        """Return its number."""

    @property
    def organisation(self) -> Below:
        """Return the organisation it belongs to."""


def holds(actor: Actor | None, names: frozenset[str], table: Placed) -> bool:
    """Tell whether one of the roles is held for ``table`` or above its organisation."""
    return actor is not None and actor.holds(names, table_id=table.id, path=table.organisation.path)


def _read(actor: Actor | None, subject: object) -> bool:
    if not isinstance(subject, AdvisoryTable):
        return False
    return subject.visibility in {"public", "listed"} or holds(
        actor, rules.READERS_OF_PRIVATE, subject
    )


def _oversee(actor: Actor | None, subject: object) -> bool:
    if not isinstance(subject, AdvisoryTable):
        return False
    names = rules.OVERSEERS if subject.visibility == "private" else rules.OVERSEERS | PLATFORM
    return holds(actor, names, subject)


def oversees_row(actor: Actor, row: AnyRow) -> bool:
    """Tell the same as OVERSEE of a listed table: a row with its id, path and visibility."""
    names = rules.OVERSEERS if row.visibility == "private" else rules.OVERSEERS | PLATFORM
    return actor.holds(names, table_id=row.id, path=row.path)


def _edit(actor: Actor | None, subject: object) -> bool:
    names = rules.EDITORS | ORGANISATION
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
    return actor is not None and bool(actor.roles)


def _grants(actor: Actor | None, subject: object) -> bool:
    """Give or end a role below one's own organisation; only S makes another S."""
    if actor is None:
        return False
    if isinstance(subject, Grant):
        subject = GrantWish(subject.role, subject.organisation.path)
    if not isinstance(subject, GrantWish):
        return actor.holds_any(rules.ADMINS)
    names = PLATFORM if subject.role in PLATFORM else rules.ADMINS
    return actor.holds(names, table_id=None, path=subject.path)


def _people(actor: Actor | None, subject: object) -> bool:
    if actor is None or not isinstance(subject, Person):
        return actor is not None and actor.holds_any(rules.ADMINS)
    return actor.holds_any(PLATFORM) or any(
        actor.holds(ORGANISATION, table_id=None, path=path) for path in subject.paths
    )


def _suspend(actor: Actor | None, subject: object) -> bool:
    """Suspend or bring back somebody else; G only a person who works nowhere else."""
    if actor is None or not isinstance(subject, Person) or actor.account_id == subject.account_id:
        return False
    if actor.holds_any(PLATFORM):
        return True
    mine = all(actor.holds(ORGANISATION, table_id=None, path=path) for path in subject.paths)
    return bool(subject.paths) and mine and not subject.is_platform_admin


POLICIES: dict[TablePermission, Policy] = {
    TablePermission.READ: _read,
    TablePermission.OVERSEE: _oversee,
    TablePermission.EDIT: _edit,
    TablePermission.SEATS: _seats,
    TablePermission.CREATE: _create,
    TablePermission.DESK: _desk,
    TablePermission.GRANTS: _grants,
    TablePermission.PEOPLE: _people,
    TablePermission.SUSPEND: _suspend,
}
