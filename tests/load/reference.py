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
SAME = {"single": "one_choice", "multiple": "several_choices", "long_text": "long_text"}
# kind of the survey: (our kind, what is asked where the format does not have it)
WANTED = {
    "short_text": ("short_text", "long_text"),
    "matrix": ("matrix", "scale"),
    "number": ("number", "long_text"),
}
STANDS_IN = {ours: near for ours, near in WANTED.values() if ours not in KINDS}


def reference_survey() -> Definition:
    """Return the survey as a definition."""
    survey = json.loads(SOURCE.read_text("utf-8"))
    pages = [
        {
            "code": _code(page["title"]["en"]),
            "title": page["title"],
            "items": [
                item
                for number, question in enumerate(page["questions"], 1)
                for item in _items(_code(page["title"]["en"]), number, question)
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


def _items(page: str, number: int, question: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one question as an item; as one item for each row where there is no matrix."""
    asked = question["type"]
    code = f"{page}_{number}"
    kind = next(k for k in (SAME.get(asked), *WANTED.get(asked, ())) if k in KINDS)
    item: dict[str, Any] = {"code": code, "kind": kind, "title": question["title"]}
    if kind == "short_text" or asked == "short_text":
        return [item | {"max_length": 100}]
    if asked == "number" and kind == "number":
        return [item | {"minimum": question["min"], "maximum": question["max"]}]
    if asked == "matrix":
        options, rows = _labelled(question["columns"]), _labelled(question["rows"])
        if kind == "matrix":
            return [item | {"options": options, "rows": rows}]
        return [
            {
                "code": f"{code}_{row['code']}",
                "kind": kind,
                "title": {
                    lang: f"{question['title'][lang]} {row['label'][lang]}" for lang in ("fr", "en")
                },
                "options": options,
            }
            for row in rows
        ]
    if "options" in question:
        return [item | {"options": _labelled(question["options"])}]
    return [item]


def _labelled(labels: dict[str, list[str]]) -> list[dict[str, Any]]:
    return [
        {"code": _code(en), "label": {"fr": fr, "en": en}}
        for fr, en in zip(labels["fr"], labels["en"], strict=True)
    ]


def _code(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
