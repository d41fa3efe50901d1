"""Tables of questionnaires and responses (floor 6).

Nothing near a response carries a serial id or a time finer than a day: physical order and
time re-link answers to people. On SQLite these tables are WITHOUT ROWID, so that rows lie
in the order of their keyed hashes.
"""

from datetime import date
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base
from consult.core.textmap import TextMap, TextMapType

KEY = LargeBinary(32)
NO_ROWID = {"sqlite_with_rowid": False}


class Questionnaire(Base):
    """The questionnaire of a consultation; its content lies in immutable versions."""

    __tablename__ = "questionnaire"
    __table_args__ = (UniqueConstraint("consultation_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    table_id: Mapped[int] = mapped_column(ForeignKey("advisory_table.id"), index=True)
    consultation_id: Mapped[int] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    code: Mapped[str] = mapped_column(String(60))
    title: Mapped[TextMap] = mapped_column(TextMapType)


class QuestionnaireVersion(Base):
    """One version: draft until its consultation opens, then published and never changed."""

    __tablename__ = "questionnaire_version"
    __table_args__ = (
        UniqueConstraint("questionnaire_id", "number"),
        CheckConstraint("status IN ('draft', 'live', 'superseded')", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(
        ForeignKey("questionnaire.id", ondelete="CASCADE"), index=True
    )
    number: Mapped[int]
    status: Mapped[str] = mapped_column(String(10), default="draft")
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    published_on: Mapped[date | None] = mapped_column(Date)


class QuestionnaireCorrection(Base):
    """What is to follow a version in force: prepared, then signed by both co-leads.

    Signed, it says which version followed which, and what staff said of each item whose French
    words changed (``decisions``: same or another, by the code it had before).
    """

    __tablename__ = "questionnaire_correction"
    __table_args__ = (
        # One is prepared at a time: a second one is refused by the database.
        Index(
            "uq_questionnaire_correction_prepared",
            "consultation_id",
            unique=True,
            sqlite_where=text("version_id IS NULL"),
            postgresql_where=text("version_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    corrects_id: Mapped[int] = mapped_column(
        ForeignKey("questionnaire_version.id", ondelete="CASCADE")
    )
    version_id: Mapped[int | None] = mapped_column(
        ForeignKey("questionnaire_version.id", ondelete="CASCADE"), unique=True
    )
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    decisions: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)


class Response(Base):
    """One respondent's whole sheet, under a key that only the holder of the code can make."""

    __tablename__ = "response"
    __table_args__ = (
        CheckConstraint("channel IN ('web', 'paper', 'assisted', 'kiosk')", name="channel"),
        CheckConstraint("lang IN ('fr', 'en')", name="lang"),
        Index("ix_response_consultation_chunk", "consultation_id", "chunk"),
        # An export reads in the order of keys; without this it would be sorted in memory first.
        Index("ix_response_consultation_key", "consultation_id", "key"),
        Index(
            "ix_response_live_tail",
            "questionnaire_id",
            sqlite_where=text("chunk IS NULL"),
            postgresql_where=text("chunk IS NULL"),
        ),
        NO_ROWID,
    )

    key: Mapped[bytes] = mapped_column(KEY, primary_key=True)
    table_id: Mapped[int] = mapped_column(ForeignKey("advisory_table.id"))
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    notice_number: Mapped[int]
    channel: Mapped[str] = mapped_column(String(8), default="web")
    lang: Mapped[str] = mapped_column(String(2))
    day: Mapped[date] = mapped_column(Date)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    revision: Mapped[int] = mapped_column(default=1)
    chunk: Mapped[int | None]


class ResponseText(Base):
    """The free text of one answer, apart from the document so that it can be erased alone."""

    __tablename__ = "response_text"
    __table_args__ = (NO_ROWID,)

    key: Mapped[bytes] = mapped_column(
        KEY, ForeignKey("response.key", ondelete="CASCADE"), primary_key=True
    )
    item: Mapped[str] = mapped_column(String(60), primary_key=True)
    lang: Mapped[str] = mapped_column(String(2))
    body: Mapped[str] = mapped_column(Text)


class ResponseConsent(Base):
    """One consent, asked on its own: research, or to be quoted."""

    __tablename__ = "response_consent"
    __table_args__ = (
        CheckConstraint("purpose IN ('research', 'quote')", name="purpose"),
        NO_ROWID,
    )

    key: Mapped[bytes] = mapped_column(
        KEY, ForeignKey("response.key", ondelete="CASCADE"), primary_key=True
    )
    purpose: Mapped[str] = mapped_column(String(10), primary_key=True)
    is_given: Mapped[bool]
    day: Mapped[date] = mapped_column(Date)


class ResponseRevision(Base):
    """What a response said before a correction."""

    __tablename__ = "response_revision"
    __table_args__ = (NO_ROWID,)

    key: Mapped[bytes] = mapped_column(
        KEY, ForeignKey("response.key", ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    texts: Mapped[dict[str, Any]] = mapped_column(JSON)
    day: Mapped[date] = mapped_column(Date)


class WithdrawnResponse(Base):
    """The trace of a withdrawal: a late retry of the same submit must not store it again."""

    __tablename__ = "withdrawn_response"
    __table_args__ = (NO_ROWID,)

    key: Mapped[bytes] = mapped_column(KEY, primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    day: Mapped[date] = mapped_column(Date)


class Draft(Base):
    """An unfinished sheet, encrypted under a key that the server cannot make without the code."""

    __tablename__ = "draft"
    __table_args__ = (NO_ROWID,)

    key: Mapped[bytes] = mapped_column(KEY, primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=1)
    expires_on: Mapped[date] = mapped_column(Date, index=True)


class WorkingCopy(Base):
    """The questionnaire as staff are writing it: it may be incomplete, versions never are."""

    __tablename__ = "questionnaire_working_copy"

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), unique=True
    )
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    # Per text, the French and the English that were last held against each other, as hashes.
    marks: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)
    revision: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012  SQLAlchemy's own form


class ResponseGoal(Base):
    """How many responses a table hopes for: in all, and in each language."""

    __tablename__ = "response_goal"

    consultation_id: Mapped[int] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    total: Mapped[int | None]
    fr: Mapped[int | None]
    en: Mapped[int | None]
    revision: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012  SQLAlchemy's own form
