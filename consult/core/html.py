"""Let markup through one door: sanitising, Markdown, trusted pieces (floor 0).

Two engines stand here. nh3 decides. bleach was asked for by name, and has ended: its page
says that 6.4.0 is the last release, security fixes included, and it takes quadratic time
(58 kB of nested lists cost 14 s of one processor, against 0.03 s). It stays the declared
fallback, chosen once, when this module is imported and nh3 cannot be; and the second opinion
of the tests, where neither engine may let anything live through over a corpus of attacks.
Every text is capped before either engine sees it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from html.parser import HTMLParser
from typing import Any, Final

from bleach.html5lib_shim import Filter
from bleach.sanitizer import Cleaner as BleachCleaner
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

try:
    import nh3
except ImportError:  # no build of nh3 for this platform
    nh3 = None  # type: ignore[assignment]

MAX_INPUT: Final = 10_000
TAGS: Final = frozenset(
    {"p", "br", "strong", "em", "ul", "ol", "li", "a", "blockquote", "h3", "h4", "code", "pre"}
)
SCHEMES: Final = frozenset({"http", "https", "mailto"})
REL: Final = "noopener nofollow"
ENGINE: Final = "bleach" if nh3 is None else "nh3"
_TOP_HEADING, _SUB_HEADING = "h3", "h4"
_BLOCKS: Final = frozenset({"p", "li", "blockquote", "h3", "h4", "pre", "br", "ul", "ol", "div"})
_UNSEEN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_SPACES = re.compile(r"[ \t\r\f]+")
_SEAM: Final = "<>"  # what typography takes for a tag and leaves alone
_HREF = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)


class TextTooLongError(ValueError):
    """Say that a text exceeds the cap; both figures are in characters."""

    def __init__(self, limit: int, length: int) -> None:
        """Keep both figures for the message."""
        super().__init__(f"{length} characters; the limit is {limit}")
        self.limit = limit
        self.length = length


class SafeHtml(Markup):
    """Markup that came through this door; only this type is shown unescaped."""

    __slots__ = ()


def markup(trusted: str) -> SafeHtml:
    """Vouch for a piece of markup written in the code; values are added by ``format`` or ``%``."""
    return SafeHtml(trusted)


def clean_html(text: str) -> SafeHtml:
    """Return ``text`` with only the allowed markup; raises TextTooLongError.

    Allowed: the tags of ``TAGS``, ``href`` on links with a scheme of ``SCHEMES`` (a relative
    address is dropped, the words stay), ``rel`` added to each link.
    """
    _cap(text)
    return _engine(text)


def clean_with_nh3(text: str) -> SafeHtml:
    """Return ``text`` cleaned by the deciding engine; raises TextTooLongError."""
    _cap(text)
    return _nh3(text)


def clean_with_bleach(text: str) -> SafeHtml:
    """Return ``text`` cleaned by the fallback engine; raises TextTooLongError."""
    _cap(text)
    return _bleach(text)


def render_markdown(text: str) -> SafeHtml:
    """Turn Markdown into clean markup, at write time; raises TextTooLongError.

    HTML in the text is shown as text. The first heading becomes an h3, and so do those of its
    level or above; deeper ones become h4: a page never skips a level. Images become links.
    """
    _cap(text)
    tokens = _MARKDOWN.parse(text)
    top = 0
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
            top = min(top, level) or level
            token.tag = _TOP_HEADING if level <= top else _SUB_HEADING
        elif token.type == "heading_close":
            token.tag = _TOP_HEADING if int(token.tag[1]) <= top else _SUB_HEADING
    return _engine(str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})))


def render_small_markdown(text: str, polish: Callable[[str], str] = str) -> SafeHtml:
    """Turn the small Markdown of staff texts into clean markup; raises TextTooLongError.

    Paragraphs, line ends, lists, emphasis and links; every other sign is shown as it was
    typed. ``polish`` sets the prose right (typography): it never sees an address or markup.
    """
    _cap(text)
    tokens = _SMALL.parse(text)
    for token in tokens:
        _polish_prose(token.children or (), polish)
    return _engine(str(_SMALL.renderer.render(tokens, _SMALL.options, {})))


def _polish_prose(tokens: Sequence[Token], polish: Callable[[str], str]) -> None:
    """Polish the words of one block together, so that emphasis hides no neighbour."""
    pieces, in_bare_link = [], False
    for token in tokens:
        if token.type == "link_open":
            in_bare_link = token.markup == "autolink"
        elif token.type == "text" and not in_bare_link:
            pieces.append(token)
        if token.type == "link_close":
            in_bare_link = False
    polished = polish(_SEAM.join(token.content for token in pieces)).split(_SEAM)
    if len(polished) != len(pieces):  # the seam itself was typed: piece by piece, then
        polished = [polish(token.content) for token in pieces]
    for token, content in zip(pieces, polished, strict=True):
        token.content = content


def plain_text(markup_text: str) -> str:
    """Return the words of a piece of markup, one line a block; cleans it first if it is not safe.

    For searches, mails and counts: the result is text and must be escaped where it is shown.
    Raises TextTooLongError.
    """
    safe = markup_text if isinstance(markup_text, SafeHtml) else clean_html(markup_text)
    words = _Words()
    words.feed(str(safe))
    words.close()
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(words.pieces).split("\n"))
    return "\n".join(line for line in lines if line)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


class _LinkRel(Filter):
    def __iter__(self) -> Iterator[dict[str, Any]]:
        for token in super().__iter__():
            if token.get("name") == "a" and token["type"] in {"StartTag", "EmptyTag"}:
                token["data"][(None, "rel")] = REL
            yield token


def _may_keep(_tag: str, name: str, value: str) -> bool:
    return name == "href" and _HREF.match(value) is not None


def _nh3(text: str) -> SafeHtml:
    return SafeHtml(
        nh3.clean(
            text,
            tags=set(TAGS),
            # Without the star nh3 keeps “lang” and “title” on every element.
            attributes={"*": set(), "a": {"href"}},
            url_schemes=set(SCHEMES),
            url_relative="deny",
            link_rel=REL,
        )
    )


def _bleach(text: str) -> SafeHtml:
    # One object a call: bleach's parser keeps state and may not be shared between threads.
    cleaner = BleachCleaner(
        tags=TAGS,
        attributes={"a": _may_keep},
        protocols=SCHEMES,
        strip=True,
        filters=[_LinkRel],
    )
    return SafeHtml(cleaner.clean(_UNSEEN.sub("", text)))


_engine: Final = _bleach if nh3 is None else _nh3


def _markdown() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True})
    reader.disable(["image", "html_block", "html_inline", "hr", "reference"])
    return reader


def _small_markdown() -> MarkdownIt:
    reader = _markdown()
    return reader.disable(["heading", "lheading", "code", "fence", "blockquote", "backticks"])


_MARKDOWN: Final = _markdown()
_SMALL: Final = _small_markdown()


def _cap(text: str) -> None:
    if len(text) > MAX_INPUT:
        raise TextTooLongError(MAX_INPUT, len(text))
