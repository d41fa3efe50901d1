"""Questionnaires of LimeSurvey, as the structure file ``.lss``. Pure."""

from consult.surveys.importing.assembling import Imported, finish
from consult.surveys.importing.drafting import Draft, DraftGroup, Source
from consult.surveys.importing.limesurvey.logic import ScriptTranslator
from consult.surveys.importing.limesurvey.questions import Questions
from consult.surveys.importing.limesurvey.tables import Row, UnreadableError, read_tables
from consult.surveys.importing.limesurvey.wording import Texts
from consult.surveys.importing.texts import tongue, unmarked
from consult.surveys.importing.values import number_or_none
from consult.surveys.rules import Fault

_READ = {
    "answers", "answer_l10ns", "conditions", "groups", "group_l10ns", "questions",
    "question_l10ns", "subquestions", "question_attributes", "surveys",
    "surveys_languagesettings", "#LimeSurveyDocType", "#DBVersion", "languages", "themes",
    "themes_inherited",
}  # fmt: skip


def read(content: bytes, language: str = "") -> Imported:
    """Return what a structure file gives; ``language``: of texts that name none."""
    try:
        tables = read_tables(content)
    except UnreadableError as error:
        return Imported(None, (Fault(place="$", code=error.code, values=error.values),))
    if "questions" not in tables:
        return Imported(None, (Fault(place="$", code="unknown_format"),))
    survey = tables.get("surveys", [Row("surveys")])[0]
    base = language or tongue(survey["language"]) or "en"
    draft = Draft(f"survey-{survey['sid']}" if survey["sid"] else "survey")
    texts = Texts(draft, tables, base)
    _head(draft, tables, texts)
    questions = Questions(draft, texts, tables)
    pages = _pages(draft, tables, texts)
    for row in _once(tables["questions"], "qid", "question_order"):
        page = pages.get(row["gid"])
        if page is None:
            draft.fault(row.place, "no_group", name=row["title"])
        else:
            questions.read(row, page)
    texts.name_codes()
    for name in tables.keys() - _READ:
        draft.note(name, "sheet_not_read", sheet=name)
    if not draft.languages:
        draft.fault(survey.place, "no_language", language=survey["language"])
    return finish(draft, ScriptTranslator(draft, questions.parts))


def _head(draft: Draft, tables: dict[str, list[Row]], texts: Texts) -> None:
    """Read the title and the words of welcome, a row a language."""
    title, welcome = {}, {}
    for row in tables.get("surveys_languagesettings", ()):
        lang = tongue(row["surveyls_language"])
        if lang:
            title[lang] = unmarked(row["surveyls_title"])
            welcome[lang] = unmarked(row["surveyls_welcometext"] or row["surveyls_description"])
        elif row["surveyls_title"]:
            draft.note(row.place, "other_language", language=row["surveyls_language"])
    draft.title = texts.kept({k: t for k, t in title.items() if t}, "surveys_languagesettings")
    draft.introduction = texts.kept(
        {k: t for k, t in welcome.items() if t}, "surveys_languagesettings"
    )


def _pages(draft: Draft, tables: dict[str, list[Row]], texts: Texts) -> dict[str, DraftGroup]:
    """Return a page for each group, by its number."""
    found: dict[str, DraftGroup] = {}
    for row in _once(tables.get("groups", []), "gid", "group_order"):
        title = texts.of("groups", row["gid"], "group_name", row.place)
        name = title.get("en") or title.get("fr") or f"group {row['gid']}"
        page = DraftGroup(name, title, row.place, code=draft.page_code(name))
        if row["grelevance"].strip() not in {"", "1"}:
            page.relevant.append(Source(row["grelevance"], f"{row.place}, grelevance"))
        if texts.of("groups", row["gid"], "description", row.place):
            draft.note(row.place, "property_not_carried", property="description")
        found[row["gid"]] = page
        draft.pages.append(page)
    return found


def _once(rows: list[Row], key: str, order: str) -> list[Row]:
    """Return one row for each key, in the order of the survey."""
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row[key], row)
    return sorted(first.values(), key=lambda row: number_or_none(row[order]) or 0.0)
