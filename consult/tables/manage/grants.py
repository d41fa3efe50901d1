"""Staff pages of roles on organisations: see, give, end (floor 3)."""

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.accounts.models import Account
from consult.core.authz import allow, allowed, check, load, may, signed_in
from consult.core.db import db
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.tables import queries, rules, services
from consult.tables.forms import GrantForm
from consult.tables.manage.blueprint import desk
from consult.tables.models import Grant, Organisation
from consult.tables.policies import GrantWish, TablePermission


@localized(desk, fr="/bureau/roles", en="/desk/roles")
@allow(TablePermission.GRANTS)
def list_grants() -> str:
    """List the roles given at or below one's own organisation."""
    check(TablePermission.GRANTS)
    page = queries.grants(db.session(), signed_in(), request.args.get("after"))
    mine = {
        row.id
        for row in page.rows
        if may(signed_in(), TablePermission.GRANTS, GrantWish(row.role, row.path))
    }
    return render("tables/grants.html", page=page, mine=mine)


@localized(desk, fr="/bureau/roles/nouveau", en="/desk/roles/new", methods=("GET", "POST"))
@allow(TablePermission.GRANTS)
def give_grant() -> Response | str | tuple[str, int]:
    """Give a role; a person who is new gets an invitation."""
    check(TablePermission.GRANTS)
    form = GrantForm()
    if request.method == "GET":
        return _give_page(form, [])
    if not form.validate():
        return _give_page(form, form.error_rows()), 422
    organisation = load(Organisation, TablePermission.CREATE, id=form.organisation.data)
    check(TablePermission.GRANTS, GrantWish(form.role.data, organisation.path))
    person, me = form.invitation(), signed_in()
    own = db.session.get_one(Account, me.account_id)
    if person.email.lower() == own.email:
        return _give_page(form, [_fault(_("Nobody gives a role to oneself."))]), 422
    try:
        services.give_grant(db.session(), me, person, organisation, form.role.data)
    except services.GrantRefusedError as error:
        return _give_page(form, [_refusal(error)]), 422
    flash(_("The role is given. An invitation leaves by e-mail if the person is new."))
    return redirect(url_for(".list_grants"), code=303)


def _refusal(error: services.GrantRefusedError) -> dict[str, str]:
    if isinstance(error, services.WrongPlaceError):
        text = _("This role is given on the organisation at the top only.")
        return {"href": "#organisation", "text": text}
    if isinstance(error, services.GrantExistsError):
        return _fault(_("This person has this role there already."))
    return _fault(_("The account of this person is suspended."))


def _fault(text: str) -> dict[str, str]:
    return {"href": "#email", "text": text}


def _give_page(form: GrantForm, errors: list[dict[str, str]]) -> str:
    me = signed_in()
    wishes = [
        role
        for role in rules.GRANT_ROLES
        if any(may(me, TablePermission.GRANTS, GrantWish(role, r.path)) for r in me.roles if r.path)
    ]
    places = queries.organisations_for(db.session(), me)
    return render(
        "tables/give_grant.html", form=form, errors=errors, wishes=wishes, organisations=places
    )


@localized(
    desk,
    fr="/bureau/roles/<int(max=2147483647):grant_id>/retirer",
    en="/desk/roles/<int(max=2147483647):grant_id>/end",
    methods=("GET", "POST"),
)
@allow(TablePermission.GRANTS)
def end_grant(grant_id: int) -> Response | str | tuple[str, int]:
    """Ask once, then take a role away; access stops at once."""
    grant = _grant(grant_id)
    person = db.session.get_one(Account, grant.account_id)
    page = {"grant": grant, "person": person}
    if request.method == "GET":
        return render("tables/end_grant.html", errors=[], **page)
    try:
        services.end_grant(db.session(), signed_in(), grant)
    except services.LastAdministratorError:
        text = _("This is the last administrator of the platform. Give the role to another first.")
        return render("tables/end_grant.html", errors=[{"text": text}], **page), 409
    flash(_("The role has ended."))
    own = grant.account_id == signed_in().account_id
    return redirect(url_for("web.desk" if own else ".list_grants"), code=303)


@localized(
    desk,
    fr="/bureau/roles/<int(max=2147483647):grant_id>/inviter-encore",
    en="/desk/roles/<int(max=2147483647):grant_id>/invite-again",
    methods=("POST",),
)
@allow(TablePermission.GRANTS)
def invite_again_on_grant(grant_id: int) -> Response:
    """Send the invitation again to a person who has not signed in yet; the first link dies."""
    if not services.invite_again(db.session(), signed_in(), _grant(grant_id)):
        abort(409)
    flash(_("A new invitation is on its way. The earlier link no longer works."))
    return redirect(url_for(".list_grants"), code=303)


def _grant(grant_id: int) -> Grant:
    return allowed(db.get_or_404(Grant, grant_id), TablePermission.GRANTS)
