"""Prepare what is to follow the questionnaire in force; put it in force once signed (floor 6).

Sheets begun before go on with the version they began on (``answering.sheet_begun``).
"""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import delete, func, select, update

from consult.audit.services import record
from consult.consultations import rules as life
from consult.consultations.models import Amendment, Consultation
from consult.consultations.queries import proposed
from consult.consultations.services import (
    AlreadyProposedError,
    hold,
    propose_version,
    subject,
)
from consult.core.authz import Actor
from consult.core.clock import today
from consult.core.db import Session
from consult.core.textmap import TextMap
from consult.surveys import queries
from consult.surveys.models import (
    Questionnaire,
    QuestionnaireCorrection,
    QuestionnaireVersion,
    WorkingCopy,
)
from consult.surveys.queries import Sheet
from consult.surveys.rules import (
    Definition,
    Difference,
    Missing,
    Reused,
    all_codes,
    differences,
    free_code,
    missing_texts,
    parse_definition,
    renamed,
    reused,
    to_decide,
)
from consult.surveys.services.loading import content_of

ACTIVITY = "questionnaire"
SAME, ANOTHER = "same", "another"


class NotCorrectableError(ValueError):
    """Say that no questionnaire of this consultation can be corrected now."""


class UnchangedError(ValueError):
    """Say that the new questionnaire says what the one in force says."""


class ReusedError(ValueError):
    """Say that codes were given to another kind of question; ``found`` lists them."""

    def __init__(self, found: Sequence[Reused]) -> None:
        """Keep them for the page."""
        super().__init__("a code means one question")
        self.found = tuple(found)


class IncompleteError(ValueError):
    """Say that texts are missing in a language of the consultation; ``missing`` lists them."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        """Keep them for the page."""
        super().__init__("texts are missing")
        self.missing = tuple(missing)


class ReplacedError(RuntimeError):
    """Say that somebody prepared another correction since this person read."""


class UndecidedError(ValueError):
    """Say that nobody said yet whether items still ask the same; ``codes`` lists them."""

    def __init__(self, codes: Sequence[str]) -> None:
        """Keep them for the page."""
        super().__init__("not decided")
        self.codes = tuple(codes)


class Review(msgspec.Struct, frozen=True):
    """A correction as people read it: what it follows, what it says, what differs.

    ``decisions`` is what staff said so far of the items in ``asked``; ``mark`` names exactly this.
    """

    live: Sheet
    number: int
    mark: str
    definition: Definition
    differences: tuple[Difference, ...]
    asked: tuple[str, ...]
    decisions: Mapping[str, str]


def review(session: Session, consultation: Consultation) -> Review | None:
    """Return the correction that is prepared, beside what it follows."""
    prepared = queries.prepared(session, consultation.id)
    live = queries.sheet(session, consultation.id)
    if prepared is None or live is None:
        return None
    definition = msgspec.convert(prepared.definition, Definition)
    found = differences(queries.editions(session, consultation.id), definition)
    return Review(
        live=live,
        number=_next_number(session, live),
        mark=prepared.sha256,
        definition=definition,
        differences=found,
        asked=to_decide(found),
        decisions=prepared.decisions,
    )


def prepare_correction(
    session: Session, actor: Actor | None, consultation: Consultation, definition: Definition
) -> None:
    """Keep ``definition`` as what is to follow the questionnaire in force, unsigned.

    Raises NotCorrectableError, AlreadyProposedError while another proposal waits,
    UnchangedError, ReusedError, IncompleteError.
    """
    live = _correctable(session, consultation)
    content, sha256 = content_of(definition)
    if sha256 == live.sha256:
        raise UnchangedError
    clashing = reused(queries.editions(session, consultation.id), definition)
    if clashing:
        raise ReusedError(clashing)
    missing = missing_texts(definition, consultation.languages)
    if missing:
        raise IncompleteError(missing)
    set_aside(session, consultation)
    session.add(
        QuestionnaireCorrection(
            consultation_id=consultation.id,
            corrects_id=live.version_id,
            definition=content,
            sha256=sha256,
        )
    )
    session.flush()
    details = {"follows": live.number, "sha256": sha256[:16]}
    record(session, actor, "questionnaire.correction_prepared", subject(consultation), details)


def propose_prepared(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    read: tuple[str, Mapping[str, str]],
    reason: TextMap,
) -> Amendment:
    """Propose the prepared correction to both co-leads.

    ``read`` is the mark of what this person read, and what she decided: where an item asks
    something else now, it is given another code and from then on counted alone. Raises
    NotCorrectableError, ReplacedError, UndecidedError with the items nobody decided on,
    NotReadyError without a reason, AlreadyProposedError.
    """
    mark, decisions = read
    live = _correctable(session, consultation)
    found, prepared = review(session, consultation), queries.prepared(session, consultation.id)
    if found is None or prepared is None or prepared.corrects_id != live.version_id:
        raise NotCorrectableError
    if prepared.sha256 != mark:
        raise ReplacedError
    said = {code: decisions.get(code, "") for code in found.asked}
    undecided = [code for code, choice in said.items() if choice not in {SAME, ANOTHER}]
    if undecided:
        raise UndecidedError(undecided)
    definition = _apart(session, consultation, found, said)
    content, prepared.sha256 = content_of(definition)
    prepared.definition, prepared.decisions = content, {**prepared.decisions, **said}
    session.flush()
    change = {
        "before": {"number": str(live.number), "mark": live.sha256},
        "after": {"number": str(_next_number(session, live)), "mark": prepared.sha256},
    }
    return propose_version(session, actor, consultation, (ACTIVITY, change), reason)


def _apart(
    session: Session, consultation: Consultation, found: Review, said: Mapping[str, str]
) -> Definition:
    """Return the definition in which each item that asks something else has its own code."""
    editions, content = queries.editions(session, consultation.id), None
    taken = set(all_codes(editions, found.definition))
    for code, choice in said.items():
        if choice == ANOTHER:
            new_code = free_code(code, _next_number(session, found.live), taken)
            taken.add(new_code)
            content = renamed(content or msgspec.to_builtins(found.definition), code, new_code)
    return parse_definition(content) if content else found.definition


def put_in_force(
    session: Session,
    actor: Actor | None,
    consultation: Consultation,
    change: Mapping[str, Mapping[str, str]],
) -> bool:
    """Make the signed correction the live version; False when it is not what was signed."""
    hold(session, consultation)
    live = queries.sheet(session, consultation.id)
    prepared = queries.prepared(session, consultation.id)
    marks = live and live.sha256, prepared and prepared.sha256
    signed = change["before"]["mark"], change["after"]["mark"]
    if live is None or prepared is None or marks != signed:
        return False
    version = _follow(session, consultation, live, prepared)
    details = {"from": live.number, "to": version.number, "decisions": prepared.decisions}
    record(session, actor, "questionnaire.corrected", subject(consultation), details)
    return True


def _follow(
    session: Session, consultation: Consultation, live: Sheet, prepared: QuestionnaireCorrection
) -> QuestionnaireVersion:
    """Put what is prepared in the place of the live version."""
    session.execute(
        update(QuestionnaireVersion)
        .where(QuestionnaireVersion.id == live.version_id)
        .values(status="superseded")
    )
    version = QuestionnaireVersion(
        questionnaire_id=live.questionnaire_id,
        number=_next_number(session, live),
        status="live",
        definition=prepared.definition,
        sha256=prepared.sha256,
        published_on=today(),
    )
    session.add(version)
    session.flush()
    prepared.version_id = version.id
    session.execute(
        update(WorkingCopy)
        .where(WorkingCopy.consultation_id == consultation.id)
        .values(content=version.definition, marks={}, revision=WorkingCopy.revision + 1)
        .execution_options(synchronize_session="fetch")
    )
    session.execute(
        update(Questionnaire)
        .where(Questionnaire.id == live.questionnaire_id)
        .values(title=TextMap(version.definition["title"]))
    )
    return version


def set_aside(session: Session, consultation: Consultation) -> bool:
    """Erase the correction that is prepared; False when there is none.

    Raises AlreadyProposedError while it waits for signatures.
    """
    waiting = proposed(session, consultation.id)
    if waiting is not None and waiting.kind == "version":
        raise AlreadyProposedError
    gone = session.execute(
        delete(QuestionnaireCorrection)
        .where(
            QuestionnaireCorrection.consultation_id == consultation.id,
            QuestionnaireCorrection.version_id.is_(None),
        )
        .returning(QuestionnaireCorrection.id)
    ).all()
    return bool(gone)


def _correctable(session: Session, consultation: Consultation) -> Sheet:
    """Return the version in force, its consultation held; raise what stands in the way."""
    hold(session, consultation)
    live = queries.sheet(session, consultation.id)
    if live is None or not life.may_amend(consultation.state, "version"):
        raise NotCorrectableError
    if proposed(session, consultation.id) is not None:
        raise AlreadyProposedError
    return live


def _next_number(session: Session, live: Sheet) -> int:
    last = session.scalar(
        select(func.max(QuestionnaireVersion.number)).where(
            QuestionnaireVersion.questionnaire_id == live.questionnaire_id
        )
    )
    return (last or live.number) + 1
