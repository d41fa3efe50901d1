"""Say who may do what with accounts (floor 2)."""

from enum import StrEnum

from consult.core.authz import Actor, Policy


class AccountPermission(StrEnum):
    """What can be done here."""

    MANAGE_OWN = "accounts:own:manage"
    OPEN_DESK = "accounts:desk:open"


def _signed_in(actor: Actor | None, _subject: object) -> bool:
    return actor is not None


POLICIES: dict[AccountPermission, Policy] = {
    AccountPermission.MANAGE_OWN: _signed_in,
    AccountPermission.OPEN_DESK: _signed_in,
}
