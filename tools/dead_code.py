"""Fail on names that nothing uses: not the package, its tests or tools, nor a template.

vulture reads Python only. Names that templates speak of count as used, and so do columns and
fields of forms and files, which the database, the pages and the checks read by their name. What
a framework calls is listed in ``CALLED`` with who calls it; an attribute set on an object of a
library is its own.
"""

import re
import sys
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("consult", "tests", "tools")
REPORTED = ("consult", "tools")  # pytest passes fixtures by the names of parameters
FIELDS = {"forms.py", "definition.py"}

CALLED = {
    "process_bind_param": "SQLAlchemy, at each value that is written",
    "process_result_value": "SQLAlchemy, at each value that is read",
    "load_dialect_impl": "SQLAlchemy, once for each database",
    "compare_values": "SQLAlchemy, to know what changed",
    "cache_ok": "SQLAlchemy, to cache statements",
    "impl": "SQLAlchemy, the type below ours",
    "handle_starttag": "the parser of the standard library",
    "handle_endtag": "the parser of the standard library",
    "handle_data": "the parser of the standard library",
    "visit_Call": "the visitor of Jinja's syntax tree",
    "process_errors": "WTForms, of a field",
    "extra_filters": "WTForms, of a field",
    "extra_validators": "WTForms, of a form",
    "process": "WTForms, of a field",
    "process_formdata": "WTForms, of a field",
    "validate_*": "WTForms, for the field of that name",
    "form_data_parser_class": "Werkzeug, of a request",
    "down_revision": "Alembic, of a migration",
    "branch_labels": "Alembic, of a migration",
    "depends_on": "Alembic, of a migration",
    "pytestmark": "pytest, of a module",
}


def template_names() -> set[str]:
    """Return every name that stands in an expression or a statement of a template."""
    text = "".join(p.read_text("utf-8") for p in (ROOT / "templates").rglob("*.*"))
    inside = re.findall(r"\{[{%](.*?)[%}]\}", text, re.DOTALL)
    return {name for part in inside for name in re.findall(r"\b[A-Za-z_]\w*", part)}


def columns() -> set[str]:
    """Return the name of every mapped column, and of every class in a module of models."""
    found: set[str] = set()
    for path in (ROOT / "consult").rglob("*.py"):
        text = path.read_text("utf-8")
        found |= set(re.findall(r"(?m)^    (\w+): Mapped\[", text))
        found |= set(re.findall(r"(?m)^class (\w+)\(Base\)", text))
    return found


def foreign(kind: str, path: Path, number: int) -> bool:
    """Tell whether a line sets an attribute of something that is not ours: a library reads it."""
    return kind == "attribute" and "self." not in path.read_text("utf-8").splitlines()[number - 1]


def unused() -> list[str]:
    """Return what nothing uses, one line each."""
    finder = Vulture(
        ignore_names=["test_*", "pytest_*", "_*", *CALLED],
        ignore_decorators=[
            "@*.route",
            "@*.get",
            "@*.post",
            "@*command",
            "@*group",
            "@*fixture",
            "@*.errorhandler",
            "@*listens_for",
            "@*processor",
            "@*_request",
            "@*.template_filter",
            "@localized",
        ],
    )
    finder.scavenge([str(ROOT / name) for name in SOURCES])
    known = template_names() | columns()
    found = []
    for item in finder.get_unused_code(min_confidence=60):
        path = Path(item.filename)
        field = item.typ == "variable" and path.name in FIELDS
        if path.relative_to(ROOT).parts[0] not in REPORTED:
            continue
        if item.name not in known and not field and not foreign(item.typ, path, item.first_lineno):
            place = path.relative_to(ROOT)
            found.append(f"{place}:{item.first_lineno} {item.typ} {item.name} is used by nothing")
    return found


if __name__ == "__main__":
    lines = unused()
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.exit(bool(lines))
