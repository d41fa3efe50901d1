"""Make short public identifiers (floor 0)."""

import re
import secrets
import unicodedata

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LETTERS = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ø": "o"})


def public_id(n: int = 8) -> str:
    """Return a random lower-case Crockford text of ``n`` characters (5 bits each).

    Without i, l, o and u nothing is misread, and few words form by chance.
    """
    return "".join(secrets.choice(ALPHABET) for _ in range(n))


def slugify(text: str, limit: int = 60) -> str:
    """Return ``text`` as lower-case ASCII words joined by hyphens, cut at a word when it can be.

    Empty when no letter or digit is left.
    """
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    kept = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    slug = re.sub(r"[^a-z0-9]+", "-", kept).strip("-")
    if len(slug) <= limit:
        return slug
    cut = slug[: limit + 1]
    return cut.rpartition("-")[0] or slug[:limit]
