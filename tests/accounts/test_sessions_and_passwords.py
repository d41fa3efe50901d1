"""Sessions change at every sign-in and end when they should; passwords change with proof."""

import statistics
import time

import pytest
from sqlalchemy import func, select

from consult.accounts import passwords
from consult.accounts.models import Account, AccountSession
from consult.audit.models import AuditEntry
from consult.core.db import read_session, write_session
from tests.support.staff import Staff, account_of, link_sent_to

CAMILLE = "camille@demo.invalid"
OLD, NEW = "quatre mots bien longs", "cinq mots encore plus longs"


@pytest.fixture
def with_password(any_app):
    with write_session(any_app) as session:
        account = session.scalars(select(Account).where(Account.email == CAMILLE)).one()
        account.password_hash = passwords.hash_password(OLD)
    return any_app


def sign_in(client, password, email=CAMILLE):
    return client.post("/en/sign-in", data={"email": email, "password": password})


def is_signed_in(client):
    return client.get("/en/my-account").status_code == 200


def sessions(app, email=CAMILLE):
    with read_session(app) as session:
        statement = select(func.count()).select_from(AccountSession).join(Account)
        return session.scalar(statement.where(Account.email == email))


def verbs(app):
    with read_session(app) as session:
        return list(session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)))


def test_signing_in_changes_the_session_and_ends_the_one_the_browser_came_with(with_password):
    one = Staff(with_password, "facilitator")
    first = one.session_id()
    stolen = with_password.test_client()
    with stolen.session_transaction(base_url="http://consult.test") as cookie:
        cookie["sid"] = first
    assert is_signed_in(stolen)
    assert sign_in(one.client, OLD).status_code == 303
    assert one.session_id() not in {"", first}
    assert is_signed_in(one.client)
    assert not is_signed_in(stolen)


def test_a_session_planted_before_sign_in_is_worth_nothing(with_password):
    client = with_password.test_client()
    with client.session_transaction(base_url="http://consult.test") as cookie:
        cookie["sid"] = "planted"
    assert sign_in(client, OLD).status_code == 303
    thief = with_password.test_client()
    with thief.session_transaction(base_url="http://consult.test") as cookie:
        cookie["sid"] = "planted"
    assert not is_signed_in(thief)


def test_a_changed_password_ends_every_other_session_and_every_link(with_password):
    here, there = Staff(with_password, "facilitator"), Staff(with_password, "facilitator")
    with_password.test_client().post("/en/password", data={"email": CAMILLE})
    link = link_sent_to(with_password, CAMILLE)
    before = here.session_id()
    data = {"present": OLD, "password": NEW}
    assert here.post("/en/my-account/password", data).status_code == 303
    assert here.session_id() not in {"", before}
    assert is_signed_in(here.client)
    assert not is_signed_in(there.client)
    assert with_password.test_client().get(link).status_code == 404
    assert sign_in(with_password.test_client(), OLD).status_code == 422
    assert sign_in(with_password.test_client(), NEW).status_code == 303
    assert "account.password_changed" in verbs(with_password)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"present": "not my password", "password": NEW}, "This is not your present password."),
        ({"present": "", "password": NEW}, "Write your present password."),
        ({"present": OLD, "password": "short"}, "at least 12 characters"),
    ],
)
def test_a_password_does_not_change_without_the_present_one(with_password, data, told):
    person, other = Staff(with_password, "facilitator"), Staff(with_password, "facilitator")
    answer = person.post("/en/my-account/password", data)
    assert answer.status_code == 422
    assert told in answer.text
    assert OLD not in answer.text
    assert is_signed_in(other.client)
    assert sign_in(with_password.test_client(), OLD).status_code == 303


def test_signing_out_ends_the_session_even_for_a_copy_of_its_cookie(any_app):
    person = Staff(any_app, "facilitator")
    copy = any_app.test_client()
    with copy.session_transaction(base_url="http://consult.test") as cookie:
        cookie["sid"] = person.session_id()
    assert person.post("/en/sign-out").status_code == 303
    assert not is_signed_in(copy)
    assert sessions(any_app) == 0


def test_one_edits_ones_name_and_language_and_mails_follow(any_app):
    person = Staff(any_app, "facilitator")
    version = account_of(any_app, CAMILLE).version
    data = {"name": "Camille Roy-Côté", "locale": "en", "version": version}
    assert person.post("/en/my-account/edit", data).status_code == 303
    account = account_of(any_app, CAMILLE)
    assert (account.name, account.locale) == ("Camille Roy-Côté", "en")
    assert "Camille Roy-Côté" in person.get("/en/my-account").text
    assert "account.edited" in verbs(any_app)
    assert person.post("/en/my-account/edit", data | {"name": " "}).status_code == 422


def test_an_account_changed_in_another_window_is_not_overwritten(any_app):
    person = Staff(any_app, "facilitator")
    version = account_of(any_app, CAMILLE).version
    first = {"name": "Premier nom", "locale": "fr", "version": version}
    assert person.post("/fr/mon-compte/modifier", first).status_code == 303
    answer = person.post("/fr/mon-compte/modifier", first | {"name": "Second nom"})
    assert answer.status_code == 409
    assert "Premier nom" in answer.text
    assert "Second nom" in answer.text
    assert account_of(any_app, CAMILLE).name == "Premier nom"


def cpu_of(client, email):
    start = time.thread_time()
    answer = sign_in(client, "not the password", email)
    assert answer.status_code == 422
    return time.thread_time() - start, answer.text.replace(email, "ADDRESS")


def test_an_unknown_address_costs_and_reads_like_a_known_one(app):
    with write_session(app) as session:
        account = session.scalars(select(Account).where(Account.email == CAMILLE)).one()
        account.password_hash = passwords.hash_password(OLD)
    client = app.test_client()
    addresses = {"known": CAMILLE, "no password": "sylvie@demo.invalid", "unknown": "no@one.test"}
    taken = {name: [] for name in addresses}
    pages = set()
    for _ in range(21):  # interleaved, so that a busy machine slows all alike
        for name, email in addresses.items():
            cpu, page = cpu_of(client, email)
            taken[name].append(cpu)
            pages.add(page)
    assert len(pages) == 1
    medians = [statistics.median(values) for values in taken.values()]
    assert max(medians) < 1.1 * min(medians), medians
    assert min(medians) > 0.01, "no password was hashed"
