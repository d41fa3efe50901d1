"""Find words in texts whatever their case and accents, on both databases (floor 6).

Neither database does it alone: SQLite knows only the case of plain letters, PostgreSQL needs an
extension that a host may refuse.
"""

import unicodedata

from sqlalchemy import ColumnElement, SQLColumnExpression, func

from consult.core.db import Session

_PLAIN = str.maketrans({"’": "'", "œ": "oe", "æ": "ae"})
_ACCENTED = "àâäáãåçèéêëìíîïñòóôöõùúûüýÿÀÂÄÁÃÅÇÈÉÊËÌÍÎÏÑÒÓÔÖÕÙÚÛÜÝŸ"
_MARKS = "\u0300\u0301\u0302\u0303\u0308\u0327"
MAX_SOUGHT = 100


def folded(text: str) -> str:
    """Return a text without case, accents or typographic apostrophes."""
    apart = unicodedata.normalize("NFKD", text.lower().translate(_PLAIN))
    return "".join(c for c in apart if not unicodedata.combining(c) and c != "\x00")


def says(session: Session, column: SQLColumnExpression[str], sought: str) -> ColumnElement[bool]:
    """Return the condition that a text holds ``sought``, whatever its case and accents."""
    text: SQLColumnExpression[str] = func.lower(column)
    plain = "".join(folded(c) for c in _ACCENTED)
    if session.get_bind().dialect.name == "sqlite":
        for before, after in zip(_ACCENTED, plain, strict=True):
            text = func.replace(text, before, after)
        for mark in _MARKS:
            text = func.replace(text, mark, "")
    else:
        text = func.translate(text, _ACCENTED + _MARKS, plain)
    for before, after in (("Œ", "oe"), ("œ", "oe"), ("Æ", "ae"), ("æ", "ae"), ("’", "'")):
        text = func.replace(text, before, after)
    return text.contains(folded(sought[:MAX_SOUGHT]), autoescape=True)
