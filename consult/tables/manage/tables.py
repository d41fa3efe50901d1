"""Staff pages of tables: list, make, show, edit (floor 3)."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.core.authz import allow, check, load, may, signed_in
from consult.core.clock import today
from consult.core.db import ConflictError, db
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.core.registry import desk_sections
from consult.tables import queries, services
from consult.tables.forms import CreateTableForm, EditTableForm
from consult.tables.manage.blueprint import desk
from consult.tables.models import AdvisoryTable, Organisation
from consult.tables.policies import TablePermission, oversees_row


@localized(desk, fr="/bureau/tables", en="/desk/tables")
@allow(TablePermission.DESK)
def list_tables() -> str:
    """List the tables one works for."""
    check(TablePermission.DESK)
    me = signed_in()
    page = queries.working(db.session(), me, request.args.get("after"))
    desks = {row.id for row in page.rows if oversees_row(me, row)}
    may_create = may(me, TablePermission.CREATE)
    return render("tables/desk_list.html", page=page, desks=desks, may_create=may_create)


@localized(desk, fr="/bureau/tables/nouvelle", en="/desk/tables/new", methods=("GET", "POST"))
@allow(TablePermission.CREATE)
def create_table() -> Response | str | tuple[str, int]:
    """Make a table on an organisation one administers."""
    check(TablePermission.CREATE)
    form = CreateTableForm()
    organisations = queries.organisations_for(db.session(), signed_in())
    page = {"form": form, "organisations": organisations}
    if request.method == "GET":
        return render("tables/create.html", errors=[], **page)
    if not form.validate():
        return render("tables/create.html", errors=form.error_rows(), **page), 422
    organisation = load(Organisation, TablePermission.CREATE, id=form.organisation.data)
    table = services.create_table(db.session(), signed_in(), organisation, form.name.data)
    return redirect(url_for(".show_table", code=table.code), code=303)


@localized(desk, fr="/bureau/tables/<code>", en="/desk/tables/<code>")
@allow(TablePermission.OVERSEE)
def show_table(code: str) -> str:
    """Show the table as its staff sees it; each link and button only to those who may use it."""
    return table_page(load(AdvisoryTable, TablePermission.OVERSEE, code=code), [])


def table_page(table: AdvisoryTable, errors: list[dict[str, str]]) -> str:
    """Return the staff page of a table."""
    session, me = db.session(), signed_in()
    return render(
        "tables/desk_show.html",
        table=table,
        seats=queries.seats_of(session, table.id, today()),
        sections=[make(session, table) for make in desk_sections.all()],
        errors=errors,
        may_edit=may(me, TablePermission.EDIT, table),
        may_read=may(me, TablePermission.READ, table),
        may_seat=may(me, TablePermission.SEATS, table),
    )


@localized(
    desk,
    fr="/bureau/tables/<code>/modifier",
    en="/desk/tables/<code>/edit",
    methods=("GET", "POST"),
)
@allow(TablePermission.EDIT)
def edit_table(code: str) -> Response | str | tuple[str, int]:
    """Edit the texts side by side; a version changed meanwhile is never overwritten."""
    table = load(AdvisoryTable, TablePermission.EDIT, code=code)
    form = EditTableForm(obj=table)
    if request.method == "GET":
        return _edit_page(form, table)
    if not form.validate():
        return _edit_page(form, table), 422
    if form.version.data != table.version:
        return _edit_page(form, table, conflict=True), 409
    fields = ("name", "purpose", "mandate", "visibility", "state")
    values = {name: form[name].data for name in fields}
    try:
        services.edit_table(db.session(), signed_in(), table, **values)
    except ConflictError:
        db.session.rollback()  # the page shows what the other person saved
        return _edit_page(form, table, conflict=True), 409
    flash(_("The table is saved."))
    return redirect(url_for(".show_table", code=code), code=303)


def _edit_page(form: EditTableForm, table: AdvisoryTable, *, conflict: bool = False) -> str:
    errors = form.error_rows()
    return render("tables/edit.html", form=form, table=table, errors=errors, conflict=conflict)
