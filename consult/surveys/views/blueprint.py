"""The pages of citizens share one blueprint (floor 6)."""

from flask import Blueprint

pages = Blueprint("surveys", __name__)
