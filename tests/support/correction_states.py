"""Bring the correction of a live questionnaire into every state that its page can show."""

import io
import json
import re

from tests.support.states import QUESTIONNAIRE, Answers, Cast, state


@state
def correction(cast: Cast) -> Answers:
    camille, code = cast.camille, cast.codes["open"]
    page = camille.url("surveys_desk.correct", code=code)
    load = camille.url("surveys_desk.load_correction", code=code)
    propose = camille.url("surveys_desk.propose_correction", code=code)
    yield "a questionnaire to correct", camille.get(page)
    same = {"file": (io.BytesIO(QUESTIONNAIRE), "q.json")}
    yield "a correction refused", camille.send(load, same)
    made = json.loads(QUESTIONNAIRE)
    made["pages"][0]["items"][1]["title"]["fr"] = "Qui êtes-vous?"
    tram = {"code": "tram", "label": {"fr": "Un tramway", "en": "A tramway"}}
    made["pages"][1]["items"][1]["options"].append(tram)
    made["pages"][1]["items"].pop()
    camille.send(load, {"file": (io.BytesIO(json.dumps(made).encode()), "q.json")})
    shown = camille.get(page)
    yield "a correction compared", shown
    mark = re.search(r'name="mark" value="([^"]+)"', shown.text)[1]
    reason = {"mark": mark, "reason-fr": "Une réponse manquait.", "reason-en": "One was missing."}
    yield "a correction nobody decided on", camille.send(propose, reason)
    assert camille.send(propose, reason | {"same-role": "same"}).status_code == 303
    overview = camille.url("consultations_desk.show", code=code)
    proposed = camille.get(overview)
    yield "a correction proposed", proposed
    yield "a correction that waits", cast.sylvie.get(page)
    drop = camille.url("consultations_desk.drop_change", code=code)
    waiting = re.search(r'name="amendment" value="(\d+)"', proposed.text)[1]
    camille.send(drop, {"amendment": waiting})
    camille.send(camille.url("surveys_desk.set_correction_aside", code=code))
