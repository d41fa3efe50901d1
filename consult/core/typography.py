"""Apply and check the typography of Quebec French (floor 0).

A non-breaking space before ``:`` ``»`` ``%`` ``$`` and after ``«``; none before ``;`` ``!``
``?`` (France's rule is wrong here); a curly apostrophe; one ellipsis character; ``14 h 30``.
Never applied to what participants wrote. Addresses, placeholders and tags are left alone.
Source: Office québécois de la langue française, tables of spacing and of epicene writing.
"""

import re
from collections.abc import Callable
from functools import lru_cache

NBSP = "\u00a0"
_ODD_SPACES = str.maketrans(dict.fromkeys("\u202f\u2007\u2009", NBSP))
# What is not French prose: tags, placeholders, web and mail addresses.
_OPAQUE = re.compile(
    r"(<[^<>]*>|%\([^()]*\)[sd]|\{[^{}]*\}"
    r"|(?:https?://|www\.|mailto:)[^\s<>«»]*[^\s<>«».,;:!?…]"
    r"|[^\s<>«»]+@[^\s<>«»]*[^\s<>«».,;:!?…])"
)
_MARKUP, _ADDRESS = "\ue000", "\ue001"
_HELD = re.compile("[\ue000\ue001]")
_TAG = re.compile(r"<[^<>]*>")
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=\w)'(?=[\w«])"), "’"),
    (re.compile(r"\.{3,}"), "…"),
    # Not after an address: the sign would become a part of it.
    (re.compile(rf"(?<=[^\s\ue001])[ {NBSP}]+(?=[;!?])"), ""),
    (re.compile(rf"«[ {NBSP}]*(?=\S)"), f"«{NBSP}"),
    (re.compile(r"(?<=\S)(?<!«)»"), f"{NBSP}»"),
    (re.compile(rf"(?<=\S)[ {NBSP}]+(?=[:»])"), NBSP),
    (re.compile(r"(?<=[\w)»’…\ue000\ue001]):(?=\s|$)"), f"{NBSP}:"),
    (re.compile(rf"(?<=[\d\ue000])[ {NBSP}]*(?=[%$])"), NBSP),
    (re.compile(rf"(?<=\d)[ {NBSP}]h[ {NBSP}](?=\d\d\b)"), f"{NBSP}h{NBSP}"),
    (re.compile(rf"(?<=\d)[ {NBSP}]h\b"), f"{NBSP}h"),
)
_FAULTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[ \u00a0\u202f\u2009][;!?]"), "no space before ; ! ?"),
    (re.compile(r"(?<!\u00a0)»"), "non-breaking space before »"),
    (re.compile(r"«(?!\u00a0)"), "non-breaking space after «"),
    (re.compile(r"(?<=\S) :|(?<=[\w)»’…]):(?=\s|$)"), "non-breaking space before the colon"),
    (re.compile(r"\d ?%(?!\()"), "non-breaking space before %"),
    (re.compile(r"\d ?\$"), "non-breaking space before $"),
    (re.compile(r"(?<=\w)'(?=[\w«])"), "curly apostrophe"),
    (re.compile(r"\.{3}"), "one ellipsis character"),
    (re.compile(r"\d h\b|\u00a0h (?=\d\d\b)"), "non-breaking spaces around h"),
    (re.compile('"'), "French quotation marks"),
    (re.compile("[\u202f\u2009\u2011]"), "a character the fonts lack"),
    (re.compile(r"(?<=\w)[·•](?=\w)"), "no middle dot"),
)
_MASCULINE = re.compile(
    r"\b(?:les|des|aux|ces|nos|vos|tous les)\s+"
    r"(citoyens|participants|usagers|patients|répondants|employés|candidats|animateurs|"
    r"intervenants|utilisateurs|administrateurs|résidents|élus|professionnels)\b",
    re.IGNORECASE,
)

_FEMININE_AFTER = r"\s+(?:et|ou)\s+(?:(?:les|des|aux)\s+)?{stem}\w*es\b"
_STEM = 3


@lru_cache(maxsize=8192)
def typo(text: str) -> str:
    """Return staff-authored French with its spaces and signs set right; idempotent.

    The same few texts come back on every page, so the latest are remembered: 110 µs each
    otherwise. Texts of participants never come here.
    """
    return _on_prose(text.translate(_ODD_SPACES), _set_right)


def typography_faults(text: str) -> list[str]:
    """List what a French text breaks, in words; empty when it is right."""
    prose = _OPAQUE.sub("0", _TAG.sub("", text))
    return [message for pattern, message in _FAULTS if pattern.search(prose)]


def epicene_faults(text: str) -> list[str]:
    """List the masculine plurals that stand for everybody without their feminine beside them.

    A doublet (« les citoyennes et citoyens ») passes; so does a neutral wording.
    """
    return [
        match[1]
        for match in _MASCULINE.finditer(text)
        if not re.match(
            _FEMININE_AFTER.format(stem=match[1][:_STEM]), text[match.end() :], re.IGNORECASE
        )
    ]


def _set_right(prose: str) -> str:
    for pattern, replacement in _RULES:
        prose = pattern.sub(replacement, prose)
    return prose


def _on_prose(text: str, change: Callable[[str], str]) -> str:
    """Change the prose as one text, with what is opaque held out by a private character."""
    if _HELD.search(text):
        return text
    pieces = _OPAQUE.split(text)
    marks = [_MARKUP if piece[0] in "<%{" else _ADDRESS for piece in pieces[1::2]]
    prose = "".join(piece + mark for piece, mark in zip(pieces[::2], [*marks, ""], strict=True))
    pieces[::2] = _HELD.split(change(prose))
    return "".join(pieces)
