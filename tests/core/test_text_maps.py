"""One text in several languages: never blank, never unmarked, never changed in place."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from consult.core.textmap import Picked, ProperName, ProperNameType, TextMap, TextMapType

maps = st.dictionaries(st.sampled_from(["fr", "en", "iu"]), st.text(max_size=5)).map(TextMap)


class Base(DeclarativeBase):
    pass


class Place(Base):
    __tablename__ = "place"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[TextMap | None] = mapped_column(TextMapType)
    name: Mapped[ProperName] = mapped_column(ProperNameType)


def test_a_missing_language_falls_back_to_french_and_says_so() -> None:
    both = TextMap({"en": "Health", "fr": "Santé"})
    assert both.pick("en") == Picked("Health", "en", is_fallback=False)
    assert TextMap({"fr": "Santé"}).pick("en") == Picked("Santé", "fr", is_fallback=True)
    assert TextMap({"en": "Health"}).pick("fr") == Picked("Health", "en", is_fallback=True)
    assert TextMap({"iu": "ᐊ"}).pick("fr") == Picked("ᐊ", "iu", is_fallback=True)


@given(maps, st.sampled_from(["fr", "en", "iu", "cr"]))
def test_a_pick_is_blank_only_when_every_language_is(texts: TextMap, lang: str) -> None:
    picked = texts.pick(lang)
    assert bool(picked.text.strip()) == bool(texts)
    assert picked.is_fallback == (bool(texts) and picked.lang != lang)
    if texts:
        assert texts[picked.lang] == picked.text


@given(maps)
def test_equal_maps_hash_serialise_and_copy_alike(texts: TextMap) -> None:
    turned = TextMap(list(reversed(list(texts.items()))))
    assert turned == texts
    assert hash(turned) == hash(texts)
    assert list(turned.to_json()) == list(texts.to_json())
    assert copy.deepcopy(texts) == texts == pickle.loads(pickle.dumps(texts))


def test_blank_texts_are_left_out_and_missing_ones_named() -> None:
    texts = TextMap({"fr": "Santé", "en": "  "})
    assert dict(texts) == {"fr": "Santé"}
    assert texts.get("en") is None
    assert texts.missing(("fr", "en")) == ("en",)
    assert TextMap().missing() == ("fr", "en")


def test_a_map_cannot_be_changed_through_what_it_gave_or_took() -> None:
    source = {"fr": "Santé"}
    texts = TextMap(source)
    source["fr"] = "autre"
    texts.to_json()["fr"] = "autre"
    assert texts["fr"] == "Santé"
    with pytest.raises(TypeError):
        texts["fr"] = "autre"  # type: ignore[index]


def test_only_strings_are_texts() -> None:
    with pytest.raises(TypeError, match="NoneType for 'en'"):
        TextMap({"fr": "a", "en": None})  # type: ignore[arg-type]


def test_a_proper_name_is_french_and_never_a_fallback() -> None:
    name = ProperName.of("CISSS de Laval")
    assert name.pick("en") == Picked("CISSS de Laval", "fr", is_fallback=False)
    assert name.missing(("fr", "en")) == ()
    assert ProperName().missing(("fr", "en")) == ("fr",)


def test_maps_come_back_from_the_database_as_values() -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    title = TextMap({"en": "Health", "fr": "Santé"})
    with Session(engine) as session:
        session.add(Place(id=1, title=title, name=ProperName.of("CISSS de Laval")))
        session.add(Place(id=2, title=None, name=ProperName.of("x")))
        session.commit()
    with Session(engine) as session:
        place = session.get_one(Place, 1)
        assert place.title == title
        assert isinstance(place.name, ProperName)
        place.title = TextMap({"fr": "Santé", "en": "Health"})
        assert session.is_modified(place) is False or not session.dirty
        stored = session.execute(text("SELECT title IS NULL FROM place WHERE id = 2")).scalar()
        assert stored == 1
        found = session.scalars(select(Place.id).where(Place.title["fr"].as_string() == "Santé"))
        assert found.all() == [1]
        assert session.scalars(select(Place.id).where(Place.title == title)).all() == [1]
    engine.dispose()


def test_postgresql_holds_maps_as_jsonb() -> None:
    made = TextMapType().compile(dialect=PGDialect_psycopg())  # type: ignore[no-untyped-call]
    assert made == "JSONB"
