"""Parse what staff send about a consultation (floor 4)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import DateField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from consult.consultations import rules
from consult.consultations.models import Phase
from consult.consultations.services import PhaseInput
from consult.core.forms import Form, TextMapField, VersionField
from consult.core.i18n import gettext as _
from consult.core.i18n import lazy_gettext as _l
from consult.core.registry import activities

MAX_PHASES = 8
YEARS = range(2000, 2200)


class CreateForm(Form):
    """A new consultation."""

    title = TextMapField(required=True, limit=160)


class EditForm(Form):
    """Every text of a consultation, French and English side by side."""

    title = TextMapField(required=True, limit=160)
    summary = TextMapField(limit=1500)
    iap2_level = SelectField(choices=list(rules.IAP2_LEVELS))
    promise = TextMapField(limit=1000)
    can_change = TextMapField(limit=2000)
    cannot_change = TextMapField(limit=2000)
    who = TextMapField(limit=1000)
    response_due = DateField(validators=[Optional()], format="%Y-%m-%d")
    notice_who = TextMapField(limit=1000)
    notice_why = TextMapField(limit=1000)
    notice_how = TextMapField(limit=2000)
    notice_rights = TextMapField(limit=2000)
    notice_retention = TextMapField(limit=1000)
    retention_months = IntegerField(
        validators=[NumberRange(1, 120, _l("Write a number of months from 1 to 120."))]
    )
    necessity = TextMapField(limit=2000)
    ethics = TextMapField(limit=2000)
    version = VersionField()


class DayForm(Form):
    """A new last day for a phase of an opened consultation."""

    kind = SelectField(choices=["extend", "close"])
    phase = IntegerField(validators=[InputRequired(_l("Choose a phase."))])
    day = DateField(
        validators=[InputRequired(_l("Write the new last day as YYYY-MM-DD."))],
        format="%Y-%m-%d",
    )
    reason = TextMapField(required=True, limit=600)


class CorrectionForm(Form):
    """A mended title or summary of a published consultation."""

    title = TextMapField(required=True, limit=160)
    summary = TextMapField(required=True, limit=1500)
    reason = TextMapField(required=True, limit=600)


class WithdrawForm(Form):
    """Why what was announced goes back to draft."""

    reason = TextMapField(required=True, limit=600)


def read_phases(form: Any) -> tuple[list[PhaseInput], list[dict[str, str]]]:  # noqa: ANN401
    """Return the phases typed in ``phase-N-…``, and the error summary.

    The parts are ``kind``, ``opens``, ``closes``, ``moderation``, and ``activities`` any number
    of times; none of them chosen means what the kind usually allows. A row whose two dates are
    empty is left out.
    """
    phases: list[PhaseInput] = []
    errors: list[dict[str, str]] = []
    for number in range(MAX_PHASES):
        name = f"phase-{number}"
        opens_text, closes_text = form.get(f"{name}-opens", ""), form.get(f"{name}-closes", "")
        if not opens_text and not closes_text:
            continue
        opens, closes = _day(opens_text), _day(closes_text)
        kind = form.get(f"{name}-kind", "")
        if opens is None:
            errors.append(_fault(f"{name}-opens", _("Write the first day as YYYY-MM-DD.")))
        elif closes is None:
            errors.append(_fault(f"{name}-closes", _("Write the last day as YYYY-MM-DD.")))
        elif closes < opens:
            errors.append(_fault(f"{name}-closes", _("The last day comes before the first one.")))
        elif kind not in rules.PHASE_KINDS:
            errors.append(_fault(f"{name}-kind", _("Choose what happens in this phase.")))
        else:
            phases.append(PhaseInput(kind, opens, closes, *_allowed(form, name)))
    return phases, errors


def _allowed(form: Any, name: str) -> tuple[tuple[str, ...] | None, str]:  # noqa: ANN401
    """Return the activities and the moderation of one row; what does not exist is not heard."""
    known = {kind.code for kind in activities.all()}
    chosen = tuple(c for c in form.getlist(f"{name}-activities") if c in known)
    moderation = form.get(f"{name}-moderation", "")
    careful = rules.MODERATIONS[0]
    return chosen or None, moderation if moderation in rules.MODERATIONS else careful


def typed_phases(form: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return the rows as they were typed, to show them again."""
    parts = ("kind", "opens", "closes", "moderation")
    rows: list[dict[str, Any]] = []
    for number in range(MAX_PHASES):
        row: dict[str, Any] = {part: form.get(f"phase-{number}-{part}", "") for part in parts}
        rows.append(row | {"activities": form.getlist(f"phase-{number}-activities")})
    return rows


def stored_phases(phases: Sequence[Phase]) -> list[dict[str, Any]]:
    """Return the rows that show a stored calendar."""
    return [
        {
            "kind": phase.kind,
            "opens": phase.opens_on.isoformat(),
            "closes": phase.closes_on.isoformat(),
            "moderation": phase.moderation,
            "activities": phase.activities,
        }
        for phase in phases
    ]


def _day(text: str) -> date | None:
    """Return a day of the years that a calendar of ours may hold: clocks end before year 9999."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _fault(name: str, text: str) -> dict[str, str]:
    return {"href": f"#{name}", "text": text}
