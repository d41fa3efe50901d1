"""Check, load and describe questionnaire files from the command line (floor 6)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy import select

from consult.consultations.models import Consultation
from consult.core.db import Session, write_session
from consult.surveys import services
from consult.surveys.faults import fault_text
from consult.surveys.models import QuestionnaireVersion
from consult.surveys.rules import (
    Definition,
    DefinitionError,
    Fault,
    json_schema,
    missing_texts,
    parse_definition,
)
from consult.surveys.transfers import FILE, add_transfers

MAX_BYTES = 2_097_152
TOO_LARGE = f"over {MAX_BYTES} bytes"


def report(content: bytes) -> dict[str, Any]:
    """Return what a file holds and what is wrong with it."""
    if len(content) > MAX_BYTES:
        return {"ok": False, "faults": [{"place": "$", "message": TOO_LARGE}]}
    try:
        definition = parse_definition(content)
    except DefinitionError as error:
        return {"ok": False, "faults": [_told(fault) for fault in error.faults]}
    missing = [{"place": m.place, "language": m.lang} for m in missing_texts(definition)]
    return {
        "ok": not missing,
        "code": definition.code,
        "pages": len(definition.pages),
        "items": len(definition.items),
        "languages": list(definition.languages),
        "missing": missing,
        "faults": [],
    }


def _content(file: Path) -> bytes:
    """Return what a file holds, and never much more than is taken."""
    with file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def _definition(file: Path) -> Definition:
    content = _content(file)
    if len(content) > MAX_BYTES:
        message = f"$: {TOO_LARGE}"
        raise click.ClickException(message)
    try:
        return parse_definition(content)
    except DefinitionError as error:
        told = "; ".join(f"{fault.place}: {fault_text(fault)}" for fault in error.faults)
        raise click.ClickException(told) from error


def _told(fault: Fault) -> dict[str, Any]:
    """Return a fault for the report; one of an expression has a code, an item and a column."""
    told: dict[str, Any] = {"place": fault.place, "message": fault_text(fault)}
    if fault.code:
        told |= {"code": fault.code, "item": fault.item, "column": fault.column}
    return told


def _load(
    session: Session, consultation: Consultation | None, definition: Definition
) -> QuestionnaireVersion | None:
    """Return the version that was loaded; None where no draft takes one."""
    if consultation is None:
        return None
    try:
        return services.load_definition(session, None, consultation, definition)
    except services.PublishedError:
        return None


def make_group(app: Callable[[], Flask]) -> click.Group:
    """Return the commands; ``app`` builds the application only when one needs it."""
    group = click.Group("questionnaire", help="Check and load questionnaire files.")

    @group.command()
    @click.argument("file", type=FILE)
    def check(file: Path) -> None:
        """Check FILE without any database and print a JSON report."""
        result = report(_content(file))
        click.echo(json.dumps(result, ensure_ascii=False, indent=1))
        if not result["ok"]:
            raise SystemExit(1)

    @group.command()
    @click.argument("file", type=FILE)
    @click.option("--consultation", required=True, help="Code of the consultation.")
    def load(file: Path, consultation: str) -> None:
        """Load FILE as the questionnaire of a consultation that is not published."""
        definition = _definition(file)
        with write_session(app()) as session:
            found = session.scalars(
                select(Consultation).where(Consultation.code == consultation)
            ).one_or_none()
            version = _load(session, found, definition)
            if version is None:
                message = f"no consultation {consultation!r} that is still a draft"
                raise click.ClickException(message)
            click.echo(f"version {version.number}")

    add_transfers(group, app)

    @group.command()
    def schema() -> None:
        """Print the JSON Schema of a questionnaire file."""
        click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=1))

    return group
