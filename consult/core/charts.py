"""Draw bars and rising lines as SVG on the server (floor 0).

A drawing is hidden from assistive technology, for the data table in which it stands carries
the meaning. Positions are attributes in percent: no ``viewBox``, so that text keeps the size
the style sheet gives it, and no ``style``, so that the security policy holds. Colours and the
middle of a text come from the style sheet (``chart-bar``, ``chart-stacked``, ``step-1`` to
``step-5``, ``on-1`` to ``on-5``).
"""

from collections.abc import Sequence

from consult.core.formats import percent
from consult.core.html import SafeHtml, markup

STEPS = 5
PRINTED_FROM = 0.10
GAP = 0.25

_BAR = markup(
    '<svg class="chart-bar" width="100%" height="12" aria-hidden="true" focusable="false">'
    '<rect class="track" width="100%" height="12" rx="3"/>'
    '<rect class="value" width="{}%" height="12" rx="3"/></svg>'
)
_STACK = markup(
    '<svg class="chart-stacked" width="100%" height="36" aria-hidden="true" focusable="false">'
    "{}</svg>"
)
_SEGMENT = markup('<rect class="step-{}" x="{}%" width="{}%" height="36"/>')
_LABEL = markup('<text class="on-{}" x="{}%" y="50%">{}</text>')

_RISING = markup(
    '<svg class="chart-rising" width="100%" height="56" viewBox="0 0 100 100"'
    ' preserveAspectRatio="none" aria-hidden="true" focusable="false">'
    '<polygon class="under" points="0,100 {0} 100,100"/>{1}'
    '<polyline class="line" points="{0}" vector-effect="non-scaling-stroke"/></svg>'
)
_GOAL = markup(
    '<line class="goal" x1="0" x2="100" y1="{0}" y2="{0}" vector-effect="non-scaling-stroke"/>'
)


def bar(share: float) -> SafeHtml:
    """Return a bar for ``share``, a part of 1; what lies outside is drawn at the end."""
    return _BAR.format(_figure(100 * min(max(share, 0.0), 1.0)))


def stacked(segments: Sequence[float], lang: str = "fr") -> SafeHtml:
    """Return one bar cut into up to five steps, from the most negative to the most positive.

    ``segments`` are counts or shares, none negative: they are drawn as parts of their sum, and
    a part of 10 % or more shows its percentage. Nothing is drawn when the sum is 0. Fewer than
    five steps are spread over the scale of colours. Raises ValueError.
    """
    if not 0 < len(segments) <= STEPS or any(segment < 0 for segment in segments):
        message = f"a stacked bar has 1 to {STEPS} segments, none negative"
        raise ValueError(message)
    total = sum(segments)
    pieces, start = [], 0.0
    for index, segment in enumerate(segments):
        share = segment / total if total else 0.0
        step = _step(index, len(segments))
        if share > 0:
            # A thin gap tells steps apart where colours do not: neighbours are under 3:1.
            width = max(100 * share - GAP, GAP)
            pieces.append(_SEGMENT.format(step, _figure(100 * start), _figure(width)))
        if share >= PRINTED_FROM:
            middle = _figure(100 * (start + share / 2))
            pieces.append(_LABEL.format(step, middle, percent(share, lang, 0)))
        start += share
    return _STACK.format(markup("").join(pieces))


def rising(totals: Sequence[int], goal: int | None = None) -> SafeHtml:
    """Return a line through running totals, one a day, and a level line for the goal.

    The height is the greater of the last total and the goal. No text stands in it, so it may
    be stretched; nothing is drawn without a day.
    """
    if not totals:
        return markup("")
    top = max(*totals, goal or 0, 1)
    days = [totals[0], *totals] if len(totals) == 1 else totals
    step = 100 / (len(days) - 1)
    points = [f"{_figure(n * step)},{_height(total, top)}" for n, total in enumerate(days)]
    level = _GOAL.format(_height(goal, top)) if goal else markup("")
    return _RISING.format(" ".join(points), level)


def _height(value: int, top: int) -> str:
    return _figure(98 - 96 * value / top)


def _step(index: int, count: int) -> int:
    if count == 1:
        return STEPS
    return 1 + round(index * (STEPS - 1) / (count - 1))


def _figure(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
