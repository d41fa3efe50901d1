"""Pages to sign in, to set a password, to sign out (floor 2)."""

from flask import Blueprint, abort, current_app, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

from consult.accounts import services
from consult.accounts.forms import (
    AccountForm,
    ChangePasswordForm,
    PasswordForm,
    ResetForm,
    SignInForm,
)
from consult.accounts.models import Account
from consult.accounts.policies import AccountPermission
from consult.accounts.queries import live_link
from consult.core.authz import allow, current_actor, load, sessionless, signed_in
from consult.core.db import ConflictError, db
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.core.limits import limiter, masked, visitor
from consult.core.settings import Settings

pages = Blueprint("accounts", __name__)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["consult_settings"]
    return settings


def _rate() -> str:
    return _settings().signin_rate


def _address_tried() -> str:
    typed = request.form.get("email", "").strip().lower()[:254]
    return masked(typed) if typed else visitor()


def safe_next(target: str | None) -> str | None:
    """Return ``target`` when it is a plain path of this site that a route knows; else None."""
    if not target or not target.startswith(("/fr/", "/en/")) or "\\" in target:
        return None
    adapter = current_app.url_map.bind("")
    path = target.split("?", 1)[0]
    return target if adapter.test(path, method="GET") else None


@localized(pages, fr="/connexion", en="/sign-in", methods=("GET", "POST"))
@limiter.limit(_rate, methods=["POST"])
@limiter.limit(_rate, key_func=_address_tried, methods=["POST"])
@sessionless
def sign_in() -> Response | str | tuple[str, int]:
    """Ask for address and password; an unknown address looks like a wrong password."""
    form = SignInForm()
    if request.method == "GET":
        return render("accounts/sign_in.html", form=form, failed=False, errors=[])
    if not form.validate():
        errors = form.error_rows()
        return render("accounts/sign_in.html", form=form, failed=False, errors=errors), 422
    account = services.verify(db.session(), form.email.data, form.password.data)
    if account is None:
        text = _("The e-mail address or the password is not right.")
        errors = [{"href": "#email", "text": text}]
        return render("accounts/sign_in.html", form=form, failed=True, errors=errors), 422
    enter(services.open_session(db.session(), account, _settings().session_hours))
    target = safe_next(request.args.get("next")) or url_for("web.desk")
    return redirect(target, code=303)


def enter(token: str) -> None:
    """Give the browser its new session; the one it came with ends, its token is worth nothing."""
    earlier = session.get("sid")
    if isinstance(earlier, str):
        services.end_session(db.session(), earlier)
    session.clear()
    session["sid"] = token


@localized(pages, fr="/deconnexion", en="/sign-out", methods=("POST",))
@allow(AccountPermission.MANAGE_OWN)
def sign_out() -> Response:
    """End this session."""
    services.sign_out(db.session(), signed_in().session_id)
    session.clear()
    return redirect(url_for("web.home"), code=303)


@localized(pages, fr="/deconnexion/partout", en="/sign-out/everywhere", methods=("POST",))
@allow(AccountPermission.MANAGE_OWN)
def sign_out_everywhere() -> Response:
    """End every session of this person, on every device."""
    services.sign_out_everywhere(db.session(), signed_in().account_id)
    session.clear()
    return redirect(url_for("web.home"), code=303)


@localized(pages, fr="/lien/<token>", en="/link/<token>", methods=("GET", "POST"))
@limiter.limit(_rate, methods=["POST"])
@sessionless
def open_link(token: str) -> Response | str | tuple[str, int]:
    """Set a password through a one-time link; looking at it does not spend it."""
    if live_link(db.session(), token) is None:
        return render("accounts/dead_link.html"), 404
    form = PasswordForm()
    if request.method == "GET":
        return render("accounts/set_password.html", form=form, errors=[])
    if not form.validate():
        return render("accounts/set_password.html", form=form, errors=form.error_rows()), 422
    account = services.spend_link(db.session(), token, form.password.data)
    if account is None:
        abort(404)
    enter(services.open_session(db.session(), account, _settings().session_hours))
    return redirect(url_for("web.desk"), code=303)


@localized(pages, fr="/mot-de-passe", en="/password", methods=("GET", "POST"))
@limiter.limit(_rate, methods=["POST"])
@sessionless
def reset_password() -> str | tuple[str, int]:
    """Ask for a reset link; the answer is the same for every address."""
    form = ResetForm()
    if request.method == "GET":
        return render("accounts/reset.html", form=form, sent=False, errors=[])
    if not form.validate():
        return render("accounts/reset.html", form=form, sent=False, errors=form.error_rows()), 422
    services.request_reset(db.session(), form.email.data)
    return render("accounts/reset.html", form=form, sent=True, errors=[])


@localized(pages, fr="/mon-compte", en="/my-account")
@allow(AccountPermission.MANAGE_OWN)
def my_account() -> str:
    """Show who one is, with ways to change it and to end sessions."""
    return render("accounts/my_account.html", account=_own())


def _own() -> Account:
    return load(Account, AccountPermission.MANAGE_OWN, id=signed_in().account_id)


@localized(pages, fr="/mon-compte/modifier", en="/my-account/edit", methods=("GET", "POST"))
@allow(AccountPermission.MANAGE_OWN)
def edit_account() -> Response | str | tuple[str, int]:
    """Change one's name and language; what was changed elsewhere meanwhile is not overwritten."""
    account = _own()
    form = AccountForm(obj=account)
    if request.method == "GET":
        return _edit_page(form, account)
    if not form.validate():
        return _edit_page(form, account), 422
    if form.version.data != account.version:
        return _edit_page(form, account, conflict=True), 409
    try:
        services.edit_own(db.session(), signed_in(), account, form.name.data, form.locale.data)
    except ConflictError:
        db.session.rollback()  # the page shows what is saved now
        return _edit_page(form, account, conflict=True), 409
    flash(_("Your account is saved."))
    return redirect(url_for(".my_account"), code=303)


def _edit_page(form: AccountForm, account: Account, *, conflict: bool = False) -> str:
    return render(
        "accounts/edit.html",
        form=form,
        account=account,
        errors=form.error_rows(),
        conflict=conflict,
    )


def _own_account() -> str:
    actor = current_actor()
    return masked(f"account {actor.account_id}") if actor else visitor()


@localized(pages, fr="/mon-compte/mot-de-passe", en="/my-account/password", methods=("GET", "POST"))
@limiter.limit(_rate, key_func=_own_account, methods=["POST"])
@allow(AccountPermission.MANAGE_OWN)
def change_password() -> Response | str | tuple[str, int]:
    """Set a new password; this browser stays signed in, every other one is signed out."""
    account = _own()
    form = ChangePasswordForm()
    if request.method == "GET":
        return render("accounts/change_password.html", form=form, errors=[])
    if not form.validate():
        return render("accounts/change_password.html", form=form, errors=form.error_rows()), 422
    try:
        services.change_password(
            db.session(), signed_in(), account, form.present.data, form.password.data
        )
    except services.WrongPasswordError:
        form.present.errors = [_("This is not your present password.")]
        return render("accounts/change_password.html", form=form, errors=form.error_rows()), 422
    enter(services.open_session(db.session(), account, _settings().session_hours))
    flash(_("Your password is changed. You are signed out everywhere else."))
    return redirect(url_for(".my_account"), code=303)
