"""An application without data: enough to read its routes and its templates."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.conftest import close, make_app


@pytest.fixture(scope="session")
def bare_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Return an application whose database is empty."""
    app = make_app(tmp_path_factory.mktemp("bare"))
    yield app
    close(app)
