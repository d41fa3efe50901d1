"""Hold the documentation to the code: settings, commands, the questionnaire example.

``python -m tests.house.test_documentation`` prints the table of docs/operators/settings.md.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from consult.cli import main
from consult.core.settings import PREFIX, describe
from consult.surveys.expressions import (
    FUNCTIONS,
    MAX_DEPTH,
    MAX_LENGTH,
    Known,
    check,
    evaluate,
    parse,
)
from consult.surveys.rules import KINDS, missing_texts, parse_definition
from consult.surveys.rules.checks import MAX_EXPRESSIONS
from consult.surveys.rules.reaching import MAX_CASES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(#[^)\s]*)?\)")
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def setting_row(name: str, kind: str, default: object, text: str) -> str:
    if isinstance(default, bool):
        shown = f"`{str(default).lower()}`"
    else:
        shown = f"`{default}`" if default not in ("", ()) else "empty"
    return f"| `{PREFIX}{name.upper()}` | {kind.replace(' | ', ', ')} | {shown} | {text} |"


def settings_table() -> str:
    head = ["| setting | type | default | help |", "|---|---|---|---|"]
    return "\n".join([*head, *(setting_row(*row) for row in describe())])


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def names(command: click.Command) -> list[str]:
    """Return what a reader types: options, and arguments in capitals."""
    found = []
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            found += parameter.opts
        else:
            found.append(str(parameter.name).upper())
    return found


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("row", describe(), ids=lambda row: row[0])
def test_every_setting_is_documented_with_its_type_default_and_help(
    row: tuple[str, str, object, str],
) -> None:
    assert row[3], "the setting has no help"
    assert setting_row(*row) in read("operators/settings.md").splitlines()


def test_no_setting_is_documented_that_does_not_exist() -> None:
    shown = re.findall(r"^\| `CONSULT_(\w+)`", read("operators/settings.md"), re.MULTILINE)
    assert shown == [name.upper() for name, *_rest in describe()]


def test_every_command_and_option_is_documented_in_its_row() -> None:
    rows = [row for row in read("operators/commands.md").splitlines() if row.startswith("| `")]
    for path, command in commands(main, "consult"):
        mine = [row for row in rows if re.match(rf"\| `{path}[ `]", row)]
        assert len(mine) == 1, path
        assert [name for name in names(command) if name not in mine[0]] == [], path


def test_no_command_or_option_is_documented_that_does_not_exist() -> None:
    text = read("operators/commands.md")
    real = dict(commands(main, "consult"))
    shown = re.findall(r"^\| `(consult [a-z -]+?)(?: [A-Z]+)?`", text, re.MULTILINE)
    assert sorted(shown) == sorted(real)
    options = {name for command in real.values() for name in names(command)}
    assert set(re.findall(r"--[a-z][a-z-]+", text)) <= options | {"--help", "--version"}


def test_the_example_of_the_questionnaire_format_loads_and_lacks_no_text() -> None:
    example = re.search(r"```json\n(.*?)```", read("questionnaire-format.md"), re.DOTALL)
    assert example is not None
    definition = parse_definition(example[1].encode())
    assert missing_texts(definition) == []
    assert {item.kind for page in definition.pages for item in page.items} == set(KINDS)


def test_every_function_of_expressions_is_documented_and_no_other() -> None:
    table = (
        read("questionnaire-format.md").partition("| function | gives |")[2].partition("\n\n")[0]
    )
    cells = [row.split(" | ")[0] for row in table.splitlines() if row.startswith("| `")]
    shown = [name for cell in cells for name in re.findall(r"`([a-z-]+)\(", cell)]
    assert sorted(shown) == sorted(FUNCTIONS)


def test_every_expression_shown_has_the_value_shown() -> None:
    answers = {"heat": "4", "needs": ("rest", "rides"), "role": "caregiver", "age": None}
    choice = {code: Known("choice") for code in ("heat", "role", "age")}
    known = {**choice, "needs": Known("choices")}
    lines = re.findall(r"^(.+?)\s+→ (.+)$", read("questionnaire-format.md"), re.MULTILINE)
    assert len(lines) >= 10
    for source, shown in lines:
        tree = parse(source)
        assert check(tree, known).faults == (), source
        assert evaluate(tree, answers) == json.loads(shown), source


def test_the_limits_of_expressions_are_those_documented() -> None:
    text = " ".join(read("questionnaire-format.md").split())
    shown = f"{MAX_LENGTH:,} characters and {MAX_DEPTH} levels an expression, {MAX_EXPRESSIONS:,}"
    assert shown in text
    assert f"more than {MAX_CASES:,} combinations" in text


def test_every_dependency_has_its_reason() -> None:
    lines = (ROOT / "requirements/runtime.in").read_text(encoding="utf-8").splitlines()
    wanted = {re.split(r"[<>=!~;]", line)[0].strip() for line in lines if line.strip()}
    shown = re.findall(
        r"^\| ([\w\-\[\]]+) \| ", read("decisions/0001-dependencies.md"), re.MULTILINE
    )
    assert set(shown) - {"dependency"} == wanted


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        found = (page.parent / target) if target else page
        assert found.exists(), target
        if anchor and found.suffix == ".md":
            assert anchor.removeprefix("#") in anchors(found), f"{target}{anchor}"


if __name__ == "__main__":
    sys.stdout.write(settings_table() + "\n")
