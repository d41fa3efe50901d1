"""Neither places, numbers, times, other rows nor the log lead from an answer to a person.

On SQLite nothing in the database keeps the order in which people answered. On PostgreSQL rows
lie in that order (decision 0003): what holds today is that no other row is written when somebody
answers, so there is nothing in the database to lay beside that order. A test below says both; it
must be written anew when the inbox for invitations comes.
"""

import ast
import inspect
import json
import re
import sqlite3
import tarfile
from itertools import combinations, pairwise

import pytest
from sqlalchemy import Date, DateTime, Integer, select, text
from sqlalchemy.exc import OperationalError

from consult import cli, serving
from consult.consultations.models import Consultation
from consult.core.codes import CodeKeys, Pepper, derive_keys, new_code
from consult.core.db import Base, read_session, write_session
from consult.core.settings import load_settings
from consult.surveys import models, queries, services
from consult.surveys.models import Draft, Response, ResponseText
from consult.surveys.services import answering
from consult.upkeep.archive import SQLITE_FILE
from consult.upkeep.backup import make_backup
from tests.support import crawl

PEOPLE = 500
LEAN, LEAN_OF_A_BACKUP = 0.2, 0.08
CHANCE = 0.2  # of 500 in a random order, the rank correlation stays under 0.18 in 9,999 of 10,000


@pytest.fixture
def site(any_app):
    return crawl.plain(any_app)


def keys_of(app, code: str, consultation: str) -> CodeKeys:
    pepper = Pepper.load(app.extensions["consult_settings"].pepper_path)
    return derive_keys(pepper, consultation, code)


def everybody_answers(app, count: int = PEOPLE) -> None:
    """Let ``count`` people answer one after the other, each in a transaction of her own."""
    consultation = crawl.open_code(app)
    pepper = Pepper.load(app.extensions["consult_settings"].pepper_path)
    for number in range(count):
        keys = derive_keys(pepper, consultation, new_code(pepper))
        typed = {"role": "citizen", "why": f"person {number:04}"}
        with write_session(app) as session:
            found = session.scalars(
                select(Consultation).where(Consultation.code == consultation)
            ).one()
            services.write_progress(session, keys, found, services.Progress(typed), 30)
            services.submit(session, keys, found, queries.sheet(session, found.id), "fr")


def correlation(order: list[int]) -> float:
    """Return Spearman's rank correlation of a found order with the order of answering."""
    count = len(order)
    assert sorted(order) == list(range(count))
    distance = sum((place - number) ** 2 for place, number in enumerate(order))
    return 1 - 6 * distance / (count * (count**2 - 1))


def in_order_of(app, statement: str) -> list[int]:
    """Return the people in the order in which a statement gives their texts."""
    with read_session(app) as session:
        bodies = session.scalars(text(statement)).all()
    return [int(b.removeprefix("person ")) for b in bodies if str(b).startswith("person ")]


BY_TEXTS = "SELECT body FROM response_text"


def on_sqlite(app) -> bool:
    return app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")


def check_the_bytes(app, tmp_path) -> None:
    """The file tells no order, its pages hardly any (decision 0003), and a backup none."""
    settings = app.extensions["consult_settings"]
    crawl.dispose(app)
    connection = sqlite3.connect(settings.sqlite_path)
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    connection.close()
    assert abs(lean_in_a_page(settings.sqlite_path.read_bytes(), size)) < LEAN
    make_backup(settings, tmp_path / "backup.tar")
    with tarfile.open(tmp_path / "backup.tar") as archive:
        copy = archive.extractfile(SQLITE_FILE)
        assert copy is not None
        assert abs(lean_in_a_page(copy.read(), size)) < LEAN_OF_A_BACKUP


def lean_in_a_page(content: bytes, size: int) -> float:
    """Return by how much two answers of a page lie in their order oftener than by chance."""
    places = {int(m[1]): m.start() for m in re.finditer(rb"person (\d{4})", content)}
    assert len(places) == PEOPLE
    found = sorted((place, number) for number, place in places.items())
    assert abs(correlation([number for _, number in found])) < CHANCE
    pairs = [
        first[1] > second[1]
        for first, second in combinations(found, 2)
        if first[0] // size == second[0] // size
    ]
    assert len(pairs) > 1000
    return sum(pairs) / len(pairs) - 0.5  # cells of a page are written from its end


def test_no_order_that_the_database_keeps_tells_who_answered_when(site, tmp_path):
    everybody_answers(site)
    orders = {
        "as texts lie": BY_TEXTS,
        "as responses lie": "SELECT t.body FROM (SELECT key FROM response) r "
        "CROSS JOIN response_text t WHERE t.key = r.key",
        "by key": "SELECT body FROM response_text ORDER BY key",
        "by day": "SELECT t.body FROM response r JOIN response_text t ON t.key = r.key "
        "ORDER BY r.day",
    }
    found = {name: correlation(in_order_of(site, sql)) for name, sql in orders.items()}
    assert abs(found["by key"]) < CHANCE
    if on_sqlite(site):
        assert all(abs(value) < CHANCE for value in found.values()), found
        for table in ("response", "response_text", "draft", "withdrawn_response"):
            with read_session(site) as session, pytest.raises(OperationalError, match="rowid"):
                session.execute(text(f"SELECT rowid FROM {table}"))
        check_the_bytes(site, tmp_path)
    else:  # decision 0003: the order of answering lies open; the next test says what holds
        physical = in_order_of(site, f"{BY_TEXTS} ORDER BY ctid")
        numbered = in_order_of(site, f"{BY_TEXTS} ORDER BY xmin::text::bigint")
        assert correlation(physical) > 0.99
        assert correlation(numbered) > 0.99


def test_the_attack_succeeds_where_rows_are_numbered(on_sqlite):
    """Control: the same answers in an ordinary table are all given back their turn."""
    crawl.plain(on_sqlite)
    everybody_answers(on_sqlite, 60)
    with write_session(on_sqlite) as session:
        session.execute(text("CREATE TABLE ordinary (key BLOB PRIMARY KEY, body TEXT)"))
        session.execute(
            text("INSERT INTO ordinary SELECT key, body FROM response_text ORDER BY body")
        )
    assert correlation(in_order_of(on_sqlite, "SELECT body FROM ordinary ORDER BY rowid")) == 1
    assert abs(correlation(list(range(60))[::2] + list(range(60))[1::2])) > CHANCE


def test_whoever_answers_leaves_a_row_nowhere_else(site):
    before = crawl.fingerprint(site)
    for who in (crawl.answered, crawl.answered, crawl.drafting):
        who(site)
    after = crawl.fingerprint(site)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"response", "response_text", "draft"}


def test_nothing_near_a_response_has_a_number_of_its_own_or_an_hour():
    tables = [
        model.__table__
        for _, model in inspect.getmembers(models, inspect.isclass)
        if issubclass(model, Base) and model is not Base and "key" in model.__table__.columns
    ]
    assert {table.name for table in tables} >= {"response", "response_text", "draft"}
    for table in tables:
        for column in table.columns:
            assert not isinstance(column.type, DateTime), column
            assert isinstance(column.type, Date) or "day" not in column.name, column
            if isinstance(column.type, Integer):
                named = column.foreign_keys or column.name in {"revision", "notice_number", "chunk"}
                assert named, f"{column} may be a serial number"
        assert next(c.name for c in table.primary_key) == "key"


def test_two_tables_share_no_key_but_those_of_one_response(site):
    """The keys of a draft and of its response cannot be joined without the code."""
    client = crawl.drafting(site)
    consultation = crawl.open_code(site)
    code = client.get_cookie(f"consult_code_{consultation}", domain="consult.test").value
    keys = keys_of(site, code, consultation)
    with read_session(site) as session:
        assert session.get(Draft, keys.draft) is not None
        assert session.get(Response, keys.draft) is None
        held = session.scalars(select(Draft.sealed)).all()
    assert len({keys.response, keys.participant, keys.draft, keys.cipher}) == 4
    assert not any(b"citizen" in sealed or b"A bus" in sealed for sealed in held)
    assert all(code.encode() not in sealed for sealed in held)


def visit(app, monkeypatch) -> list[str]:
    """Answer with every kind of mishap; return what must stand in no line of the log."""
    client, consultation = app.test_client(), crawl.open_code(app)
    code = crawl.start(client, consultation)
    crawl.write(client, consultation, code, "my own words")
    steps = f"/en/c/{consultation}/questionnaire"
    client.post(f"{steps}/step/2", data={"code": code, "q-measure": "my own words"})
    client.post(f"{steps}/step/2", data={"code": code}, headers={"Origin": "null"})
    client.get(f"/en/c/{consultation}/nothing")

    def insert(session, *_args):
        values = {"key": b"k" * 32, "item": "why", "lang": "fr", "body": "my own words"}
        session.execute(ResponseText.__table__.insert().values(**values))

    with monkeypatch.context() as patch:  # a fault of the database names what it was given
        patch.setattr("consult.surveys.services.submit", insert)
        assert crawl.send(client, consultation, code).status_code == 500
    assert crawl.send(client, consultation, code).status_code == 303
    client.get(f"/en/c/{consultation}/receipt")
    client.post(f"/en/c/{consultation}/my-code", data={"typed": code})
    keys = keys_of(app, code, consultation)
    plain = code.replace("-", "")
    return [code, plain, keys.response.hex(), keys.draft.hex(), "my own words", consultation]


def test_the_log_names_no_code_no_words_no_address_and_no_page(site, monkeypatch, capfd):
    secrets = visit(site, monkeypatch)
    lines = "\n".join(capfd.readouterr())
    assert "unexpected" in lines, "control: the log was read"
    for secret in [*secrets, "127.0.0.1", "k" * 32]:
        assert secret not in lines, secret
    assert not re.search(r"/c/\w+", lines)


def test_the_server_keeps_no_log_of_visits(monkeypatch, tmp_path):
    given = {}

    class Server:
        def __init__(self, _target, **values):
            given.update(values)

        def serve(self):
            given["served"] = True

    monkeypatch.setattr(serving, "Granian", Server)
    monkeypatch.setenv("CONSULT_HOME", str(tmp_path))
    settings = load_settings({}, home=str(tmp_path), embedded_worker=False, demo=True)
    cli.prepare_home(settings)
    monkeypatch.setenv(serving.PARENT, "0")  # put back what serving sets for its children
    serving.serve(settings)
    assert given["served"]
    assert given["log_access"] is False


def test_answer_routes_are_deaf_to_sessions_and_record_nothing():
    """Their code calls neither the audit log, nor mail, nor the acting person."""
    tree = ast.parse(inspect.getsource(answering))
    functions = {f.name: f for f in tree.body if isinstance(f, ast.FunctionDef)}
    silent = ("save_page", "write_progress", "submit", "start_correction", "withdraw", "_store_new")
    for name in silent:
        called = {n.id for n in ast.walk(functions[name]) if isinstance(n, ast.Name)}
        assert not called & {"record", "queue_mail", "Actor", "subject"}, name


def stored(app, code):
    consultation = crawl.open_code(app)
    with read_session(app) as session:
        row = session.get(Response, keys_of(app, code, consultation).response)
        texts = queries.texts_of(session, row.key)
        columns = [c.name for c in Response.__table__.columns if c.name != "key"]
        return json.dumps([[str(getattr(row, c)) for c in columns], texts], sort_keys=True)


def test_somebody_signed_in_stores_what_a_visitor_stores(site):
    consultation, found = crawl.open_code(site), []
    clients = [site.test_client(), crawl.signed_in(site, crawl.emails()["facilitator"])]
    before = crawl.fingerprint(site)
    for client in clients:
        answers = [client.post(f"/en/c/{consultation}/questionnaire")]
        page = client.get(answers[0].location)
        code = re.search(r'name="code" value="([^"]+)"', page.text)[1]
        crawl.write(client, consultation, code)
        answers += [page, crawl.send(client, consultation, code)]
        answers += [client.get(f"/en/c/{consultation}/receipt")]
        found.append(stored(site, code))
        for answer in answers:
            names = [c.partition("=")[0] for c in answer.headers.getlist("Set-Cookie")]
            assert "consult_session" not in names
            assert "Camille" not in answer.text
    assert found[0] == found[1]
    after = crawl.fingerprint(site)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"response", "response_text"}
    assert all(one != two for one, two in pairwise([found[0], stored_other(site)]))


def stored_other(app) -> str:
    """Control: another answer is stored as something else."""
    client, consultation = app.test_client(), crawl.open_code(app)
    code = crawl.start(client, consultation)
    crawl.write(client, consultation, code, "Something else")
    crawl.send(client, consultation, code)
    return stored(app, code)
