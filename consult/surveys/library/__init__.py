"""Questionnaires to begin from, shipped with the product in both languages. Pure."""

from functools import cache
from importlib import resources

from consult.surveys.rules import Definition, parse_definition

MODELS = ("essential", "evaluation")


@cache
def model(name: str) -> Definition:
    """Return one of ``MODELS``, checked as any file is."""
    source = resources.files("consult.surveys.library").joinpath(f"{name}.json").read_bytes()
    return parse_definition(source)
