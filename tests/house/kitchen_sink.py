"""Render every component of the interface without the application, to look at and to test.

``python tests/house/kitchen_sink.py FOLDER`` writes the pages in FOLDER beside a copy of the
static files; open them in a browser or take pictures of them.
"""

import hashlib
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from consult.core.charts import bar, stacked

ROOT = Path(__file__).resolve().parent.parent.parent
STATIC = ROOT / "consult" / "static"
PAGES = ("questionnaire", "receipt", "consultation", "results", "desk")
ERRORS = [
    {"href": "#visits", "text": "Choisissez une fréquence."},
    {
        "href": "#trust",
        "text": "Choisissez une réponse pour «\u00a0Les soins tiennent compte de l’environnement"
        "\u00a0».",
    },
    {"href": "#postal", "text": "Écrivez trois caractères, comme J1H."},
]


def asset(path: str) -> str:
    """Return the address of a static file beside the page, with its fingerprint."""
    return f"static/{path}?v={hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:8]}"


def environment(french: Mapping[str, str]) -> Environment:
    """Return Jinja with the globals the application gives; texts through ``french``."""

    def translate(text: str, **values: object) -> str:
        said = french.get(text, text)
        return said % values if values else said

    loader = FileSystemLoader([ROOT / "templates", Path(__file__).parent / "sink"])
    jinja = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    jinja.globals.update(
        _=translate, asset=asset, csrf_token=lambda: "token", site={"name": "Parole aux tables"}
    )
    jinja.filters["number"] = lambda value: f"{value:,}".replace(",", "\u00a0")
    jinja.filters["tenpoints"] = lambda points: [{"value": n, "label": n} for n in points]
    return jinja


def context() -> dict[str, Any]:
    """Return what the pages show."""
    rows = (("Délai d’attente trop long", 603), ("Transport ou distance", 421), ("Langue", 132))
    agreement = (
        ("Je sais où m’adresser quand j’ai besoin de soins.", (8, 17, 21, 36, 18)),
        ("On m’écoute quand je parle de ma santé.", (12, 24, 20, 30, 14)),
    )
    return {
        "lang": "fr",
        "twin_url": "#en",
        "errors": [],
        "nav": [
            {"href": "#", "label": label, "current": label == "Consultations"}
            for label in ("Consultations", "Tables", "Utiliser mon code")
        ],
        "desk_nav": [
            {"href": "#", "label": label, "current": label == "Consultations"}
            for label in ("Accueil du bureau", "Tables", "Consultations", "Comptes", "Journal")
        ],
        "account_name": "Nadia Rousseau",
        "sign_out_url": "#",
        "footer_links": [
            {"href": "#", "label": label}
            for label in ("Accessibilité", "Confidentialité", "Aide et coordonnées")
        ],
        "bars": [
            {"label": label, "count": n, "percent": f"{n / 12.04:.0f}\u00a0%", "bar": bar(n / 1204)}
            for label, n in rows
        ],
        "steps": [
            {"label": label, "chart": stacked(p), "percents": [f"{n}\u00a0%" for n in p]}
            for label, p in agreement
        ],
    }


def pages(french: Mapping[str, str]) -> dict[str, str]:
    """Return each page's HTML by name; ``errors`` is the questionnaire refused."""
    jinja, values = environment(french), context()
    made = {name: jinja.get_template(f"{name}.html").render(values) for name in PAGES}
    refused = {**values, "errors": ERRORS, "switch_form": "answers"}
    made["errors"] = jinja.get_template("questionnaire.html").render(refused)
    return made


def main() -> None:
    """Write the pages in the folder named on the command line; a second name is a JSON of texts."""
    folder = Path(sys.argv[1])
    french = json.loads(Path(sys.argv[2]).read_text("utf-8")) if len(sys.argv) > 2 else {}
    shutil.copytree(STATIC, folder / "static", dirs_exist_ok=True)
    for name, html in pages(french).items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")


if __name__ == "__main__":
    main()
