"""Open the citizen's pages to somebody who is helped, with nothing of who helps (floor 6).

The desk gives a pass: a keyed digest of the consultation and the day. Whoever starts a sheet with
it starts an assisted one. It says nothing of the person who asked for it, and is the same for
all who help with a consultation on that day.
"""

import hashlib
import hmac
from datetime import date, timedelta

from consult.core.codes import Pepper

FIELD = "assisted"
CHANNEL = "assisted"


def make_pass(pepper: Pepper, consultation: str, day: date) -> str:
    """Return the pass of a consultation for one day."""
    return _digest(pepper.versions()[0], consultation, day)


def is_pass(pepper: Pepper, consultation: str, day: date, given: str) -> bool:
    """Tell whether ``given`` is the pass of today, or of the day before for help past midnight."""
    return any(
        hmac.compare_digest(_digest(secret, consultation, made).encode(), given.encode())
        for secret in pepper.versions()
        for made in (day, day - timedelta(days=1))
    )


def _digest(secret: bytes, consultation: str, day: date) -> str:
    message = f"consult/assisted/{consultation}/{day.isoformat()}".encode()
    return hmac.digest(secret, message, hashlib.sha256).hex()[:32]
