"""Queue the writers of one SQLite file fairly, inside a process and between processes.

Inside a process a ticket lock serves threads in their order of arrival; between processes
an advisory ``flock`` on a side file does. A thread that waits longer than the time-out is told.
"""

import fcntl
import os
import threading
import time
from collections import deque
from pathlib import Path


class WriterLock:
    """Let one connection at a time write; the owner is the database connection."""

    def __init__(self, path: Path, timeout: float) -> None:
        """Prepare the lock on the side file ``path``; ``timeout`` in seconds."""
        self._path = path
        self._timeout = timeout
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._owner: int | None = None
        self._descriptor: int | None = None
        self._process = 0

    def acquire(self, owner: object) -> None:
        """Wait for one's turn; raises TimeoutError when it does not come in time."""
        key = id(owner)
        if self._owner == key:
            return
        deadline = time.monotonic() + self._timeout
        self._wait_for_thread_turn(key, deadline)
        try:
            self._wait_for_process_turn()
        except BaseException:
            self._hand_over()
            raise

    def release(self, owner: object) -> None:
        """Let the next writer in; nothing happens when ``owner`` does not hold the lock."""
        if self._owner == id(owner):
            self._unlock_file()
            self._hand_over()

    def _wait_for_thread_turn(self, key: int, deadline: float) -> None:
        turn = threading.Event()
        with self._guard:
            if self._owner is None and not self._waiting:
                self._owner = key
                return
            self._waiting.append(turn)
        if turn.wait(max(0.0, deadline - time.monotonic())):
            self._owner = key
            return
        with self._guard:
            if turn.is_set():  # the turn came in the very moment of giving up
                self._owner = key
                return
            self._waiting.remove(turn)
        message = "no turn to write came in time"
        raise TimeoutError(message)

    def _hand_over(self) -> None:
        with self._guard:
            if self._waiting:
                # A placeholder owner keeps newcomers out until the woken thread takes over.
                self._owner = 0
                self._waiting.popleft().set()
            else:
                self._owner = None

    def _wait_for_process_turn(self) -> None:
        # A blocking flock: the kernel serves waiters in order, and frees the lock of a dead
        # process at once. A polled lock with a time-out would starve one of four processes.
        if self._descriptor is None or self._process != os.getpid():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._process = os.getpid()
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def _unlock_file(self) -> None:
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
