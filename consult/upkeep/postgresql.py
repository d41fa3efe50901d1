"""Call the clients of PostgreSQL; no password stands on a command line (floor 10)."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL, make_url

from consult.core.jobs import QUEUE_SCHEMA


class ClientError(RuntimeError):
    """Say that a client of PostgreSQL is missing or failed, with its own words."""


def dump(address: str, snapshot: str, target: Path) -> None:
    """Write what ``snapshot`` sees to ``target``, in the custom format; the queue stays behind."""
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    options.append(f"--exclude-schema={QUEUE_SCHEMA}")
    _run(address, "pg_dump", [*options, f"--file={target}"])


def load(address: str, source: Path) -> None:
    """Restore ``source`` into an empty database, all or nothing."""
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run(address, "pg_restore", [*options, str(source)])


def _run(address: str, program: str, arguments: list[str]) -> None:
    found = shutil.which(program)
    if found is None:
        message = (
            f"{program} is not on this machine. Install the client of PostgreSQL, of the server's "
            "version or newer (on Debian: apt install postgresql-client)."
        )
        raise ClientError(message)
    url = make_url(address)
    place = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
    place = place.update_query_dict(dict(url.query))
    secret = {"PGPASSWORD": url.password} if url.password else {}
    command = [found, f"--dbname={place.render_as_string()}", "--no-password", *arguments]
    done = subprocess.run(  # noqa: S603  a fixed program, and arguments that no visitor types
        command, env=os.environ | secret, capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"{program} failed: {done.stderr.strip()}"
        raise ClientError(message)
