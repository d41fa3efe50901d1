"""A poster to hang where people pass: what is asked, until when, how to come (floor 4)."""

from consult.consultations import queries, rules
from consult.consultations.manage.places import desk
from consult.consultations.models import Consultation
from consult.consultations.policies import ConsultationPermission as Can
from consult.consultations.sharing import short_address
from consult.core.authz import allow, load
from consult.core.i18n import localized, render
from consult.core.qr import qr


@localized(desk, fr="/bureau/consultations/<code>/affiche", en="/desk/consultations/<code>/poster")
@allow(Can.OVERVIEW)
def poster(code: str) -> str:
    """Show the poster in the language of the page."""
    consultation = load(Consultation, Can.OVERVIEW, code=code)
    return render(
        "consultations/poster.html",
        consultation=consultation,
        answering=rules.allowing(queries.spans(consultation.phases)),
        qr=qr,
        address=short_address(code),
        is_public=rules.is_public(consultation.state, consultation.table.visibility),
    )
