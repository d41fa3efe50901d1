"""Complete visits of the reference survey end with one receipt and one response each."""

from sqlalchemy import select

from consult.consultations.models import Consultation
from consult.core.db import read_session, write_session
from consult.surveys.models import Response
from consult.surveys.rules import missing_texts
from tests.conftest import close, copied, make_app
from tests.load.reference import reference_survey
from tests.load.site import Site
from tests.load.visits import measure, repeated, stored
from tests.support.questionnaires import put_in_force


def test_the_survey_keeps_its_four_pages_and_both_languages():
    survey = reference_survey()
    assert [len(page.items) for page in survey.pages] == [4] * 4
    assert [page.title.en for page in survey.pages] == [
        "Access",
        "Home care",
        "Relations",
        "Priorities",
    ]
    assert missing_texts(survey, ("fr", "en")) == []
    assert not any(item.required for item in survey.items)


def test_every_visit_is_stored_and_a_repeated_last_submit_once(sqlite_master, tmp_path):
    app = make_app(copied(sqlite_master, tmp_path))
    with write_session(app) as session:
        consultation = session.scalars(
            select(Consultation).where(Consultation.state == "open")
        ).one()
        put_in_force(session, consultation, reference_survey())
        address = f"/fr/c/{consultation.code}"
    site = Site(app.extensions["consult_settings"].home_path, workers=1)
    site.start()
    try:
        before = stored(app)
        figures = measure(app, site, address, visitors=2, visits=4)
        assert stored(app) - before == 4
        assert figures["CPU-ms of a visit"]["server"] > 0
        found = repeated(app, site, address)
    finally:
        site.stop()
    assert (found["sent"], found["receipts"], found["responses stored"]) == (9, 1, 1)
    assert found["the receipt shows the code of the sheet"]
    with read_session(app) as session:
        answers = session.scalars(select(Response.answers)).all()
    assert any("access_1" in document for document in answers)
    close(app)
