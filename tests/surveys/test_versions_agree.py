"""Whatever people and staff do, in any order: what is stored, counted and exported is one thing."""

import copy
from collections import Counter

import msgspec
import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select

from consult.consultations import services as consultations
from consult.consultations.models import Amendment, Consultation
from consult.consultations.services import signing
from consult.core.authz import Actor
from consult.core.codes import derive_keys, new_code
from consult.core.db import read_session, write_session
from consult.core.i18n import in_language
from consult.core.textmap import TextMap
from consult.surveys import answers, queries, services, tallies
from consult.surveys.exporting import ResponsesExport
from consult.surveys.models import (
    Draft,
    Questionnaire,
    QuestionnaireCorrection,
    QuestionnaireVersion,
    Response,
    WithdrawnResponse,
)
from consult.surveys.rules import Voice, parse_definition
from consult.surveys.visits import pepper
from tests.support.questionnaires import put_in_force

REASON = TextMap({"fr": "Une erreur.", "en": "A mistake."})
LETTERS = "abcdef"


def words(text):
    return {"fr": text, "en": f"{text} (en)"}


def item(code, kind, options):
    labels = [{"code": o, "label": words(o.upper())} for o in options]
    return {"code": code, "kind": kind, "title": words(code), "options": labels}


FIRST = {
    "format": "consult-questionnaire/1",
    "code": "trial",
    "title": words("Essai"),
    "pages": [
        {
            "code": "p1",
            "title": words("Page"),
            "items": [item("one", "one_choice", "abc"), item("many", "several_choices", "abcd")],
        }
    ],
}


class Model:
    """What a careful clerk would write down: one line per response, nothing computed ahead."""

    def __init__(self):
        self.versions = [copy.deepcopy(FIRST)]
        self.begun, self.typed, self.sent, self.gone = {}, {}, {}, set()

    def asked(self, number):
        items = [i for p in self.versions[number]["pages"] for i in p["items"]]
        return {i["code"]: [o["code"] for o in i["options"]] for i in items}

    def count(self):
        """Return (n, base) of each option of each question by going through every sheet."""
        found = {}
        for number, document in self.sent.values():
            offered = self.asked(number)
            for code, options in offered.items():
                value = document.get(code)
                given = value if isinstance(value, list) else [value]
                for option in options:
                    n, base = found.setdefault((code, option), [0, 0])
                    found[code, option] = [n + (option in given), base + (value is not None)]
        return {key: tuple(pair) for key, pair in found.items()}


class Agreement(RuleBasedStateMachine):
    """Edit, sign, answer in two languages, save, resume, correct, withdraw, export."""

    app: Flask
    codes = Bundle("codes")

    def __init__(self):
        super().__init__()
        self.model, self.langs, self.news = Model(), {}, 0
        with write_session(self.app) as session, self.app.test_request_context():
            made = session.scalars(select(Consultation).filter_by(state="open")).one()
            self.code = made.code
            for model in (Response, Draft, WithdrawnResponse, QuestionnaireCorrection):
                session.execute(delete(model).where(model.consultation_id == made.id))
            asked = select(Questionnaire.id).where(Questionnaire.consultation_id == made.id)
            session.execute(
                delete(QuestionnaireVersion).where(QuestionnaireVersion.questionnaire_id.in_(asked))
            )
            put_in_force(session, made, parse_definition(FIRST))
            self.leads = self._signers(session, made)

    def _signers(self, session, made):
        able = signing.able_to_sign(session, made)
        return [Actor(min(able[place]), place) for place in ("partner", "staff")]

    def _open(self, session, code):
        consultation, live = queries.published(session, self.code)
        with self.app.app_context():
            keys = derive_keys(pepper(), self.code, code)
        progress = services.read_progress(session, keys)
        response = queries.response_of(session, keys.response)
        kept = progress.version if progress else response.version_id if response else None
        sheet = queries.sheet_of_version(session, kept) if kept else live
        return consultation, sheet, keys

    def _write(self):
        return write_session(self.app)

    @rule(target=codes, lang=st.sampled_from(["fr", "en"]))
    def begin(self, lang):
        with self.app.app_context():
            code = new_code(pepper())
        self.langs[code] = lang
        return code

    @rule(code=codes, one=st.sampled_from([None, *LETTERS]), many=st.sets(st.sampled_from(LETTERS)))
    def save(self, code, one, many):
        with self._write() as session, self.app.test_request_context():
            consultation, sheet, keys = self._open(session, code)
            number = self.model.begun.get(code, len(self.model.versions) - 1)
            offered = self.model.asked(number)
            typed = {"one": one if one in offered.get("one", ()) else None}
            typed["many"] = [o for o in offered.get("many", ()) if o in many]
            typed |= {c: offered[c][0] for c in offered if c.startswith("new") and one}
            typed = {c: v for c, v in typed.items() if v and c in offered}
            shown = frozenset(offered)
            posted = answers.Posted(1, typed, shown, frozenset(), frozenset())
            manner = services.read_manner(Form(), leaving=False)
            visited = (consultation, sheet)
            try:
                services.save_page(session, keys, visited, posted, 30, manner=manner)
            except services.StaleError:
                assert code in self.model.gone
                return
        assert code not in self.model.gone
        self.model.begun[code], self.model.typed[code] = number, typed

    @rule(code=codes)
    def send(self, code):
        with self._write() as session, self.app.test_request_context():
            consultation, sheet, keys = self._open(session, code)
            kept = services.submit(session, keys, consultation, sheet, self.langs[code])
        assert kept == (code in self.model.typed or code in self.model.sent)
        if code in self.model.typed:
            self.model.sent[code] = (self.model.begun[code], self.model.typed.pop(code))

    @rule(code=codes)
    def correct(self, code):
        with self._write() as session, self.app.test_request_context():
            consultation, _sheet, keys = self._open(session, code)
            opened = services.start_correction(session, keys, consultation, 30)
        assert opened == (code in self.model.sent)
        if opened and code not in self.model.typed:
            self.model.typed[code] = dict(self.model.sent[code][1])

    @rule(code=codes)
    def withdraw(self, code):
        with self._write() as session, self.app.test_request_context():
            consultation, _sheet, keys = self._open(session, code)
            gone = services.withdraw(session, keys, consultation)
        assert gone == (code in self.model.sent)
        self.model.typed.pop(code, None)
        if gone:
            del self.model.sent[code]
            self.model.gone.add(code)
        elif code not in self.model.gone:
            self.model.begun.pop(code, None)

    @precondition(lambda self: len(self.model.versions) < 4)
    @rule(data=st.data())
    def follow(self, data):
        """Put another version in force: answers added, removed, in another order; a question more."""
        made = copy.deepcopy(self.model.versions[-1])
        items = made["pages"][0]["items"]
        for one in items:
            if one["code"] in {"one", "many"}:
                chosen = data.draw(st.lists(st.sampled_from(LETTERS), min_size=2, unique=True))
                one["options"] = [{"code": o, "label": words(o.upper())} for o in chosen]
        if data.draw(st.booleans()):
            self.news += 1
            items.insert(0, item(f"new{self.news}", "one_choice", "ab"))
        elif len(items) > 2 and data.draw(st.booleans()):
            items.pop(0)
        with self._write() as session, self.app.test_request_context():
            consultation = session.scalars(select(Consultation).filter_by(code=self.code)).one()
            try:
                services.prepare_correction(session, None, consultation, parse_definition(made))
            except services.UnchangedError:
                return
            read = queries.prepared(session, consultation.id).sha256, {}
            services.propose_prepared(session, self.leads[0], consultation, read, REASON)
        for lead in self.leads:
            with self._write() as session, self.app.test_request_context():
                consultation = session.scalars(select(Consultation).filter_by(code=self.code)).one()
                waiting = session.scalar(select(Amendment.id).filter_by(state="proposed"))
                consultations.sign_amendment(session, lead, consultation, waiting)
        self.model.versions.append(made)

    @invariant()
    def agree(self):
        with read_session(self.app) as session:
            made = session.scalars(select(Consultation).filter_by(code=self.code)).one()
            stored = session.scalars(
                select(Response.lang).where(Response.consultation_id == made.id)
            ).all()
            drafts = session.scalars(
                select(Draft.key).where(Draft.consultation_id == made.id)
            ).all()
            first = queries.in_force(session, made.id)[0].number
            exports = {lang: self._exported(session, made, lang) for lang in ("fr", "en")}
            total, results = queries.results(session, made.id, Voice("fr", str))
        model = self.model
        assert len(stored) == total == len(model.sent)
        assert len(drafts) == len(model.typed)
        found = {
            (r.code, o.code): (o.n, r.bases.get(o.code, r.base)) for r in results for o in r.options
        }
        assert {key: pair for key, pair in found.items() if pair != (0, 0)} == {
            key: pair for key, pair in model.count().items() if pair != (0, 0)
        }
        assert Counter(stored) == Counter(self.langs[c] for c in model.sent)
        (heads, french), (same, english) = exports["fr"], exports["en"]
        assert heads == same
        labels = {n for n, head in enumerate(heads) if head.endswith(".label")}
        assert [bare(row, labels) for row in french] == [bare(row, labels) for row in english]
        rows = [dict(zip(heads, row, strict=True)) for row in french]
        told = Counter((r["version"] - first, r["one"]) for r in rows)
        expected = Counter(
            (n, d.get("one") if "one" in model.asked(n) else "not_asked")
            for n, d in model.sent.values()
        )
        assert told == expected

    @staticmethod
    def _exported(session, made, lang):
        kind = ResponsesExport()
        with in_language(lang):
            heads = [c.code for c in kind.columns(session, made, lang)]
            return heads, list(kind.rows(session, made, lang))


class Form:
    """A form that says nothing of its window."""

    def getlist(self, key):
        del key
        return []


def bare(row, labels):
    return tuple(cell for n, cell in enumerate(row) if n not in labels)


QUICK = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def machine(on_sqlite, monkeypatch):
    monkeypatch.setattr(Agreement, "app", on_sqlite, raising=False)
    return Agreement


def test_stored_counted_and_exported_never_disagree(machine):
    run_state_machine_as_test(machine, settings=QUICK)


def test_a_count_that_forgets_which_version_offered_an_answer_is_caught(machine, monkeypatch):
    """A fault planted on purpose: every answer over all who answered, whatever was offered."""
    real = tallies.Tallies.results

    def careless(self, voice):

        return [msgspec.structs.replace(r, bases={}) for r in real(self, voice)]

    monkeypatch.setattr(tallies.Tallies, "results", careless)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=QUICK)
