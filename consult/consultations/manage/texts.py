"""Staff pages of the texts of a consultation: create, edit, review the English (floor 4)."""

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.consultations import queries, rules, services
from consult.consultations.forms import CreateForm, EditForm
from consult.consultations.manage.places import desk
from consult.consultations.models import Consultation
from consult.consultations.policies import ConsultationPermission as Can
from consult.core.authz import allow, load, signed_in
from consult.core.db import db
from consult.core.forms import saved_first
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.tables.models import AdvisoryTable

TEXTS = rules.REQUIRED_TEXTS
SETTINGS = ("iap2_level", "response_due", "retention_months")


@localized(
    desk,
    fr="/bureau/tables/<code>/consultations/nouvelle",
    en="/desk/tables/<code>/consultations/new",
    methods=("GET", "POST"),
)
@allow(Can.CREATE)
def create(code: str) -> Response | str | tuple[str, int]:
    """Make a draft consultation."""
    table = load(AdvisoryTable, Can.CREATE, code=code)
    form = CreateForm()
    if request.method == "GET":
        return render("consultations/create.html", form=form, table=table, errors=[])
    if not form.validate():
        page = render("consultations/create.html", form=form, table=table, errors=form.error_rows())
        return page, 422
    made = services.create(db.session(), signed_in(), table, form.title.data)
    return redirect(url_for(".edit", code=made.code), code=303)


@localized(
    desk,
    fr="/bureau/consultations/<code>/modifier",
    en="/desk/consultations/<code>/edit",
    methods=("GET", "POST"),
)
@allow(Can.EDIT)
def edit(code: str) -> Response | str | tuple[str, int]:
    """Edit every text side by side; someone else's change is never overwritten."""
    consultation = load(Consultation, Can.EDIT, code=code)
    form = EditForm(obj=consultation)
    if request.method == "GET":
        return _edit_page(form, consultation, [])
    if not form.validate():
        return _edit_page(form, consultation, form.error_rows()), 422
    values = {name: form[name].data for name in (*TEXTS, *SETTINGS)}
    may_save = consultation.state in rules.EDITABLE
    if not may_save or not saved_first(
        form.version.data,
        consultation.version,
        lambda: services.edit(db.session(), signed_in(), consultation, **values),
    ):
        return _edit_page(form, consultation, [], conflict=True), 409
    flash(_("The consultation is saved."))
    return redirect(url_for(".show", code=code), code=303)


def _edit_page(
    form: EditForm,
    consultation: Consultation,
    errors: list[dict[str, str]],
    *,
    conflict: bool = False,
) -> str:
    return render(
        "consultations/edit.html",
        form=form,
        consultation=consultation,
        errors=errors,
        conflict=conflict,
        names={name: queries.field_name(name) for name in TEXTS},
        is_editable=consultation.state in rules.EDITABLE,
        stale=queries.stale_texts(consultation),
    )


@localized(
    desk,
    fr="/bureau/consultations/<code>/anglais",
    en="/desk/consultations/<code>/english",
    methods=("GET", "POST"),
)
@allow(Can.EDIT)
def review_english(code: str) -> Response | str:
    """Show each text whose French changed beside its English; one click says that it holds."""
    consultation = load(Consultation, Can.EDIT, code=code)
    stale = queries.stale_texts(consultation)
    if request.method == "GET":
        french = {name: getattr(consultation, name)["fr"] for name in stale}
        return render(
            "consultations/english.html",
            consultation=consultation,
            names={name: queries.field_name(name) for name in stale},
            marks={name: rules.source_hash(text) for name, text in french.items()},
        )
    name = request.form.get("field", "")
    if consultation.state not in rules.EDITABLE or name not in stale:
        abort(409)
    seen = request.form.get("seen", "")
    if services.confirm_english(db.session(), signed_in(), consultation, name, seen):
        flash(_("The English text is confirmed."))
    else:
        flash(_("The French has just changed again: read both texts once more."))
    return redirect(url_for(".review_english", code=code), code=303)
