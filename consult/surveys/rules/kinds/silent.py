"""Kinds that take no answer: a note between questions. Pure."""

from consult.surveys.rules.kinds.protocol import ItemKind


class Note(ItemKind):
    """Words between questions."""

    code = "note"
