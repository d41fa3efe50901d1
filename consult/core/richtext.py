"""Keep a staff text beside the markup made from it when it was written (floor 0).

Pages never pay for Markdown: a ``RichText`` is stored with its markup and its plain words. The
source stays what people edit, compare and sign; the markup is what they read. ``MADE`` is
raised when ``core/html.py`` or ``core/typography.py`` changes what it makes: markup of an
older make is made anew from its source when it is read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from flask import Flask
from sqlalchemy import Dialect

from consult.core.html import SafeHtml, markup, plain_text, render_small_markdown
from consult.core.i18n import HTML_LANG, LANGUAGES, environment_of, marked
from consult.core.textmap import Picked, TextMap, TextMapType
from consult.core.typography import typo

MADE: Final = 1
_BESIDE: Final = "made"  # the key of the markup in the stored document; no language has this code


class RichText(TextMap):
    """A text map in the small Markdown of ``render_small_markdown``, with its markup by language.

    Equal to any text map of the same sources. Making the markup raises TextTooLongError.
    """

    __slots__ = ("_made",)

    def __init__(
        self,
        texts: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        made: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Keep the sources, and the markup and words already ``made`` from them."""
        super().__init__(texts)
        self._made: Mapping[str, Sequence[str]] = {} if made is None else made

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "RichText":
        """Return ``value``, a text map or the stored document of one, as a rich text."""
        if isinstance(value, RichText):
            return value
        texts = dict(value)
        beside = texts.pop(_BESIDE, None)
        is_fresh = beside is not None and beside["make"] == MADE
        return cls(texts, beside["by"] if is_fresh else None)

    def html(self, lang: str) -> SafeHtml:
        """Return the markup of the text in ``lang``; raises KeyError."""
        return markup(self._in(lang)[0])

    def words(self, lang: str) -> str:
        """Return the text in ``lang`` without its marks, on one line; raises KeyError."""
        return self._in(lang)[1]

    def brief(self, lang: str) -> Picked:
        """Return what ``pick`` would, without its marks."""
        picked = self.pick(lang)
        words = self.words(picked.lang) if picked.text else ""
        return Picked(words, picked.lang, picked.is_fallback)

    def to_storage(self) -> dict[str, Any]:
        """Return the sources, and beside them what was made from each."""
        made = {lang: list(self._in(lang)) for lang in self}
        return self.to_json() | ({_BESIDE: {"make": MADE, "by": made}} if made else {})

    def _in(self, lang: str) -> Sequence[str]:
        if lang not in self._made:
            polish = typo if lang == "fr" else str
            html = render_small_markdown(self[lang], polish)
            words = " ".join(plain_text(html).split())
            self._made = {**self._made, lang: (str(html), words)}
        return self._made[lang]


class RichTextType(TextMapType):
    """Store a text map with its markup; a plain text map gets it as it is written."""

    cache_ok = True
    kind = RichText

    def process_bind_param(self, value: TextMap | None, dialect: Dialect) -> Any:  # noqa: ANN401
        """Return the stored document."""
        del dialect
        return None if value is None else RichText.of(value).to_storage()

    def process_result_value(self, value: Any, dialect: Dialect) -> TextMap | None:  # noqa: ANN401
        """Return the rich text."""
        del dialect
        return None if value is None else RichText.of(value)


def register(app: Flask) -> None:
    """Give templates ``| rich`` (markup of a text) and ``| brief`` (its words, on one line)."""
    with app.app_context():
        for lang in LANGUAGES:
            environment_of(lang).filters.update(rich=_shown_in(lang), brief=_brief_in(lang))


def _shown_in(lang: str) -> Callable[[Mapping[str, Any] | None], object]:
    def rich(value: Mapping[str, Any] | None) -> object:
        if not value:
            return ""
        text = RichText.of(value)
        found = text.pick(lang).lang
        if found == lang:
            return text.html(lang)
        return markup('<div lang="{}">{}</div>').format(HTML_LANG[found], text.html(found))

    return rich


def _brief_in(lang: str) -> Callable[[Mapping[str, Any] | None], object]:
    return lambda value: marked(RichText.of(value).brief(lang), lang) if value else ""
