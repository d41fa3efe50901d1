"""Invite people, sign them in and out, reset their passwords (floor 2)."""

import secrets
from datetime import timedelta
from urllib.parse import urljoin

from flask import current_app, url_for
from sqlalchemy import delete, update

from consult.accounts import passwords
from consult.accounts.models import Account, AccountSession, OneTimeLink
from consult.accounts.queries import account_by_email, live_link, token_hash
from consult.audit.services import Subject, record
from consult.core.authz import Actor
from consult.core.clock import now
from consult.core.db import Session
from consult.core.mail import queue_mail

LINK_HOURS = {"invitation": 24 * 14, "reset": 1, "first": 24}


def ensure_account(session: Session, email: str, name: str, locale: str) -> Account:
    """Return the account of an address, made in state ``invited`` when there is none."""
    account = account_by_email(session, email)
    if account is None:
        account = Account(email=email.strip().lower(), name=name.strip(), locale=locale)
        session.add(account)
        session.flush()
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
    record(session, actor, "account.invited", Subject("account", str(account.id)))


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
    sign_out_everywhere(session, account.id)
    record(session, None, "account.password_set", Subject("account", str(account.id)))
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
    record(session, None, "account.signed_in", Subject("account", str(account.id)))
    return token


def verify(session: Session, email: str, password: str) -> Account | None:
    """Return the account when the password is right; as slow when the address is unknown."""
    account = account_by_email(session, email)
    stored = account.password_hash if account and account.state == "active" else None
    return account if passwords.is_right(stored, password) else None


def sign_out(session: Session, session_id: int) -> None:
    """End one session."""
    session.execute(delete(AccountSession).where(AccountSession.id == session_id))


def sign_out_everywhere(session: Session, account_id: int) -> None:
    """End every session of an account."""
    session.execute(delete(AccountSession).where(AccountSession.account_id == account_id))
