"""Staff pages of people: find them, see their roles, suspend and bring back (floor 3)."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.accounts import services as accounts
from consult.accounts.models import Account
from consult.core.authz import Actor, allow, check, may, signed_in
from consult.core.clock import today
from consult.core.db import ConflictError, Session, db
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.tables import queries
from consult.tables.manage.blueprint import desk
from consult.tables.policies import TablePermission

Answer = Response | tuple[str, int]


@localized(desk, fr="/bureau/personnes", en="/desk/people")
@allow(TablePermission.PEOPLE)
def list_people() -> str:
    """List the accounts one looks after; ``q`` is part of a name or address."""
    check(TablePermission.PEOPLE)
    sought = request.args.get("q", "").strip()[:80]
    after = request.args.get("after")
    page = queries.people(db.session(), signed_in(), today(), sought, after)
    return render("tables/people.html", page=page, sought=sought)


@localized(
    desk,
    fr="/bureau/personnes/<int(max=2147483647):account_id>",
    en="/desk/people/<int(max=2147483647):account_id>",
)
@allow(TablePermission.PEOPLE)
def show_person(account_id: int) -> str:
    """Show one person: state and roles, as far as one may know them."""
    return _person_page(_account(account_id, TablePermission.PEOPLE))


def _account(account_id: int, permission: TablePermission) -> Account:
    """Return an account; 404 when it is absent or none of one's business."""
    account = db.get_or_404(Account, account_id)
    check(permission, queries.person_of(db.session(), account_id, today()))
    return account


def _person_page(account: Account, *, conflict: bool = False) -> str:
    session, me, day = db.session(), signed_in(), today()
    mandates = queries.mandates_of(session, account.id, day)
    grants = queries.grants_of(session, account.id)
    person = queries.person_of(session, account.id, day)
    return render(
        "tables/person.html",
        account=account,
        # What one may not read is not named: a private table, or a role elsewhere.
        mandates=[m for m in mandates if may(me, TablePermission.READ, m.seat.table)],
        grants=[g for g in grants if may(me, TablePermission.CREATE, g.organisation)],
        ending={g.id for g in grants if may(me, TablePermission.GRANTS, g)},
        may_suspend=may(me, TablePermission.SUSPEND, person),
        conflict=conflict,
    )


@localized(
    desk,
    fr="/bureau/personnes/<int(max=2147483647):account_id>/suspendre",
    en="/desk/people/<int(max=2147483647):account_id>/suspend",
    methods=("POST",),
)
@allow(TablePermission.SUSPEND)
def suspend(account_id: int) -> Answer:
    """Close an account at once; its sessions end."""
    return _change(account_id, accounts.suspend)


@localized(
    desk,
    fr="/bureau/personnes/<int(max=2147483647):account_id>/reactiver",
    en="/desk/people/<int(max=2147483647):account_id>/reactivate",
    methods=("POST",),
)
@allow(TablePermission.SUSPEND)
def reactivate(account_id: int) -> Answer:
    """Open a suspended account again."""
    return _change(account_id, accounts.reactivate)


def _change(account_id: int, act: Callable[[Session, Actor, Account], None]) -> Answer:
    account = _account(account_id, TablePermission.SUSPEND)
    if request.form.get("version", type=int) != account.version:
        return _person_page(account, conflict=True), 409
    try:
        act(db.session(), signed_in(), account)
    except ConflictError:
        db.session.rollback()  # the page shows what is saved now
        return _person_page(account, conflict=True), 409
    flash(_("The account is saved."))
    return redirect(url_for(".show_person", account_id=account_id), code=303)
