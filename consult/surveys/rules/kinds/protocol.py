"""What every kind of item answers for itself: one class a kind, one instance each. Pure.

An answer has three shapes. **Raw**: what a form holds, under the keys of its item (``read``).
**Stored**: what the document of a response holds, words apart (``store``, ``restore``).
**Values**: what expressions read, by variable (``known``, ``values``).
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, MutableMapping
from typing import Any, Protocol

import msgspec

from consult.surveys.expressions import Known, Value
from consult.surveys.rules.definition import Fault, Item, Words

FIELD = "q-"
MAX_CODE = 60
NOT_ASKED_CODE = "not_asked"
Raw = Any
Typed = Mapping[str, Raw]
Document = Mapping[str, Any]


def to_say(text: str) -> str:
    """Mark an English sentence for the catalogues; who speaks to a reader translates it."""
    return text


NON_ANSWER_WORDS = {
    "dont_know": to_say("I don’t know"),
    "prefer_not": to_say("I prefer not to answer"),
}
UNKNOWN = to_say("Choose one of the answers offered.")
NOT_ASKED_WORDS = to_say("This response was not asked.")


class FormData(Protocol):
    """What is needed of a posted form."""

    def getlist(self, key: str) -> list[str]:
        """Return every value of a field."""


class Problem(msgspec.Struct, frozen=True):
    """Why an answer is not accepted: the item, a reason code, and how to mend it.

    ``said`` is a marked sentence with its values, ``message`` that of a constraint. ``part``
    names the control at fault after the item's own (``q-item.part``, ``q-item_other``). ``token``
    names a soft constraint with the answer it doubts: posted back, it overrides.
    """

    item: str
    reason: str
    said: str = ""
    values: Mapping[str, object] = {}
    message: Words = Words()
    token: str = ""
    part: str = ""


class Voice(msgspec.Struct, frozen=True):
    """The language of a reader, and what turns a marked sentence into it."""

    lang: str
    say: Callable[[str], str]

    def of(self, words: Words) -> str:
        """Return a text of the definition in the reader's language, or in the other."""
        return words.pick(self.lang)[0]

    def non_answer(self, code: str) -> str:
        """Return the label of a typed non-answer."""
        return self.say(NON_ANSWER_WORDS[code])


class OptionCount(msgspec.Struct, frozen=True):
    """How many gave one answer, and their share of the base."""

    code: str
    label: str
    n: int
    share: float


class PartResult(msgspec.Struct, frozen=True):
    """The counts of one part of an item (a row, an option), over those who answered it."""

    code: str
    title: str
    base: int
    options: tuple[OptionCount, ...] = ()
    mean: float | None = None


class Summary(msgspec.Struct, frozen=True):
    """What the answers to one item come to: counts, a mean where there is one, its parts."""

    options: tuple[OptionCount, ...] = ()
    mean: float | None = None
    parts: tuple[PartResult, ...] = ()


class Heading(msgspec.Struct, frozen=True):
    """One column of an export: its code after the item's own ("" for the item's), its label."""

    suffix: str
    label: str


class CodeRow(msgspec.Struct, frozen=True):
    """One line of a codebook: a column, a code that may stand in it, and its label."""

    suffix: str
    code: str
    label: str


class ItemKind:
    """The defaults: one raw answer under the item's code, stored as it is, unlike any other.

    ``fields`` are the keys of an item that belong to the kind, beside those of every item;
    ``option_fields`` those of its options. ``is_text``: the words lie apart, under the keys.
    ``is_free``: so many values that a proof of reach cannot try them. ``least_offered``: with
    fewer options left by earlier answers, nothing is asked.
    """

    code: str
    fields: frozenset[str] = frozenset()
    option_fields: frozenset[str] = frozenset()
    is_text = False
    is_free = True
    least_offered = 1

    # -- the definition ---------------------------------------------------------------

    def faults(self, item: Item, place: str) -> list[Fault]:
        """Return what is wrong with the definition of an item, its expressions apart."""
        del item, place
        return []

    def prepared(self, item: Item) -> Item:
        """Return an accepted item with what its kind gives it."""
        return item

    def known(self, item: Item) -> dict[str, Known]:
        """Return the variables of an item with their types: its code first, then its parts.

        A part is ``code.part``; ``code_other`` are the words beside "other".
        """
        return {item.code: Known("empty")}

    def candidates(
        self, item: Item, named: Collection[str] | None, filtered: Collection[str]
    ) -> list[Value] | None:
        """Return the values that may make a difference in a proof; None when too many.

        ``named``: the codes that conditions name (None: every code may count); ``filtered``:
        the options that are not always offered. Asked only of kinds that are not free.
        """
        raise NotImplementedError

    def reads(self, item: Item) -> dict[str, Any]:
        """Return how a browser reads each variable: a name of ``readers`` in answering.js."""
        del item
        return {}

    # -- the form ---------------------------------------------------------------------

    def keys(self, item: Item) -> tuple[str, ...]:
        """Return the keys under which the raw and the stored answer lie; the item's code first."""
        return (item.code,)

    def read(self, item: Item, form: FormData) -> dict[str, Raw]:
        """Return what was typed, as it was but bounded; nothing for what was left empty."""
        raise NotImplementedError

    def values(self, item: Item, typed: Typed) -> dict[str, Value]:
        """Return the value of each variable; what cannot be understood is no answer."""
        raise NotImplementedError

    def judge(self, item: Item, typed: Typed) -> list[Problem]:
        """Return what is wrong with an answer that is there."""
        raise NotImplementedError

    def offered_only(self, raw: Raw, gone: Collection[str]) -> Raw:
        """Leave out of a raw answer the options that are not offered now."""
        del gone
        return raw

    def with_hidden(self, raw: Raw, before: Raw, gone: Collection[str]) -> Raw:
        """Keep in a new raw answer what was chosen before among options not offered now."""
        del before, gone
        return raw

    def memory(self, item: Item, typed: Typed) -> Hashable | None:
        """Return what names the look of a question with this answer; None to draw it afresh.

        Only what the questionnaire itself offers may be remembered, never what was typed.
        """
        return None if any(typed.get(key) for key in self.keys(item)) else ()

    def shape(self, item: Item, typed: Typed) -> Mapping[str, Any]:
        """Return what a template needs to draw the question or its answer, beside both."""
        del item, typed
        return {}

    # -- the response -----------------------------------------------------------------

    def store(
        self, item: Item, typed: Typed, document: MutableMapping[str, Any], texts: dict[str, str]
    ) -> None:
        """Put an accepted answer into the document, and its words into the texts."""
        raise NotImplementedError

    def restore(self, item: Item, document: Document, texts: Mapping[str, str]) -> dict[str, Raw]:
        """Return the raw answer that was stored: what a form shows again."""
        raise NotImplementedError

    # -- results and exports ------------------------------------------------------------

    def count(self, item: Item, value: Any, counts: Counter[Any]) -> None:  # noqa: ANN401
        """Count a stored answer that is no non-answer; one of another kind is passed over."""
        del item, value, counts

    def summary(self, item: Item, counts: Counter[Any], base: int, voice: Voice) -> Summary:
        """Return what the counts come to."""
        del item, counts, base, voice
        return Summary()

    def columns(self, item: Item, voice: Voice, *, varies: bool) -> list[Heading]:
        """Return the columns of an item; ``varies`` when some may not be asked."""
        raise NotImplementedError

    def cells(
        self,
        item: Item,
        stored: tuple[Document, Mapping[str, str]],
        voice: Voice,
        *,
        varies: bool,
    ) -> list[object]:
        """Return one cell for each column; an item not asked has ``{"na": "not_asked"}``."""
        raise NotImplementedError

    def codes(self, item: Item, voice: Voice, *, varies: bool) -> Iterator[CodeRow]:
        """Yield every code that may stand in the columns."""
        raise NotImplementedError


def fault(place: str, said: str, **values: object) -> Fault:
    """Return a fault told by a marked sentence."""
    return Fault(place=place, said=said, values=values)


def non_answer_of(value: Any) -> str | None:  # noqa: ANN401  a stored answer
    """Return the code of a stored non-answer."""
    found = value.get("na") if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def state_codes(item: Item, voice: Voice, suffix: str, *, varies: bool) -> Iterator[CodeRow]:
    """Yield the reasons why there is no answer, for the column where they stand."""
    for code in item.non_answers:
        yield CodeRow(suffix, code, voice.non_answer(code))
    if varies:
        yield CodeRow(suffix, NOT_ASKED_CODE, voice.say(NOT_ASKED_WORDS))
