"""The pages of the site itself: home, help, privacy, accessibility, desk, health (floor 9)."""

import hmac

from flask import Blueprint, abort, current_app, make_response, redirect, request, url_for
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import select, text
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from consult.accounts import services as accounts
from consult.accounts.models import Account
from consult.accounts.policies import AccountPermission
from consult.accounts.views import enter, safe_next
from consult.consultations import policies as consultations
from consult.consultations.queries import open_now, under_way
from consult.core.authz import allow, current_actor, public, sessionless, signed_in
from consult.core.db import db
from consult.core.english import remember_statement
from consult.core.i18n import localized, render
from consult.core.settings import Settings
from consult.tables.policies import oversees_row
from consult.tables.queries import at_work
from consult.web.people import PEOPLE

pages = Blueprint("web", __name__)
MOST_TABLES = 50  # on the desk


def _settings() -> Settings:
    settings: Settings = current_app.extensions["consult_settings"]
    return settings


@pages.route("/")
@sessionless
def root() -> Response:
    """Lead to the French home page, or to the language chosen before."""
    lang = "en" if request.cookies.get("consult_lang") == "en" else "fr"
    return redirect(url_for("web.home", lang=lang), code=302)


@localized(pages, fr="/", en="/")
@public
def home() -> str:
    """Show what is open now."""
    rows = open_now(db.session(), current_actor())
    people = PEOPLE if _settings().demo else ()
    return render("web/home.html", consultations=rows, people=people)


@localized(pages, fr="/bureau", en="/desk")
@allow(AccountPermission.OPEN_DESK)
def desk() -> str:
    """Show a person the tables she works for, and what is under way there."""
    me = signed_in()
    found = at_work(db.session(), me, MOST_TABLES)
    tables, more = found[:MOST_TABLES], len(found) > MOST_TABLES
    desks = {row.id for row in tables if oversees_row(me, row)}
    followed = [row.id for row in tables if consultations.oversees_row(me, row)]
    ongoing = under_way(db.session(), followed) if followed else ()
    return render("web/desk.html", tables=tables, more=more, me=me, desks=desks, under_way=ongoing)


@localized(pages, fr="/aide", en="/help")
@public
def help_page() -> str:
    """Say where help is found."""
    return render("web/help.html")


@localized(pages, fr="/confidentialite", en="/privacy")
@public
def privacy() -> str:
    """Say what the site keeps and for how long."""
    return render("web/privacy.html", settings=_settings())


@localized(pages, fr="/accessibilite", en="/accessibility")
@public
def accessibility() -> str:
    """Say how accessible the site is, and its known limits."""
    return render("web/accessibility.html")


@localized(pages, fr="/demo/role", en="/demo/role", methods=("POST",))
@sessionless
def take_role() -> Response:
    """In a demo only: sign in as one of its fictional people."""
    keys = {person.key: person for person in PEOPLE}
    person = keys.get(request.form.get("person", ""))
    if not _settings().demo or person is None:
        abort(404)
    account = db.session.scalars(select(Account).where(Account.email == person.email)).one_or_none()
    if account is None:
        abort(404)
    enter(accounts.open_session(db.session(), account, _settings().session_hours))
    return redirect(url_for("web.desk"), code=303)


@pages.route("/en/access", methods=["GET", "POST"])
@sessionless
def attest() -> Response | str:
    """Ask for the good-faith statement that opens English pages; keep it in this browser only."""
    target = safe_next(request.args.get("next")) or url_for("web.home", lang="en")
    if request.method == "GET":
        return render("web/attest.html", french=_french_twin(target))
    return remember_statement(make_response(redirect(target, code=303)))


def _french_twin(target: str) -> str:
    """Return the French address of an English page of this site; the home page when it has none."""
    path, _mark, query = target.partition("?")
    try:
        endpoint, values = current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return url_for("web.home", lang="fr")
    if "lang" not in values:
        return url_for("web.home", lang="fr")
    address = url_for(endpoint, **(dict(values) | {"lang": "fr"}))
    return f"{address}?{query}" if query else address


@pages.route("/healthz")
@sessionless
def healthz() -> Response:
    """Answer 200 when the database answers."""
    db.session.execute(text("SELECT 1"))
    response = make_response("ok\n")
    response.mimetype = "text/plain"
    return response


@pages.route("/metrics")
@sessionless
def metrics() -> Response:
    """Give counters to a monitor on this machine, or to the holder of the token."""
    token = _settings().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    is_known = hmac.compare_digest(given.encode(), token.encode())
    if (not is_known) if token else (request.remote_addr not in {"127.0.0.1", "::1"}):
        abort(404)
    response = make_response(generate_latest())
    response.headers["Content-Type"] = CONTENT_TYPE_LATEST
    return response
