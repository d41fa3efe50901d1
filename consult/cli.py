"""The ``consult`` command (floor 10)."""

import resource
import secrets
import sys
import textwrap
import time
from pathlib import Path

import click
from flask import Flask
from sqlalchemy import select

from consult import demo as demo_data
from consult import migrations, serving
from consult.accounts import services as accounts
from consult.audit.services import verify as verify_audit
from consult.core import jobs, mail
from consult.core.codes import Pepper
from consult.core.db import read_session, write_session
from consult.core.settingfaults import hide_password
from consult.core.settings import (
    FILE_NAME,
    PREFIX,
    SECRETS,
    Settings,
    SettingsError,
    describe,
)
from consult.surveys.commands import make_group
from consult.tables import services as tables
from consult.tables.commands import make_command
from consult.tables.models import Organisation
from consult.upkeep import state
from consult.upkeep.commands import COMMANDS
from consult.upkeep.opening import open_app, read_settings, ready_app, refuse_taken_port

ROLES = ("platform_admin", "organisation_admin")


@click.group()
@click.version_option(package_name="consult")
def main() -> None:
    """Run and look after an instance of Consult."""


def _holds_something(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def prepare_home(settings: Settings) -> None:
    """Make the instance folder with its signing key and pepper; what exists is kept.

    Raises ClickException when the folder cannot be made or written.
    """
    try:
        settings.home_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # An empty one is what a full disk or a crash left of an earlier attempt.
        if not settings.secret_key and not _holds_something(settings.secret_path):
            settings.secret_path.touch(mode=0o600)
            settings.secret_path.write_text(secrets.token_urlsafe(48), encoding="ascii")
        if not settings.pepper_path.exists():
            Pepper.create(settings.pepper_path)
    except OSError as error:
        message = (
            f"The instance folder {settings.home_path} cannot be written ({error.strerror}): "
            "choose another by CONSULT_HOME, or give this account the right to write there."
        )
        raise click.ClickException(message) from error


@main.command()
@click.option("--admin-email", required=True, help="Address of the first administrator.")
@click.option("--admin-name", default="Administration", help="Name of the first administrator.")
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", help="Her language.")
def init(admin_email: str, admin_name: str, lang: str) -> None:
    """Prepare a new instance: keys, database, territories, first administrator."""
    settings = read_settings()
    prepare_home(settings)
    app = open_app(settings)
    _bring_up(app)
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
    _bring_up(open_app())
    click.echo("The database is up to date.")


def _bring_up(app: Flask) -> None:
    """Migrate, and note the pepper so that another one is told at every start."""
    try:
        state.refuse_newer(app)
        migrations.upgrade(app)
        state.remember_pepper(app)
    except (state.NotReadyError, state.UnreachableError) as error:
        raise click.ClickException(str(error)) from error


@main.command()
def serve() -> None:
    """Serve the site, with background jobs inside unless told otherwise."""
    _serve(read_settings())


def _serve(settings: Settings) -> None:
    ready_app(settings)
    refuse_taken_port(settings)
    click.echo(f"Consult: {settings.public_url}/fr/  {settings.public_url}/en/")
    try:
        serving.serve(settings)
    except (SettingsError, RuntimeError) as error:
        raise click.ClickException(str(error)) from error


@main.command()
def worker() -> None:
    """Run the background jobs alone (when serve does not)."""
    serving.follow_parent()
    settings = read_settings()
    jobs.make_consumer(ready_app(settings), settings).run()


@main.command(name="jobs")
def run_jobs() -> None:
    """Run every background job once, now."""
    for name, result in jobs.run_once(ready_app()).items():
        click.echo(f"{name}: {result}")


@main.command(name="mail")
@click.option("--send-again", type=int, help="Number of a failed or unsure mail to send again.")
def show_mail(send_again: int | None) -> None:
    """Show the mails that have not left, by state; send one of them again."""
    app = ready_app()
    if send_again is not None:
        with write_session(app) as session:
            if not mail.send_again(session, send_again):
                raise click.ClickException(f"no failed or unsure mail has number {send_again}")
    with read_session(app) as session:
        waiting = mail.counts(session)
    for name in mail.STATES:
        numbers = waiting.get(name, [])
        shown = f": {', '.join(map(str, numbers))}" if name in {"failed", "unsure"} else ""
        if numbers:
            click.echo(f"{name} {len(numbers)}{shown}")


@main.command(name="settings")
def show_settings() -> None:
    """Print every setting with its value and its help."""
    settings = read_settings()
    for name, kind, default, help_text in describe():
        value = getattr(settings, name)
        shown = "••••" if name in SECRETS and value else _shown(value)
        changed = "" if value == default else f"; by default {_shown(default)}"
        click.echo(f"{PREFIX}{name.upper()} = {shown}")
        click.echo(
            textwrap.fill(
                f"{help_text} ({kind}{changed})",
                78,
                initial_indent="    ",
                subsequent_indent="    ",
            )
        )


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "(empty)"
    return hide_password(str(value)) or "(empty)"


@main.command(name="audit-verify")
def audit_verify() -> None:
    """Recompute the chain of the audit log; exit 1 when it is broken."""
    with read_session(ready_app()) as session:
        verdict = verify_audit(session)
    click.echo(f"sealed {verdict.sealed}, not sealed yet {verdict.unsealed}")
    if verdict.fault:
        click.echo(verdict.fault)
        sys.exit(1)


@main.command()
@click.option("--home", default="instance", help="Folder of the demo instance.")
@click.option("--serve", "serves", is_flag=True, help="Serve it at once.")
@click.option("--scale", default=0, help="Make as many responses, in the same shapes.")
def demo(home: str, *, serves: bool, scale: int) -> None:
    """Make a demo instance with fictional tables, consultations and answers."""
    folder = Path(home)
    prepare_home(read_settings(home=home))
    if not (folder / FILE_NAME).exists():
        content = 'demo = true\nenglish_access = "open"\n'
        (folder / FILE_NAME).write_text(content, encoding="utf-8")
    settings = read_settings(home=home)
    app = open_app(settings)
    _bring_up(app)
    demo_data.build(app)
    if scale:
        began = time.monotonic()
        added = demo_data.scale(app, scale)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        seconds = time.monotonic() - began
        click.echo(f"{added} responses added in {seconds:.1f} s, at most {memory} MB of memory.")
    click.echo(f"The demo is ready in {folder}.")
    if serves:
        _serve(settings)


main.add_command(make_group(ready_app))
main.add_command(make_command(ready_app))
for command in COMMANDS:
    main.add_command(command)
