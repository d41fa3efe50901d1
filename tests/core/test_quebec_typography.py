"""The typography of Quebec French, set and checked."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consult.core.typography import epicene_faults, typo, typography_faults

PIECES = [
    "«", "»", ":", ";", "!", "?", "%", "$", "'", "’", "...", ".", "…", " ", "  ", "\u00a0", "\u202f",
    "\n", "h", "14", "30", "a", "é", "https://e.example/a'b?c", "a@e.example", "%(n)s", "{n}", "<b>",
    "</b>", "(", ")", '"', "\ue000", ":a:",
]  # fmt: skip


def shown(text: str) -> str:
    """Make the non-breaking spaces visible."""
    return text.replace("\u00a0", "_")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Objectif : la santé", "Objectif_: la santé"),
        ("Objectif: la santé", "Objectif_: la santé"),
        ("Quoi ? Oui ! Bon ; fin", "Quoi? Oui! Bon; fin"),
        ("Quoi\u202f? Oui\u00a0!", "Quoi? Oui!"),
        ("« texte » et «texte»", "«_texte_» et «_texte_»"),
        ("L'été d'Anne...", "L’été d’Anne…"),
        ("L'«été»", "L’«_été_»"),
        ("50 % de 5 $, 12%", "50_% de 5_$, 12_%"),
        ("à 14 h 30 ou 9 h", "à 14_h_30 ou 9_h"),
        ("voir https://e.example/?a='b' : oui", "voir https://e.example/?a='b'_: oui"),
        ("%(n)s % des {x} : 100 %", "%(n)s_% des {x}_: 100_%"),
        ("<a href=\"a'b : c\">l'an</a> : oui", '<a href="a\'b : c">l’an</a>_: oui'),
        ("de 10:30 à 11:45", "de 10:30 à 11:45"),
        ("14 hommes", "14 hommes"),
    ],
)
def test_staff_text_is_set_right(before: str, after: str) -> None:
    assert shown(typo(before)) == after


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("« \u00a0»")
@example("« ?")
@example("....")
@example("» :a:")
@example("«:a: ;")
def test_setting_twice_changes_nothing(text: str) -> None:
    assert typo(typo(text)) == typo(text)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_words_are_never_changed(text: str) -> None:
    letters = "".join(c for c in text if c.isalnum())
    assert "".join(c for c in typo(text) if c.isalnum()) == letters


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Quoi ?", "no space before ; ! ?"),
        ("Quoi\u00a0!", "no space before ; ! ?"),
        ("un ;", "no space before ; ! ?"),
        ("«\u00a0a »", "non-breaking space before »"),
        ("« a\u00a0»", "non-breaking space after «"),
        ("«a\u00a0»", "non-breaking space after «"),
        ("But : a", "non-breaking space before the colon"),
        ("But: a", "non-breaking space before the colon"),
        ("%(n)s : a", "non-breaking space before the colon"),
        ("<b>But</b> : a", "non-breaking space before the colon"),
        ("5 %", "non-breaking space before %"),
        ("5%", "non-breaking space before %"),
        ("%(n)s %%", "non-breaking space before %"),
        ("5 $", "non-breaking space before $"),
        ("l'an", "curly apostrophe"),
        ("fin...", "one ellipsis character"),
        ("14 h 30", "non-breaking spaces around h"),
        ('un "mot"', "French quotation marks"),
        ("1\u202f204", "a character the fonts lack"),
        ("participant·e", "no middle dot"),
    ],
)
def test_the_lint_sees_each_fault(text: str, fault: str) -> None:
    assert typography_faults(text) == [fault]


@pytest.mark.parametrize(
    "text",
    [
        "«\u00a0L’accès\u00a0: où en est-on?\u00a0»",
        "50\u00a0% à 14\u00a0h\u00a030; 5\u00a0$…",
        '<a href="https://e.example/?a=b">l’an</a>',
        "de 10:30 à 11:45",
        "%(n)s réponses",
    ],
)
def test_the_lint_accepts_what_is_right(text: str) -> None:
    assert typography_faults(text) == []


SENTENCES = st.lists(
    st.sampled_from(
        ["l'an", "«mot»", "« mot »", "But :", "But:", "quoi ?", "5 %", "14 h 30", "fin...", "{n} :"]
    ),
    max_size=6,
).map(" ".join)


@given(SENTENCES)
def test_what_was_set_right_has_no_fault(text: str) -> None:
    assert typography_faults(typo(text)) == []


def test_a_masculine_for_everybody_is_told_and_a_doublet_is_not() -> None:
    assert epicene_faults("Les citoyens et les participants répondent.") == [
        "citoyens",
        "participants",
    ]
    assert epicene_faults("les participants et participantes, les personnes usagères") == []
    assert epicene_faults("les animateurs ou animatrices; les citoyennes et citoyens") == []
