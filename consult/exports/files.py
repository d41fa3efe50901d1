"""Keep prepared exports in a folder that no address leads to (floor 8).

A file is written in a folder of its own and takes its final name only when it is whole and
on the disk. Folder 0700, files 0600.
"""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from consult.core.settings import Settings

_ABANDONED = 6 * 3600  # seconds after which an unfinished folder has no writer left
_UNFINISHED = ".part"


def folder(settings: Settings) -> Path:
    """Return the folder of exports, made when it is missing."""
    path = settings.export_path
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def workplace(settings: Settings, token: str) -> Iterator[Path]:
    """Give a folder to work in; it goes, with all that is in it, at the end."""
    place = Path(tempfile.mkdtemp(prefix=f"{token}-", suffix=_UNFINISHED, dir=folder(settings)))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a new file that only this account reads; it is on the disk when the block ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def keep(settings: Settings, path: Path, name: str) -> None:
    """Give a whole file its final name."""
    path.replace(folder(settings) / name)


def find(settings: Settings, name: str) -> Path | None:
    """Return the file of that name, if it is still there."""
    path = settings.export_path / name
    return path if path.is_file() else None


def erase_others(settings: Settings, kept: Collection[str]) -> int:
    """Erase every file but ``kept``, and the folders of workers that died; return how many."""
    if not settings.export_path.is_dir():
        return 0
    erased = 0
    limit = time.time() - _ABANDONED
    for path in settings.export_path.iterdir():
        if path.name.endswith(_UNFINISHED):
            if path.stat().st_mtime < limit:
                shutil.rmtree(path, ignore_errors=True)
                erased += 1
        elif path.name not in kept:
            path.unlink(missing_ok=True)
            erased += 1
    return erased
