"""Parse what people send, with Flask-WTF; templates show it by macros (floor 0).

WTForms' own choice widgets cost six to eight times a macro and are never called.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field

from consult.core.db import ConflictError, db
from consult.core.i18n import LANGUAGES
from consult.core.i18n import gettext as _
from consult.core.textmap import TextMap

# What no page may hold and no keyboard writes; the ends of lines and the tab stay.
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160)))


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

    def summary(self) -> list[dict[str, str]]:
        """Return the error summary; a form with a field of this name asks ``error_summary``."""
        return error_summary(self)

    def is_complete(self, languages: Iterable[str]) -> bool:
        """Check the form, and that every text is there in each of ``languages``."""
        self.validate()
        for field in self._fields.values():
            if isinstance(field, TextMapField):
                for lang in field.data.missing(languages):
                    text = _("The public reads this text: write it in each language.")
                    field.language_errors.setdefault(lang, text)
        return not error_summary(self)

    def error(self, name: str) -> str:
        """Return the first error of one field, or an empty text."""
        errors = self._fields[name].errors
        return str(errors[0]) if errors else ""


def error_summary(form: Form) -> list[dict[str, str]]:
    """Return the error summary of ``form``: one link a fault, to the field that holds it."""
    rows = []
    for name, field in form._fields.items():
        if isinstance(field, TextMapField):
            rows += [
                {"href": f"#{name}-{lang}", "text": text}
                for lang, text in field.language_errors.items()
            ]
        else:
            rows += [{"href": f"#{name}", "text": str(text)} for text in field.errors]
    return rows
