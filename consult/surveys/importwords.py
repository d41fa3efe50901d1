"""Say in words what an import found: faults that refuse a file, notes on what changed (floor 6)."""

from consult.core.i18n import gettext as _
from consult.core.i18n import lazy_gettext as _l

FAULTS = {
    "too_large": _l("The file has more than %(limit)s bytes."),
    "unknown_format": _l(
        "This file is no questionnaire we read: our JSON, SurveyJS JSON, an XLSForm workbook "
        "(.xlsx), or a LimeSurvey structure (.lss)."
    ),
    "too_costly": _l("Reading this file takes too much time or memory: it was stopped."),
    "broken_json": _l("This is no JSON file, or it is damaged."),
    "broken_workbook": _l("This workbook is damaged or protected: it cannot be read."),
    "broken_xml": _l("This XML file is damaged: it cannot be read."),
    "declares_entities": _l("The file declares a document type, which is refused for safety."),
    "unpacks_too_large": _l("The workbook would unpack to more than %(limit)s bytes."),
    "too_many_rows": _l("The sheet “%(sheet)s” has more than %(limit)s rows."),
    "no_survey_sheet": _l("The workbook has no sheet called “%(sheet)s”."),
    "column_missing": _l("The heading “%(heading)s” is missing."),
    "cell_missing": _l("“%(heading)s” is empty in this row."),
    "no_language": _l("The texts are in “%(language)s”: neither French nor English."),
    "no_element": _l("This is no question."),
    "no_questions": _l("The file holds no question that can be asked here."),
    "unknown_type": _l("A question of the type “%(type)s” cannot be asked here."),
    "refused_item": _l("This refers to “%(item)s”, which cannot be asked here."),
    "repeat": _l("“%(name)s” repeats questions, which cannot be done here."),
    "group_open": _l("“%(name)s” begins here and never ends."),
    "group_not_open": _l("This ends a “%(type)s” that did not begin."),
    "no_list": _l("The sheet “choices” has no list “%(name)s”."),
    "list_in_question": _l("The options come from the answer to “%(name)s”, which is not carried."),
    "no_column": _l(
        "“%(name)s” is neither a heading of the sheet “choices” nor a text between quotation marks."
    ),
    "conditional_required": _l("“required” is yes or no here, not a condition."),
    "calculation_of_question": _l(
        "A question that people answer has no calculation: use the type “calculate”."
    ),
    "property_unknown": _l("“%(property)s” changes what is asked and cannot be carried."),
    "too_nested": _l("Groups are nested more than %(limit)s deep."),
    "value_used_twice": _l("The value “%(item)s” is used twice."),
    "long_text": _l("The text has %(found)s characters; the limit is %(limit)s."),
    "too_many_pages": _l("There are %(found)s pages; the limit is %(limit)s."),
    "too_many_items": _l("There are %(found)s items; the limit is %(limit)s."),
    "text_with_quotes": _l("A text in this expression mixes every kind of quotation mark."),
    "no_group": _l("“%(name)s” belongs to a group that the file does not hold."),
    "no_expression": _l("Expressions cannot refer to “%(item)s”, a question of this type."),
}
NOTES = {
    "name_used_twice": _l("The name “%(name)s” is used again: the second item is “%(item)s”."),
    "property_not_carried": _l("“%(property)s” is not carried."),
    "column_not_carried": _l("The column “%(column)s” is not carried."),
    "look_not_carried": _l("The appearance “%(look)s” is not carried."),
    "media_not_carried": _l("A file (%(column)s) is not carried."),
    "media_lost": _l("Pictures or players in this text are not carried: %(tags)s."),
    "image_lost": _l("The picture of “%(name)s” is not carried."),
    "never_visible": _l("“%(name)s” is never visible: left out."),
    "order_not_carried": _l("Options keep the order of the file."),
    "non_answer_words": _l("The words of “%(answer)s” are ours, the same in every questionnaire."),
    "length_cut": _l("The greatest length is %(limit)s characters here."),
    "check_not_carried": _l("The check “%(check)s” is not carried."),
    "computed_unseen": _l("“%(name)s” is computed and kept with the answers, but not shown."),
    "title_from_heading": _l(
        "The page “%(name)s” has no title: it takes the heading it opens with."
    ),
    "title_from_page": _l("The questionnaire has no title: it takes that of the page “%(name)s”."),
    "text_alike": _l("“%(text)s” has no language and reads the same in both: used for both."),
    "other_language": _l("Texts in “%(language)s” are not carried."),
    "group_as_note": _l(
        "Questions follow the group “%(name)s” on its page: its title stands as a note."
    ),
    "empty_page": _l("“%(name)s” holds nothing to show: left out."),
    "case_counts": _l("In the condition on “%(item)s”, capital letters count here."),
    "option_never": _l("The option “%(name)s” of “%(item)s” can never be offered: left out."),
    "type_not_kept": _l("“%(type)s” tells of the device or the person: it is not kept."),
    "note_without_words": _l("The note “%(name)s” has no words: left out."),
    "acknowledge_as_choice": _l("“%(name)s” is a choice between OK and No here."),
    "expression_in_text": _l("An expression inside this text is not carried: it shows as written."),
    "sheet_not_read": _l("The sheet “%(sheet)s” is not read."),
}


def note_text(code: str, values: dict[str, object]) -> str:
    """Return what a note says, and how often it holds."""
    said = str(NOTES[code]) % values
    count = values.get("count", 1)
    return said if count == 1 else said + " " + _("(%(count)s times)", count=count)
