"""Say who may do what with consultations (floor 4)."""

from enum import StrEnum

from consult.consultations import rules
from consult.consultations.models import Consultation
from consult.consultations.queries import Place, Seen
from consult.core.authz import Actor, Policy
from consult.core.db import AnyRow
from consult.tables import policies as tables
from consult.tables import rules as roles
from consult.tables.models import AdvisoryTable


class ConsultationPermission(StrEnum):
    """What can be done with a consultation."""

    READ = "consultations:consultation:read"
    EDIT = "consultations:consultation:edit"
    OVERVIEW = "consultations:consultation:oversee"
    SIGN = "consultations:consultation:sign"
    CREATE = "consultations:consultation:create"
    RESULTS = "consultations:results:read"
    EXPORT = "consultations:answers:export"


_OVERSEERS = roles.READERS_OF_ANSWERS | {"organisation_admin"}


def _holds(actor: Actor | None, names: frozenset[str], subject: object) -> bool:
    return isinstance(subject, Consultation | Seen) and tables.holds(actor, names, subject.table)


def oversees(actor: Actor | None, table: AdvisoryTable | Place) -> bool:
    """Tell whether ``actor`` sees where every consultation of ``table`` stands, drafts included."""
    return tables.holds(actor, _OVERSEERS, table)


def oversees_row(actor: Actor, row: AnyRow) -> bool:
    """Tell the same as ``oversees`` of a listed table: a row with its id and path."""
    return actor.holds(_OVERSEERS, table_id=row.id, path=row.path)


def _read(actor: Actor | None, subject: object) -> bool:
    if not isinstance(subject, Consultation | Seen):
        return False
    if subject.state not in rules.PUBLIC:
        return oversees(actor, subject.table)
    return rules.is_public(subject.state, subject.table.visibility) or _holds(
        actor, roles.READERS_OF_PRIVATE, subject
    )


def _edit(actor: Actor | None, subject: object) -> bool:
    return _holds(actor, roles.EDITORS, subject)


def _oversee(actor: Actor | None, subject: object) -> bool:
    return isinstance(subject, Consultation) and oversees(actor, subject.table)


def _sign(actor: Actor | None, subject: object) -> bool:
    return _holds(actor, roles.CO_LEADS | {"organisation_admin"}, subject)


def _create(actor: Actor | None, subject: object) -> bool:
    return isinstance(subject, AdvisoryTable) and tables.holds(actor, roles.EDITORS, subject)


def _results(actor: Actor | None, subject: object) -> bool:
    return _holds(actor, roles.READERS_OF_ANSWERS, subject)


def _export(actor: Actor | None, subject: object) -> bool:
    return _holds(actor, roles.EXPORTERS, subject)


POLICIES: dict[ConsultationPermission, Policy] = {
    ConsultationPermission.READ: _read,
    ConsultationPermission.EDIT: _edit,
    ConsultationPermission.OVERVIEW: _oversee,
    ConsultationPermission.SIGN: _sign,
    ConsultationPermission.CREATE: _create,
    ConsultationPermission.RESULTS: _results,
    ConsultationPermission.EXPORT: _export,
}
