"""Tables of consultations: texts, phases, signatures, published notices (floor 4)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.consultations import rules
from consult.core.clock import now, today
from consult.core.columns import UtcDateTime
from consult.core.db import Base
from consult.core.richtext import RichTextType
from consult.core.textmap import TextMap, TextMapType
from consult.tables.models import AdvisoryTable

STATES = "'draft','review','announced','open','analysing','responding','following','archived'"


class Consultation(Base):
    """One consultation of a table: what is asked, what can change, under which promise."""

    __tablename__ = "consultation"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state"),
        CheckConstraint(
            "iap2_level IN ('inform', 'consult', 'involve', 'collaborate', 'empower')",
            name="iap2_level",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    table_id: Mapped[int] = mapped_column(ForeignKey("advisory_table.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="draft", index=True)
    languages: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["fr", "en"])
    iap2_level: Mapped[str] = mapped_column(String(11), default="consult")
    title: Mapped[TextMap] = mapped_column(TextMapType)
    summary: Mapped[TextMap] = mapped_column(RichTextType, default=lambda: TextMap({}))
    promise: Mapped[TextMap] = mapped_column(RichTextType, default=lambda: TextMap({}))
    can_change: Mapped[TextMap] = mapped_column(RichTextType, default=lambda: TextMap({}))
    cannot_change: Mapped[TextMap] = mapped_column(RichTextType, default=lambda: TextMap({}))
    who: Mapped[TextMap] = mapped_column(RichTextType, default=lambda: TextMap({}))
    # The privacy notice (A-2.1 s. 65, R-22.1 s. 14): who asks, why, how, rights, retention.
    notice_who: Mapped[TextMap] = mapped_column(RichTextType, default=lambda: TextMap({}))
    notice_why: Mapped[TextMap] = mapped_column(RichTextType, default=lambda: TextMap({}))
    notice_how: Mapped[TextMap] = mapped_column(RichTextType, default=lambda: TextMap({}))
    notice_rights: Mapped[TextMap] = mapped_column(RichTextType, default=lambda: TextMap({}))
    notice_retention: Mapped[TextMap] = mapped_column(RichTextType, default=lambda: TextMap({}))
    retention_months: Mapped[int] = mapped_column(default=24)
    # s. 63.3: necessity, and the ethical aspect (sensitivity, purpose); shown in public.
    necessity: Mapped[TextMap] = mapped_column(RichTextType, default=lambda: TextMap({}))
    ethics: Mapped[TextMap] = mapped_column(RichTextType, default=lambda: TextMap({}))
    response_due: Mapped[date | None] = mapped_column(Date)
    published_notice: Mapped[int | None]  # number of the NoticeVersion in force
    # Per text, the hash of the French that its English was last held against.
    reviewed: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    # What was changed in public, newest first, as the public page shows it (rules.Change): a
    # copy of the applied amendments, so that the page costs no query more.
    trace: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # Two people at the calendar: counted apart, so that texts and calendar never clash.
    calendar_version: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)

    table: Mapped[AdvisoryTable] = relationship(lazy="joined", innerjoin=True)
    phases: Mapped[list["Phase"]] = relationship(
        order_by="Phase.position", cascade="all, delete-orphan", lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own form


class Phase(Base):
    """A stretch of days in which named activities are allowed; ends at 23:59:59 local."""

    __tablename__ = "phase"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('inform', 'answer', 'discuss', 'prioritise', 'synthesise', 'respond', "
            "'follow_up')",
            name="kind",
        ),
        CheckConstraint("closes_on >= opens_on", name="dates"),
        CheckConstraint(
            "moderation IN ('open', 'first_posts', 'before_publication')", name="moderation"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    opens_on: Mapped[date] = mapped_column(Date)
    closes_on: Mapped[date] = mapped_column(Date)
    activities: Mapped[list[str]] = mapped_column(JSON, default=list)
    moderation: Mapped[str] = mapped_column(String(20), default="before_publication")

    @property
    def takes_answers(self) -> bool:
        """Tell whether people may answer the questionnaire in this phase."""
        return rules.ANSWERING in self.activities


class Amendment(Base):
    """A change to what is already public: proposed, signed by both co-leads, then applied.

    It stays as the public trace, with its reason; so does a withdrawal back to draft.
    """

    __tablename__ = "consultation_amendment"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('extend', 'close', 'correct', 'withdraw', 'version')", name="kind"
        ),
        CheckConstraint("state IN ('proposed', 'applied', 'dropped')", name="state"),
        CheckConstraint(
            "kind NOT IN ('extend', 'close') OR "
            "(phase_id IS NOT NULL AND old_day IS NOT NULL AND new_day IS NOT NULL)",
            name="days",
        ),
        # One proposal at a time: a second one is refused by the database.
        Index(
            "uq_consultation_amendment_proposed",
            "consultation_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(8), default="proposed")
    phase_id: Mapped[int | None] = mapped_column(ForeignKey("phase.id"))
    old_day: Mapped[date | None] = mapped_column(Date)
    new_day: Mapped[date | None] = mapped_column(Date)
    # Corrected texts: {field: {"before": {language: text}, "after": {language: text}}}; of a
    # version that follows another, {activity: {"before": {"number", "mark"}, "after": …}}.
    changes: Mapped[dict[str, dict[str, dict[str, str]]]] = mapped_column(JSON, default=dict)
    reason: Mapped[TextMap] = mapped_column(TextMapType)
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    proposed_on: Mapped[date] = mapped_column(Date, default=today)
    applied_on: Mapped[date | None] = mapped_column(Date)


class Signature(Base):
    """One co-lead's signature under one step or amendment, over what it then said."""

    __tablename__ = "consultation_signature"
    __table_args__ = (
        Index(
            "uq_consultation_signature",
            "consultation_id",
            "target",
            "place",
            "content_hash",
            unique=True,
        ),
        CheckConstraint("place IN ('partner', 'staff')", name="place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    target: Mapped[str] = mapped_column(String(10))
    place: Mapped[str] = mapped_column(String(8))
    capacity: Mapped[str] = mapped_column(String(20))  # co_lead, alternate, organisation
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    content_hash: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class NoticeVersion(Base):
    """The privacy notice as people saw it: immutable, readable again with the receipt."""

    __tablename__ = "notice_version"

    consultation_id: Mapped[int] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_on: Mapped[date] = mapped_column(Date)
