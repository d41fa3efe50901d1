"""Make answering a questionnaire an activity of consultations (floor 6)."""

import time
from collections.abc import Mapping
from typing import Any

from flask import current_app, url_for
from sqlalchemy import select

from consult.consultations import rules as life
from consult.consultations.queries import spans
from consult.core.authz import current_actor, may
from consult.core.clock import now
from consult.core.db import Session
from consult.core.disclosure import public_count
from consult.core.i18n import current_language
from consult.core.i18n import gettext as _
from consult.core.registry import Card, Gap
from consult.surveys import queries, services
from consult.surveys.building import findings
from consult.surveys.labels import gaps_of
from consult.surveys.models import Questionnaire, QuestionnaireVersion
from consult.surveys.policies import SurveyPermission

PUBLIC_COUNT_SECONDS = 10
PUBLISHING = frozenset({"review", "announced", "open"})


def _may_preview(consultation: Any) -> bool:  # noqa: ANN401
    return may(current_actor(), SurveyPermission.PREVIEW, consultation)


class QuestionnaireActivity:
    """The questionnaire of a consultation, as other floors see it."""

    code = "questionnaire"

    def name(self) -> str:
        """Return the name of the activity, for the calendar."""
        return _("Questionnaire")

    def card(self, session: Session, consultation: Any) -> Card | None:  # noqa: ANN401
        """Return the way to the questionnaire; in a preview, to the page of its draft."""
        sheet = queries.sheet(session, consultation.id)
        is_preview = consultation.state in life.EDITABLE
        if is_preview:
            sheet = queries.sheet(session, consultation.id, "draft") or sheet
        if sheet is None or (is_preview and not _may_preview(consultation)):
            return None
        is_open = life.is_starting_open(consultation.state, spans(consultation.phases), now())
        return Card(
            title=sheet.definition.title.pick(current_language())[0],
            text=_("Answer on your phone or computer, without an account."),
            href=url_for(
                "surveys_desk.show" if is_preview else "surveys.start", code=consultation.code
            ),
            action=_("Answer the questionnaire") if is_open else _("See the questionnaire"),
            is_open=is_open,
        )

    def desk_card(self, session: Session, consultation: Any) -> Card:  # noqa: ANN401
        """Return the way to the questionnaire's desk page."""
        sheet = queries.sheet(session, consultation.id, "draft") or queries.sheet(
            session, consultation.id
        )
        text = _("No questionnaire yet.")
        if sheet is not None:
            text = _(
                "Version %(number)s, %(items)s questions.",
                number=sheet.number,
                items=len(sheet.definition.items),
            )
        return Card(
            title=_("Questionnaire"),
            text=text,
            href=url_for("surveys_desk.show", code=consultation.code),
            action=_("Open"),
        )

    def gaps(self, session: Session, consultation: Any, target: str) -> list[Gap]:  # noqa: ANN401
        """List what the questionnaire lacks before publication."""
        if target not in PUBLISHING:
            return []
        working = queries.working(session, consultation.id)
        if working is None:
            href = url_for("surveys_desk.show", code=consultation.code)
            return [Gap(_("The consultation has no questionnaire."), href)]
        found = findings(working.content, consultation.languages, working.marks)
        return gaps_of(consultation.code, working.content, found)

    def on_transition(self, session: Session, consultation: Any, target: str) -> None:  # noqa: ANN401
        """Publish the draft version when the consultation is announced or opens.

        A correction that nobody can sign any more goes.
        """
        if target in {"announced", "open"}:
            services.publish(session, consultation)
        if target not in life.AMENDABLE_VERSIONS:
            services.set_aside(session, consultation)

    def apply_version(
        self,
        session: Session,
        actor: Any,  # noqa: ANN401
        consultation: Any,  # noqa: ANN401
        change: Mapping[str, Mapping[str, str]],
    ) -> bool:
        """Put the corrected questionnaire that was signed in force."""
        return services.put_in_force(session, actor, consultation, change)

    def fingerprint(self, session: Session, consultation: Any) -> str:  # noqa: ANN401
        """Return the hash of the version that would be, or is, published."""
        statement = (
            select(QuestionnaireVersion.sha256)
            .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
            .where(Questionnaire.consultation_id == consultation.id)
            .order_by(QuestionnaireVersion.number.desc())
            .limit(1)
        )
        return session.scalar(statement) or ""

    def public_count(self, session: Session, consultation_id: int) -> int:
        """Return the number of responses, in steps of ten and at most ten seconds old.

        The page is seen a hundred times for each response, and a count reads every one.
        """
        seen: dict[int, tuple[float, int]]
        seen = current_app.extensions.setdefault("consult_public_counts", {})
        counted_at, count = seen.get(consultation_id, (float("-inf"), 0))
        if time.monotonic() - counted_at > PUBLIC_COUNT_SECONDS:
            count = public_count(queries.count(session, consultation_id))
            seen[consultation_id] = (time.monotonic(), count)
        return count
