"""A questionnaire of the kinds that have parts: matrix, ranking, points, best-worst sets."""

from typing import Any


def said(fr: str, en: str) -> dict[str, str]:
    return {"fr": fr, "en": en}


def listed(**labels: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"code": code, "label": said(*label)} for code, label in labels.items()]


TOPICS = listed(
    housing=("Le logement", "Housing"),
    food=("L’alimentation", "Food"),
    transport=("Le transport", "Transport"),
    other=("Autre chose", "Something else"),
    nothing=("Rien de tout cela", "None of these"),
)
GOALS = listed(
    near=("Des soins plus près", "Care closer to home"),
    fast=("Des soins plus rapides", "Faster care"),
    kind=("Des soins plus humains", "Kinder care"),
)
SERVICES = listed(
    line=("Info-Santé 811", "Info-Santé 811"),
    clinic=("La clinique médicale", "The medical clinic"),
    home=("Le soutien à domicile", "Home support"),
)
CHANGE = listed(better=("Mieux", "Better"), same=("Pareil", "The same"), worse=("Pire", "Worse"))
MEASURES = listed(
    shuttle=("Une navette médicale", "A medical shuttle"),
    kitchen=("Une cuisine collective", "A community kitchen"),
    outreach=("Une personne intervenante de milieu", "An outreach worker"),
    respite=("Du répit près de chez soi", "Respite near home"),
    plan=("Un plan en cas de chaleur", "A heat plan"),
)


def item(code: str, kind: str, title: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "title": said(*title), **more}


def questionnaire() -> dict[str, Any]:
    """Return the definition: a choice, then each kind on a page of its own."""
    topics = [dict(option) for option in TOPICS]
    topics[4]["exclusive"] = True
    items = (
        item("topics", "several_choices", ("Que choisissez-vous?", "What do you choose?"),
             options=topics),
        item("access", "matrix", ("L’accès a-t-il changé?", "Has access changed?"),
             rows=SERVICES, options=CHANGE, non_answers=["dont_know"]),
        item("order", "ranking", ("Classez vos choix", "Rank your choices"),
             options_from="topics"),
        item("share", "points", ("Répartissez 100 points", "Share 100 points"), options=GOALS),
        item("useful", "best_worst", ("Laquelle est la plus utile?", "Which is the most useful?"),
             options=MEASURES, set_size=3, sets=5),
    )  # fmt: skip
    pages = [
        {"code": f"page_{one['code']}", "title": said("Une page", "A page"), "items": [one]}
        for one in items
    ]
    return {
        "format": "consult-questionnaire/1",
        "code": "compound",
        "title": said("En plusieurs parties", "In several parts"),
        "pages": pages,
    }
