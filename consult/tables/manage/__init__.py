"""Staff pages of tables, their seats, roles on organisations, and people (floor 3)."""

from consult.tables.manage import grants, people, seats, tables
from consult.tables.manage.blueprint import desk

__all__ = ["desk", "grants", "people", "seats", "tables"]
