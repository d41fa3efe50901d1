"""Tables of organisations, territories, advisory tables, seats, mandates, grants (floor 3)."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.accounts.models import Account
from consult.core.db import Base
from consult.core.richtext import RichTextType
from consult.core.textmap import ProperName, ProperNameType, TextMap, TextMapType


class Territory(Base):
    """A health region, territorial network or local network of the Ministry's division."""

    __tablename__ = "territory"
    __table_args__ = (CheckConstraint("level IN ('rss', 'rts', 'rls')", name="level"),)

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    level: Mapped[str] = mapped_column(String(3))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("territory.code"), index=True)
    name: Mapped[ProperName] = mapped_column(ProperNameType)
    population: Mapped[int | None]
    population_year: Mapped[int | None]
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    is_fictional: Mapped[bool] = mapped_column(default=False)


class Organisation(Base):
    """A body of the network, in a tree; ``path`` (``/1/7/``) is what grants inherit down."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('ministry', 'network', 'institution', 'local_network', 'partner')",
            name="kind",
        ),
        CheckConstraint(
            "language_policy IN ('fr_only', 'fr_first_en_gated', 'bilingual')",
            name="language_policy",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    path: Mapped[str] = mapped_column(String(200), index=True)
    kind: Mapped[str] = mapped_column(String(14))
    name: Mapped[ProperName] = mapped_column(ProperNameType)
    territory_code: Mapped[str | None] = mapped_column(ForeignKey("territory.code"), index=True)
    language_policy: Mapped[str] = mapped_column(String(18), default="bilingual")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class AdvisoryTable(Base):
    """An advisory table of patients and public, attached to one organisation."""

    __tablename__ = "advisory_table"
    __table_args__ = (
        CheckConstraint("visibility IN ('public', 'listed', 'private')", name="visibility"),
        CheckConstraint("state IN ('forming', 'active', 'paused', 'closed')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[TextMap] = mapped_column(TextMapType)
    purpose: Mapped[TextMap] = mapped_column(RichTextType)
    mandate: Mapped[TextMap] = mapped_column(RichTextType)
    visibility: Mapped[str] = mapped_column(String(8), default="public")
    state: Mapped[str] = mapped_column(String(8), default="forming")
    version: Mapped[int] = mapped_column(default=1)

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own form


class Seat(Base):
    """A place at a table and the role that goes with it; people come and go by mandates."""

    __tablename__ = "seat"
    __table_args__ = (
        CheckConstraint(
            "role IN ('partner', 'staff', 'observer', 'facilitator', "
            "'co_lead_partner', 'co_lead_staff')",
            name="role",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    table_id: Mapped[int] = mapped_column(ForeignKey("advisory_table.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    title: Mapped[TextMap] = mapped_column(TextMapType)
    alternate_of_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"))
    position: Mapped[int] = mapped_column(default=0)

    table: Mapped[AdvisoryTable] = relationship(lazy="joined", innerjoin=True)


class Mandate(Base):
    """One person on one seat, from a day to a day; access lives exactly as long."""

    __tablename__ = "mandate"
    __table_args__ = (
        CheckConstraint("status IN ('invited', 'active', 'ended')", name="status"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        # One person at a time on a seat: a second invitation is refused by the database.
        Index(
            "uq_mandate_live_seat",
            "seat_id",
            unique=True,
            sqlite_where=text("status <> 'ended'"),
            postgresql_where=text("status <> 'ended'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    status: Mapped[str] = mapped_column(String(8), default="invited")
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    is_named_publicly: Mapped[bool] = mapped_column(default=False)

    seat: Mapped[Seat] = relationship(lazy="joined", innerjoin=True)
    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)


class Grant(Base):
    """A staff role on an organisation, inherited by everything below it in the tree."""

    __tablename__ = "staff_grant"
    __table_args__ = (
        CheckConstraint(
            "role IN ('organisation_admin', 'analyst', 'officer', 'translator', 'researcher', "
            "'privacy_officer', 'platform_admin')",
            name="role",
        ),
        Index("uq_staff_grant", "account_id", "organisation_id", "role", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
