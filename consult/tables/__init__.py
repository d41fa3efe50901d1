"""Know the advisory tables, their organisations, seats and mandates (floor 3)."""

from flask import Flask, session

from consult.accounts.queries import signed_in
from consult.core.authz import Actor, register_policies, set_actor_loader
from consult.core.clock import today
from consult.core.db import db
from consult.tables.manage import desk
from consult.tables.policies import POLICIES
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


def register(app: Flask) -> None:
    """Add pages, policies and the loader of the acting person."""
    register_policies(POLICIES)
    app.register_blueprint(pages)
    app.register_blueprint(desk)
    set_actor_loader(app, load_actor)
