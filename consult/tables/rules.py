"""Say which roles there are and which verbs they give (floor 3, pure)."""

from typing import Final

FACILITATOR: Final = "facilitator"
CO_LEADS: Final = frozenset({"co_lead_partner", "co_lead_staff"})
MEMBERS: Final = frozenset({"partner", "staff", "observer", FACILITATOR, *CO_LEADS})
ADMINS: Final = frozenset({"organisation_admin", "platform_admin"})

EDITORS: Final = frozenset({FACILITATOR, *CO_LEADS})
READERS_OF_ANSWERS: Final = frozenset({FACILITATOR, *CO_LEADS, "analyst"})
EXPORTERS: Final = READERS_OF_ANSWERS
SEAT_ADMINS: Final = frozenset({*CO_LEADS, "organisation_admin"})
# The platform administrator (S) reads no private table; the organisation's one (G) does.
READERS_OF_PRIVATE: Final = frozenset({*MEMBERS, "organisation_admin"})
DESK: Final = frozenset({*EDITORS, *ADMINS, "analyst", "officer", "translator"})

SEAT_ROLES: Final = (
    "co_lead_partner",
    "co_lead_staff",
    "facilitator",
    "partner",
    "staff",
    "observer",
)
STATES: Final = ("forming", "active", "paused", "closed")
LANGUAGE_POLICIES: Final = ("bilingual", "fr_first_en_gated", "fr_only")
VISIBILITIES: Final = ("public", "listed", "private")
