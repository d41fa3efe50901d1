"""Pages by cursor: each row once, whatever the order, on both databases."""

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, LargeBinary, Numeric, create_engine, delete, event, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from consult.core.columns import UtcDateTime
from consult.core.pages import MAX_SIZE, Order, Page, page_of
from tests.support.databases import PostgresqlDatabase, need, postgresql_is_up

START = datetime(2026, 1, 1, tzinfo=UTC)


class Base(DeclarativeBase):
    pass


class Post(Base):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    pinned: Mapped[bool]
    score: Mapped[int]
    title: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    day: Mapped[date]
    price: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    code: Mapped[uuid.UUID]
    key: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str | None]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "sqlite":
        made = create_engine("sqlite://")
        yield made
        made.dispose()
        return
    need("postgresql", postgresql_is_up())
    with PostgresqlDatabase() as address:
        made = create_engine(address)
        yield made
        made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    Base.metadata.create_all(engine)
    with Session(engine) as opened:
        yield opened
    Base.metadata.drop_all(engine)


def post(number: int, score: int = 0, title: str = "", hours: int = 0) -> dict[str, Any]:
    return {
        "id": number,
        "pinned": score > 1,
        "score": score,
        "title": title,
        "at": START + timedelta(hours=hours),
        "day": date(2026, 1, 1 + hours),
        "price": Decimal(score) / 4,
        "code": uuid.UUID(int=score),
        "key": bytes([score]) * 4,
        "note": None,
    }


def fill(session: Session, rows: list[dict[str, Any]]) -> None:
    session.execute(delete(Post))
    if rows:
        session.execute(insert(Post), rows)


def walk(read: Callable[[str | None], Page]) -> list[Page]:
    """Return all pages from the first on, forward."""
    pages = [read(None)]
    while pages[-1].next:
        pages.append(read(pages[-1].next))
        assert len(pages) < 100
    return pages


def ids(page: Page) -> list[int]:
    return [row.id for row in page.rows]


rows_of_posts = st.lists(
    st.tuples(st.integers(-2, 2), st.sampled_from(["", "a", "A", "é", "z"]), st.integers(0, 2)),
    max_size=14,
)
ways = st.lists(st.sampled_from(["asc", "desc"]), min_size=4, max_size=4)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=rows_of_posts, ways=ways, size=st.integers(1, 5))
def test_walking_gives_each_row_once_forward_and_back(
    session: Session, rows: list[tuple[int, str, int]], ways: list[Any], size: int
) -> None:
    fill(session, [post(i, abs(s), t, h) for i, (s, t, h) in enumerate(rows)])
    order: Order = list(zip((Post.score, Post.title, Post.at, Post.id), ways, strict=True))
    statement = select(Post.id, Post.score, Post.title, Post.at)
    whole = [
        row.id
        for row in session.execute(
            statement.order_by(*[c.desc() if way == "desc" else c.asc() for c, way in order])
        )
    ]

    def read(cursor: str | None) -> Page:
        return page_of(session, statement, order, cursor, size)

    pages = walk(read)
    assert [number for page in pages for number in ids(page)] == whole
    assert pages[0].previous is None
    back = [pages[-1]]
    while back[-1].previous:
        back.append(read(back[-1].previous))
    assert [ids(page) for page in reversed(back)] == [ids(page) for page in pages]
    assert [page.next is None for page in reversed(back)] == [page.next is None for page in pages]


@pytest.mark.parametrize("way", ["asc", "desc"])
@pytest.mark.parametrize("name", ["pinned", "score", "title", "at", "day", "price", "code", "key"])
def test_every_kind_of_column_can_lead_the_order(session: Session, name: str, way: Any) -> None:
    fill(session, [post(i, i % 4, "abc"[i % 3], i % 3) for i in range(11)])
    order: Order = [(getattr(Post, name), way), (Post.id, "asc")]
    pages = walk(lambda cursor: page_of(session, select(Post), order, cursor, 3))
    found = [row[0].id for page in pages for row in page.rows]
    assert sorted(found) == list(range(11))
    assert len(pages) == 4


def test_rows_added_or_removed_meanwhile_neither_repeat_nor_hide_others(session: Session) -> None:
    fill(session, [post(i) for i in range(0, 20, 2)])
    order: Order = [(Post.id, "asc")]
    first = page_of(session, select(Post.id), order, None, 4)
    session.execute(insert(Post), [post(1), post(9)])
    session.execute(delete(Post).where(Post.id == 6))
    second = page_of(session, select(Post.id), order, first.next, 4)
    assert (ids(first), ids(second)) == ([0, 2, 4, 6], [8, 9, 10, 12])


def test_when_all_beyond_the_cursor_is_gone_the_nearest_page_is_given(session: Session) -> None:
    fill(session, [post(i) for i in range(6)])
    order: Order = [(Post.id, "asc")]
    first = page_of(session, select(Post.id), order, None, 3)
    second = page_of(session, select(Post.id), order, first.next, 3)
    session.execute(delete(Post).where(Post.id > 2))
    after = page_of(session, select(Post.id), order, first.next, 3)
    assert (ids(after), after.next, after.previous) == ([0, 1, 2], None, None)
    session.execute(insert(Post), [post(i) for i in range(3, 6)])
    session.execute(delete(Post).where(Post.id < 3))
    before = page_of(session, select(Post.id), order, second.previous, 2)
    assert (ids(before), before.previous) == ([3, 4], None)
    assert before.next is not None
    session.execute(delete(Post))
    assert page_of(session, select(Post.id), order, second.previous) == Page([], None, None)


def forged(*values: object, back: object = False) -> str:
    content = json.dumps([back, values]).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


BAD = [
    "", "x", "%", "é", "A" * 2_000, "a b", "\x00", "AAAA", "=", "====", forged(), forged(1),
    forged(1, 2, 3), forged("1", 2), forged(None, 2), forged([1], 2), forged({}, 2), forged(True, 2),
    forged(START.isoformat(), "1"), forged("2026-01-01T00:00:00", 1), forged("not a date", 1),
    forged(START.isoformat(), 2**63), forged(START.isoformat(), 1, back=1),
    forged(START.isoformat(), 1.5), forged(START.isoformat(), None),
    base64.urlsafe_b64encode(b"[false," * 300).decode(),
]  # fmt: skip


@pytest.mark.parametrize("cursor", BAD)
def test_a_cursor_that_cannot_be_read_gives_the_first_page(session: Session, cursor: str) -> None:
    fill(session, [post(i, hours=i) for i in range(4)])
    order: Order = [(Post.at, "desc"), (Post.id, "asc")]
    page = page_of(session, select(Post.id, Post.at), order, cursor, 2)
    assert ids(page) == [3, 2]
    assert page.previous is None


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=4,
    ),
    back=st.booleans(),
)
def test_no_forged_cursor_breaks_a_page(session: Session, value: object, back: bool) -> None:
    try_everywhere(session, value, back)


HUGE = [
    2**31, 2**63, -(2**31) - 1, 1e308, "1e400", "9" * 400, "NaN", "Infinity", "1e-400", "-1e11",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31", "0001-01-01",
    "2026-01-01T00:00:00Z", "\ud83d\ude00", "a\x00b", "AA==", str(uuid.UUID(int=2**128 - 1)),
]  # fmt: skip


@pytest.mark.parametrize("value", HUGE, ids=repr)
def test_no_value_out_of_range_breaks_a_page(session: Session, value: object) -> None:
    try_everywhere(session, value, back=False)


def try_everywhere(session: Session, value: object, back: bool) -> None:
    for column in (Post.id, Post.title, Post.at, Post.day, Post.price, Post.code, Post.key):
        order: Order = [(column, "asc")]
        page_of(session, select(Post), order, forged(value, back=back), 2)


def test_the_order_must_be_selected_and_never_null(session: Session) -> None:
    fill(session, [post(1), post(2)])
    with pytest.raises(ValueError, match=r"select Post\.score"):
        page_of(session, select(Post.id), [(Post.score, "asc"), (Post.id, "asc")])
    with pytest.raises(ValueError, match="null"):
        page_of(session, select(Post.id, Post.note), [(Post.note, "asc"), (Post.id, "asc")])


def test_the_size_of_a_page_is_held_within_bounds(session: Session) -> None:
    fill(session, [post(i) for i in range(MAX_SIZE + 5)])
    order: Order = [(Post.id, "asc")]
    assert len(page_of(session, select(Post.id), order, None, 10_000).rows) == MAX_SIZE
    assert len(page_of(session, select(Post.id), order, None, 0).rows) == 1


def test_a_page_reads_no_more_rows_than_it_shows_and_one(session: Session, engine: Engine) -> None:
    fill(session, [post(i) for i in range(30)])
    limits: list[list[int]] = []

    def keep(*call: Any) -> None:
        values = call[3].values() if isinstance(call[3], dict) else call[3]
        limits.append(list(values))

    event.listen(engine, "before_cursor_execute", keep)
    page = page_of(session, select(Post.id), [(Post.id, "asc")], None, 7)
    page_of(session, select(Post.id), [(Post.id, "asc")], page.next, 7)
    event.remove(engine, "before_cursor_execute", keep)
    # SQLite is also told an offset, always 0; the second page is told where the first ended.
    assert [sorted({*values} - {0}) for values in limits] == [[8], [6, 8]]


def test_the_order_of_the_statement_is_replaced(session: Session) -> None:
    fill(session, [post(i, score=i % 3) for i in range(7)])
    statement = select(Post.id, Post.score).order_by(Post.id.desc())
    pages = walk(lambda cursor: page_of(session, statement, [(Post.id, "asc")], cursor, 3))
    assert [number for page in pages for number in ids(page)] == list(range(7))


def test_mixed_ways_sort_as_asked(session: Session) -> None:
    fill(session, [post(i, score=s) for i, (s, _) in enumerate(product(range(2), range(2)))])
    order: Order = [(Post.score, "desc"), (Post.id, "asc")]
    pages = walk(lambda cursor: page_of(session, select(Post.id, Post.score), order, cursor, 1))
    assert [number for page in pages for number in ids(page)] == [2, 3, 0, 1]
