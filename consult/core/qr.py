"""Draw a text as a QR code in SVG, without inline style (floor 0).

Dark on light in every colour scheme, with the quiet zone of four modules that readers need.
"""

from functools import lru_cache

import segno

from consult.core.html import SafeHtml, markup

_QUIET = 4
_DRAWING = markup(
    '<svg class="qr" viewBox="0 0 {0} {0}" width="{1}" height="{1}" role="img" aria-label="{2}">'
    '<rect width="{0}" height="{0}" fill="#fff"/><path stroke="#000" d="{3}"/></svg>'
)


def _lines(text: str) -> tuple[int, str]:
    """Return the side in modules, and a path with one stroke for each run of dark modules."""
    rows = segno.make(text, error="m", micro=False).matrix
    strokes = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                strokes.append(f"M{x + _QUIET} {y + _QUIET}.5h{end - x}")
            x = end + 1
    return len(rows) + 2 * _QUIET, "".join(strokes)


@lru_cache(maxsize=256)
def qr(text: str, label: str, size: int = 180) -> SafeHtml:
    """Return the QR code of a public ``text``, ``size`` pixels wide; ``label`` says what it is."""
    side, strokes = _lines(text)
    return _DRAWING.format(side, size, label, strokes)


def qr_of_secret(text: str, label: str, size: int = 180) -> SafeHtml:
    """Return the QR code of a text that must not stay in memory: an address with a code."""
    side, strokes = _lines(text)
    return _DRAWING.format(side, size, label, strokes)
