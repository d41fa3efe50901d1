"""Write consultations: prepare them, sign and take their steps, amend them in public (floor 4)."""

from consult.consultations.services.amending import (
    AlreadyProposedError,
    NewDay,
    drop_amendment,
    place_to_sign,
    propose_correction,
    propose_day,
    sign_amendment,
    signed_by,
)
from consult.consultations.services.drafting import (
    PhaseInput,
    confirm_english,
    create,
    edit,
    set_phases,
    subject,
)
from consult.consultations.services.signing import (
    NotASignerError,
    NotReadyError,
    digest,
    gaps,
    move,
    place_of,
    places_of,
    publish_notice,
    sign,
    signed_places,
)

__all__ = [
    "AlreadyProposedError",
    "NewDay",
    "NotASignerError",
    "NotReadyError",
    "PhaseInput",
    "confirm_english",
    "create",
    "digest",
    "drop_amendment",
    "edit",
    "gaps",
    "move",
    "place_of",
    "place_to_sign",
    "places_of",
    "propose_correction",
    "propose_day",
    "publish_notice",
    "set_phases",
    "sign",
    "sign_amendment",
    "signed_by",
    "signed_places",
    "subject",
]
