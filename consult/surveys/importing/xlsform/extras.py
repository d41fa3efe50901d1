"""What our own export writes beside XLSForm, and how it comes back: cells win over it. Pure."""

from collections.abc import Sequence
from typing import Any

import msgspec

from consult.surveys.importing.drafting import Draft, DraftItem, DraftRule, Source
from consult.surveys.importing.xlsform.sheets import Row
from consult.surveys.rules import Words

COLUMN = "consult"
NON_ANSWERS = {
    "dont_know": Words(fr="Je ne sais pas", en="I don’t know"),
    "prefer_not": Words(fr="Je préfère ne pas répondre", en="I prefer not to answer"),
}
SPLIT = {"matrix", "points", "best_worst"}


def joined_tests(tests: Sequence[str]) -> str:
    """Return hard constraints as the one text of the column ``constraint``."""
    return tests[0] if len(tests) == 1 else " and ".join(f"({test})" for test in tests)


def read_extras(draft: Draft, row: Row) -> dict[str, Any]:
    """Return what stands beside a row; nothing for rows of other programs."""
    text = row.text(COLUMN)
    if not text:
        return {}
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        draft.fault(row.where(COLUMN), "broken_json")
        return {}
    return found if isinstance(found, dict) else {}


def apply_extras(item: DraftItem, extras: dict[str, Any], row: Row) -> None:
    """Give an item what only we write: its kind, limits, flags of options, soft constraints."""
    rest = dict(extras)
    kind = rest.pop("kind", item.kind)
    item.kind = kind if isinstance(kind, str) else item.kind
    for key in ("max_length", "decimals"):
        item.more.pop(key, None)
    for flag in ("exclusive", "specify"):
        codes = rest.pop(flag, ())
        for option in item.options:
            if isinstance(codes, list) and option.code in codes:
                option.more[flag] = True
    rules = rest.pop("constraints", None)
    if isinstance(rules, list):
        _constraints(item, rules, row)
    if item.kind == "consent" or isinstance(rest.get("options_from"), str):
        item.options = []
    item.more |= rest


def _constraints(item: DraftItem, rules: list[Any], row: Row) -> None:
    """Take the constraints written beside, unless the column was changed since."""
    given = [rule for rule in rules if isinstance(rule, dict) and "test" in rule]
    hard = [str(rule["test"]) for rule in given if not rule.get("soft")]
    kept = [] if hard and joined_tests(hard) == row.text("constraint") else item.rules
    made = [
        DraftRule(
            Source(str(rule["test"]), row.where(COLUMN)),
            {k: str(v) for k, v in dict(rule.get("message") or {}).items() if v},
            soft=bool(rule.get("soft")),
        )
        for rule in given
        if not kept or rule.get("soft")
    ]
    item.rules = [*kept, *made]
