"""Kinds that take no answer: a note between questions, the heading of a section. Pure."""

from consult.surveys.rules.kinds.protocol import ItemKind


class Note(ItemKind):
    """Words between questions."""

    code = "note"


class Section(ItemKind):
    """A heading; its condition governs what follows on the page, until the next section."""

    code = "section"
