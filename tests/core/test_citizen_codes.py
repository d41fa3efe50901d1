"""The citizen's code: typos told at once, keys that cannot be joined, a pepper that rotates."""

import errno
import itertools
import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.core.codes import (
    ALPHABET,
    CodeKeys,
    CodeShapeError,
    CodeTypoError,
    Pepper,
    PepperError,
    SealError,
    _check,
    candidate_keys,
    derive_keys,
    new_code,
    parse_code,
    seal,
    unseal,
)

PEPPER = Pepper(current=1, keys={1: bytes(range(32))})
ROTATED = Pepper(current=2, keys={1: bytes(range(32)), 2: bytes(range(32, 64))})
# A fixed sample: a changed letter passes once in 2**20, so no random draw may decide a test.
SAMPLES = ["0123-4567-89AB-CDEF-", "ZZZZ-ZZZZ-ZZZZ-ZZZZ-", "CAFE-BABE-1234-KMNP-"]


def code_of(start: str, pepper: Pepper = PEPPER) -> str:
    """Return the code with this body."""
    body = start.replace("-", "")
    return parse_code(pepper, body + _check(pepper.keys[pepper.current], body))


@pytest.fixture(scope="module")
def codes() -> list[str]:
    return [new_code(PEPPER) for _ in range(10)]


def test_a_code_is_five_groups_of_four(codes: list[str]) -> None:
    for code in codes:
        groups = code.split("-")
        assert [len(group) for group in groups] == [4] * 5
        assert set("".join(groups)) <= set(ALPHABET)
    assert len(set(codes)) == len(codes)


@given(st.data())
def test_a_code_is_read_however_it_is_typed(data: st.DataObject) -> None:
    code = code_of(data.draw(st.sampled_from(SAMPLES)))
    typed = ""
    for character in code.replace("-", ""):
        forms = [character, character.lower()]
        forms += {"0": ["O", "o"], "1": ["I", "l", "L", "i"]}.get(character, [])
        separator = data.draw(st.sampled_from(["", " ", "-", "\u00a0", "–", "- "]))
        typed += separator + data.draw(st.sampled_from(forms))
    assert parse_code(PEPPER, typed) == code


def test_every_single_typo_is_refused_or_is_the_same_code() -> None:
    code = code_of(SAMPLES[0])
    refused = same = 0
    for place, character in enumerate(code):
        if character == "-":
            continue
        for other in "0123456789abcdefghijklmnopqrstuvwxyz":
            typed = code[:place] + other + code[place + 1 :]
            try:
                assert parse_code(PEPPER, typed) == code
                same += 1
            except (CodeTypoError, CodeShapeError):
                refused += 1
    # Twenty letters meant themselves; a 0 twice (O) and a 1 three times (I, L).
    assert same == 20 + 1 + 2
    assert refused == 20 * 36 - same


def test_swapped_neighbours_are_refused() -> None:
    for start in SAMPLES:
        plain = code_of(start).replace("-", "")
        for i in range(len(plain) - 1):
            swapped = plain[:i] + plain[i + 1] + plain[i] + plain[i + 2 :]
            if swapped != plain:
                with pytest.raises(CodeTypoError):
                    parse_code(PEPPER, swapped)


@pytest.mark.parametrize(
    "text",
    ["", "ABCD", "ABCD-EFGH-JKMN-PQRS-TVW", "U" * 20, "A" * 21, "é" * 20, "²" * 20, " " * 99],
)
def test_a_wrong_shape_is_told_apart_from_a_typo(text: str) -> None:
    with pytest.raises(CodeShapeError):
        parse_code(PEPPER, text)


@given(st.text(max_size=120))
def test_random_text_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises((CodeShapeError, CodeTypoError)) as caught:
        parse_code(PEPPER, text)
    assert str(caught.value) in {
        "a code has 20 letters and digits, without U",
        "the check of this code fails",
    }


def test_keys_differ_between_domains_consultations_codes_and_peppers(codes: list[str]) -> None:
    keys: list[bytes] = []
    for consultation, code in itertools.product(["a", "b", "a/b"], codes):
        found = derive_keys(PEPPER, consultation, code)
        keys += [found.response, found.participant, found.draft, found.cipher]
    assert {len(key) for key in keys} == {32}
    assert len(set(keys)) == len(keys)


def test_keys_are_the_same_each_time_and_however_the_code_is_written() -> None:
    code = code_of(SAMPLES[1])
    assert derive_keys(PEPPER, "a", code) == derive_keys(
        PEPPER, "a", code.lower().replace("-", " ")
    )


def test_old_codes_still_resolve_after_rotation() -> None:
    for start in SAMPLES:
        old, new = code_of(start), code_of(start, Pepper(current=2, keys={2: ROTATED.keys[2]}))
        assert old != new
        assert parse_code(ROTATED, old) == old
        assert derive_keys(ROTATED, "a", old) == derive_keys(PEPPER, "a", old)
        assert derive_keys(ROTATED, "a", new) != derive_keys(PEPPER, "a", old)
        with pytest.raises(CodeTypoError):
            derive_keys(PEPPER, "a", new)


def test_a_code_whose_check_holds_under_two_versions_gives_both_keys() -> None:
    twice = Pepper(current=2, keys={1: PEPPER.keys[1], 2: PEPPER.keys[1]})
    code = code_of(SAMPLES[2])
    assert candidate_keys(twice, "a", code) == [derive_keys(PEPPER, "a", code)] * 2
    assert len(candidate_keys(ROTATED, "a", code)) == 1


def test_a_pepper_is_written_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "pepper.json"
    pepper = Pepper.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Pepper.load(path) == pepper
    with pytest.raises(FileExistsError):
        Pepper.create(path)


def test_a_pepper_that_could_not_be_written_whole_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full_disk)
        with pytest.raises(OSError, match="No space left"):
            Pepper.create(tmp_path / "pepper.json")
    assert list(tmp_path.iterdir()) == []
    Pepper.create(tmp_path / "pepper.json")
    assert [entry.name for entry in tmp_path.iterdir()] == ["pepper.json"]


def test_rotation_adds_a_key_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "pepper.json"
    first = Pepper.create(path)
    code = new_code(first)
    second = Pepper.rotate(path)
    assert Pepper.load(path) == second
    assert (second.current, second.keys[1]) == (2, first.keys[1])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["pepper.json"]
    assert derive_keys(second, "a", code) == derive_keys(first, "a", code)


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o620, 0o666])
def test_a_pepper_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "pepper.json"
    Pepper.create(path)
    path.chmod(mode)
    with pytest.raises(PepperError, match="0600"):
        Pepper.load(path)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        json.dumps({"current": 1, "keys": {}}),
        json.dumps({"current": 2, "keys": {"1": "00" * 32}}),
        json.dumps({"current": 1, "keys": {"1": "00" * 31}}),
        json.dumps({"current": 1, "keys": {"1": "zz" * 32}}),
        json.dumps({"current": 1, "keys": {"1": "00" * 32}, "more": 1}),
    ],
)
def test_a_broken_pepper_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "pepper.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(PepperError):
        Pepper.load(path)


def test_no_secret_shows_in_what_is_printed() -> None:
    keys = derive_keys(PEPPER, "a", code_of(SAMPLES[0]))
    assert repr(PEPPER) == "Pepper(current=1, versions=[1])"
    assert repr(keys) == "CodeKeys(…)"
    assert isinstance(keys, CodeKeys)


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_under_its_own_key_only(content: bytes) -> None:
    cipher, other = bytes(32), bytes([1]) * 32
    sealed = seal(cipher, content)
    assert unseal(cipher, sealed) == content
    assert seal(cipher, content) != sealed
    with pytest.raises(SealError):
        unseal(other, sealed)


@given(st.binary(max_size=60), st.data())
def test_changed_or_cut_bytes_are_refused(content: bytes, data: st.DataObject) -> None:
    sealed = seal(bytes(32), content)
    place = data.draw(st.integers(0, len(sealed) - 1))
    changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
    for wrong in (changed, sealed[:place]):
        with pytest.raises(SealError):
            unseal(bytes(32), wrong)
