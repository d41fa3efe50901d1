"""Tables of people who sign in: accounts, sessions, one-time links (floor 2)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.clock import now
from consult.core.columns import UtcDateTime
from consult.core.db import Base


class Account(Base):
    """One person who signs in; what she may do comes from mandates and grants, not from here."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("locale IN ('fr', 'en')", name="locale"),
        CheckConstraint("state IN ('invited', 'active', 'suspended')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # stored lower-case
    name: Mapped[str] = mapped_column(String(120))
    locale: Mapped[str] = mapped_column(String(2), default="fr")
    state: Mapped[str] = mapped_column(String(10), default="invited")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own form


class AccountSession(Base):
    """One signed-in browser; the cookie holds a random token, the row its hash."""

    __tablename__ = "account_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class OneTimeLink(Base):
    """A link sent by mail or printed: invitation, reset, first administrator; spent by a POST."""

    __tablename__ = "one_time_link"
    __table_args__ = (
        CheckConstraint("purpose IN ('invitation', 'reset', 'first')", name="purpose"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str] = mapped_column(String(12))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
