"""Set from the command line in which languages an organisation publishes (floor 3)."""

from collections.abc import Callable

import click
from flask import Flask
from sqlalchemy import update

from consult.audit.services import Subject, record
from consult.core.db import Session, write_session
from consult.tables.models import Organisation
from consult.tables.rules import LANGUAGE_POLICIES


def set_language_policy(session: Session, code: str, policy: str) -> int:
    """Set the policy of an organisation and of everything below it; return how many were set."""
    organisation = session.query(Organisation).filter_by(code=code).one_or_none()
    if organisation is None:
        return 0
    found = session.scalars(
        update(Organisation)
        .where(Organisation.path.startswith(organisation.path, autoescape=True))
        .values(language_policy=policy)
        .returning(Organisation.id)
    ).all()
    details = {"policy": policy, "organisations": len(found)}
    record(
        session, None, "organisation.language_policy_set", Subject("organisation", code), details
    )
    return len(found)


def make_command(make_app: Callable[[], Flask]) -> click.Command:
    """Return the command, which opens an instance with ``make_app``."""

    @click.command("language-policy")
    @click.argument("code")
    @click.option(
        "--policy",
        type=click.Choice(LANGUAGE_POLICIES),
        required=True,
        help="How pages of its tables and consultations open in English.",
    )
    def language_policy(code: str, policy: str) -> None:
        """Set the languages in which an organisation, and all below it, publishes."""
        with write_session(make_app()) as session:
            count = set_language_policy(session, code, policy)
        if not count:
            message = f"no organisation has the code {code}"
            raise click.ClickException(message)
        click.echo(f"{count} organisations: {policy}")

    return language_policy
