"""Join background work to the floors it concerns (floor 10)."""

from flask import Flask

from consult.audit import services
from consult.core import events, mail
from consult.core.db import write_session
from consult.core.settings import Settings


def seal_audit(app: Flask, _settings: Settings) -> int:
    """Chain the audit entries that are not chained yet."""
    with write_session(app) as session:
        return services.seal(session)


def sweep(app: Flask, _settings: Settings) -> dict[str, int]:
    """Erase what has served: events dealt with, mails sent or given up."""
    with write_session(app) as session:
        return {"mails": mail.sweep(session), "events": events.sweep(session)}
