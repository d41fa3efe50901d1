"""A consent: a question of its own, yes or no, nothing ticked beforehand. Pure."""

import msgspec

from consult.surveys.rules.definition import Fault, Item, Option, Words
from consult.surveys.rules.kinds.one_choice import OneChoice
from consult.surveys.rules.kinds.protocol import fault, to_say

YES, NO = "yes", "no"
OPTIONS = (Option(YES, Words("Oui", "Yes")), Option(NO, Words("Non", "No")))


class Consent(OneChoice):
    """A choice between two options that the kind gives; also written apart, by purpose."""

    code = "consent"
    fields = frozenset({"required", "constraints", "options", "purpose"})
    option_fields = frozenset()

    def faults(self, item: Item, place: str) -> list[Fault]:
        """Want a purpose, and no other options."""
        faults = []
        if item.options not in {(), OPTIONS}:
            said = to_say("The options of a consent are fixed: leave them out.")
            faults.append(fault(f"{place}.options", said))
        if item.purpose is None:
            said = to_say("Say in “purpose” what is consented to: “research” or “quote”.")
            faults.append(fault(f"{place}.purpose", said))
        return faults

    def prepared(self, item: Item) -> Item:
        """Give the item its two options."""
        return msgspec.structs.replace(item, options=OPTIONS)
