"""Read accounts, sessions and links (floor 2)."""

import hashlib

import msgspec
from sqlalchemy import bindparam, select

from consult.accounts.models import Account, AccountSession, OneTimeLink
from consult.core.clock import now
from consult.core.db import Prepared, Session, rows


class SignedIn(msgspec.Struct, frozen=True):
    """The person behind a live session."""

    session_id: int
    account_id: int
    name: str
    locale: str


def token_hash(token: str) -> bytes:
    """Return what is stored of a random token (SHA-256, 32 bytes)."""
    return hashlib.sha256(token.encode()).digest()


def signed_in(session: Session, token: str) -> SignedIn | None:
    """Return who is behind a session token, if the session lives."""
    found = rows(session, _SIGNED_IN, {"hash": token_hash(token), "moment": now()})
    return SignedIn(*found[0]) if found else None


_SIGNED_IN = Prepared(
    select(AccountSession.id, Account.id.label("account"), Account.name, Account.locale)
    .join(Account, Account.id == AccountSession.account_id)
    .where(
        AccountSession.token_hash == bindparam("hash"),
        AccountSession.expires_at > bindparam("moment"),
        Account.state == "active",
    )
)


def account_by_email(session: Session, email: str) -> Account | None:
    """Return the account of an address, whatever its case."""
    return session.scalars(
        select(Account).where(Account.email == email.strip().lower())
    ).one_or_none()


def live_link(session: Session, token: str) -> OneTimeLink | None:
    """Return an unused link that has not expired."""
    return session.scalars(
        select(OneTimeLink).where(
            OneTimeLink.token_hash == token_hash(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now(),
        )
    ).one_or_none()
