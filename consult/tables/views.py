"""Public pages of tables: the directory, one table (floor 3)."""

from flask import Blueprint, request

from consult.core.authz import current_actor, load, public
from consult.core.clock import today
from consult.core.db import db
from consult.core.english import speak
from consult.core.i18n import localized, render
from consult.core.registry import public_sections
from consult.tables import queries
from consult.tables.models import AdvisoryTable
from consult.tables.policies import TablePermission

pages = Blueprint("tables", __name__)


@localized(pages, fr="/tables", en="/tables")
@public
def list_tables() -> str:
    """List the tables one may find."""
    page = queries.directory(db.session(), current_actor(), request.args.get("after"))
    return render("tables/list.html", page=page)


@localized(pages, fr="/tables/<code>", en="/tables/<code>")
@public
def show_table(code: str) -> str:
    """Show one table: its purpose, its seats, what it is doing."""
    table = load(AdvisoryTable, TablePermission.READ, code=code)
    speak(table.organisation.language_policy)
    seats = queries.seats_of(db.session(), table.id, today())
    sections = [make(db.session(), table) for make in public_sections.all()]
    return render("tables/show.html", table=table, seats=seats, sections=sections)
