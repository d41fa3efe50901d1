"""Parse what people send, with Flask-WTF; templates show it by macros (floor 0).

WTForms' own choice widgets cost six to eight times a macro and are never called.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, IntegerField

from consult.core import registry
from consult.core.db import ConflictError, db
from consult.core.i18n import LANGUAGES, ngettext
from consult.core.i18n import gettext as _
from consult.core.i18n import lazy_gettext as _l
from consult.core.textmap import TextMap

# What no page may hold and no keyboard writes; the ends of lines and the tab stay.
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160)))


# What pages put into their forms for themselves: nobody typed it.
_OF_THE_PAGE = frozenset({"version", "target", "amendment", "seen", "field"})


def under_their_names(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what was typed in a form, each text under the label that its page shows."""
    labels: dict[str, str] = {}
    for names in registry.field_names.all():
        labels |= names()
    return [(_label(name, labels), text) for name, text in fields if name not in _OF_THE_PAGE]


def _label(name: str, labels: Mapping[str, str]) -> str:
    base, _dash, lang = name.rpartition("-")
    if base in labels and lang in LANGUAGES:
        language = {"fr": _("French"), "en": _("English")}[lang]
        return f"{labels[base]} – {language}"
    return labels.get(name) or _("Your text")


def tidy(text: str) -> str:
    """Return a typed text with one kind of line end and without control characters."""
    return text.replace("\r\n", "\n").translate(_CONTROLS)


class TextMapField(Field):
    """Read ``name-fr`` and ``name-en`` into a TextMap."""

    def __init__(
        self,
        label: str = "",
        *,
        required: bool = False,
        limit: int = 4000,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        """Cap each language at ``limit`` characters; ``required`` asks for French at least."""
        super().__init__(label, **kwargs)
        self.required = required
        self.limit = limit
        self.language_errors: dict[str, str] = {}

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:  # noqa: ANN401, ARG002
        """Take both languages from the form, else the stored value."""
        self.process_errors: list[str] = []
        default = data if isinstance(data, TextMap) else TextMap({})
        if formdata is None or not any(f"{self.name}-{lang}" in formdata for lang in LANGUAGES):
            self.data = default
            return
        typed = {lang: formdata.get(f"{self.name}-{lang}", "").strip() for lang in LANGUAGES}
        self.data = TextMap({lang: tidy(text) for lang, text in typed.items()})

    def validate(self, form: Any, extra_validators: Sequence[Any] = ()) -> bool:  # noqa: ANN401, ARG002
        """Check presence and length of each language."""
        self.language_errors = {}
        if self.required and "fr" in self.data.missing(("fr",)):
            self.language_errors["fr"] = _("Write the French text.")
        for lang in LANGUAGES:
            length = len(self.data.get(lang) or "")
            if length > self.limit:
                self.language_errors[lang] = _(
                    "Shorten this text: %(length)s characters, the limit is %(limit)s.",
                    length=length,
                    limit=self.limit,
                )
        self.errors = list(self.language_errors.values())
        return not self.errors


class VersionField(IntegerField):
    """Read the version that a page was made from; what is no number is a version long gone."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Take the number, else 0: no person typed it, so no person is told to mend it."""
        if valuelist:
            text = str(valuelist[0])
            self.data = int(text) if text.isdecimal() else 0


_TOLD = {
    "This field is required.": _l("Fill in this field."),
    "Not a valid choice.": _l("Choose one of the answers offered."),
    "Not a valid integer value.": _l("Write a whole number in digits."),
    "Not a valid date value.": _l("Write a day as YYYY-MM-DD."),
}


class _Messages:
    """Say in our words, and how to mend it, what WTForms says by itself."""

    def gettext(self, text: str) -> str:
        """Return our message for one of the library's; the names of fields pass as they are."""
        return str(_TOLD.get(text, text))

    def ngettext(self, singular: str, _plural: str, number: int) -> str:
        """Return our message for a text that is too long; WTForms fills ``%(max)d``."""
        if singular != "Field cannot be longer than %(max)d character.":
            raise KeyError(singular)
        return ngettext(
            "Shorten this text: the limit is %(limit)s character.",
            "Shorten this text: the limit is %(limit)s characters.",
            number,
            limit="%(max)d",
        )


def saved_first(seen: int | None, stored: int, save: Callable[[], object]) -> bool:
    """Call ``save`` unless somebody else saved since this person read; tell whether it was done.

    ``seen`` is the version the form carries, ``stored`` the present one. After a lost race the
    objects of the session show what the other person saved.
    """
    if seen != stored:
        return False
    try:
        save()
    except ConflictError:
        db.session.rollback()
        return False
    return True


class Form(FlaskForm):
    """Base of every form: parsing and errors, never rendering."""

    class Meta(FlaskForm.Meta):
        """What the library asks of a form."""

        def get_translations(self, _form: Any) -> _Messages:  # noqa: ANN401
            """Return our messages in the language of the page."""
            return _Messages()

    def error_rows(self) -> list[dict[str, str]]:
        """Return the error summary: one link a fault, to the field that holds it.

        No field may have this name, nor those below: WTForms would put the field in their place.
        """
        rows = []
        for name, field in self._fields.items():
            if isinstance(field, TextMapField):
                rows += [
                    {"href": f"#{name}-{lang}", "text": text}
                    for lang, text in field.language_errors.items()
                ]
            elif field.errors:
                rows.append({"href": f"#{name}", "text": self.error(name)})
        return rows

    def typed(self, name: str) -> str:
        """Return the text of a number or a day as it was typed, valid or not."""
        return str(self._fields[name]._value())  # noqa: SLF001  what WTForms gives its own widgets

    def is_complete(self, languages: Iterable[str]) -> bool:
        """Check the form, and that every text is there in each of ``languages``."""
        self.validate()
        for field in self._fields.values():
            if isinstance(field, TextMapField):
                for lang in field.data.missing(languages):
                    text = _("The public reads this text: write it in each language.")
                    field.language_errors.setdefault(lang, text)
        return not self.error_rows()

    def error(self, name: str) -> str:
        """Return what to mend in one field: its last error, the closest to its meaning."""
        errors = self._fields[name].errors
        return str(errors[-1]) if errors else ""
