"""Turn the reference survey, with which other products were measured, into our own format.

``data/reference-survey.json`` is neutral: 16 bilingual items on 4 pages. A kind that this
version of the format lacks is asked with the nearest one, and ``STANDS_IN`` says so.
"""

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

from consult.surveys.rules import KINDS, Definition, parse_definition

SOURCE = Path(__file__).parent / "data" / "reference-survey.json"
SAME = {
    "single": "one_choice",
    "multiple": "several_choices",
    "long_text": "long_text",
    "matrix": "matrix",
    "short_text": "short_text",
    "number": "number",
}
NEAREST = "long_text"
STANDS_IN = {kind: NEAREST for kind in SAME.values() if kind not in KINDS}


def reference_survey() -> Definition:
    """Return the survey as a definition."""
    survey = json.loads(SOURCE.read_text("utf-8"))
    pages = [
        {
            "code": _code(page["title"]["en"]),
            "title": page["title"],
            "items": [
                _item(f"{_code(page['title']['en'])}_{number}", question)
                for number, question in enumerate(page["questions"], 1)
            ],
        }
        for page in survey["pages"]
    ]
    title = {"fr": "Soins et services près de chez vous", "en": "Care and services near you"}
    return parse_definition(
        {
            "format": "consult-questionnaire/1",
            "code": "reference",
            "title": title,
            "pages": pages,
        }
    )


def _item(code: str, question: dict[str, Any]) -> dict[str, Any]:
    kind = SAME[question["type"]]
    asked: dict[str, Any] = {"code": code, "kind": kind, "title": question["title"]}
    if kind in STANDS_IN:
        return asked | {"kind": NEAREST, "max_length": 100}
    for ours, theirs in (("options", "options"), ("options", "columns"), ("rows", "rows")):
        if theirs in question:
            asked[ours] = _labelled(question[theirs])
    for ours, theirs in (("minimum", "min"), ("maximum", "max")):
        if theirs in question:
            asked[ours] = question[theirs]
    return asked


def _labelled(labels: dict[str, list[str]]) -> list[dict[str, Any]]:
    return [
        {"code": _code(en), "label": {"fr": fr, "en": en}}
        for fr, en in zip(labels["fr"], labels["en"], strict=True)
    ]


def _code(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
