"""Measure the preparation of a large workbook: seconds, and the most memory it took.

``python -m tests.load.export_bench [RESPONSES]`` prints one JSON object for each database; each
workbook is prepared in a process of its own, as the worker does.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import select

from consult import demo, migrations
from consult.consultations.models import Consultation
from consult.core.db import db, write_session
from consult.core.progress import Job, Order, run_waiting, start_job
from tests.conftest import ROOT, make_app
from tests.support.crowds import crowd
from tests.support.databases import PostgresqlDatabase, postgresql_is_up

BUDGET_MB = 200


def prepared(home: Path, url: str, count: int) -> None:
    """Fill an instance and ask for its workbook."""
    app = make_app(home, url)
    migrations.upgrade(app)
    demo.build(app)
    crowd(app, count)
    with write_session(app) as session:
        code = session.scalars(select(Consultation.code).where(Consultation.state == "open")).one()
        details = {"format": "xlsx", "labels": "fr", "set": "responses"}
        start_job(session, Order("export", "consultation", code, None, None, details))
    with app.app_context():
        db.engine.dispose()


def most_memory() -> int:
    """Return the most memory that this process has held so far, in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    return round(int(found[1]) / 1024) if found else 0


def work(home: Path, url: str) -> dict[str, object]:
    """Prepare the workbook in this process."""
    app = make_app(home, url)
    settings = app.extensions["consult_settings"]
    before = most_memory()
    began, cpu = time.monotonic(), time.process_time()
    run_waiting(app, settings)
    with write_session(app) as session:
        job = session.scalars(select(Job).order_by(Job.id.desc())).first()
        state, rows, file = job.state, job.done, job.file
    return {
        "state": state,
        "rows": rows,
        "seconds": round(time.monotonic() - began, 1),
        "CPU seconds": round(time.process_time() - cpu, 1),
        "MB of memory at most": most_memory(),
        "MB of it before": before,
        "MB of the file": round((settings.export_path / file).stat().st_size / 2**20, 1),
    }


def measured(home: Path, url: str, count: int) -> dict[str, object]:
    prepared(home, url, count)
    command = [sys.executable, "-m", "tests.load.export_bench", "--work", str(home), url]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(run.stdout.splitlines()[-1])


def main() -> None:
    """Measure both databases and print one JSON object."""
    if sys.argv[1:2] == ["--work"]:
        print(json.dumps(work(Path(sys.argv[2]), sys.argv[3])))  # noqa: T201  read by the parent
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    report: dict[str, object] = {"responses": count, "budget in MB": BUDGET_MB}
    folder = Path(tempfile.mkdtemp(prefix="consult-export-bench-"))
    try:
        report["sqlite"] = measured(folder / "sqlite", "", count)
        if postgresql_is_up():
            with PostgresqlDatabase() as url:
                report["postgresql"] = measured(folder / "postgresql", url, count)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(report, indent=1))  # noqa: T201  the report is the purpose


if __name__ == "__main__":
    main()
