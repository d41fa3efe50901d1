"""Write to the people whom a consultation waits for, or who work for its table (floor 4)."""

from urllib.parse import urljoin

from flask import current_app, url_for
from sqlalchemy import select

from consult.consultations import rules, services
from consult.consultations.models import Consultation
from consult.core.clock import today
from consult.core.db import Session
from consult.core.events import Occurrence
from consult.core.mail import queue_mail
from consult.tables.queries import (
    Addressee,
    alternates,
    co_leads,
    members,
    organisation_admins,
)


def tell_of_move(session: Session, event: Occurrence) -> None:
    """Ask both co-leads to sign what waits for them; tell members that people may answer.

    A consultation that has moved on in the meantime is not written about.
    """
    consultation = _the(session, event)
    if consultation is None or consultation.state != event.payload["to"]:
        return
    if consultation.state == "open":
        for person in members(session, consultation.table_id, today()):
            _write(session, event, consultation, (person, "consultation_opened"))
    elif rules.SIGNED & set(rules.TRANSITIONS[consultation.state]):
        for place in rules.PLACES:
            _ask(session, event, consultation, (place, consultation.state))


def tell_of_signature(session: Session, event: Occurrence) -> None:
    """Ask the place that has not signed yet, if the step still waits for it."""
    consultation = _the(session, event)
    target = event.payload["target"]
    if consultation is None or not rules.can_move(consultation.state, target):
        return
    signed = services.signed_places(session, consultation, target)
    if event.payload["place"] not in signed:
        return  # a text changed since: that signature is void and asks nobody
    for place in rules.missing_places(signed):
        _ask(session, event, consultation, (place, f"signed_{target}"))


def _the(session: Session, event: Occurrence) -> Consultation | None:
    return session.scalars(
        select(Consultation).where(Consultation.code == event.subject_id)
    ).one_or_none()


def _ask(
    session: Session, event: Occurrence, consultation: Consultation, asked: tuple[str, str]
) -> None:
    """Ask one place to sign: its co-lead, else the alternates, else the organisation."""
    place, reason = asked
    seat, table_id, day = f"co_lead_{place}", consultation.table_id, today()
    holder = co_leads(session, table_id, day).get(seat)
    standing_in = alternates(session, table_id, day).get(seat, set())
    if holder:
        capacity, people = "co_lead", [holder]
    elif standing_in:
        capacity = "alternate"
        people = [m for m in members(session, table_id, day) if m.account_id in standing_in]
    else:
        capacity = "organisation"
        people = organisation_admins(session, consultation.table.organisation.path)
    for person in people:
        _write(
            session,
            event,
            consultation,
            (person, "signature_wanted"),
            reason=reason,
            capacity=capacity,
        )


def _write(
    session: Session,
    event: Occurrence,
    consultation: Consultation,
    to: tuple[Addressee, str],
    **context: object,
) -> None:
    """Queue one mail; the title of a private table's consultation stays out of it."""
    person, template = to
    is_public = consultation.table.visibility != "private"
    endpoint = "consultations.show" if template == "consultation_opened" else _DESK
    base: str = current_app.extensions["consult_settings"].public_url
    queue_mail(
        session,
        person.email,
        person.locale,
        template,
        event=event,
        name=person.name,
        title=consultation.title.pick(person.locale).text if is_public else "",
        link=urljoin(base, url_for(endpoint, lang=person.locale, code=consultation.code)),
        **context,
    )


_DESK = "consultations_desk.show"
