"""Hold the blueprint of the staff pages of consultations (floor 4)."""

from flask import Blueprint

desk = Blueprint("consultations_desk", __name__)
