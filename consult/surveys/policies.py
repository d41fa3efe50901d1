"""Say who may do what with questionnaires (floor 6)."""

from enum import StrEnum

from consult.consultations.policies import POLICIES as CONSULTATIONS
from consult.consultations.policies import ConsultationPermission
from consult.core.authz import Policy


class SurveyPermission(StrEnum):
    """What staff can do with a questionnaire; answering asks no permission but the phase."""

    LOAD = "surveys:questionnaire:load"
    EDIT = "surveys:questionnaire:edit"
    PREVIEW = "surveys:questionnaire:preview"
    RESULTS = "surveys:results:read"
    ENTER = "surveys:response:enter"


POLICIES: dict[SurveyPermission, Policy] = {
    SurveyPermission.EDIT: CONSULTATIONS[ConsultationPermission.EDIT],
    SurveyPermission.ENTER: CONSULTATIONS[ConsultationPermission.EDIT],
    SurveyPermission.LOAD: CONSULTATIONS[ConsultationPermission.EDIT],
    SurveyPermission.PREVIEW: CONSULTATIONS[ConsultationPermission.RESULTS],
    SurveyPermission.RESULTS: CONSULTATIONS[ConsultationPermission.RESULTS],
}
