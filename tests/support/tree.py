"""Read the tree of the project for the tests of the house; an empty answer is a failure."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
GENERATED = ROOT / "consult" / "migrations" / "versions"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    """Return a path as people write it, from the top of the project."""
    return path.relative_to(ROOT).as_posix()


@cache
def sources(*folders: str) -> tuple[Path, ...]:
    """Return the Python files of ``folders``, without those that a tool generated."""
    found = [
        p for f in folders for p in sorted((ROOT / f).rglob("*.py")) if GENERATED not in p.parents
    ]
    assert found, f"no source in {folders}"
    return tuple(found)


@cache
def templates() -> tuple[Path, ...]:
    """Return every template, pages and mails."""
    found = sorted(p for p in TEMPLATES.rglob("*") if p.suffix in {".html", ".txt"})
    assert len(found) > 30, "the templates are not where they should be"
    return tuple(found)


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a source file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def functions(path: Path) -> Iterator[Function]:
    """Yield every function of a file, nested ones too."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, Function):
            yield node
