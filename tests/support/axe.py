"""Run axe-core over a page: WCAG 2.0 to 2.2, levels A and AA, and its best practice.

The engine is handed to the page by the debugger, not written into it, so the content
security policy of the page stays in force while it runs.
"""

from collections.abc import Container
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
OPTIONS = {
    "runOnly": {"type": "tag", "values": list(TAGS)},
    "resultTypes": ["violations", "incomplete"],
}
_engine = Axe()


def findings(page: Page, reviewed: Container[str] = ()) -> list[str]:
    """Return what axe finds wrong, and what it leaves to a person: rule, place, reason.

    ``reviewed`` names the rules whose doubts (never whose faults) a person has looked at.
    """
    response = _engine.run(page, options=OPTIONS).response
    doubts = [rule for rule in response["incomplete"] if rule["id"] not in reviewed]
    return _lines(response["violations"]) + _lines(doubts)


def _lines(results: list[dict[str, Any]]) -> list[str]:
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {_reason(node)}"
        for rule in results
        for node in rule["nodes"]
    ]


def _reason(node: dict[str, Any]) -> str:
    checks = [*node.get("any", []), *node.get("all", []), *node.get("none", [])]
    return "; ".join(check["message"] for check in checks)
