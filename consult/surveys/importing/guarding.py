"""Read a file in a process of its own, within memory and time: a hostile one costs no more. Pure.

Our own JSON is read here: its reader is bounded by itself, and the desk uses it most.
"""

import subprocess
import sys

import msgspec

from consult.surveys.importing import MAX_BYTES, Imported, is_ours, read
from consult.surveys.rules import Fault

WALL_SECONDS, MAX_ANSWER = 30.0, 64 * 1024 * 1024


def read_safely(content: bytes, language: str = "") -> Imported:
    """Return what a file gives; a reading that ends badly or late is a refusal."""
    if len(content) > MAX_BYTES:
        return _refused("too_large", limit=MAX_BYTES)
    if is_ours(content):
        return read(content, language)
    command = [sys.executable, "-m", "consult.surveys.importing", language]
    try:
        done = subprocess.run(  # noqa: S603  our own module, a language among two
            command, input=content, capture_output=True, timeout=WALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return _refused("too_costly")
    if done.returncode != 0 or len(done.stdout) > MAX_ANSWER:
        return _refused("too_costly")
    return msgspec.json.decode(done.stdout, type=Imported)


def _refused(code: str, **values: object) -> Imported:
    return Imported(None, (Fault(place="$", code=code, values=values),))
