"""Read questionnaires: their versions, what follows what, what staff write (floor 6)."""

from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from consult.core.db import Prepared, Session, rows
from consult.surveys.building import completed, document_of
from consult.surveys.models import (
    Questionnaire,
    QuestionnaireCorrection,
    QuestionnaireVersion,
    WorkingCopy,
)
from consult.surveys.rules import (
    Definition,
    Edition,
    Merged,
    Plan,
    merge,
    parse_definition,
    plan_of,
)


@lru_cache(maxsize=64)
def _compiled(version_id: int, sha256: str, definition: bytes) -> Definition:
    del version_id, sha256
    return parse_definition(definition)


def definition_of(version: QuestionnaireVersion) -> Definition:
    """Return the compiled definition of a version, shared and immutable."""
    raw = msgspec.json.encode(version.definition)
    return _compiled(version.id, version.sha256, raw)


class Sheet(msgspec.Struct, frozen=True):
    """A version with its definition; ``sha256`` names the content for whoever remembers it."""

    version_id: int
    number: int
    questionnaire_id: int
    sha256: str
    definition: Definition
    plan: Plan


_sheets: dict[tuple[int, str], Sheet] = {}


def sheet(session: Session, consultation_id: int, status: str = "live") -> Sheet | None:
    """Return the version of that status; definitions are compiled once per process."""
    found = rows(session, _VERSION, {"consultation": consultation_id, "status": status})
    return sheet_of_version(session, found[0].id, found[0].sha256) if found else None


_VERSION = Prepared(
    select(QuestionnaireVersion.id, QuestionnaireVersion.sha256)
    .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
    .where(Questionnaire.consultation_id == bindparam("consultation"))
    .where(QuestionnaireVersion.status == bindparam("status"))
    .order_by(QuestionnaireVersion.number.desc())
    .limit(1)
)


def sheet_of_version(session: Session, version_id: int, sha256: str | None = None) -> Sheet | None:
    """Return one version by its id."""
    if sha256 is None:
        known = rows(session, _SHA, {"version": version_id})
        sha256 = known[0].sha256 if known else None
    if sha256 is not None and (version_id, sha256) in _sheets:
        return _sheets[version_id, sha256]
    version = session.get(QuestionnaireVersion, version_id)
    if version is None:
        return None
    definition = definition_of(version)
    made = Sheet(
        version.id,
        version.number,
        version.questionnaire_id,
        version.sha256,
        definition,
        plan_of(definition),
    )
    if len(_sheets) > 200:  # noqa: PLR2004  a bound, not a measure
        _sheets.clear()
    _sheets[version.id, version.sha256] = made
    return made


def in_force(session: Session, consultation_id: int) -> list[Sheet]:
    """Return the live version and those it corrected, oldest first; none before publication."""
    live = sheet(session, consultation_id)
    if live is None:
        return []
    corrected = {
        row.version_id: row.corrects_id
        for row in rows(session, _FOLLOWED, {"consultation": consultation_id})
    }
    found, version_id = [live], live.version_id
    while version_id in corrected:
        version_id = corrected[version_id]
        earlier = sheet_of_version(session, version_id)
        if earlier is not None:
            found.insert(0, earlier)
    return found


_FOLLOWED = (
    select(QuestionnaireCorrection.version_id, QuestionnaireCorrection.corrects_id)
    .where(QuestionnaireCorrection.consultation_id == bindparam("consultation"))
    .where(QuestionnaireCorrection.version_id.is_not(None))
)


def editions(session: Session, consultation_id: int) -> list[Edition]:
    """Return what was asked in every version in force, oldest first."""
    return [Edition(s.number, s.definition) for s in in_force(session, consultation_id)]


class Asked(msgspec.Struct, frozen=True):
    """What responses were asked: every item over the versions, and their numbers by their ids."""

    merged: Merged
    numbers: dict[int, int]
    editions: tuple[Edition, ...]


def asked_over(session: Session, consultation_id: int) -> Asked | None:
    """Return what was asked over the versions in force, else what the draft would ask."""
    draft = sheet(session, consultation_id, "draft")
    found = in_force(session, consultation_id) or ([draft] if draft else [])
    if not found:
        return None
    editions = tuple(Edition(s.number, s.definition) for s in found)
    return Asked(merge(editions), {s.version_id: s.number for s in found}, editions)


def prepared(session: Session, consultation_id: int) -> QuestionnaireCorrection | None:
    """Return the correction that is prepared, signed by nobody or by one."""
    return session.scalars(
        select(QuestionnaireCorrection).where(
            QuestionnaireCorrection.consultation_id == consultation_id,
            QuestionnaireCorrection.version_id.is_(None),
        )
    ).one_or_none()


_SHA = Prepared(
    select(QuestionnaireVersion.sha256).where(QuestionnaireVersion.id == bindparam("version"))
)


class Working(msgspec.Struct, frozen=True):
    """The questionnaire as staff are writing it, and the marks of its translations."""

    content: dict[str, Any]
    marks: dict[str, list[str]]


def working(session: Session, consultation_id: int) -> Working | None:
    """Return what staff are writing: their copy, else the newest version; None without any."""
    statement = select(WorkingCopy.content, WorkingCopy.marks).where(
        WorkingCopy.consultation_id == consultation_id
    )
    kept = rows(session, statement)
    if kept:
        return Working(completed(kept[0].content), kept[0].marks)
    found = sheet(session, consultation_id, "draft") or sheet(session, consultation_id)
    return Working(document_of(found.definition), {}) if found else None
