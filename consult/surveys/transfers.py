"""Bring questionnaires in from other programs and take them out, on the command line (floor 6)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec
from flask import Flask
from sqlalchemy import select

from consult.consultations.models import Consultation
from consult.core.db import write_session
from consult.surveys import queries, services
from consult.surveys.faults import fault_text
from consult.surveys.importing import Imported, exported
from consult.surveys.importing.guarding import read_safely
from consult.surveys.importwords import note_text
from consult.surveys.rules import Definition, Fault, missing_texts, parse_definition

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LANGUAGES = click.Choice(["fr", "en"])


def import_report(found: Imported) -> dict[str, Any]:
    """Return what a file gives, what is wrong with it, and what is not carried."""
    missing: list[dict[str, str]] = []
    languages: list[str] = []
    if found.definition is not None:
        definition = parse_definition(found.definition)
        languages = list(definition.languages)
        missing = [{"place": m.place, "language": m.lang} for m in missing_texts(definition)]
    return {
        "ok": found.definition is not None,
        "items": found.counts.get("items", 0),
        "pages": found.counts.get("pages", 0),
        "conditions": found.counts.get("conditions", 0),
        "languages": languages,
        "faults": [_told(fault) for fault in found.faults],
        "missing": missing,
        "notes": [
            {
                "place": note.place,
                "code": note.code,
                "message": note_text(note.code, note.values),
                "count": note.values.get("count", 1),
            }
            for note in found.notes
        ],
    }


def _told(fault: Fault) -> dict[str, Any]:
    told: dict[str, Any] = {"place": fault.place, "message": fault_text(fault)}
    told |= {"code": fault.code} if fault.code else {}
    told |= {"item": fault.item} if fault.item else {}
    return told | ({"column": fault.column} if fault.column else {})


def add_transfers(group: click.Group, app: Callable[[], Flask]) -> None:
    """Add the commands that import and export; ``app`` is built only when one needs it."""

    @group.command("import")
    @click.argument("file", type=FILE)
    @click.option("--check", is_flag=True, help="Only print the report; needs no database.")
    @click.option(
        "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write."
    )
    @click.option("--consultation", help="Code of the consultation that takes it.")
    @click.option("--language", type=_LANGUAGES, default=None, help="Of texts that name none.")
    def bring(
        file: Path,
        *,
        check: bool,
        output: Path | None,
        consultation: str | None,
        language: str | None,
    ) -> None:
        """Import FILE: SurveyJS JSON, XLSForm, LimeSurvey or our own JSON."""
        found = read_safely(file.read_bytes(), language or "")
        click.echo(json.dumps(import_report(found), ensure_ascii=False, indent=1))
        if found.definition is None:
            raise SystemExit(1)
        if output is not None and not check:
            output.write_bytes(msgspec.json.format(msgspec.json.encode(found.definition), indent=2))
        if consultation is not None and not check:
            _load(app, consultation, found.definition)

    @group.command("export")
    @click.argument("source")
    @click.option("--format", "form", type=click.Choice(["xlsform", "json"]), default="xlsform")
    @click.option(
        "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File."
    )
    def take(source: str, form: str, output: Path) -> None:
        """Export SOURCE, a file of ours or the code of a consultation, as XLSForm or JSON."""
        output.write_bytes(exported(_definition(app, source), form))


def _definition(app: Callable[[], Flask], source: str) -> Definition:
    """Return the questionnaire of a file, or the present one of a consultation."""
    path = Path(source)
    if path.is_file():
        found = read_safely(path.read_bytes())
        if found.definition is None:
            told = "; ".join(f"{f.place}: {fault_text(f)}" for f in found.faults)
            raise click.ClickException(told)
        return parse_definition(found.definition)
    with write_session(app()) as session:
        consultation = session.scalars(
            select(Consultation).where(Consultation.code == source)
        ).one_or_none()
        sheet = consultation and (
            queries.sheet(session, consultation.id, "draft")
            or queries.sheet(session, consultation.id)
        )
        if not sheet:
            message = f"no file and no consultation with a questionnaire: {source!r}"
            raise click.ClickException(message)
        return sheet.definition


def _load(app: Callable[[], Flask], code: str, document: dict[str, Any]) -> None:
    """Load a document as the draft questionnaire of a consultation."""
    definition = parse_definition(document)
    with write_session(app()) as session:
        found = session.scalars(select(Consultation).where(Consultation.code == code)).one_or_none()
        try:
            if found is not None:
                version = services.load_definition(session, None, found, definition)
                click.echo(f"version {version.number}", err=True)
                return
        except services.PublishedError:
            found = None
    message = f"no consultation {code!r} that is still a draft"
    raise click.ClickException(message)
