"""Arrange a questionnaire: move, copy, and remove after saying what would be lost (floor 6)."""

from collections.abc import Callable

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.consultations import rules as life
from consult.consultations.models import Consultation
from consult.core.authz import allow, load, signed_in
from consult.core.db import db
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.surveys import building, queries, services
from consult.surveys.building import Document
from consult.surveys.labels import marked_title, short_title
from consult.surveys.manage.outline import published_text
from consult.surveys.manage.places import desk
from consult.surveys.policies import SurveyPermission as Can

_STEPS = {"up": -1, "down": 1}


def document_or_404(consultation: Consultation) -> Document:
    """Return what staff are writing; nothing to edit is a page that does not exist."""
    working = queries.working(db.session(), consultation.id)
    if working is None or consultation.state not in life.EDITABLE:
        abort(404)
    return working.content


def make(consultation: Consultation, wanted: services.Edit) -> bool:
    """Do one change; say in a notice why it could not be, and tell whether it was done."""
    try:
        services.edit(db.session(), signed_in(), consultation, wanted)
    except services.PublishedError:
        flash(published_text())
    except building.GoneError:
        flash(_("Somebody removed this meanwhile: nothing was changed."))
    else:
        return True
    return False


def _change(what: str, code: str, act: str, target: str) -> Callable[[Document], Document]:
    if what == "page" and act in _STEPS:
        return lambda document: building.move_page(document, code, _STEPS[act])
    if what == "item" and act in _STEPS:
        return lambda document: building.move_item(document, code, _STEPS[act])
    if what == "item" and act == "copy":
        return lambda document: building.duplicate_item(document, code)[0]
    if what != "item" or act != "move":
        abort(409)
    return lambda document: building.move_item_to(document, code, target)


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/disposer",
    en="/desk/consultations/<code>/questionnaire/arrange",
    methods=("POST",),
)
@allow(Can.EDIT)
def arrange(code: str) -> Response:
    """Move a page or a question, or copy a question."""
    consultation = load(Consultation, Can.EDIT, code=code)
    what, name = request.form.get("what", ""), request.form.get("name", "")
    act = request.form.get("act", "")
    change = _change(what, name, act, request.form.get("target", ""))
    details = {"what": what, "code": name, "act": act}
    make(consultation, services.Edit("arranged", change, details))
    return redirect(url_for(".show", code=code, _anchor=f"{what}-{name}"), code=303)


class _Loss:
    """What a removal takes away: its present state, what it holds, who refers to it."""

    def __init__(self, document: Document, what: str, name: str, part: str) -> None:
        self.what, self.name, self.part = what, name, part
        self.option = ""
        if what == "page":
            _index, self.thing = building.find_page(document, name)
            self.title = self.thing["title"]
            self.items = self.thing["items"]
            codes = {item["code"] for item in self.items}
        else:
            self.thing = building.find_item(document, name).item
            self.title, self.items, codes = self.thing["title"], [], {name}
        if part:
            kind, _dash, self.option = part.partition("-")
            parts = self.thing.get(building.part_of(kind)) or []
            self.title = _label_of(parts, self.option)
        found = building.uses_of(document, codes, self.option)
        inside = {("item", code) for code in codes} | {(what, name)}
        self.uses = [use for use in found if part or (use.what, use.code) not in inside]
        self.seen = building.digest(self.thing)

    def apply(self, document: Document, seen: str) -> Document:
        """Return the document without it; raises MovedError when it is not what was seen."""
        present = _Loss(document, self.what, self.name, self.part)
        services.unless_moved(seen, present.thing)
        if self.part:
            kind = building.part_of(self.part.partition("-")[0])
            left = building.remove_part(present.thing, kind, self.option)
            return building.replace_item(document, self.name, left)
        remove = building.remove_page if self.what == "page" else building.remove_item
        return remove(document, self.name)


def _label_of(parts: list[Document], code: str) -> dict[str, str]:
    for part in parts:
        if part["code"] == code:
            label: dict[str, str] = part["label"]
            return label
    raise building.GoneError(code)


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/retirer/<what>/<name>",
    en="/desk/consultations/<code>/questionnaire/remove/<what>/<name>",
    methods=("GET", "POST"),
)
@allow(Can.EDIT)
def remove(code: str, what: str, name: str) -> Response | str | tuple[str, int]:
    """Say what a removal would lose and who refers to it; remove when that was read."""
    consultation = load(Consultation, Can.EDIT, code=code)
    try:
        loss = _Loss(document_or_404(consultation), what, name, request.args.get("part", ""))
    except building.GoneError:
        abort(404)
    page = {"consultation": consultation, "loss": loss, "short_title": short_title}
    page["marked_title"] = marked_title
    if request.method == "GET":
        return render("surveys/desk_remove.html", **page, moved=False)
    seen = request.form.get("seen", "")
    details = {"what": what, "code": name, "part": loss.part}
    wanted = services.Edit("removed", lambda document: loss.apply(document, seen), details)
    try:
        make(consultation, wanted)
    except services.MovedError:
        return render("surveys/desk_remove.html", **page, moved=True), 409
    if loss.part:
        return redirect(url_for(".edit_item", code=code, item=name, _anchor="options"), code=303)
    return redirect(url_for(".show", code=code), code=303)
