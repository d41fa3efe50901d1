"""Let markup through one door: sanitising, Markdown, trusted pieces (floor 0).

nh3 decides. bleach, which ended its life and is 24 to 30 times slower, is the declared
fallback when nh3 cannot be loaded and the second opinion in differential tests. Input is
capped before either sees it, because bleach takes quadratic time.
"""

import html
import re
from typing import Final

import bleach
import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

MAX_INPUT: Final = 10_000
TAGS: Final = frozenset(
    "p br strong em ul ol li a blockquote h3 h4 code pre".split()  # noqa: SIM905  reads better
)
SCHEMES: Final = frozenset({"http", "https", "mailto"})
REL: Final = "noopener nofollow"


class TextTooLongError(ValueError):
    """Say that a text exceeds the cap; both figures are in characters."""

    def __init__(self, limit: int, length: int) -> None:
        """Keep both figures for the message."""
        super().__init__(f"{length} characters; the limit is {limit}")
        self.limit = limit
        self.length = length


class SafeHtml(Markup):
    """Markup that came through this door; only this type is shown unescaped."""


def markup(trusted: str) -> SafeHtml:
    """Vouch for a piece of markup written in the code; values are added by ``format`` or ``%``."""
    return SafeHtml(trusted)


def clean_html(text: str) -> SafeHtml:
    """Return ``text`` with only the allowed markup; raises TextTooLongError."""
    _cap(text)
    return SafeHtml(
        nh3.clean(
            text,
            tags=set(TAGS),
            attributes={"a": {"href"}},
            url_schemes=set(SCHEMES),
            link_rel=REL,
        )
    )


def clean_with_bleach(text: str) -> SafeHtml:
    """Return ``text`` cleaned by the second engine; raises TextTooLongError."""
    _cap(text)
    without = re.sub(r"(?is)<(script|style)\b.*?(</\1\s*>|\Z)", "", text)
    cleaned = bleach.clean(
        without, tags=TAGS, attributes={"a": ["href"]}, protocols=SCHEMES, strip=True
    )
    return SafeHtml(cleaned)


_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(
    ["image", "html_block", "html_inline", "code", "hr", "reference"]
)


def render_markdown(text: str) -> SafeHtml:
    """Turn Markdown into clean markup, at write time; headings become h3 and h4.

    Raises TextTooLongError.
    """
    _cap(text)
    rendered = str(_MARKDOWN.render(text))
    shifted = re.sub(
        r"<(/?)h([1-6])>", lambda m: f"<{m[1]}h{3 if int(m[2]) < 3 else 4}>", rendered  # noqa: PLR2004
    )
    return SafeHtml(
        nh3.clean(
            shifted,
            tags=set(TAGS),
            attributes={"a": {"href"}},
            url_schemes=set(SCHEMES),
            link_rel=REL,
        )
    )


def plain_text(markup_text: str) -> str:
    """Return the words of a piece of markup."""
    return html.unescape(nh3.clean(markup_text, tags=set())).strip()


def _cap(text: str) -> None:
    if len(text) > MAX_INPUT:
        raise TextTooLongError(MAX_INPUT, len(text))
