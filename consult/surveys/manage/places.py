"""Hold the blueprint of the staff pages of questionnaires (floor 6)."""

from flask import Blueprint

desk = Blueprint("surveys_desk", __name__)
