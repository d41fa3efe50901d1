"""Questionnaires of SurveyJS, as its JSON: pages, panels, questions, conditions. Pure."""

from collections.abc import Mapping
from typing import Any

from consult.surveys.importing.assembling import Imported, finish
from consult.surveys.importing.drafting import Draft, DraftGroup, DraftItem, Source
from consult.surveys.importing.surveyjs.elements import Elements
from consult.surveys.importing.surveyjs.translating import Translator
from consult.surveys.importing.surveyjs.wording import Wording
from consult.surveys.importing.texts import tongue

_HEAD = {"title", "description", "pages", "elements", "questions", "locale", "calculatedValues"}
# What changes which questions are asked or what is answered: never left out in silence.
_LOGIC = {"triggers"}
_LOOKS = {
    "showQuestionNumbers", "showProgressBar", "progressBarType", "firstPageIsStarted", "logo",
    "logoPosition", "logoWidth", "logoHeight", "widthMode", "width", "questionsOnPageMode",
    "showTitle", "showPageTitles", "focusFirstQuestionAutomatic", "checkErrorsMode",
    "textUpdateMode", "clearInvisibleValues", "headerView", "fitToContainer",
    "questionErrorLocation",
    "requiredText", "showPreviewBeforeComplete", "showNavigationButtons", "goNextPageAutomatic",
    "progressBarLocation", "questionTitleLocation", "firstPageIsStartPage", "showTOC",
}  # fmt: skip


def read(raw: Mapping[str, Any], language: str = "") -> Imported:
    """Return what a SurveyJS file gives; ``language``: of its texts that have none."""
    draft = Draft(str(raw.get("name") or raw.get("id") or "survey"))
    locale = str(raw.get("locale") or "en")
    default = language or tongue(locale)
    if not default:
        draft.fault("$.locale", "no_language", language=locale)
    wording = Wording(draft, default)
    draft.title = wording.read(raw.get("title"), "$.title")
    draft.introduction = wording.read(raw.get("description"), "$.description")
    elements = Elements(draft, wording)
    pages = raw.get("pages")
    if isinstance(pages, list):
        for n, page in enumerate(pages):
            _page(draft, elements, page, f"$.pages[{n}]")
    else:
        _page(draft, elements, {**raw, "name": "page1", "visibleIf": ""}, "$")
    _headings(draft)
    _calculated(draft, raw.get("calculatedValues"))
    _rest(draft, raw)
    return finish(draft, Translator(draft))


def _page(draft: Draft, elements: Elements, page: object, place: str) -> None:
    if not isinstance(page, dict):
        draft.fault(place, "no_element")
        return
    if page.get("visible") is False:
        draft.note(place, "never_visible", name=str(page.get("name", "")))
        return
    name = str(page.get("name", "page"))
    group = DraftGroup(
        name=name,
        code=draft.page_code(name),
        title=elements.words.read(page.get("title"), f"{place}.title"),
        place=place,
        relevant=elements.sources(page, place),
    )
    group.nodes = elements.nodes(page, place)
    if place != "$":
        if page.get("description"):
            hint = elements.words.read(page["description"], f"{place}.description")
            item = DraftItem(name, draft.item_code(f"{name}_note"), "note", hint, place)
            group.nodes.insert(0, item)
        elements.rest(page, place, {"elements", "questions", "navigationTitle"})
    draft.pages.append(group)


def _headings(draft: Draft) -> None:
    """Give a page without a title the heading it opens with, and the file that of its first page.

    SurveyJS shows the first words of such a page at its top: nothing is invented.
    """
    for page in draft.pages:
        if page.title:
            continue
        first = page.nodes[0] if page.nodes else None
        while isinstance(first, DraftGroup) and not first.title:
            first = first.nodes[0] if first.nodes else None
        if isinstance(first, DraftGroup) or (first and first.kind == "note"):
            page.title = first.title
            draft.note(page.place, "title_from_heading", name=page.name)
        elif draft.title and len(draft.pages) == 1:
            page.title = draft.title
    titled = next((page for page in draft.pages if page.title), None)
    if not draft.title and titled:
        draft.title = titled.title
        draft.note("$.title", "title_from_page", name=titled.name)


def _calculated(draft: Draft, values: object) -> None:
    """Make an item of each calculated value, behind the last item that it names."""
    for n, value in enumerate(values if isinstance(values, list) else ()):
        if not isinstance(value, dict) or not draft.pages:
            continue
        name, text = str(value.get("name", "value")), str(value.get("expression", ""))
        place = f"$.calculatedValues[{n}].expression"
        title = dict.fromkeys(draft.languages, name)
        item = DraftItem(name, draft.item_code(name), "computed", title, place)
        item.calculation = Source(text, place)
        page = draft.pages[0]
        for candidate in draft.pages:
            if any(f"{{{found.name}}}" in text for found in candidate.items()):
                page = candidate
        page.nodes.append(item)
        draft.register(item)


def _rest(draft: Draft, raw: Mapping[str, Any]) -> None:
    for key, value in raw.items():
        if key in _HEAD | _LOOKS | {"name", "id"} or value in (None, False, "", [], {}):
            continue
        if key in _LOGIC:
            draft.fault(f"$.{key}", "property_unknown", property=key)
        else:
            draft.note(f"$.{key}", "property_not_carried", property=key)
