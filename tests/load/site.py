"""The real server as a process of its own: start it, kill parts of it, visit it."""

import contextlib
import http.client
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

from tests.conftest import ROOT
from tests.support.services import free_port, wait_for


class Site:
    """``consult serve`` on a free port, with a fault put in when asked."""

    def __init__(self, home: Path, url: str = "", *, fault: str = "", **settings: object) -> None:
        self.port = free_port()
        serve = ["-m", "tests.load.server", fault] if fault else ["-m", "consult", "serve"]
        self.command = [sys.executable, *serve]
        given = {
            "home": home,
            "database_url": url,
            "port": self.port,
            "public_url": f"http://127.0.0.1:{self.port}",
            "log_level": "error",
            "embedded_worker": "false",
            **settings,
        }
        self.env = os.environ | {f"CONSULT_{k.upper()}": str(v) for k, v in given.items()}
        self.log = home / "serve.log"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.env, cwd=ROOT, stdout=log, stderr=log
            )
        wait_for(self.port)

    def start_again(self, seconds: float = 60) -> None:
        """Start the site as a service manager does: again while old processes hold the port."""
        deadline = time.monotonic() + seconds
        while True:
            self.start()
            while self.process.poll() is None and not self.children():
                time.sleep(0.1)
            if self.process.poll() is None:
                return
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.5)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)

    def kill(self) -> None:
        """Kill the main process, and nothing else."""
        self.process.kill()
        self.process.wait(10)

    def children(self) -> list[int]:
        """Return the processes that the main one started, oldest first."""
        found = (pid for pid in every_process() if parent_of(pid) == self.process.pid)
        # Not by number: the numbers of processes begin again from the lowest when they run out.
        return sorted(found, key=started_at)

    def kill_a_worker(self) -> int:
        """Kill the oldest web process."""
        victim = self.children()[0]
        os.kill(victim, signal.SIGKILL)
        return victim

    def send(self, method: str, path: str, form: dict[str, str] | None = None):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        headers = {"Origin": f"http://127.0.0.1:{self.port}"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            link.request(method, path, urlencode(form) if form is not None else None, headers)
            answer = link.getresponse()
            return answer, answer.read().decode()
        finally:
            link.close()

    def insist(self, path: str, form: dict[str, str], tries: int = 120):
        """Post until an answer comes, as a browser whose owner tries again."""
        for _ in range(tries):
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer, page = self.send("POST", path, form)
                if answer.status < 500:
                    return answer, page
            time.sleep(0.25)
        message = f"no answer to {path} after {tries} tries"
        raise TimeoutError(message)


def every_process() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """Return what the kernel says of a process, from its state on; nothing when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace")
    except OSError:
        return []
    return stat.rpartition(")")[2].split()


def parent_of(pid: int) -> int | None:
    """Return the parent of a living process; None when it is gone or a zombie."""
    told = _stat(pid)
    return int(told[1]) if told and told[0] != "Z" else None


def started_at(pid: int) -> int:
    """Return when a process started, in ticks since the machine did; 0 when it is gone."""
    told = _stat(pid)
    return int(told[19]) if told else 0


def is_receipt(answer: http.client.HTTPResponse) -> bool:
    return answer.status == 303 and (answer.getheader("Location") or "").endswith("/recu")


def new_code(answer: http.client.HTTPResponse) -> str:
    found = re.search(r"consult_code_\w+=([A-Z0-9-]+)", answer.getheader("Set-Cookie") or "")
    assert found, answer.status
    return found[1]
