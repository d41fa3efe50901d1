"""The questionnaire as a value: its pages, items, options, and what may be wrong with it. Pure."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from consult.surveys.expressions import MAX_LENGTH

FORMAT = "consult-questionnaire/1"
KINDS = ("note", "one_choice", "several_choices", "scale", "long_text", "computed")
Kind = Literal["note", "one_choice", "several_choices", "scale", "long_text", "computed"]
CHOICES = ("one_choice", "several_choices", "scale")
NonAnswer = Literal["dont_know", "prefer_not"]

MAX_PAGES, MAX_ITEMS, MAX_OPTIONS, MAX_TEXT, MAX_CONSTRAINTS = 60, 600, 200, 5000, 5
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
    max_length: Annotated[int, Meta(ge=1, le=MAX_TEXT)] = 1000
    non_answers: tuple[NonAnswer, ...] = ()
    relevant: Expression = ""
    constraints: Annotated[tuple[Constraint, ...], Meta(max_length=MAX_CONSTRAINTS)] = ()
    calculation: Expression = ""

    @property
    def is_question(self) -> bool:
        """Tell whether people answer it."""
        return self.kind not in {"note", "computed"}


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
        return tuple(i for page in self.pages for i in page.items if i.kind != "note")


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with a definition: where (a path), what, and how to mend it.

    A fault of an expression has a reason code, a column (from 1), the code of its item or page
    and values instead of a message; ``wording.fault_text`` words it in the reader's language.
    """

    place: str
    message: str = ""
    code: str = ""
    column: int = 0
    item: str = ""
    values: dict[str, Any] = {}


class DefinitionError(ValueError):
    """Carry the faults of a definition that was refused."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults for the page or the report."""
        super().__init__(
            "; ".join(f"{fault.place}: {fault.message or fault.code}" for fault in faults)
        )
        self.faults = tuple(faults)
