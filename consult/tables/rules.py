"""Say which roles there are and which verbs they give (floor 3, pure)."""

from typing import Final

FACILITATOR: Final = "facilitator"
CO_LEADS: Final = frozenset({"co_lead_partner", "co_lead_staff"})
# An alternate is a member; while the seat she stands in for is vacant she has that seat's role.
ALTERNATE: Final = "alternate"
MEMBERS: Final = frozenset({"partner", "staff", "observer", ALTERNATE, FACILITATOR, *CO_LEADS})
ADMINS: Final = frozenset({"organisation_admin", "platform_admin"})

EDITORS: Final = frozenset({FACILITATOR, *CO_LEADS})
READERS_OF_ANSWERS: Final = frozenset({FACILITATOR, *CO_LEADS, "analyst"})
EXPORTERS: Final = READERS_OF_ANSWERS
SEAT_ADMINS: Final = frozenset({*CO_LEADS, "organisation_admin"})
# Members, and by grant those who read answers; the platform administrator reads no private table.
READERS_OF_PRIVATE: Final = frozenset({*MEMBERS, "organisation_admin", "analyst"})
OVERSEERS: Final = frozenset({*EDITORS, "organisation_admin", "analyst"})

SEAT_ROLES: Final = (
    "co_lead_partner",
    "co_lead_staff",
    "facilitator",
    "partner",
    "staff",
    "observer",
)
GRANT_ROLES: Final = (
    "organisation_admin",
    "analyst",
    "officer",
    "translator",
    "researcher",
    "privacy_officer",
    "platform_admin",
)
STATES: Final = ("forming", "active", "paused", "closed")
LANGUAGE_POLICIES: Final = ("bilingual", "fr_first_en_gated", "fr_only")
VISIBILITIES: Final = ("public", "listed", "private")
