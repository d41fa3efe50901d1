"""Every address, tried by every person on every kind of table and consultation."""

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape

import pytest

from consult.consultations.policies import ConsultationPermission
from consult.core import authz, db
from tests.conftest import close, copied, make_app
from tests.support.matrix import (
    Thing,
    Who,
    World,
    calls,
    is_allowed,
    read_policy,
    without_what_was_sent,
)

POLICY = read_policy()
CALLS = sorted({(rule.endpoint, method) for rule in POLICY for method in rule.methods})
LANGS = ("fr", "en")
LINK = re.compile(r'<a [^>]*href="(/[^"#]*)')
FORM = re.compile(r'<form [^>]*method="post"[^>]*action="(/[^"#]*)')
# Pages of a citizen's answers lead whoever has no code yet to the page that gives or asks one.
LEADS_AWAY = {"surveys.step", "surveys.review", "surveys.later", "surveys.mine"}


@pytest.fixture(scope="module")
def world(sqlite_master, tmp_path_factory) -> Iterator[World]:
    """Return a site on which every request is undone: no cell of the matrix disturbs another."""
    home = copied(sqlite_master, tmp_path_factory.mktemp("matrix"))
    rate = {"signin_rate": "1000000 per minute", "code_rate": "1000000 per minute"}
    app = make_app(home, **rate)
    made = World(app)
    keep = db._finish

    def undo(_response: object) -> None:
        db.db.session.flush()
        db.db.session.rollback()

    db._finish = undo
    yield made
    db._finish = keep
    close(app)


def wrong_cells(world: World, endpoint: str, method: str) -> list[str]:
    """Return each person, table and state for which the site differs from the page."""
    wrong: list[str] = []
    absences: dict[tuple[str, str, str, str], str] = {}
    for turn, (thing, who) in enumerate(world.tries(endpoint, method)):
        lang = "en" if endpoint == "web.attest" else LANGS[turn % 2]
        path, form = world.path(endpoint, lang, thing), world.form(endpoint, thing)
        found, page = world.call(who, method, path, form)
        wanted = "in" if is_allowed(POLICY, (endpoint, method), thing, who) else "out"
        where = f"{who.name} of {who.side or 'no table'} at {thing.side} {thing.state} {path}"
        if found != wanted:
            wrong.append(f"{where}: {found}, not {wanted}")
        elif wanted == "out" and page and world.arguments(endpoint):
            # A refused form is shown again, so only the same form makes the same page.
            key = (who.name, who.side, lang, str(form))
            if key not in absences:
                nowhere = world.path(endpoint, lang, thing, absent=True)
                absences[key] = without_what_was_sent(world.call(who, method, nowhere, form)[1])
            if without_what_was_sent(page) != absences[key]:
                wrong.append(f"{where}: refused otherwise than an absent address")
    return wrong


def test_every_address_stands_in_the_page_and_the_page_names_no_other(bare_app):
    assert set(calls(bare_app)) == set(CALLS)


@pytest.mark.parametrize(("endpoint", "method"), CALLS, ids=lambda part: part)
def test_who_may_do_what(world, endpoint, method):
    assert wrong_cells(world, endpoint, method) == []


def test_the_matrix_tries_refusals_and_admissions_for_every_letter(world):
    letters = {who.letter for who in world.people}
    assert letters == set("VPMWFCLTOARGYSNZ")
    assert {who.side for who in world.people} == {"", "A", "B"}
    assert len(world.consultations) == 16


@pytest.mark.parametrize(
    ("permission", "call"),
    [
        (ConsultationPermission.EDIT, ("consultations_desk.edit", "POST")),
        (ConsultationPermission.EXPORT, ("exports_desk.ask", "POST")),
        (ConsultationPermission.READ, ("consultations.show", "GET")),
    ],
)
def test_a_policy_that_lets_in_one_role_too_many_is_caught(world, monkeypatch, permission, call):
    strict = authz.known_policies()[permission]

    def loose(actor, subject):
        return strict(actor, subject) or (
            actor is not None and any(role.name == "observer" for role in actor.roles)
        )

    monkeypatch.setitem(authz._policies, permission, loose)
    wrong = wrong_cells(world, *call)
    assert wrong
    assert all(cell.startswith("observer ") for cell in wrong)
    assert any("of A at B" in cell for cell in wrong)


START = {"V": ("/en/",), "P": ("/en/",)}


def dead_ends(world: World, who: Who) -> list[str]:
    """Return each link and each button that ``who`` is shown and may not use.

    Every page she reaches from her desk is read; of addresses alike, three are followed.
    """
    waiting = [(path, "start", "GET") for path in START.get(who.letter, ("/en/desk", "/en/"))]
    seen, dead, met = set(), [], Counter()
    adapter = world.app.url_map.bind("consult.test")
    while waiting:
        path, origin, method = waiting.pop()
        if (path, method) in seen or not path.startswith("/en/"):
            continue
        seen.add((path, method))
        endpoint, values = adapter.match(path.split("?")[0], method=method)
        met[endpoint, method] += 1
        if met[endpoint, method] > 3:
            continue
        found, page = world.call(who, method, path, world.form(endpoint, Thing("", "", "", values)))
        if found == "out" and endpoint not in LEADS_AWAY:
            dead.append(f"{who.name} of {who.side}: {method} {path} on {origin}")
        waiting += [(unescape(link), path, "GET") for link in LINK.findall(page)]
        waiting += [(unescape(target), path, "POST") for target in FORM.findall(page)]
    return dead


def test_nobody_is_shown_a_link_or_a_button_that_is_closed_to_her(world):
    people = [who for who in world.people if who.side != "B" and who.letter != "Z"]
    assert len(people) == 17
    assert [end for who in people for end in dead_ends(world, who)] == []
