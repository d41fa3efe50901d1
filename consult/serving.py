"""Run the web server and, beside it, the background jobs (floor 10).

A web process that dies is replaced; so is the process of the jobs. And a child whose parent
is gone ends too: the kernel would let it go on answering on the same port for ever, beside
the new ones and with the old code.
"""

import os
import signal
import subprocess
import sys
import threading
import time

import structlog
from granian import Granian
from granian.constants import Interfaces

from consult.app import create_app
from consult.core.settings import Settings

log = structlog.get_logger(__name__)

SITE = "consult.wsgi:app"
PARENT = "SERVED_BY_PROCESS"  # in the environment of what `consult serve` starts
_LOOK = 0.5  # seconds between two looks at the parent
_GRACE = 10.0  # seconds left to requests that are being answered
_PAUSE = 2.0  # seconds before the jobs are started again


def serve(settings: Settings, target: str = SITE) -> None:
    """Serve until told to stop; raises SettingsError when the settings cannot be served."""
    # The server's own processes read their settings from the environment. Background jobs run
    # in a child of their own: a fork while this process writes would leave the lock held.
    os.environ["CONSULT_HOME"] = str(settings.home_path)
    os.environ[PARENT] = str(os.getpid())
    create_app(settings)
    server = Granian(
        target,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        websockets=False,
        log_access=False,
        respawn_failed_workers=True,
        respawn_interval=_PAUSE,
        workers_kill_timeout=int(_GRACE),
    )
    jobs = _Jobs() if settings.embedded_worker else None
    try:
        server.serve()
    finally:
        if jobs is not None:
            jobs.stop()


class _Jobs:
    """The process of the background jobs, started again when it ends by itself."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "consult", "worker"])

    def _watch(self) -> None:
        while not self._over.is_set():
            code = self._process.wait()
            if self._over.wait(_PAUSE):
                return
            log.warning("jobs_restarted", code=code)
            self._process = self._start()

    def stop(self) -> None:
        """End the process, by force when it does not end in time."""
        self._over.set()
        self._process.terminate()
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._thread.join(_GRACE)


def follow_parent() -> None:
    """End this process when the ``consult serve`` that started it is gone.

    Nothing happens in a process that ``consult serve`` did not start.
    """
    parent = os.environ.get(PARENT)
    if parent is None:
        return

    def watch() -> None:
        while os.getppid() == int(parent):
            time.sleep(_LOOK)
        log.warning("parent_gone", parent=int(parent))
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_GRACE)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
