"""Build the fictional territory of the demo (floor 10)."""

from flask import Flask


def build(app: Flask) -> None:
    """Fill an empty database."""


def scale(app: Flask, count: int) -> None:
    """Add ``count`` responses."""
