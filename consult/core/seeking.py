"""Find words in texts whatever their case and accents, on both databases (floor 0).

Neither does it alone: SQLite knows only the case of plain letters, PostgreSQL needs an extension
that a host may refuse. SQLite calls ``folded`` (core/engines.py); PostgreSQL translates the
letters of French and of its neighbours.
"""

import unicodedata

from sqlalchemy import ColumnElement, SQLColumnExpression, String, func
from sqlalchemy.orm import Session

_WHOLE = {"’": "'", "œ": "oe", "æ": "ae"}
_PLAIN = str.maketrans(_WHOLE)
_ACCENTED = "àâäáãåçèéêëìíîïñòóôöõùúûüýÿ"
_MARKS = "\u0300\u0301\u0302\u0303\u0308\u0327"
FOLDED = "consult_folded"  # the name of the function in SQLite
MAX_SOUGHT = 100


def folded(text: str) -> str:
    """Return a text without case, accents or typographic apostrophes."""
    apart = unicodedata.normalize("NFKD", text.lower().translate(_PLAIN))
    return "".join(c for c in apart if not unicodedata.combining(c) and c != "\x00")


def says(session: Session, column: SQLColumnExpression[str], sought: str) -> ColumnElement[bool]:
    """Return the condition that a text holds ``sought``, whatever its case and accents."""
    if session.get_bind().dialect.name == "sqlite":
        text = getattr(func, FOLDED)(column, type_=String)
    else:
        plain = "".join(folded(c) for c in _ACCENTED)
        text = func.translate(func.lower(column), _ACCENTED + _MARKS, plain, type_=String)
        for before, after in _WHOLE.items():
            text = func.replace(text, before, after, type_=String)
    found: ColumnElement[bool] = text.contains(folded(sought[:MAX_SOUGHT]), autoescape=True)
    return found
