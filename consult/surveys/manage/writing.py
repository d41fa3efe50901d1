"""Write a questionnaire: its own texts, pages, and questions with their options (floor 6)."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.consultations.models import Consultation
from consult.core.authz import allow, load
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.surveys import building, services
from consult.surveys.building import Document
from consult.surveys.forms import NEW_ROWS, Typed, read_head, read_item
from consult.surveys.labels import FIELD_NAMES, KIND_NAMES, kind_name, marked_title, short_title
from consult.surveys.manage.arranging import document_or_404, make
from consult.surveys.manage.places import desk
from consult.surveys.policies import SurveyPermission as Can
from consult.surveys.rules import KINDS
from consult.surveys.wording import non_answer_text

Answer = Response | str | tuple[str, int]
_STEPS = {"up": -1, "down": 1}


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/textes",
    en="/desk/consultations/<code>/questionnaire/texts",
    methods=("GET", "POST"),
)
@allow(Can.EDIT)
def edit_head(code: str) -> Answer:
    """Write the title and the introduction."""
    consultation = load(Consultation, Can.EDIT, code=code)
    stored = building.head_of(document_or_404(consultation))
    back = url_for(".show", code=code)

    def change(document: Document, thing: Document) -> Document:
        services.unless_moved(request.form.get("seen", ""), building.head_of(document))
        return building.replace_head(document, thing)

    return _head_page(consultation, stored, ("title", "introduction"), (change, back))


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/pages/<step>",
    en="/desk/consultations/<code>/questionnaire/pages/<step>",
    methods=("GET", "POST"),
)
@allow(Can.EDIT)
def edit_page(code: str, step: str) -> Answer:
    """Write the title of a page."""
    consultation = load(Consultation, Can.EDIT, code=code)
    stored = building.page_head(_page_or_404(consultation, step))
    back = url_for(".show", code=code, _anchor=f"page-{step}")

    def change(document: Document, thing: Document) -> Document:
        _index, present = building.find_page(document, step)
        services.unless_moved(request.form.get("seen", ""), building.page_head(present))
        return building.replace_page(document, step, thing)

    return _head_page(consultation, stored, ("title",), (change, back))


def _head_page(
    consultation: Consultation, stored: Document, names: tuple[str, ...], save: tuple[Any, str]
) -> Answer:
    context = {
        "consultation": consultation,
        "stored": stored,
        "names": names,
        "back": save[1],
        "seen": building.digest(stored),
        "is_page": "code" in stored,
    }
    if request.method == "GET":
        return render("surveys/desk_head.html", typed=Typed(stored), conflict=False, **context)
    typed = read_head(request.form, names)
    if typed.errors:
        return render("surveys/desk_head.html", typed=typed, conflict=False, **context), 422
    details = {"page": stored["code"]} if "code" in stored else {}
    wanted = services.Edit("edited", lambda document: save[0](document, typed.thing), details)
    try:
        if make(consultation, wanted):
            flash(_("Saved."))
    except services.MovedError:
        return render("surveys/desk_head.html", typed=typed, conflict=True, **context), 409
    return redirect(save[1], code=303)


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/pages/nouvelle",
    en="/desk/consultations/<code>/questionnaire/pages/new",
    methods=("POST",),
)
@allow(Can.EDIT)
def add_page(code: str) -> Response:
    """Add a page at the end, and write its title."""
    consultation = load(Consultation, Can.EDIT, code=code)
    made = []

    def change(document: Document) -> Document:
        number = len(document["pages"]) + 1
        title = {"fr": f"Page {number}", "en": f"Page {number}"}
        after, page = building.add_page(document, title)
        made.append(page)
        return after

    if not make(consultation, services.Edit("page_added", change)):
        return redirect(url_for(".show", code=code), code=303)
    return redirect(url_for(".edit_page", code=code, step=made[0]), code=303)


def _page_or_404(consultation: Consultation, page: str) -> Document:
    try:
        return building.find_page(document_or_404(consultation), page)[1]
    except building.GoneError:
        abort(404)


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/pages/<step>/question",
    en="/desk/consultations/<code>/questionnaire/pages/<step>/question",
    methods=("GET", "POST"),
)
@allow(Can.EDIT)
def add_question(code: str, step: str) -> Answer:
    """Choose the kind of a new question and write its title."""
    consultation = load(Consultation, Can.EDIT, code=code)
    target = _page_or_404(consultation, step)
    kind = request.form.get("kind", "")
    typed = read_head(request.form, ("title",))
    context = {
        "consultation": consultation,
        "page": target,
        "kinds": [
            {"value": k, "label": n, "hint": h} for k, (n, h) in KIND_NAMES.items() if k in KINDS
        ],
        "kind": kind or "one_choice",
        "typed": typed,
        "short_title": short_title,
        "marked_title": marked_title,
    }
    if request.method == "GET":
        return render("surveys/desk_add.html", **context)
    if kind not in KINDS or kind not in KIND_NAMES:
        typed.refuse("kind", _("Choose the kind of the question."))
    if not any(typed.thing["title"].values()):
        typed.refuse("title-fr", _("Write the question in one language at least."))
    if typed.errors:
        return render("surveys/desk_add.html", **context), 422
    made = []

    def change(document: Document) -> Document:
        after, item = building.add_item(document, step, new_item(kind, typed.thing["title"]))
        made.append(item)
        return after

    if not make(consultation, services.Edit("question_added", change, {"page": step})):
        return redirect(url_for(".show", code=code), code=303)
    return redirect(url_for(".edit_item", code=code, item=made[0]), code=303)


def new_item(kind: str, title: Document) -> Document:
    """Return an item of that kind with what its kind asks left blank."""
    item: Document = {"code": "", "kind": kind, "title": title, "hint": {"fr": "", "en": ""}}
    return item | {f.name: f.default for f in building.fields_of(item) if f.default is not None}


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/questions/<item>",
    en="/desk/consultations/<code>/questionnaire/questions/<item>",
    methods=("GET", "POST"),
)
@allow(Can.EDIT)
def edit_item(code: str, item: str) -> Answer:
    """Write a question: its texts, its options, what its kind asks; every button saves first."""
    consultation = load(Consultation, Can.EDIT, code=code)
    document = document_or_404(consultation)
    try:
        stored = building.find_item(document, item).item
    except building.GoneError:
        abort(404)
    if request.method == "GET":
        return _item_page(consultation, document, stored, Typed(stored))
    typed = read_item(request.form, stored)
    if typed.errors:
        return _item_page(consultation, document, stored, typed), 422
    act, _colon, part = request.form.get("act", "save").partition(":")
    seen = request.form.get("seen", "")

    def change(now: Document) -> Document:
        present = building.find_item(now, item).item
        services.unless_moved(seen, present)
        return building.replace_item(now, item, _moved(typed.thing, act, part))

    try:
        make(consultation, services.Edit("edited", change, {"item": item}))
    except services.MovedError:
        return _item_page(consultation, document, stored, typed, conflict=True), 409
    return redirect(_after(code, item, act, part), code=303)


def _moved(item: Document, act: str, part: str) -> Document:
    if act not in _STEPS:
        return item
    kind, _dash, name = part.partition("-")
    return building.move_part(item, building.part_of(kind), name, _STEPS[act])


def _after(code: str, item: str, act: str, part: str) -> str:
    if act == "remove":
        return url_for(".remove", code=code, what="item", name=item, part=part)
    if act in _STEPS:
        return url_for(".edit_item", code=code, item=item, _anchor=f"{part}-fr")
    if act == "add":
        return url_for(".edit_item", code=code, item=item, _anchor=f"new-{part}-0-fr")
    flash(_("Saved."))
    return url_for(".show", code=code, _anchor=f"item-{item}")


def _item_page(
    consultation: Consultation,
    document: Document,
    stored: Document,
    typed: Typed,
    *,
    conflict: bool = False,
) -> str:
    choices = [
        {"value": other["code"], "label": short_title(other["title"])}
        for other in building.earlier_items(document, "item", stored["code"])
        if other["kind"] in {"several_choices", "one_choice"}
    ]
    return render(
        "surveys/desk_item.html",
        consultation=consultation,
        stored=stored,
        item=typed.thing,
        typed=typed,
        conflict=conflict,
        fields=building.fields_of(stored),
        takes_checks=building.takes_checks(stored),
        field_names=FIELD_NAMES,
        parts=building.PARTS,
        earlier_choices=choices,
        new_rows=NEW_ROWS,
        non_answers=[
            {"value": n, "label": non_answer_text(n)} for n in ("dont_know", "prefer_not")
        ],
        seen=building.digest(stored),
        kind_name=kind_name,
        short_title=short_title,
        marked_title=marked_title,
    )
