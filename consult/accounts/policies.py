"""Say who may do what with accounts (floor 2)."""

from enum import StrEnum

from consult.accounts.models import Account
from consult.core.authz import Actor, Policy


class AccountPermission(StrEnum):
    """What can be done here."""

    MANAGE_OWN = "accounts:own:manage"
    OPEN_DESK = "accounts:desk:open"


def _signed_in(actor: Actor | None, _subject: object) -> bool:
    return actor is not None


def _own(actor: Actor | None, subject: object) -> bool:
    if actor is None:
        return False
    return not isinstance(subject, Account) or subject.id == actor.account_id


POLICIES: dict[AccountPermission, Policy] = {
    AccountPermission.MANAGE_OWN: _own,
    AccountPermission.OPEN_DESK: _signed_in,
}
