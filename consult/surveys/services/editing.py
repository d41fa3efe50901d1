"""Keep what staff write of a questionnaire; once finished, it is the draft version (floor 6)."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import select

from consult.audit.services import record
from consult.consultations.models import Consultation
from consult.consultations.rules import EDITABLE
from consult.consultations.services import hold, subject
from consult.core.authz import Actor
from consult.core.db import Session
from consult.surveys import building, queries
from consult.surveys.models import WorkingCopy
from consult.surveys.rules import Definition, DefinitionError, parse_definition
from consult.surveys.services.loading import PublishedError, keep_draft


class MovedError(RuntimeError):
    """Say that somebody else changed the same thing since this person read it."""


Change = Callable[[building.Document], building.Document]


class Edit(msgspec.Struct, frozen=True):
    """One change: its verb for the audit log, what it does, codes that say where."""

    verb: str
    change: Change
    details: Mapping[str, Any] = {}


def edit(
    session: Session, actor: Actor | None, consultation: Consultation, wanted: Edit
) -> building.Document:
    """Change the working copy; a finished one becomes the draft version. Return it as it is now.

    Raises PublishedError once the consultation is published, GoneError when what is changed is
    no longer there, and MovedError when the change finds another state than its author read.
    """
    copy = _held(session, consultation)
    before = copy.content
    after = building.completed(wanted.change(before))
    if after != before:
        copy.marks = building.marks_after(copy.marks, before, after)
        _store(session, consultation, copy, after)
        details = {"revision": copy.revision, **wanted.details}
        record(session, actor, f"questionnaire.{wanted.verb}", subject(consultation), details)
    return after


def unless_moved(seen: str, present: object) -> None:
    """Raise MovedError unless ``present`` is what the person with the mark ``seen`` had read."""
    if building.digest(present) != seen:
        raise MovedError


def start(
    session: Session,
    actor: Actor | None,
    consultation: Consultation,
    document: building.Document,
    source: str,
) -> None:
    """Begin with a whole document in place of what was there; ``source`` names it in the log.

    Raises PublishedError once the consultation is published.
    """
    _guard(session, consultation)
    copy = _copy_of(session, consultation) or WorkingCopy(
        consultation_id=consultation.id, content={}, marks={}
    )
    session.add(copy)
    copy.marks = {}
    _store(session, consultation, copy, document)
    record(session, actor, "questionnaire.started", subject(consultation), {"from": source})


def confirm_text(
    session: Session, actor: Actor | None, consultation: Consultation, key: str, seen: str
) -> None:
    """Say that both sides of a text agree; raises MovedError when one is not as it was read."""
    copy = _held(session, consultation)
    for text in building.texts_of(copy.content):
        if text.key == key:
            unless_moved(seen, text.words)
            copy.marks = {name: mark for name, mark in copy.marks.items() if name != key}
            session.flush()
            details = {"text": key}
            record(session, actor, "questionnaire.text_confirmed", subject(consultation), details)
            return
    raise building.GoneError(key)


def _guard(session: Session, consultation: Consultation) -> None:
    hold(session, consultation)
    if consultation.state not in EDITABLE:
        raise PublishedError


def _copy_of(session: Session, consultation: Consultation) -> WorkingCopy | None:
    return session.scalars(
        select(WorkingCopy).where(WorkingCopy.consultation_id == consultation.id)
    ).one_or_none()


def _held(session: Session, consultation: Consultation) -> WorkingCopy:
    _guard(session, consultation)
    copy = _copy_of(session, consultation)
    if copy is not None:
        copy.content = building.completed(copy.content)
    else:
        found = queries.working(session, consultation.id)
        if found is None:
            raise building.GoneError(consultation.code)
        copy = WorkingCopy(consultation_id=consultation.id, content=found.content, marks={})
        session.add(copy)
    return copy


def _store(
    session: Session, consultation: Consultation, copy: WorkingCopy, document: building.Document
) -> None:
    copy.content = document
    session.flush()
    finished = _finished(document)
    if finished is not None:
        keep_draft(session, consultation, finished)


def _finished(document: building.Document) -> Definition | None:
    try:
        return parse_definition(document)
    except DefinitionError:
        return None
