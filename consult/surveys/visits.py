"""Follow one citizen's visit: the code in a cookie or a field, its keys, the open sheet (floor 6).

The code lives in an HttpOnly SameSite=Lax cookie per consultation and in a hidden field
that wins on POST; never in a path, a query or a log.
"""

import msgspec
from flask import Response as FlaskResponse
from flask import abort, current_app, request, url_for

from consult.consultations import rules as life
from consult.core.clock import now
from consult.core.codes import (
    CodeKeys,
    CodeShapeError,
    CodeTypoError,
    Pepper,
    candidate_keys,
    parse_code,
)
from consult.core.db import db
from consult.core.english import speak
from consult.core.settings import Settings
from consult.surveys import queries, services
from consult.surveys.queries import Published, Sheet

RECEIPT_SECONDS = 900


class Visit(msgspec.Struct, frozen=True):
    """A consultation with its questionnaire, and the code the visitor holds, if any.

    ``sheet`` is the version on which the visitor's sheet began; ``newest`` the number of the one
    on which a new sheet begins.
    """

    consultation: Published
    sheet: Sheet
    code: str | None
    keys: CodeKeys | None
    newest: int = 0

    @property
    def is_earlier(self) -> bool:
        """Tell whether the questionnaire was corrected since this sheet was begun."""
        return self.sheet.number < self.newest

    @property
    def may_start(self) -> bool:
        """Tell whether a new sheet may be started now."""
        found = self.consultation
        return life.is_starting_open(found.state, found.phases, now())

    @property
    def may_send(self) -> bool:
        """Tell whether a sheet may still be sent or corrected (30 minutes of grace)."""
        found = self.consultation
        return life.is_answering_open(found.state, found.phases, now())


def settings() -> Settings:
    """Return the settings of the instance."""
    found: Settings = current_app.extensions["consult_settings"]
    return found


def pepper() -> Pepper:
    """Return the pepper of the instance, read once."""
    extensions = current_app.extensions
    if "consult_pepper" not in extensions:
        extensions["consult_pepper"] = Pepper.load(settings().pepper_path)
    loaded: Pepper = extensions["consult_pepper"]
    return loaded


def open_visit(consultation_code: str, *, cookie: str = "code") -> Visit:
    """Return the visit of this request; 404 when there is no questionnaire to see."""
    found = queries.published(db.session(), consultation_code)
    if found is None or not life.is_public(found[0].state, found[0].visibility):
        abort(404)
    speak(found[0].language_policy)
    held = request.form.get("code") or request.cookies.get(cookie_name(consultation_code, cookie))
    code, keys = _keys(consultation_code, held)
    drawn_on = request.form.get("page-version", type=int)
    begun = _sheet_begun(found, keys, drawn_on)
    if drawn_on not in {None, begun.number}:
        abort(409)  # a page of another version; that of the error shows what was typed
    return Visit(found[0], begun, code, keys, found[1].number)


def _sheet_begun(
    visited: tuple[Published, Sheet], keys: CodeKeys | None, drawn_on: int | None
) -> Sheet:
    """Return the version on which the sheet of a code finishes: the one it began on.

    A draft says which, a response too; a page without either says on which it was drawn.
    """
    (consultation, live), session = visited, db.session()
    if not consultation.is_corrected:
        return live
    progress = services.read_progress(session, keys) if keys else None
    if progress is not None:
        return services.begun_on(session, progress, live)
    response = queries.response_of(session, keys.response) if keys else None
    if response is not None:
        return queries.sheet_of_version(session, response.version_id) or live
    earlier = [s for s in queries.in_force(session, consultation.id) if s.number == drawn_on]
    return earlier[0] if earlier else live


def _keys(consultation_code: str, held: str | None) -> tuple[str | None, CodeKeys | None]:
    if not held:
        return None, None
    try:
        code = parse_code(pepper(), held)
        candidates = candidate_keys(pepper(), consultation_code, code)
    except (CodeShapeError, CodeTypoError):
        return None, None
    return code, queries.known_keys(db.session(), candidates)


def cookie_name(consultation_code: str, kind: str = "code") -> str:
    """Return the name of a consultation's cookie; over TLS no other host can set it."""
    prefix = "__Host-" if settings().is_https else ""
    return f"{prefix}consult_{kind}_{consultation_code}"


def remember(response: FlaskResponse, consultation_code: str, code: str) -> FlaskResponse:
    """Set the cookie of an unfinished sheet."""
    days = settings().draft_days
    _set(response, cookie_name(consultation_code), code, days * 86_400)
    return response


def show_receipt(response: FlaskResponse, consultation_code: str, code: str) -> FlaskResponse:
    """After a submit: forget the sheet, keep the code for the receipt page a short while."""
    _delete(response, cookie_name(consultation_code))
    _set(response, cookie_name(consultation_code, "receipt"), code, RECEIPT_SECONDS)
    return response


def forget(response: FlaskResponse, consultation_code: str) -> FlaskResponse:
    """Finish on this device: nothing stays."""
    for kind in ("code", "receipt"):
        _delete(response, cookie_name(consultation_code, kind))
    return response


def _set(response: FlaskResponse, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        httponly=True,
        samesite="Lax",
        secure=settings().is_https,
    )


def _delete(response: FlaskResponse, name: str) -> None:
    # A browser ignores the end of a __Host- cookie that is not Secure.
    response.delete_cookie(name, httponly=True, samesite="Lax", secure=settings().is_https)


def home_of(visit: Visit) -> str:
    """Return the address of the consultation's page."""
    return url_for("consultations.show", code=visit.consultation.code)
