"""While a consultation is open the public sees one number, in steps of ten, a little late."""

import re

from consult.surveys import activity
from tests.support.crowds import crowd
from tests.surveys.test_answering import open_consultation


def shown(client, code):
    found = re.search(r"At least (\d+) responses", client.get(f"/en/c/{code}").text)
    return int(found[1]) if found else 0


def test_the_public_number_moves_in_steps_of_ten_and_at_most_ten_seconds_late(any_app, monkeypatch):
    client, code = any_app.test_client(), open_consultation(any_app)
    moment = [1000.0]
    monkeypatch.setattr(activity.time, "monotonic", lambda: moment[0])
    before = shown(client, code)
    assert before > 100
    assert before % 10 == 0
    crowd(any_app, 27)
    assert shown(client, code) == before
    moment[0] += activity.PUBLIC_COUNT_SECONDS + 1
    after = shown(client, code)
    assert after % 10 == 0
    assert before + 20 <= after <= before + 30
