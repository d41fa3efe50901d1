"""Limits hold across processes, survive the loss of Redis, and keep no address."""

import re
import subprocess
import sys

import pytest
import redis as redis_client

from tests.conftest import ROOT, close, copied, make_app
from tests.support.databases import need
from tests.support.services import RedisServer, redis_is_there

EMAIL, ADDRESS = "camille@demo.invalid", "203.0.113.7"


@pytest.fixture
def redis(tmp_path):
    need("redis", redis_is_there())
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def site(redis, sqlite_master, tmp_path):
    app = make_app(copied(sqlite_master, tmp_path), redis_url=redis.url, signin_rate="3 per minute")
    yield app
    close(app)


def tries(app, count, address=ADDRESS):
    client = app.test_client()
    data = {"email": EMAIL, "password": "not the right one"}
    return [
        client.post(
            "/en/sign-in", data=data, environ_overrides={"REMOTE_ADDR": address}
        ).status_code
        for _ in range(count)
    ]


def test_the_fourth_try_is_refused(site):
    assert tries(site, 4) == [422, 422, 422, 429]


def test_redis_holds_no_address_and_forgets_with_the_window(site, redis):
    tries(site, 2)
    store = redis_client.Redis(port=redis.port)
    keys = [key.decode() for key in store.keys("*")]
    assert len(keys) == 2  # one for the network address, one for the e-mail address
    for key in keys:
        assert not re.search(rf"{re.escape(ADDRESS)}|camille|demo\.invalid", key)
        assert 0 < store.ttl(key) <= 60
    store.close()


def test_when_redis_dies_pages_open_and_limits_are_counted_in_memory(site, redis):
    assert tries(site, 1) == [422]
    redis.kill()
    assert tries(site, 5) == [422, 422, 422, 429, 429]
    assert site.test_client().get("/en/").status_code == 200


def test_a_site_starts_and_serves_while_redis_is_away(sqlite_master, tmp_path):
    app = make_app(
        copied(sqlite_master, tmp_path),
        redis_url="redis://127.0.0.1:1/0",
        signin_rate="2 per minute",
    )
    assert tries(app, 3) == [422, 422, 429]
    close(app)


TRY_TWICE = """
from tests.conftest import make_app
from tests.core.test_limits import tries
import pathlib, sys
app = make_app(pathlib.Path(sys.argv[1]), redis_url=sys.argv[2], signin_rate="3 per minute")
print(*tries(app, 2), sep=",")
"""


def test_two_processes_share_one_count(site, redis):
    home = str(site.extensions["consult_settings"].home_path)
    command = [sys.executable, "-c", TRY_TWICE, home, redis.url]
    answers = []
    for _ in range(2):
        run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        answers += run.stdout.split()[-1].split(",")
    assert answers == ["422", "422", "422", "429"]
