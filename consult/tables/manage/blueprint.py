"""The staff pages of tables, seats, roles and people share one blueprint (floor 3)."""

from flask import Blueprint

desk = Blueprint("tables_desk", __name__)
