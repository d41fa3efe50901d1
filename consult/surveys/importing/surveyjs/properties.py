"""The properties of SurveyJS questions by what they do; words that SurveyJS adds. Pure."""

from typing import Any

CHOICES = {
    "radiogroup": "one_choice", "dropdown": "one_choice", "buttongroup": "one_choice",
    "imagepicker": "one_choice", "checkbox": "several_choices", "tagbox": "several_choices",
}  # fmt: skip
COMMON = {
    "type", "name", "title", "description", "help", "visibleIf", "isRequired", "visible",
}  # fmt: skip
# What only decides how a page looks in SurveyJS; named here so that everything else is told.
LOOKS = {
    "width", "minWidth", "maxWidth", "colCount", "startWithNewLine", "indent", "titleLocation",
    "state", "hideNumber", "showNumber", "size", "rows", "cols", "autoGrow", "placeholder",
    "placeHolder", "renderAs", "rateType", "displayMode", "autocomplete", "innerIndent",
    "descriptionLocation", "questionTitleLocation", "showClearButton", "searchEnabled",
}  # fmt: skip
NO_FIT = {"fr": "Cette réponse ne convient pas ici.", "en": "This answer does not fit here."}
NON_ANSWERS = {"dontknow": ("dontknow", "dont_know"), "refused": ("refused", "prefer_not")}
SPECIAL: dict[str, tuple[tuple[str, ...], str, dict[str, Any]]] = {
    "none": (("showNoneItem", "hasNone"), "noneText", {"exclusive": True}),
    "other": (("showOtherItem", "hasOther"), "otherText", {"specify": True}),
    "dontknow": (("showDontKnowItem",), "dontKnowText", {}),
    "refused": (("showRefuseItem",), "refuseText", {}),
}
SPECIAL_WORDS = {
    "none": {"fr": "Aucune de ces réponses", "en": "None of these"},
    "other": {"fr": "Autre", "en": "Other"},
    "dontknow": {},
    "refused": {},
}
ADDED = {key for switches, text, _more in SPECIAL.values() for key in (*switches, text)} | {
    "otherPlaceholder", "otherPlaceHolder", "storeOthersAsComment", "showCommentArea",
    "hasComment", "commentText",
}  # fmt: skip
