"""Load questionnaires and publish their versions (floor 6)."""

import hashlib
from typing import Any

import msgspec
from sqlalchemy import delete, select, update

from consult.audit.services import record
from consult.consultations.models import Consultation
from consult.consultations.rules import EDITABLE
from consult.consultations.services import hold, subject
from consult.core.authz import Actor
from consult.core.clock import today
from consult.core.db import Session
from consult.core.textmap import TextMap
from consult.surveys import queries
from consult.surveys.models import (
    Questionnaire,
    QuestionnaireVersion,
    WorkingCopy,
)
from consult.surveys.rules import Definition


class PublishedError(ValueError):
    """Say that the questionnaire of a published consultation cannot change."""


def load_definition(
    session: Session, actor: Actor | None, consultation: Consultation, definition: Definition
) -> QuestionnaireVersion:
    """Store ``definition`` as the next draft version; the same content twice is kept once.

    Raises PublishedError once the consultation is published, were it a moment ago.
    """
    hold(session, consultation)
    if consultation.state not in EDITABLE:
        raise PublishedError
    content = content_of(definition)
    questionnaire = questionnaire_of(session, consultation, definition)
    version = _next_version(session, actor, consultation, questionnaire, content)
    session.execute(
        update(WorkingCopy)
        .where(WorkingCopy.consultation_id == consultation.id)
        .values(content=version.definition, marks={}, revision=WorkingCopy.revision + 1)
        .execution_options(synchronize_session="fetch")
    )
    return version


def content_of(definition: Definition) -> tuple[dict[str, Any], str]:
    """Return what a version stores of a definition, and its mark."""
    content = msgspec.to_builtins(definition)
    return content, hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def questionnaire_of(
    session: Session, consultation: Consultation, definition: Definition
) -> Questionnaire:
    """Return the questionnaire of a consultation under its present title, made when needed."""
    questionnaire = session.scalars(
        select(Questionnaire).where(Questionnaire.consultation_id == consultation.id)
    ).one_or_none()
    if questionnaire is None:
        questionnaire = Questionnaire(
            table_id=consultation.table_id,
            consultation_id=consultation.id,
            code=definition.code,
            title=TextMap({}),
        )
        session.add(questionnaire)
    questionnaire.title = TextMap({"fr": definition.title.fr, "en": definition.title.en})
    session.flush()
    return questionnaire


def last_version(session: Session, questionnaire: Questionnaire) -> QuestionnaireVersion | None:
    """Return the newest version of a questionnaire, whatever its status."""
    return session.scalars(
        select(QuestionnaireVersion)
        .where(QuestionnaireVersion.questionnaire_id == questionnaire.id)
        .order_by(QuestionnaireVersion.number.desc())
        .limit(1)
    ).one_or_none()


def keep_draft(session: Session, consultation: Consultation, definition: Definition) -> None:
    """Make ``definition`` the draft version: a draft changes in place, what was live never does."""
    questionnaire = questionnaire_of(session, consultation, definition)
    last = last_version(session, questionnaire)
    content, sha256 = content_of(definition)
    if last is not None and last.status == "draft":
        last.definition, last.sha256 = content, sha256
    elif last is None or last.sha256 != sha256:
        number = (last.number if last else 0) + 1
        session.add(
            QuestionnaireVersion(
                questionnaire_id=questionnaire.id,
                number=number,
                definition=content,
                sha256=sha256,
            )
        )
    session.flush()


def _next_version(
    session: Session,
    actor: Actor | None,
    consultation: Consultation,
    questionnaire: Questionnaire,
    content: tuple[dict[str, Any], str],
) -> QuestionnaireVersion:
    last = last_version(session, questionnaire)
    if last is not None and last.sha256 == content[1]:
        return last
    session.execute(
        delete(QuestionnaireVersion).where(
            QuestionnaireVersion.questionnaire_id == questionnaire.id,
            QuestionnaireVersion.status == "draft",
        )
    )
    version = QuestionnaireVersion(
        questionnaire_id=questionnaire.id,
        number=(last.number if last else 0) + 1,
        definition=content[0],
        sha256=content[1],
    )
    session.add(version)
    session.flush()
    details = {"version": version.number, "sha256": content[1][:16]}
    record(session, actor, "questionnaire.loaded", subject(consultation), details)
    return version


def publish(session: Session, consultation: Consultation) -> None:
    """Make the draft version the live one; the earlier live one is superseded."""
    draft = queries.sheet(session, consultation.id, "draft")
    if draft is None:
        return
    session.execute(
        update(QuestionnaireVersion)
        .where(
            QuestionnaireVersion.questionnaire_id == draft.questionnaire_id,
            QuestionnaireVersion.status == "live",
        )
        .values(status="superseded")
    )
    session.execute(
        update(QuestionnaireVersion)
        .where(QuestionnaireVersion.id == draft.version_id)
        .values(status="live", published_on=today())
    )
