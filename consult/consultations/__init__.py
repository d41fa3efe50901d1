"""Know the consultations: what is asked, when, under which promise (floor 4)."""

from flask import Flask, url_for

from consult.consultations.jobs import tell_of_move, tell_of_signature
from consult.consultations.manage import desk
from consult.consultations.policies import POLICIES, ConsultationPermission, oversees
from consult.consultations.queries import field_names, of_table
from consult.consultations.views import pages
from consult.core import events, registry
from consult.core.authz import current_actor, may, register_policies
from consult.core.db import Session
from consult.core.i18n import current_language, marked
from consult.core.i18n import gettext as _
from consult.core.registry import Card, Section, desk_sections, public_sections
from consult.core.richtext import RichText
from consult.tables.models import AdvisoryTable


def _section(session: Session, table: AdvisoryTable, *, staff: bool) -> Section:
    lang = current_language()
    actor = current_actor()
    # Who may not see drafts (a platform administrator) is shown what the public sees.
    staff = staff and oversees(actor, table)
    endpoint = "consultations_desk.show" if staff else "consultations.show"
    cards = tuple(
        Card(
            title=marked(row.title.pick(lang), lang),
            text="" if staff else marked(RichText.of(row.summary).brief(lang), lang),
            href=url_for(endpoint, code=row.code),
            action=row.state,
        )
        for row in of_table(session, table.id, staff=staff)
    )
    action = None
    if staff and may(actor, ConsultationPermission.CREATE, table):
        href = url_for("consultations_desk.create", code=table.code)
        action = Card(title="", text="", href=href, action=_("New consultation"))
    return Section(_("Consultations"), cards, action, _("No consultation yet."))


def register(app: Flask) -> None:
    """Add pages, policies and event handlers, and the section of the page of a table."""
    register_policies(POLICIES)
    app.register_blueprint(pages)
    app.register_blueprint(desk)
    events.on(app, "consultation.moved", tell_of_move)
    events.on(app, "consultation.signed", tell_of_signature)
    public_sections.add(
        "consultations", lambda session, table: _section(session, table, staff=False)
    )
    registry.field_names.add("consultations", field_names)
    desk_sections.add("consultations", lambda session, table: _section(session, table, staff=True))
