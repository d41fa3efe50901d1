"""Draw what the page of a consultation says to everybody, whenever it is read, only once.

Remembered by its content: a text that changes is another text. Nothing that depends on the
moment or on the reader is drawn here (the calendar, the way to take part, a preview).
"""

from functools import lru_cache
from operator import attrgetter
from typing import Any

from consult.consultations.queries import Seen
from consult.core.html import SafeHtml, markup
from consult.core.i18n import environment_of

_SAID = (
    "can_change",
    "cannot_change",
    "promise",
    "iap2_level",
    "response_due",
    "who",
    "notice_who",
    "notice_why",
    "notice_how",
    "notice_rights",
    "notice_retention",
    "retention_months",
    "necessity",
    "ethics",
)
_contents = attrgetter(*_SAID)


def said_html(consultation: Seen, lang: str) -> SafeHtml:
    """Return what can change, the promise, who is invited and how answers are looked after."""
    return _draw(lang, _contents(consultation))


@lru_cache(maxsize=256)
def _draw(lang: str, contents: tuple[Any, ...]) -> SafeHtml:
    template = environment_of(lang).get_template("consultations/_said.html")
    said = dict(zip(_SAID, contents, strict=True))
    return markup(template.render(consultation=said, lang=lang))
