"""Tell the windows of one sheet apart, so that none overwrites another in silence (floor 6).

A page is drawn with a digest of its answers as they are kept (its base) and the name of its
window. A page that comes back is stored when nothing else was stored since (the base is still
the present one), when the last to store this page was the same window, or when it says the same
as what is kept. Else both versions are shown. A window counts its sendings: one that arrives late
is passed over, for a later one was stored.
"""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from consult.surveys.rules import PagePlan
from consult.surveys.rules.borrowing import OTHER
from consult.surveys.rules.kinds.protocol import FormData


class Manner(msgspec.Struct, frozen=True):
    """How a page is sent: left unfinished, saved in the background, and from which window."""

    is_leaving: bool = False
    is_background: bool = False
    base: str = ""
    window: str = ""
    turn: int = 0


class ChangedElsewhereError(ValueError):
    """Say that another window stored this page meanwhile; ``typed`` is what was not stored."""

    def __init__(self, kept: Mapping[str, Any], typed: Mapping[str, Any]) -> None:
        """Keep both versions for the page that shows them."""
        super().__init__("this page was changed in another window")
        self.kept, self.typed = kept, typed


class SentMeanwhileError(ValueError):
    """Say that the sheet was sent: nothing is saved behind the back of who sent it."""


def read_manner(form: FormData, *, leaving: bool = False, background: bool = False) -> Manner:
    """Return what a form says of its window; nothing for a form that does not say it."""

    def last(name: str) -> str:
        return "".join(form.getlist(name)[-1:])[:40]

    turn = last("page-turn")
    return Manner(
        is_leaving=leaving,
        is_background=background,
        base=last("page-base"),
        window=last("page-window"),
        turn=int(turn) if turn.isdecimal() and turn.isascii() else 0,
    )


def new_window() -> str:
    """Return a name for a window in which a page is drawn."""
    return secrets.token_hex(8)


def page_digest(page: PagePlan, typed: Mapping[str, Any]) -> str:
    """Return what stands for the answers of one page."""
    answers = [_answer_of(entry.item.code, typed) for entry in page.items]
    return hashlib.sha256(msgspec.json.encode(answers, order="sorted")).hexdigest()[:16]


def _answer_of(code: str, typed: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the raw answer to an item with the words beside its "other"."""
    return typed.get(code), typed.get(code + OTHER)


def is_same(code: str, kept: Mapping[str, Any], typed: Mapping[str, Any]) -> bool:
    """Tell whether two versions hold the same answer to an item."""
    return _answer_of(code, kept) == _answer_of(code, typed)


def is_late(last: tuple[str, int] | None, manner: Manner) -> bool:
    """Tell whether a later sending of the same window was stored already."""
    return last is not None and last[0] == manner.window and manner.turn < last[1]


def check_base(
    page: PagePlan,
    versions: tuple[Mapping[str, Any], Mapping[str, Any]],
    last: tuple[str, int] | None,
    manner: Manner,
) -> None:
    """Raise ChangedElsewhereError when storing (kept, typed) would overwrite another window."""
    kept, typed = versions
    present = page_digest(page, kept)
    is_mine = last is not None and last[0] == manner.window
    if not manner.base or is_mine or present in {manner.base, page_digest(page, typed)}:
        return
    raise ChangedElsewhereError(kept, typed)
