"""Know the advisory tables, their organisations, seats and mandates (floor 3)."""

from flask import Flask, session

from consult.accounts.queries import signed_in
from consult.core.authz import Actor, register_policies, set_actor_loader
from consult.core.clock import today
from consult.core.db import db
from consult.core.i18n import gettext as _
from consult.core.i18n import lazy_gettext as _l
from consult.core.registry import Panel, add_panel, field_names
from consult.tables.manage import desk
from consult.tables.policies import POLICIES, TablePermission
from consult.tables.queries import roles_of
from consult.tables.views import pages


def load_actor() -> Actor | None:
    """Return who acts in this request, from the signed cookie and the session row."""
    token = session.get("sid")
    if not isinstance(token, str):
        return None
    person = signed_in(db.session(), token)
    if person is None:
        return None
    roles = roles_of(db.session(), person.account_id, today())
    return Actor(person.account_id, person.name, person.locale, roles, person.session_id)


def _field_names() -> dict[str, str]:
    return {
        "name": _("Name"),
        "email": _("E-mail address"),
        "purpose": _("What the table is for"),
        "mandate": _("Mandate"),
        "ends_on": _("Last day of the mandate"),
    }


def register(app: Flask) -> None:
    """Add pages, policies and the loader of the acting person."""
    register_policies(POLICIES)
    app.register_blueprint(pages)
    app.register_blueprint(desk)
    set_actor_loader(app, load_actor)
    field_names.add("tables", _field_names)
    for label, endpoint, permission in (
        (_l("My tables"), "tables_desk.list_tables", TablePermission.DESK),
        (_l("People"), "tables_desk.list_people", TablePermission.PEOPLE),
        (_l("Roles"), "tables_desk.list_grants", TablePermission.GRANTS),
    ):
        add_panel(app, Panel(label, endpoint, permission))
