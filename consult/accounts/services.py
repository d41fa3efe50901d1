"""Invite people, sign them in and out, reset their passwords (floor 2)."""

import secrets
from datetime import timedelta
from urllib.parse import urljoin

from flask import current_app, url_for
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from consult.accounts import passwords
from consult.accounts.models import Account, AccountSession, OneTimeLink
from consult.accounts.queries import account_by_email, live_link, token_hash
from consult.audit.services import Subject, record
from consult.core.authz import Actor
from consult.core.clock import now
from consult.core.db import Session
from consult.core.mail import queue_mail


class WrongPasswordError(ValueError):
    """Say that the present password is not the one that was typed."""


LINK_HOURS = {"invitation": 24 * 14, "reset": 1, "first": 24}


def ensure_account(session: Session, email: str, name: str, locale: str) -> Account:
    """Return the account of an address, made in state ``invited`` when there is none."""
    account = account_by_email(session, email)
    if account is not None:
        return account
    account = Account(email=email.strip().lower(), name=name.strip(), locale=locale)
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError:  # two people invite one person at the same instant
        return account_by_email(session, email) or account
    return account


def make_link(session: Session, account: Account, purpose: str) -> str:
    """Return a fresh one-time address for ``account``; earlier ones of that purpose die."""
    session.execute(
        delete(OneTimeLink).where(
            OneTimeLink.account_id == account.id, OneTimeLink.purpose == purpose
        )
    )
    token = secrets.token_urlsafe(32)
    session.add(
        OneTimeLink(
            token_hash=token_hash(token),
            account_id=account.id,
            purpose=purpose,
            expires_at=now() + timedelta(hours=LINK_HOURS[purpose]),
        )
    )
    base: str = current_app.extensions["consult_settings"].public_url
    # The token rides in the fragment's place of a query only until the POST that spends it;
    # the page sends no referrer to other sites.
    return urljoin(base, url_for("accounts.open_link", lang=account.locale, token=token))


def invite(session: Session, actor: Actor | None, account: Account, reason: str) -> None:
    """Send the invitation mail of an account that has never signed in."""
    link = make_link(session, account, "invitation")
    queue_mail(
        session,
        account.email,
        account.locale,
        "invitation",
        name=account.name,
        link=link,
        reason=reason,
    )
    record(session, actor, "account.invited", _subject(account))


def cancel_invitation(session: Session, actor: Actor | None, account: Account) -> None:
    """Let the invitation of an account that has never signed in die."""
    _forget_links(session, account.id)
    record(session, actor, "account.invitation_cancelled", _subject(account))


def request_reset(session: Session, email: str) -> None:
    """Send a reset link when the address is known; say nothing either way."""
    account = account_by_email(session, email)
    if account is not None and account.state == "active":
        link = make_link(session, account, "reset")
        queue_mail(session, account.email, account.locale, "reset", name=account.name, link=link)


def spend_link(session: Session, token: str, password: str) -> Account | None:
    """Set the password through a one-time link; None when it is dead.

    Every earlier session and every other link of the person ends.
    """
    link = live_link(session, token)
    if link is None:
        return None
    spent = session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
        .values(used_at=now())
        .returning(OneTimeLink.id)
    ).one_or_none()
    account = session.get(Account, link.account_id)
    if spent is None or account is None or account.state == "suspended":
        return None
    session.execute(
        delete(OneTimeLink).where(
            OneTimeLink.account_id == account.id, OneTimeLink.used_at.is_(None)
        )
    )
    account.password_hash = passwords.hash_password(password)
    account.state = "active"
    _forget_links(session, account.id)
    sign_out_everywhere(session, account.id)
    record(session, None, "account.password_set", _subject(account))
    return account


def open_session(session: Session, account: Account, hours: int) -> str:
    """Start a signed-in session; return its token for the cookie."""
    token = secrets.token_urlsafe(32)
    session.add(
        AccountSession(
            token_hash=token_hash(token),
            account_id=account.id,
            expires_at=now() + timedelta(hours=hours),
        )
    )
    record(session, None, "account.signed_in", _subject(account))
    return token


def verify(session: Session, email: str, password: str) -> Account | None:
    """Return the account when the password is right; as slow when the address is unknown."""
    account = account_by_email(session, email)
    stored = account.password_hash if account and account.state == "active" else None
    return account if passwords.is_right(stored, password) else None


def edit_own(session: Session, actor: Actor, account: Account, name: str, locale: str) -> None:
    """Change one's name and language; raises ConflictError (core/db.py)."""
    values = {"name": name.strip(), "locale": locale}
    changed = [field for field, value in values.items() if getattr(account, field) != value]
    for field in changed:
        setattr(account, field, values[field])
    if changed:
        record(session, actor, "account.edited", _subject(account), {"fields": changed})
        session.flush()


def change_password(
    session: Session, actor: Actor, account: Account, present: str, password: str
) -> None:
    """Set a new password; every session and link of the account ends.

    Raises WrongPasswordError when ``present`` is not the password of the account.
    """
    if not passwords.is_right(account.password_hash, present):
        raise WrongPasswordError
    account.password_hash = passwords.hash_password(password)
    _forget_links(session, account.id)
    sign_out_everywhere(session, account.id)
    queue_mail(session, account.email, account.locale, "password_changed", name=account.name)
    record(session, actor, "account.password_changed", _subject(account))


def suspend(session: Session, actor: Actor, account: Account) -> None:
    """Close an account to its person at once: sessions and links end, roles wait."""
    if account.state == "suspended":
        return
    account.state = "suspended"
    _forget_links(session, account.id)
    sign_out_everywhere(session, account.id)
    record(session, actor, "account.suspended", _subject(account))
    session.flush()


def reactivate(session: Session, actor: Actor, account: Account) -> None:
    """Open a suspended account again; who never chose a password is invited as before."""
    if account.state != "suspended":
        return
    account.state = "active" if account.password_hash else "invited"
    record(session, actor, "account.reactivated", _subject(account))
    session.flush()


def _forget_links(session: Session, account_id: int) -> None:
    session.execute(delete(OneTimeLink).where(OneTimeLink.account_id == account_id))


def _subject(account: Account) -> Subject:
    return Subject("account", str(account.id))


def end_session(session: Session, token: str) -> None:
    """End the session behind a token: a browser that signs in anew leaves its earlier one."""
    session.execute(delete(AccountSession).where(AccountSession.token_hash == token_hash(token)))


def sign_out(session: Session, session_id: int) -> None:
    """End one session."""
    session.execute(delete(AccountSession).where(AccountSession.id == session_id))


def sign_out_everywhere(session: Session, account_id: int) -> None:
    """End every session of an account."""
    session.execute(delete(AccountSession).where(AccountSession.account_id == account_id))
