"""What is published is what was signed, and no other."""

import io
import threading

from consult.consultations import services
from consult.consultations.models import Consultation
from consult.core.db import read_session
from consult.surveys import queries
from tests.consultations.test_staff_path import QUESTIONNAIRE, Staff, prepare, state, the

CO_LEADS = ("co_lead_partner", "co_lead_staff")
REASON = {"reason-fr": "Une date était fausse.", "reason-en": "A date was wrong."}


def sign(app, desk, target):
    for person in CO_LEADS:
        Staff(app, person).post(f"{desk}/sign", {"target": target})


def test_what_was_taken_back_is_signed_anew_before_it_is_announced_again(any_app):
    camille, code, desk = prepare(any_app)
    sign(any_app, desk, "announced")
    camille.post(f"{desk}/step", {"target": "announced"})
    assert state(any_app, code) == "announced"
    camille.post(f"{desk}/step", {"target": "draft"} | REASON)
    camille.post(f"{desk}/step", {"target": "review"})
    camille.post(f"{desk}/step", {"target": "announced"})
    assert state(any_app, code) == "review", "the signatures were under the earlier announcement"
    sign(any_app, desk, "announced")
    camille.post(f"{desk}/step", {"target": "announced"})
    assert state(any_app, code) == "announced"


def test_a_file_sent_while_the_consultation_opens_is_not_what_opens(any_app, monkeypatch):
    camille, code, desk = prepare(any_app)
    sign(any_app, desk, "open")
    signed = sheet_of(any_app, code, "draft").sha256
    other = QUESTIONNAIRE.replace(b'"required": false', b'"required": true')
    other = other if other != QUESTIONNAIRE else QUESTIONNAIRE.replace(b"?", b" ?", 1)
    leads, answers, threads = Staff(any_app, "facilitator"), [], []

    def send():
        file = (io.BytesIO(other), "q.json")
        answers.append(leads.post(f"{desk}/questionnaire/file", {"file": file}).status_code)

    real = services.signing.publish_notice

    def publish_notice(session, consultation):
        threads.append(threading.Thread(target=send))
        threads[0].start()
        threads[0].join(2)  # time enough to arrive, were it let through
        real(session, consultation)

    monkeypatch.setattr(services.signing, "publish_notice", publish_notice)
    camille.post(f"{desk}/step", {"target": "open"})
    threads[0].join()
    assert state(any_app, code) == "open"
    assert sheet_of(any_app, code, "live").sha256 == signed
    assert sheet_of(any_app, code, "draft") is None
    assert answers == [422]


def sheet_of(app, code, status):
    with read_session(app) as session:
        return queries.sheet(session, the(app, Consultation, code=code).id, status)
