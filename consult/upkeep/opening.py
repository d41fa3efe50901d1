"""Open an instance for a command, and say in plain words what hinders it (floor 10)."""

import errno
import socket
from importlib.util import find_spec

import click
from flask import Flask

from consult.app import create_app
from consult.core.db import db
from consult.core.settings import Settings, SettingsError, load_settings
from consult.upkeep import state


def read_settings(home: str | None = None) -> Settings:
    """Return the settings in force, or end the command with what is wrong in them."""
    try:
        return load_settings(home=home) if home else load_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def open_app(settings: Settings | None = None) -> Flask:
    """Return the application, or end the command with what hinders it."""
    settings = settings or read_settings()
    refuse_missing_drivers(settings)
    try:
        return create_app(settings)
    except (SettingsError, RuntimeError) as error:
        raise click.ClickException(str(error)) from error


def ready_app(settings: Settings | None = None) -> Flask:
    """Return an application whose database and pepper are fit for work, or end the command."""
    app = open_app(settings)
    try:
        state.refuse_unready(app)
    except (state.NotReadyError, state.UnreachableError) as error:
        raise click.ClickException(str(error)) from error
    finally:
        # The server forks its processes from here: none may inherit an open connection.
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()
    return app


def refuse_missing_drivers(settings: Settings) -> None:
    """End the command when an address needs a library that was not installed."""
    needs = {
        "psycopg": ("CONSULT_DATABASE_URL", "postgres", not settings.is_sqlite),
        "redis": ("CONSULT_REDIS_URL", "redis", bool(settings.redis_url)),
    }
    for library, (name, extra, wanted) in needs.items():
        if wanted and find_spec(library) is None:
            message = f"{name} needs {library}: install it with pip install 'consult[{extra}]'."
            raise click.ClickException(message)


def refuse_taken_port(settings: Settings) -> None:
    """End the command when the port of the server cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            message = _port_message(settings, error)
            raise click.ClickException(message) from error


def _port_message(settings: Settings, error: OSError) -> str:
    place = f"{settings.host}, port {settings.port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"Something listens on {place} already. Stop it, or choose another port: "
            f"CONSULT_PORT={settings.port + 1}, and CONSULT_PUBLIC_URL with it."
        )
    if error.errno == errno.EACCES:
        return f"This account may not listen on {place}: choose a port from 1024 up."
    return f"The server cannot listen on {place}: {error.strerror}."
