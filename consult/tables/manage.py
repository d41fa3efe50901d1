"""Staff pages of tables: make one, edit it, fill its seats (floor 3)."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.core.authz import allow, allowed, check, load, may, signed_in
from consult.core.db import ConflictError, db
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.core.registry import desk_sections
from consult.tables import queries, services
from consult.tables.forms import AddSeatForm, CreateTableForm, EditTableForm, InviteForm
from consult.tables.models import AdvisoryTable, Mandate, Organisation, Seat
from consult.tables.policies import TablePermission

desk = Blueprint("tables_desk", __name__)


@localized(desk, fr="/bureau/tables", en="/desk/tables")
@allow(TablePermission.DESK)
def list_tables() -> str:
    """List the tables one works for."""
    check(TablePermission.DESK)
    page = queries.administered(db.session(), signed_in(), request.args.get("after"))
    may_create = may(signed_in(), TablePermission.CREATE)
    return render("tables/desk_list.html", page=page, may_create=may_create)


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
        return render("tables/create.html", errors=form.summary(), **page), 422
    organisation = load(Organisation, TablePermission.CREATE, id=form.organisation.data)
    table = services.create_table(db.session(), signed_in(), organisation, form.name.data)
    return redirect(url_for(".show_table", code=table.code), code=303)


@localized(desk, fr="/bureau/tables/<code>", en="/desk/tables/<code>")
@allow(TablePermission.EDIT)
def show_table(code: str) -> str:
    """Show the table as its staff sees it."""
    table = load(AdvisoryTable, TablePermission.EDIT, code=code)
    seats = queries.seats_of(db.session(), table.id)
    sections = [make(db.session(), table) for make in desk_sections.all()]
    return render(
        "tables/desk_show.html",
        table=table,
        seats=seats,
        sections=sections,
        may_seat=may(signed_in(), TablePermission.SEATS, table),
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
    errors = form.summary()
    return render("tables/edit.html", form=form, table=table, errors=errors, conflict=conflict)


@localized(
    desk, fr="/bureau/tables/<code>/sieges", en="/desk/tables/<code>/seats", methods=("POST",)
)
@allow(TablePermission.SEATS)
def add_seat(code: str) -> Response:
    """Add a vacant seat."""
    table = load(AdvisoryTable, TablePermission.SEATS, code=code)
    form = AddSeatForm()
    if form.validate():
        services.add_seat(db.session(), signed_in(), table, form.role.data)
    return redirect(url_for(".show_table", code=code), code=303)


@localized(
    desk,
    fr="/bureau/sieges/<int:seat_id>/inviter",
    en="/desk/seats/<int:seat_id>/invite",
    methods=("GET", "POST"),
)
@allow(TablePermission.SEATS)
def invite(seat_id: int) -> Response | str | tuple[str, int]:
    """Invite a person on a vacant seat."""
    seat = _seat(seat_id)
    form = InviteForm()
    if request.method == "GET":
        return render("tables/invite.html", form=form, seat=seat, errors=[])
    if not form.validate():
        return render("tables/invite.html", form=form, seat=seat, errors=form.summary()), 422
    person = services.Invitation(
        form.email.data, form.name.data, form.locale.data, form.ends_on.data
    )
    try:
        services.fill_seat(db.session(), signed_in(), seat, person)
    except services.SeatTakenError:
        errors = [{"href": "#email", "text": _("This seat has just been filled by somebody.")}]
        return render("tables/invite.html", form=form, seat=seat, errors=errors), 409
    flash(_("The seat is filled. An invitation leaves by e-mail if the person is new."))
    return redirect(url_for(".show_table", code=seat.table.code), code=303)


def _seat(seat_id: int) -> Seat:
    seat = db.get_or_404(Seat, seat_id)
    allowed(seat.table, TablePermission.SEATS)
    return seat


@localized(
    desk,
    fr="/bureau/mandats/<int:mandate_id>/terminer",
    en="/desk/mandates/<int:mandate_id>/end",
    methods=("POST",),
)
@allow(TablePermission.SEATS)
def end_mandate(mandate_id: int) -> Response:
    """End a mandate; the seat becomes vacant and access stops."""
    mandate = db.get_or_404(Mandate, mandate_id)
    allowed(mandate.seat.table, TablePermission.SEATS)
    services.end_mandate(db.session(), signed_in(), mandate)
    flash(_("The mandate has ended."))
    return redirect(url_for(".show_table", code=mandate.seat.table.code), code=303)
