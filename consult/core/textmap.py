"""Hold one text in several languages, immutable, never blank and never unmarked (floor 0).

A map is a value: hashable, compared by its texts, without empty entries. The order of its
languages is always French, English, then the others, so that two equal maps serialise alike.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

import msgspec
from sqlalchemy import JSON, Dialect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

LANGUAGES = ("fr", "en")
FIRST = LANGUAGES[0]


class Picked(msgspec.Struct, frozen=True):
    """A text with the language it is really in, and whether that was not the one asked for."""

    text: str
    lang: str
    is_fallback: bool


class TextMap(Mapping[str, str]):
    """An immutable map from language to text; empty texts are left out."""

    __slots__ = ("_texts",)
    flags_fallback = True

    def __init__(self, texts: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        """Keep the texts that are not blank; raises TypeError when one is not a string."""
        given = dict(texts)
        for lang, text in given.items():
            if not isinstance(text, str) or not isinstance(lang, str):
                message = f"a text map holds strings, not {type(text).__name__} for {lang!r}"
                raise TypeError(message)
        kept = {lang: text for lang, text in given.items() if text.strip()}
        known = {lang: kept[lang] for lang in LANGUAGES if lang in kept}  # dearer: to sort
        self._texts = known | {lang: kept[lang] for lang in sorted(kept.keys() - known)}

    def __getitem__(self, lang: str) -> str:
        """Return the text in ``lang``; raises KeyError."""
        return self._texts[lang]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the languages, French first."""
        return iter(self._texts)

    def __len__(self) -> int:
        """Count the languages."""
        return len(self._texts)

    def __hash__(self) -> int:
        """Hash by value."""
        return hash(tuple(self._texts.items()))

    def __eq__(self, other: object) -> bool:
        """Compare by value with another text map, never with a plain dictionary."""
        return isinstance(other, TextMap) and self._texts == other._texts

    def __repr__(self) -> str:
        """Show the texts."""
        return f"{type(self).__name__}({self._texts!r})"

    def __reduce__(self) -> tuple[type[Self], tuple[dict[str, str]]]:
        """Copy and pickle through the constructor."""
        return type(self), (dict(self._texts),)

    def pick(self, lang: str) -> Picked:
        """Return the text in ``lang``, else in French, else in any; blank only when empty."""
        text = self._texts.get(lang)
        if text is not None:
            return Picked(text, lang, is_fallback=False)
        for candidate in (FIRST, *self._texts):
            if candidate in self._texts:
                return Picked(self._texts[candidate], candidate, self.flags_fallback)
        return Picked("", lang, is_fallback=False)

    def missing(self, languages: Iterable[str] = LANGUAGES) -> tuple[str, ...]:
        """Return which of ``languages`` have no text."""
        return tuple(lang for lang in languages if lang not in self._texts)

    def to_json(self) -> dict[str, str]:
        """Return a plain dictionary, French first."""
        return dict(self._texts)


class ProperName(TextMap):
    """A name kept in French (an institution, a network): marked as French, never as a fallback.

    The rare body with an official name in another language may hold that name too.
    """

    __slots__ = ()
    flags_fallback = False

    @classmethod
    def of(cls, name: str) -> Self:
        """Make the proper name ``name``."""
        return cls({FIRST: name})

    def missing(self, languages: Iterable[str] = LANGUAGES) -> tuple[str, ...]:
        """Return French when the name is empty: a proper name is asked in no other language."""
        del languages
        return () if self._texts else (FIRST,)


class TextMapType(TypeDecorator[TextMap]):
    """Store a TextMap as JSON (JSONB on PostgreSQL); no map is SQL NULL."""

    impl = JSON
    cache_ok = True
    kind: type[TextMap] = TextMap

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose JSONB where it exists."""
        variant = JSONB(none_as_null=True) if dialect.name == "postgresql" else _JSON
        return dialect.type_descriptor(variant)

    def process_bind_param(self, value: TextMap | None, dialect: Dialect) -> Any:  # noqa: ANN401
        """Return the JSON form; a plain dictionary is checked as a map would be."""
        del dialect
        if value is None:
            return None
        return (value if isinstance(value, TextMap) else self.kind(value)).to_json()

    def process_result_value(self, value: Any, dialect: Dialect) -> TextMap | None:  # noqa: ANN401
        """Return the map."""
        del dialect
        return None if value is None else self.kind(value)

    def coerce_compared_value(self, op: OperatorType | None, value: Any) -> Any:  # noqa: ANN401
        """Let ``column["fr"]`` index the document, and ``column == a_map`` compare it."""
        if isinstance(value, TextMap):
            return self
        return self.impl_instance.coerce_compared_value(op, value)

    def compare_values(self, x: Any, y: Any) -> bool:  # noqa: ANN401
        """Tell whether a change must be written."""
        return bool(x == y)


class ProperNameType(TextMapType):
    """Store a ProperName as a TextMap is stored."""

    cache_ok = True
    kind = ProperName


_JSON = JSON(none_as_null=True)
