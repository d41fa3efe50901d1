"""The queue really works on each of its stores, and a knock never breaks a page."""

import gc
import threading
import time

import pytest
from sqlalchemy import inspect

from consult.core import jobs
from consult.core.db import Base, db
from tests.conftest import close, copied, make_app
from tests.support.databases import PostgresqlDatabase, need, postgresql_is_up
from tests.support.services import RedisServer, free_port, redis_is_there

STORES = ["sqlite", "redis", pytest.param("postgresql", marks=pytest.mark.database)]


@pytest.fixture(params=STORES)
def site(request, tmp_path):
    """Return an application whose queue lies in each store in turn."""
    if request.param == "postgresql":
        need("postgresql", postgresql_is_up())
        home, template = request.getfixturevalue("postgresql_master")
        with PostgresqlDatabase(template) as url:
            app = make_app(copied(home, tmp_path), url)
            yield app
            close(app)
        return
    home = copied(request.getfixturevalue("sqlite_master"), tmp_path)
    if request.param == "sqlite":
        app = make_app(home)
        yield app
        close(app)
        return
    need("redis", redis_is_there())
    with RedisServer(tmp_path) as url:
        app = make_app(home, redis_url=url)
        yield app
        close(app)


def until(condition, seconds=45):
    """Wait for what another thread does; tell whether it came."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def stored_in(app):
    settings = app.extensions["consult_settings"]
    return type(jobs.open_store(app, settings).storage).__name__


# The PostgreSQL store leaves the connections on which its threads listen to the process's end.
@pytest.mark.filterwarnings("ignore:.*was deleted while still open:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_worker_wakes_when_a_request_calls_for_it(site):
    settings = site.extensions["consult_settings"]
    ran = threading.Event()
    jobs.every_minute(site, "trial", lambda _app, _settings: ran.set(), soon=True)
    consumer = jobs.make_consumer(site, settings)
    consumer.start()
    try:
        ran.clear()
        site.test_client().post("/en/password", data={"email": "camille@demo.invalid"})
        assert ran.wait(45), "the reset mail was queued and nobody looked"
        mail = settings.home_path / "mail"
        assert until(lambda: mail.is_dir() and any(mail.iterdir())), "woken, but not for the mail"
    finally:
        consumer.stop(graceful=True)
        del consumer
        gc.collect()
    assert len(list(mail.iterdir())) == 1


def test_each_setting_chooses_its_store(tmp_path, sqlite_master):
    home = copied(sqlite_master, tmp_path)
    app = make_app(home)
    assert stored_in(app) == "SqliteStorage"
    close(app)
    app = make_app(home, redis_url="redis://127.0.0.1:1/0")
    assert stored_in(app) == "RedisStorage"
    close(app)


@pytest.mark.database
def test_the_postgresql_store_keeps_out_of_the_tables_of_the_application(tmp_path):
    need("postgresql", postgresql_is_up())
    with PostgresqlDatabase() as url:
        app = make_app(tmp_path / "home", url)
        openings = [threading.Thread(target=stored_in, args=(app,)) for _ in range(4)]
        for opening in openings:
            opening.start()
        for opening in openings:
            opening.join()
        assert stored_in(app) == "PostgresStorage"
        with app.app_context():
            assert inspect(db.engine).get_table_names() == []
            assert "consult_queue" in inspect(db.engine).get_schema_names()
            assert not set(Base.metadata.tables) & set(
                inspect(db.engine).get_table_names("consult_queue")
            )
        close(app)


def test_a_store_that_is_away_costs_no_page_and_loses_no_work(tmp_path, sqlite_master):
    app = make_app(copied(sqlite_master, tmp_path), redis_url=f"redis://127.0.0.1:{free_port()}/0")
    client = app.test_client()
    answer = client.post("/en/password", data={"email": "camille@demo.invalid"})
    assert answer.status_code == 200
    assert jobs.run_once(app)["deliver_mail"] == 1
    close(app)


def test_a_page_that_changes_nothing_knocks_at_no_door(app, monkeypatch):
    knocks = []
    monkeypatch.setattr(jobs, "_knock", lambda *_args: knocks.append(1))
    client = app.test_client()
    client.get("/en/")
    client.post("/en/password", data={"email": "nobody@demo.invalid"})
    assert knocks == []
    client.post("/en/password", data={"email": "camille@demo.invalid"})
    assert knocks == [1]
