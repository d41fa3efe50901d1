"""Questionnaires as XLSForm workbooks: the sheets survey, choices and settings. Pure."""

from consult.surveys.importing.assembling import Imported, finish
from consult.surveys.importing.drafting import Draft
from consult.surveys.importing.texts import LANGUAGES, is_alike, tongue
from consult.surveys.importing.xlsform.extras import read_extras
from consult.surveys.importing.xlsform.labels import Labels
from consult.surveys.importing.xlsform.logic import Translator
from consult.surveys.importing.xlsform.questions import Questions
from consult.surveys.importing.xlsform.sheets import Row, Sheet, UnreadableError, read_sheets
from consult.surveys.rules import Fault

_SETTINGS = {"form_title", "form_id", "default_language", "version", "style", "consult",
             "allow_choice_duplicates"}  # fmt: skip


def read(content: bytes, language: str = "") -> Imported:
    """Return what a workbook gives; ``language``: of its texts that have none."""
    try:
        sheets = read_sheets(content)
    except UnreadableError as error:
        return Imported(None, (Fault(place="$", code=error.code, values=error.values),))
    survey = sheets.get("survey")
    if survey is None:
        return Imported(
            None, (Fault(place="$", code="no_survey_sheet", values={"sheet": "survey"}),)
        )
    settings = sheets.get("settings")
    head = settings.rows[0] if settings and settings.rows else Row("settings!2")
    draft = Draft(head.text("form_id") or head.text("form_title") or "form")
    labels = Labels(draft, language or tongue(head.text("default_language")) or "en")
    _title(draft, labels, head)
    _headings(draft, survey)
    questions = Questions(draft, labels, sheets.get("choices"))
    questions.read(survey)
    labels.name_codes()
    _rest(draft, sheets, head)
    if not draft.languages and draft.pages:
        draft.fault(survey.rows[0].place, "no_language", language=head.text("default_language"))
    return finish(draft, Translator(draft))


def _title(draft: Draft, labels: Labels, head: Row) -> None:
    title = head.text("form_title")
    if title:
        langs = LANGUAGES if is_alike(title) else (labels.default,)
        draft.title = dict.fromkeys(langs, title)
    extras = read_extras(draft, head)
    for key in ("title", "introduction"):
        words = extras.get(key)
        if isinstance(words, dict):
            said = {lang: str(text) for lang, text in words.items() if lang in LANGUAGES and text}
            if key == "introduction":
                draft.introduction = said
            else:
                draft.title = said | {k: v for k, v in draft.title.items() if k not in said}
                draft.title |= {labels.default: title} if title and len(langs) == 1 else {}
    languages = extras.get("languages")
    if isinstance(languages, list):
        draft.languages |= set(LANGUAGES) & {str(lang) for lang in languages}


def _headings(draft: Draft, survey: Sheet) -> None:
    known = {key for key, _lang, _place in survey.headings}
    for wanted in ("type", "name"):
        if wanted not in known:
            draft.fault("survey!1", "column_missing", heading=wanted)


def _rest(draft: Draft, sheets: dict[str, Sheet], head: Row) -> None:
    for name, sheet in sheets.items():
        if name not in {"survey", "choices", "settings"} and sheet.rows:
            draft.note(f"{sheet.name}!1", "sheet_not_read", sheet=sheet.name)
    for key, cell in head.cells.items():
        if key not in _SETTINGS:
            draft.note(cell.place, "column_not_carried", column=key)
