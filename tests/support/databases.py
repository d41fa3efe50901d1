"""Give each worker its own SQLite file and PostgreSQL database."""

import os
import uuid

import psycopg
import pytest

SERVER = os.environ.get("CONSULT_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")
REQUIRED = set(filter(None, os.environ.get("CONSULT_TEST_REQUIRE", "").split(",")))


def postgresql_is_up() -> bool:
    try:
        psycopg.connect(SERVER, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def need(name: str, present: bool) -> None:
    """Leave a test out with a word when a service is missing; fail where it is demanded."""
    if present:
        return
    if name in REQUIRED:
        pytest.fail(f"{name} is demanded here and is missing")
    pytest.skip(f"{name} is missing on this machine")


class PostgresqlDatabase:
    """A database of its own for one test or one worker, empty or copied from ``template``."""

    def __init__(self, template: str = "template1") -> None:
        self.name = f"consult_test_{uuid.uuid4().hex[:12]}"
        self.template = template

    def __enter__(self) -> str:
        with psycopg.connect(SERVER, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{self.template}"')
        return SERVER.replace("postgresql://", "postgresql+psycopg://").rsplit("/", 1)[0] + (
            f"/{self.name}"
        )

    def __exit__(self, *_exc: object) -> None:
        with psycopg.connect(SERVER, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
