"""The kinds of items, by name: a new kind is a module here, a template, and a line below. Pure.

The protocol is ``protocol.ItemKind``; docs/developers/item-kinds.md tells how to add one.
"""

from consult.surveys.rules.definition import Item
from consult.surveys.rules.kinds.best_worst import BestWorst
from consult.surveys.rules.kinds.computed import Computed
from consult.surveys.rules.kinds.consents import Consent
from consult.surveys.rules.kinds.dates import Day
from consult.surveys.rules.kinds.matrix import Matrix
from consult.surveys.rules.kinds.numbers import Number
from consult.surveys.rules.kinds.one_choice import OneChoice, Scale
from consult.surveys.rules.kinds.points import Points
from consult.surveys.rules.kinds.protocol import ItemKind
from consult.surveys.rules.kinds.ranking import Ranking
from consult.surveys.rules.kinds.several_choices import SeveralChoices
from consult.surveys.rules.kinds.silent import Note, Section
from consult.surveys.rules.kinds.texts import LongText, ShortText

KINDS: dict[str, ItemKind] = {
    kind.code: kind
    for kind in (
        Note(),
        Section(),
        ShortText(),
        LongText(),
        OneChoice(),
        SeveralChoices(),
        Scale(),
        Number(),
        Day(),
        Consent(),
        Matrix(),
        Ranking(),
        Points(),
        BestWorst(),
        Computed(),
    )
}

__all__ = ["KINDS", "ItemKind", "kind_of"]


def kind_of(item: Item) -> ItemKind:
    """Return the kind of an item of an accepted definition."""
    return KINDS[item.kind]
