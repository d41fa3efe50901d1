"""Every address has a policy, a twin in the other language, and a readable form."""

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from consult.core import authz

BOTH_ENDS = {"/", "/healthz", "/metrics"}
ONE_LANGUAGE = {
    "web.attest": "the statement that opens the English pages",
    "consultations.short": "the address of posters, which leads to a language",
}
# Law 6: answering, coming back, correcting and withdrawing never look at a session.
ANSWERING = "surveys."
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def rules(bare_app: Flask) -> list[Rule]:
    found = list(bare_app.url_map.iter_rules())
    assert len(found) > 60
    return found


def test_every_route_names_a_policy_that_exists(bare_app: Flask, rules: list[Rule]) -> None:
    without = {
        rule.endpoint
        for rule in rules
        if getattr(bare_app.view_functions[rule.endpoint], "permission", None)
        not in authz.known_policies()
    }
    assert not without


def test_no_policy_is_left_without_a_route(bare_app: Flask, rules: list[Rule]) -> None:
    named = {getattr(bare_app.view_functions[rule.endpoint], "permission", "") for rule in rules}
    assert authz.PUBLIC in named
    assert len(named) > 8


def test_every_unsafe_address_of_the_desk_demands_a_permission(
    bare_app: Flask, rules: list[Rule]
) -> None:
    open_to_all = {
        rule.endpoint
        for rule in rules
        if rule.methods
        and rule.methods & UNSAFE
        and re.match(r"/(?:fr/bureau|en/desk)", rule.rule)
        and getattr(bare_app.view_functions[rule.endpoint], "permission", "") == authz.PUBLIC
    }
    assert not open_to_all


def test_answering_ignores_any_session(bare_app: Flask, rules: list[Rule]) -> None:
    answering = {rule.endpoint for rule in rules if rule.endpoint.startswith(ANSWERING)}
    assert len(answering) >= 8
    assert not {end for end in answering if bare_app.view_functions[end].uses_session}


def test_every_page_stands_in_both_languages(rules: list[Rule]) -> None:
    spoken: dict[str, set[str]] = {}
    for rule in rules:
        if rule.rule not in BOTH_ENDS and rule.endpoint not in ONE_LANGUAGE:
            spoken.setdefault(rule.endpoint, set()).add(rule.rule.split("/")[1])
    assert not {end: langs for end, langs in spoken.items() if langs != {"fr", "en"}}


def test_both_languages_take_the_same_values_and_methods(rules: list[Rule]) -> None:
    kinds: dict[str, set[tuple[frozenset[str], frozenset[str]]]] = {}
    for rule in rules:
        kind = (frozenset(rule.arguments), frozenset(rule.methods or ()))
        kinds.setdefault(rule.endpoint, set()).add(kind)
    assert not [end for end, shapes in kinds.items() if len(shapes) > 1]


def test_every_address_is_lower_case_words_and_hyphens(rules: list[Rule]) -> None:
    part = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*|<(?:[a-z]+(?:\([^)]*\))?:)?[a-z_]+>|")
    odd = [
        rule.rule
        for rule in rules
        if not all(part.fullmatch(piece) for piece in rule.rule.split("/"))
    ]
    assert not odd


def test_every_number_in_an_address_is_typed_as_one(rules: list[Rule]) -> None:
    untyped = [rule.rule for rule in rules if re.search(r"<(?:\w+_id|number|page)>", rule.rule)]
    assert not untyped


def test_no_address_carries_a_citizens_code(rules: list[Rule]) -> None:
    secret = {"receipt", "receipt_code", "citizen_code", "key", "password"}
    assert not [rule.rule for rule in rules if rule.arguments & secret]


def test_the_french_address_speaks_french_and_the_english_one_english(rules: list[Rule]) -> None:
    english = {"help", "desk", "sign-in", "password", "privacy", "edit", "new", "withdraw"}
    french = {"aide", "bureau", "connexion", "mot-de-passe", "confidentialite", "modifier"}
    mixed = [
        rule.rule
        for rule in rules
        if set(rule.rule.split("/")) & (english if rule.rule.startswith("/fr/") else french)
    ]
    assert not mixed
