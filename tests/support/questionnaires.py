"""Give an open consultation of the demo another questionnaire, which no service would."""

from sqlalchemy.orm import Session

from consult.consultations.models import Consultation
from consult.surveys import services
from consult.surveys.rules import Definition


def put_in_force(session: Session, consultation: Consultation, definition: Definition) -> None:
    """Load and publish ``definition`` as if the consultation had not opened yet."""
    state, consultation.state = consultation.state, "draft"
    services.load_definition(session, None, consultation, definition)
    services.publish(session, consultation)
    consultation.state = state
