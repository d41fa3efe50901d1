"""A form changes the fields it shows, whatever else is sent with it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from consult.core.db import Base, read_session
from tests.conftest import close, copied, make_app
from tests.support import crawl
from tests.support.filling import posted_forms

LEAVING = re.compile(r"sign-out|/link/|demo/role|/withdraw|/finish")
WISHES = {
    "role": "platform_admin",
    "state": "active",
    "status": "live",
    "visibility": "private",
    "locale": "en",
    "lang": "en",
    "channel": "paper",
    "email": "thief@example.org",
    "name": "Thief",
    "path": "/",
    "password_hash": "x",
    "is_named_publicly": "y",
    "capacity": "organisation",
}


def columns() -> dict[str, str]:
    """Return every column name of every table, and of their attributes, with a wished value."""
    names: set[str] = set()
    for mapper in Base.registry.mappers:
        names |= {column.name for column in mapper.local_table.columns}
        names |= {attribute.key for attribute in mapper.attrs}
    assert len(names) > 60
    found = {name: WISHES.get(name, "1") for name in names}
    return found | {f"{name}-{lang}": "Volé" for name in names for lang in ("fr", "en")}


def snapshot(app: Flask) -> dict[str, list[str]]:
    """Return the values of every column, sorted, so that random keys disturb no other column."""
    found: dict[str, list[str]] = {}
    with read_session(app) as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                values = session.scalars(select(column)).all()
                found[f"{table.name}.{column.name}"] = sorted(str(value) for value in values)
    return found


def sent_forms(app: Flask) -> Iterator[tuple[Any, Any]]:
    people = crawl.staff(app)
    clients = [crawl.drafting(app), people["facilitator"], people["administrator"]]
    english = [a for a in crawl.all_addresses(app) if a.startswith("/en/")]
    seen = set()
    for client in clients:
        for page in english:
            response = client.get(page)
            if response.status_code == 200 and response.mimetype == "text/html":
                for form in posted_forms(response.text, page):
                    if form.action not in seen and not LEAVING.search(form.action):
                        seen.add(form.action)
                        yield client, form


def run(home, tmp_path, extra: dict[str, str]) -> tuple[dict[str, list[str]], int, Flask]:
    """Send every form unchanged, with ``extra`` beside; return what the database holds then."""
    app = crawl.plain(make_app(copied(home, tmp_path)))
    sent = 0
    for client, form in sent_forms(app):
        shown = form.values.keys()
        beside = {n: v for n, v in extra.items() if n not in shown}
        response = client.post(form.action, data={**beside, **form.values})
        assert response.status_code < 500, form.action
        sent += 1
    found = snapshot(app)
    close(app)
    return found, sent, app


@pytest.fixture
def runs(sqlite_master, tmp_path):
    """Return three runs: twice without anything beside, once with every name of a column."""
    found = []
    for number, extra in enumerate(({}, {}, columns())):
        folder = tmp_path / str(number)
        folder.mkdir()
        found.append(run(sqlite_master, folder, extra))
    return found


def test_names_of_columns_sent_beside_a_form_change_nothing(runs):
    (first, sent, _), (second, again, _), (third, beside, _) = runs
    assert sent == again == beside
    assert sent > 15
    noise = {name for name in first if first[name] != second[name]}  # random codes, moments
    judged = set(first) - noise
    assert len(judged) > 100
    assert {"account.email", "staff_grant.role", "consultation.state", "seat.role"} <= judged
    changed = {name for name in judged if third[name] != first[name]}
    assert changed == set(), changed


def test_the_comparison_sees_one_changed_field(app):
    """Control: one form that took a field it does not show would be told."""
    before = snapshot(app)
    client = crawl.signed_in(crawl.plain(app), crawl.emails()["administrator"])
    page = client.get("/en/desk/tables").text
    table = re.search(r"/en/desk/tables/(\w{6})\b", page)[1]
    edit = f"/en/desk/tables/{table}/edit"
    forms = posted_forms(client.get(edit).text, edit)
    form = next(form for form in forms if "visibility" in form.values)
    client.post(form.action, data={**form.values, "visibility": "private"})
    after = snapshot(app)
    changed = {name for name in after if after[name] != before[name]}
    assert "advisory_table.visibility" in changed
