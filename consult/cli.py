"""The ``consult`` command (floor 10)."""

import secrets
import sys
from pathlib import Path

import click
from flask import Flask
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from consult import demo as demo_data
from consult import migrations, serving
from consult.accounts import services as accounts
from consult.app import create_app
from consult.audit.services import verify as verify_audit
from consult.core import jobs, mail
from consult.core.codes import Pepper
from consult.core.db import read_session, write_session
from consult.core.settings import FILE_NAME, Settings, SettingsError, describe, load_settings
from consult.surveys.commands import make_group
from consult.tables import services as tables
from consult.tables.models import Organisation

SECRET = frozenset({"secret_key", "secret_key_fallbacks", "smtp_password", "metrics_token"})
ROLES = ("platform_admin", "organisation_admin")


def _settings() -> Settings:
    try:
        return load_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def _app() -> Flask:
    try:
        return create_app(_settings())
    except (SettingsError, RuntimeError) as error:
        raise click.ClickException(str(error)) from error


@click.group()
@click.version_option(package_name="consult")
def main() -> None:
    """Run and look after an instance of Consult."""


def prepare_home(settings: Settings) -> None:
    """Make the instance folder with its signing key and pepper; what exists is kept."""
    settings.home_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.secret_key and not settings.secret_path.exists():
        settings.secret_path.touch(mode=0o600)
        settings.secret_path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    if not settings.pepper_path.exists():
        Pepper.create(settings.pepper_path)


@main.command()
@click.option("--admin-email", required=True, help="Address of the first administrator.")
@click.option("--admin-name", default="Administration", help="Name of the first administrator.")
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", help="Her language.")
def init(admin_email: str, admin_name: str, lang: str) -> None:
    """Prepare a new instance: keys, database, territories, first administrator."""
    settings = _settings()
    prepare_home(settings)
    app = create_app(settings)
    migrations.upgrade(app)
    with write_session(app) as session:
        count = tables.load_territories(session)
        account = accounts.ensure_account(session, admin_email, admin_name, lang)
        root = session.scalars(
            select(Organisation).where(Organisation.code == tables.ROOT_CODE)
        ).one()
        if count:
            for role in ROLES:
                tables.grant(session, account, root, role)
        with app.test_request_context(base_url=settings.public_url):
            link = accounts.make_link(session, account, "first")
    click.echo(f"{count} territories loaded.")
    click.echo(f"Open this address once, within 24 hours, to choose a password:\n{link}")


@main.command()
def upgrade() -> None:
    """Bring the database to the newest schema."""
    migrations.upgrade(_app())
    click.echo("The database is up to date.")


@main.command()
def serve() -> None:
    """Serve the site, with background jobs inside unless told otherwise."""
    _serve(_settings())


def _serve(settings: Settings) -> None:
    click.echo(f"Consult: {settings.public_url}/fr/  {settings.public_url}/en/")
    try:
        serving.serve(settings)
    except (SettingsError, RuntimeError) as error:
        raise click.ClickException(str(error)) from error


@main.command()
def worker() -> None:
    """Run the background jobs alone (when serve does not)."""
    serving.follow_parent()
    settings = _settings()
    jobs.make_consumer(create_app(settings), settings).run()


@main.command(name="jobs")
def run_jobs() -> None:
    """Run every background job once, now."""
    for name, result in jobs.run_once(_app()).items():
        click.echo(f"{name}: {result}")


@main.command(name="mail")
@click.option("--send-again", type=int, help="Number of a failed or unsure mail to send again.")
def show_mail(send_again: int | None) -> None:
    """Show the mails that have not left, by state; send one of them again."""
    app = _app()
    if send_again is not None:
        with write_session(app) as session:
            if not mail.send_again(session, send_again):
                raise click.ClickException(f"no failed or unsure mail has number {send_again}")
    with read_session(app) as session:
        waiting = mail.counts(session)
    for state in mail.STATES:
        numbers = waiting.get(state, [])
        shown = f": {', '.join(map(str, numbers))}" if state in {"failed", "unsure"} else ""
        if numbers:
            click.echo(f"{state} {len(numbers)}{shown}")


@main.command(name="settings")
def show_settings() -> None:
    """Print every setting with its value and its help."""
    settings = _settings()
    table = Table("setting", "type", "value", "help")
    for name, kind, _default, help_text in describe():
        value = getattr(settings, name)
        shown = "••••" if name in SECRET and value else str(value)
        table.add_row(f"CONSULT_{name.upper()}", kind, shown, help_text)
    Console().print(table)


@main.command(name="audit-verify")
def audit_verify() -> None:
    """Recompute the chain of the audit log; exit 1 when it is broken."""
    with read_session(_app()) as session:
        verdict = verify_audit(session)
    click.echo(f"sealed {verdict.sealed}, not sealed yet {verdict.unsealed}")
    if verdict.fault:
        click.echo(verdict.fault)
        sys.exit(1)


@main.command()
@click.option("--home", default="instance", help="Folder of the demo instance.")
@click.option("--serve", "serves", is_flag=True, help="Serve it at once.")
@click.option("--scale", default=0, help="Add that many responses to the open consultation.")
def demo(home: str, *, serves: bool, scale: int) -> None:
    """Make a demo instance with fictional tables, consultations and answers."""
    folder = Path(home)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / FILE_NAME).exists():
        content = 'demo = true\nenglish_access = "open"\n'
        (folder / FILE_NAME).write_text(content, encoding="utf-8")
    settings = load_settings(home=home)
    prepare_home(settings)
    app = create_app(settings)
    migrations.upgrade(app)
    demo_data.build(app)
    if scale:
        demo_data.scale(app, scale)
    click.echo(f"The demo is ready in {folder}.")
    if serves:
        _serve(settings)


main.add_command(make_group(_app))
