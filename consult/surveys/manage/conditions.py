"""Say when a page or a question is asked: in sentences, or as an expression (floor 6)."""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from consult.consultations.models import Consultation
from consult.core.authz import allow, load
from consult.core.i18n import gettext as _
from consult.core.i18n import localized, render
from consult.surveys import building, services
from consult.surveys.building import Document, Line, Sentence
from consult.surveys.forms import Typed, read_expression, read_line
from consult.surveys.labels import TEST_NAMES, marked_title, short_title
from consult.surveys.manage.arranging import document_or_404, make
from consult.surveys.manage.places import desk
from consult.surveys.policies import SurveyPermission as Can
from consult.surveys.wording import non_answer_text

MAX_LINES = 20


class _Place(msgspec.Struct):
    consultation: Consultation
    what: str
    name: str
    thing: Document
    earlier: Mapping[str, Document]


def _place(consultation: Consultation, what: str, name: str) -> _Place:
    document = document_or_404(consultation)
    try:
        thing = _thing(document, what, name)
        before = building.earlier_items(document, what, name)
    except building.GoneError:
        abort(404)
    return _Place(consultation, what, name, thing, {item["code"]: item for item in before})


def _thing(document: Document, what: str, name: str) -> Document:
    if what == "page":
        return building.find_page(document, name)[1]
    return building.find_item(document, name).item


@localized(
    desk,
    fr="/bureau/consultations/<code>/questionnaire/condition/<what>/<name>",
    en="/desk/consultations/<code>/questionnaire/condition/<what>/<name>",
    methods=("GET", "POST"),
)
@allow(Can.EDIT)
def condition(code: str, what: str, name: str) -> Response | str | tuple[str, int]:
    """Say on which earlier answers a page or a question depends."""
    place = _place(load(Consultation, Can.EDIT, code=code), what, name)
    stored, typed = place.thing["relevant"], Typed({})
    sentence = building.sentence_of(stored, place.earlier)
    if request.method == "GET":
        return _page(place, sentence, stored, typed)
    act, _colon, number = request.form.get("act", "").partition(":")
    if act == "raw":
        source = read_expression(request.form, "source", typed)
    else:
        sentence = _typed_sentence(place, act, number, typed)
        if act in {"add", "remove"}:
            return _page(place, sentence, stored, Typed({}))
        source = "" if typed.errors else building.written(sentence, place.earlier)
    if typed.errors:
        return _page(place, sentence, source or stored, typed), 422
    try:
        make(place.consultation, _edit_of(place, source))
    except services.MovedError:
        return _page(place, sentence, source, typed, moved=True), 409
    return redirect(url_for(".show", code=code, _anchor=f"{what}-{name}"), code=303)


def _edit_of(place: _Place, source: str) -> services.Edit:
    seen = request.form.get("seen", "")

    def change(document: Document) -> Document:
        present = _thing(document, place.what, place.name)
        services.unless_moved(seen, present["relevant"])
        replace = building.replace_page if place.what == "page" else building.replace_item
        if place.what == "page":
            present = building.page_head(present)
        return replace(document, place.name, present | {"relevant": source})

    details = {"what": place.what, "code": place.name}
    return services.Edit("condition_set", change, details)


def _typed_sentence(place: _Place, act: str, number: str, typed: Typed) -> Sentence:
    """Return the lines of the form, with one more or one less when a button asked for it."""
    lines = []
    for index in range(MAX_LINES):
        line = read_line(request.form, f"line-{index}")
        if line.item not in place.earlier or (act == "remove" and number == str(index)):
            continue
        if act not in {"add", "remove"} and not building.fits(line, place.earlier[line.item]):
            typed.refuse(f"line-{index}-value", _("Choose or write a value for this line."))
        lines.append(line)
    wanted = request.form.get("new-item", "")
    if act == "add" and wanted in place.earlier and len(lines) < MAX_LINES:
        lines.append(Line(wanted, building.tests_of(place.earlier[wanted])[0]))
    join = "any" if request.form.get("join") == "any" else "all"
    return Sentence(join, tuple(lines))


def _page(
    place: _Place, sentence: Sentence | None, source: str, typed: Typed, *, moved: bool = False
) -> str:
    stored = place.thing["relevant"]
    if moved:
        flash(_("Somebody changed this condition meanwhile. Compare, then save again."))
    return render(
        "surveys/desk_condition.html",
        place=place,
        consultation=place.consultation,
        sentence=sentence,
        lines=[_shown(place, line) for line in sentence.lines] if sentence else [],
        askable=[
            {"value": code, "label": short_title(item["title"])}
            for code, item in place.earlier.items()
            if building.tests_of(item)
        ],
        source=source,
        stored=stored,
        typed=typed,
        moved=moved,
        seen=building.digest(stored),
        short_title=short_title,
        marked_title=marked_title,
    )


def _shown(place: _Place, line: Line) -> dict[str, Any]:
    item = place.earlier[line.item]
    values = [
        {"value": option["code"], "label": short_title(option["label"])}
        for option in item["options"]
    ]
    values += [{"value": code, "label": non_answer_text(code)} for code in item["non_answers"]]
    return {
        "line": line,
        "title": short_title(item["title"]),
        "tests": [{"value": t, "label": TEST_NAMES[t]} for t in building.tests_of(item)],
        "values": values,
    }
