"""The questionnaire as a value: its pages, items, options, and what may be wrong with it. Pure."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from consult.surveys.expressions import MAX_LENGTH

FORMAT = "consult-questionnaire/1"
Kind = Literal[
    "note",
    "section",
    "short_text",
    "long_text",
    "one_choice",
    "several_choices",
    "scale",
    "number",
    "date",
    "matrix",
    "ranking",
    "points",
    "best_worst",
    "postal_code",
    "consent",
    "computed",
]
# Kinds that take no answer.
SILENT = frozenset({"note", "section"})
NonAnswer = Literal["dont_know", "prefer_not"]

MAX_PAGES, MAX_ITEMS, MAX_OPTIONS, MAX_TEXT, MAX_CONSTRAINTS = 60, 600, 200, 5000, 5
MAX_DECIMALS = 6
USUAL_LENGTH = {"long_text": 1000, "short_text": 100}
Code = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,59}$", description="Stable code.")]
OptionCode = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_]{0,59}$", description="Stable code.")]
Expression = Annotated[
    str, Meta(max_length=MAX_LENGTH, description="A condition or a value, in XLSForm syntax.")
]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in French and English."""

    fr: Annotated[str, Meta(max_length=MAX_TEXT)] = ""
    en: Annotated[str, Meta(max_length=MAX_TEXT)] = ""

    def pick(self, lang: str) -> tuple[str, str]:
        """Return (text, its language): the asked one, else the other, else empty."""
        first, second = (self.fr, self.en) if lang == "fr" else (self.en, self.fr)
        other = "en" if lang == "fr" else "fr"
        return (first, lang) if first or not second else (second, other)


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One option of a choice, or one step of a scale."""

    code: OptionCode
    label: Words
    exclusive: bool = False
    relevant: Expression = ""
    specify: bool = False


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of a matrix."""

    code: OptionCode
    label: Words
    relevant: Expression = ""


class Constraint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an answer must hold, and what is said when it does not.

    A soft one may be overridden by the respondent; that is kept with the answers.
    """

    test: Annotated[Expression, Meta(min_length=1)]
    message: Words
    soft: bool = False


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question, a note between questions, or a value computed from earlier answers."""

    code: Code
    kind: Kind
    title: Words
    hint: Words = Words()
    required: bool = False
    options: tuple[Option, ...] = ()
    max_choices: Annotated[int, Meta(ge=1)] | None = None
    max_length: Annotated[int, Meta(ge=1, le=MAX_TEXT)] | None = None
    non_answers: tuple[NonAnswer, ...] = ()
    relevant: Expression = ""
    constraints: Annotated[tuple[Constraint, ...], Meta(max_length=MAX_CONSTRAINTS)] = ()
    calculation: Expression = ""
    min_choices: Annotated[int, Meta(ge=1)] | None = None
    rows: tuple[Row, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    decimals: Annotated[int, Meta(ge=0, le=MAX_DECIMALS)] = 0
    unit: Words = Words()
    options_from: str = ""
    total: Annotated[int, Meta(ge=2, le=1_000_000)] = 100
    set_size: Annotated[int, Meta(ge=2, le=10)] = 4
    sets: Annotated[int, Meta(ge=1, le=60)] | None = None
    seed: Annotated[int, Meta(ge=0)] = 1
    purpose: Literal["research", "quote"] | None = None

    @property
    def longest(self) -> int:
        """Return how many characters a text may have."""
        return self.max_length or USUAL_LENGTH.get(self.kind, MAX_TEXT)

    @property
    def is_question(self) -> bool:
        """Tell whether people answer it."""
        return self.kind != "computed" and self.kind not in SILENT


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of the questionnaire."""

    code: Code
    title: Words
    items: Annotated[tuple[Item, ...], Meta(min_length=1)]
    relevant: Expression = ""


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole questionnaire; the published JSON Schema is made from this type."""

    format: Literal["consult-questionnaire/1"]
    code: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,59}$")]
    title: Words
    pages: Annotated[tuple[Page, ...], Meta(min_length=1, max_length=MAX_PAGES)]
    languages: tuple[Literal["fr", "en"], ...] = ("fr", "en")
    introduction: Words = Words()

    @property
    def items(self) -> tuple[Item, ...]:
        """Return every item that takes an answer, in order."""
        return tuple(i for page in self.pages for i in page.items if i.is_question)

    @property
    def variables(self) -> tuple[Item, ...]:
        """Return every item with a value in a response: questions and computed items, in order."""
        return tuple(i for page in self.pages for i in page.items if i.kind not in SILENT)


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with a definition: where (a path), what, and how to mend it.

    A fault of an expression has a reason code, a column (from 1), the code of its item or page
    and values; others have a sentence ``said``, marked for the catalogues, and its values, or a
    finished message. ``faults.fault_text`` words all of them in the reader's language.
    """

    place: str
    message: str = ""
    code: str = ""
    column: int = 0
    item: str = ""
    values: dict[str, Any] = {}
    said: str = ""

    @property
    def english(self) -> str:
        """Return what is wrong, for logs."""
        return self.said % self.values if self.said else self.message or self.code


class DefinitionError(ValueError):
    """Carry the faults of a definition that was refused."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults for the page or the report."""
        super().__init__("; ".join(f"{fault.place}: {fault.english}" for fault in faults))
        self.faults = tuple(faults)
