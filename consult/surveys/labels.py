"""Name for staff kinds of items, what each asks, and what a questionnaire lacks (floor 6)."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from consult.consultations.queries import missing_in
from consult.core.html import SafeHtml, markup
from consult.core.i18n import HTML_LANG, current_language, other_language
from consult.core.i18n import gettext as _
from consult.core.i18n import lazy_gettext as _l
from consult.core.registry import Gap
from consult.surveys.building import Document, Finding, title_of
from consult.surveys.faults import fault_text

KIND_NAMES: Mapping[str, tuple[Any, Any]] = {
    "one_choice": (_l("One choice"), _l("People choose one option.")),
    "several_choices": (_l("Several choices"), _l("People may choose several options.")),
    "scale": (_l("Scale"), _l("Steps in order, such as from “disagree” to “agree”.")),
    "long_text": (_l("Long text"), _l("People answer in their own words.")),
    "short_text": (_l("Short text"), _l("A few words on one line.")),
    "number": (_l("Number"), _l("A quantity, with its unit if you wish.")),
    "date": (_l("Date"), _l("A day of the calendar.")),
    "matrix": (_l("Matrix"), _l("The same answers for several lines.")),
    "ranking": (_l("Ranking"), _l("People put options in order.")),
    "points": (_l("Points to share"), _l("People share points among options.")),
    "best_worst": (
        _l("Best and worst"),
        _l("Small sets of options: the best and the worst of each."),
    ),
    "postal_code": (
        _l("Postal code"),
        _l("The first three characters only, to know the territory."),
    ),
    "consent": (_l("Consent"), _l("Yes or no, with nothing chosen beforehand.")),
    "note": (_l("Note"), _l("Words between questions; nobody answers them.")),
    "section": (_l("Section"), _l("A heading for the questions that follow on the page.")),
    "computed": (
        _l("Computed value"),
        _l("Made from earlier answers and never shown to respondents."),
    ),
}

# By the key in the item: label, hint.
FIELD_NAMES: Mapping[str, tuple[Any, Any]] = {
    "required": (
        _l("An answer is required"),
        _l("Leave it free unless nothing works without the answer."),
    ),
    "options": (_l("Options"), ""),
    "rows": (_l("Lines"), ""),
    "options_from": (
        _l("Only what was chosen at"),
        _l("An earlier choice; otherwise write options above."),
    ),
    "purpose": (_l("Consent to what"), ""),
    "research": (_l("Use of the answers for research"), ""),
    "quote": (_l("Quotation of the answers"), ""),
    "minimum": (_l("Smallest number"), ""),
    "maximum": (_l("Largest number"), ""),
    "decimals": (_l("Decimals"), ""),
    "unit": (_l("Unit"), _l("Such as “hours a week”.")),
    "total": (_l("Points to share in all"), ""),
    "min_choices": (_l("At least this many choices"), _l("Empty: no limit.")),
    "max_choices": (_l("At most this many choices"), _l("Empty: no limit.")),
    "max_length": (_l("Longest answer, in characters"), _l("Empty: the usual length.")),
    "set_size": (_l("Options in each set"), ""),
    "sets": (_l("Number of sets"), _l("Empty: enough to see each option several times.")),
    "seed": (_l("Seed of the draw"), _l("The same number gives the same sets.")),
    "non_answers": (_l("Other ways to answer"), _l("Shown apart, after the options.")),
    "calculation": (_l("How the value is computed"), _l("An expression in XLSForm syntax.")),
    "exclusive": (_l("Stands alone: cannot be chosen with another"), ""),
    "specify": (_l("With a line to specify in one’s own words"), ""),
}


# What a sentence says of an earlier question.
TEST_NAMES: Mapping[str, Any] = {
    "is": _l("is"),
    "is_not": _l("is not"),
    "includes": _l("includes"),
    "excludes": _l("does not include"),
    "at_least": _l("is at least"),
    "at_most": _l("is at most"),
    "more": _l("is more than"),
    "less": _l("is less than"),
    "answered": _l("is given, whatever it is"),
    "unanswered": _l("is not given"),
}


def kind_name(kind: str) -> str:
    """Return the name of a kind of items."""
    return str(KIND_NAMES[kind][0])


def short_title(words: Mapping[str, str]) -> str:
    """Return a title for lists: in the language of the page, else the other, else its absence."""
    lang = current_language()
    return words.get(lang) or words.get("fr") or words.get("en") or _("(no text yet)")


def marked_title(words: Mapping[str, str]) -> SafeHtml | str:
    """Return a title for lists, marked where it is not in the language of the page."""
    lang = current_language()
    other = other_language(lang)
    if words.get(lang) or not words.get(other):
        return short_title(words)
    return markup('<span lang="{}">{}</span>').format(HTML_LANG[other], words[other])


def _place_of(document: Document, finding: Finding) -> str:
    """Return the title of where, in the language of the page; else which one it is."""
    own = title_of(document, finding).get(current_language())
    if own:
        return _("“%(title)s”", title=own)
    if finding.what == "page":
        pages = [page["code"] for page in document["pages"]]
        return _("Page %(number)s", number=pages.index(finding.code) + 1)
    if finding.what == "item":
        items = [item["code"] for page in document["pages"] for item in page["items"]]
        return _("Question %(number)s", number=items.index(finding.code) + 1)
    return _("The questionnaire")


def field_label(field: str) -> str:
    """Return the name of a field of a page or an item, as findings say it."""
    names = {"title": _("title"), "hint": _("hint"), "introduction": _("introduction")}
    kind, _dash, rest = field.partition("-")
    parts = {"option": _("option"), "row": _("row"), "constraint": _("check")}
    if kind in parts:
        return f"{parts[kind]} {rest}"
    return names.get(field) or str(FIELD_NAMES.get(field, (field, ""))[0])


def finding_text(document: Document, finding: Finding) -> str:
    """Return what is to be mended, with the title of where."""
    place = _place_of(document, finding)
    if finding.field and finding.kind in {"missing", "stale"}:
        place = f"{place}, {field_label(finding.field)}"
    if finding.kind == "missing":
        return missing_in(finding.lang, place)
    texts = {
        "stale_en": _("%(place)s: the English is to review, for the French changed.", place=place),
        "stale_fr": _("%(place)s: the French is to review, for the English changed.", place=place),
        "empty_page": _("%(place)s: this page holds nothing yet.", place=place),
        "no_question": _("The questionnaire asks no question."),
    }
    key = f"stale_{finding.lang}" if finding.kind == "stale" else finding.kind
    if finding.fault is None:
        return texts[key]
    return _("%(place)s: %(fault)s", place=place, fault=fault_text(finding.fault))


def finding_url(code: str, finding: Finding) -> str:
    """Return the address of the very field that mends a finding."""
    if finding.what == "head":
        if finding.kind == "no_question" or not finding.field:
            return url_for("surveys_desk.show", code=code)
        anchor = f"{finding.field}-{finding.lang}"
        return url_for("surveys_desk.edit_head", code=code, _anchor=anchor)
    if finding.kind == "empty_page":
        return url_for("surveys_desk.add_question", code=code, step=finding.code)
    if finding.field == "relevant":
        place = {"what": finding.what, "name": finding.code}
        return url_for("surveys_desk.condition", code=code, _anchor="source", **place)  # type: ignore[arg-type]
    anchor = f"{finding.field}-{finding.lang}" if finding.lang else finding.field
    if finding.what == "page":
        return url_for("surveys_desk.edit_page", code=code, step=finding.code, _anchor=anchor)
    return url_for("surveys_desk.edit_item", code=code, item=finding.code, _anchor=anchor)


def gaps_of(code: str, document: Document, found: list[Finding]) -> list[Gap]:
    """Return findings as the publication gate and the desk show them."""
    return [Gap(finding_text(document, one), finding_url(code, one)) for one in found]
