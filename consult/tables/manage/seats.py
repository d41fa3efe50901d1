"""Staff pages of seats: add one, invite a person, invite again, end a mandate (floor 3)."""

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.core.authz import allow, allowed, load, signed_in
from consult.core.clock import today
from consult.core.db import db
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.tables import services
from consult.tables.forms import AddSeatForm, InviteForm
from consult.tables.manage.blueprint import desk
from consult.tables.manage.tables import table_page
from consult.tables.models import AdvisoryTable, Mandate, Seat
from consult.tables.policies import TablePermission


@localized(
    desk, fr="/bureau/tables/<code>/sieges", en="/desk/tables/<code>/seats", methods=("POST",)
)
@allow(TablePermission.SEATS)
def add_seat(code: str) -> Response | tuple[str, int]:
    """Add a vacant seat, or a seat that stands in for another."""
    table = load(AdvisoryTable, TablePermission.SEATS, code=code)
    form = AddSeatForm()
    if not form.validate():
        return table_page(table, form.error_rows()), 422
    other = db.session.get(Seat, form.alternate_of.data) if form.alternate_of.data else None
    try:
        services.add_seat(db.session(), signed_in(), table, form.role.data, other)
    except services.SeatExistsError:
        text = _("This table has that co-lead seat already. Add an alternate of it instead.")
        return table_page(table, [{"href": "#role", "text": text}]), 422
    flash(_("The seat is added."))
    return _to_table(table)


def _to_table(table: AdvisoryTable) -> Response:
    return redirect(url_for("tables_desk.show_table", code=table.code), code=303)


@localized(
    desk,
    fr="/bureau/sieges/<int(max=2147483647):seat_id>/inviter",
    en="/desk/seats/<int(max=2147483647):seat_id>/invite",
    methods=("GET", "POST"),
)
@allow(TablePermission.SEATS)
def invite(seat_id: int) -> Response | str | tuple[str, int]:
    """Invite a person on a vacant seat."""
    seat = db.get_or_404(Seat, seat_id)
    allowed(seat.table, TablePermission.SEATS)
    form = InviteForm()
    if request.method == "GET":
        return render("tables/invite.html", form=form, seat=seat, errors=[])
    if not form.validate():
        return render("tables/invite.html", form=form, seat=seat, errors=form.error_rows()), 422
    try:
        services.fill_seat(db.session(), signed_in(), seat, form.invitation())
    except services.SeatTakenError:
        return _refused(form, seat, _("This seat has just been filled by somebody.")), 409
    except services.SuspendedPersonError:
        return _refused(form, seat, _("The account of this person is suspended.")), 422
    flash(_("The seat is filled. An invitation leaves by e-mail if the person is new."))
    return _to_table(seat.table)


def _refused(form: InviteForm, seat: Seat, text: str) -> str:
    errors = [{"href": "#email", "text": text}]
    return render("tables/invite.html", form=form, seat=seat, errors=errors)


def _mandate(mandate_id: int) -> Mandate:
    mandate = db.get_or_404(Mandate, mandate_id)
    allowed(mandate.seat.table, TablePermission.SEATS)
    return mandate


@localized(
    desk,
    fr="/bureau/mandats/<int(max=2147483647):mandate_id>/inviter-encore",
    en="/desk/mandates/<int(max=2147483647):mandate_id>/invite-again",
    methods=("POST",),
)
@allow(TablePermission.SEATS)
def invite_again(mandate_id: int) -> Response:
    """Send the invitation again to a person who has not signed in yet; the first link dies."""
    mandate = _mandate(mandate_id)
    if mandate.status == "ended" or not services.invite_again(db.session(), signed_in(), mandate):
        abort(409)
    flash(_("A new invitation is on its way. The earlier link no longer works."))
    return _to_table(mandate.seat.table)


@localized(
    desk,
    fr="/bureau/mandats/<int(max=2147483647):mandate_id>/terminer",
    en="/desk/mandates/<int(max=2147483647):mandate_id>/end",
    methods=("GET", "POST"),
)
@allow(TablePermission.SEATS)
def end_mandate(mandate_id: int) -> Response | str:
    """Ask once, then end a mandate (or cancel an invitation): access stops, the seat is vacant."""
    mandate = _mandate(mandate_id)
    if request.method == "GET":
        ended = mandate.status == "ended" or (mandate.ends_on or today()) < today()
        return render("tables/end_mandate.html", mandate=mandate, ended=ended)
    services.end_mandate(db.session(), signed_in(), mandate)
    flash(_("The mandate has ended."))
    return _to_table(mandate.seat.table)
