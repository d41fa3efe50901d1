"""What must pass by one door passes by it."""

import ast
import re
from pathlib import Path

from tests.support.tree import ROOT, name_of, parsed, sources, templates

DOOR = "consult/core/html.py"
UNTRUSTED = ("Markup", "HTMLString")


def test_no_template_calls_a_text_safe() -> None:
    trusting = [
        name_of(path) for path in templates() if re.search(trust_of(path), path.read_text("utf-8"))
    ]
    assert trusting == []


def trust_of(path: Path) -> str:
    """Return what a template may not say; a mail in plain text shows ``&`` as it is."""
    return r"\|\s*safe\b" + ("" if path.suffix == ".txt" else r"|autoescape\s+false")


def test_only_one_module_makes_markup_of_a_text() -> None:
    makers = {
        name_of(path)
        for path in sources("consult")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and _called(node) in UNTRUSTED
    }
    assert makers <= {DOOR}
    assert (ROOT / DOOR).is_file()


def _called(node: ast.Call) -> str:
    function = node.func
    return getattr(function, "id", "") or getattr(function, "attr", "")


def test_only_core_commits() -> None:
    committing = {
        name_of(path)
        for path in sources("consult")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and _called(node) == "commit"
    }
    outside = {p for p in committing if not p.startswith(("consult/core/", "consult/migrations/"))}
    assert committing
    assert outside == set()


def test_no_statement_is_built_from_pieces_of_text() -> None:
    built = [
        f"{name_of(path)}:{node.lineno}"
        for path in sources("consult")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and _called(node) in {"text", "exec_driver_sql", "execute"}
        and node.args
        and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert built == []
