"""Consult: bilingual consultation for the advisory tables of Quebec's health network."""

__version__ = "0.1.0"
