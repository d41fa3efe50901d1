"""Nothing grows too large to be read, and nothing hides."""

import ast
import re

from tests.support.tree import TEMPLATES, functions, name_of, parsed, sources, templates

OWN = ("consult", "tests", "tools")
MAX_FILE, MAX_FUNCTION, MAX_PARAMETERS, MAX_TEMPLATE, MAX_MACROS = 400, 40, 6, 150, 300
MAX_MACRO = 70
BANNED_NAMES = re.compile(r"^(utils?|helpers?|common|misc|tools?|stuff|manager)$")
# Written with a bracket, so that this file does not find itself.
LEFTOVER = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X])\b|pragma: no cove[r]|mark\.(?:ski[p]|xfai[l])\b")


def test_files_have_at_most_400_lines() -> None:
    long = {name_of(p): n for p in sources(*OWN) if (n := lines(p)) > MAX_FILE}
    assert long == {}


def lines(path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_functions_have_at_most_40_lines() -> None:
    long = [
        f"{name_of(path)}:{node.lineno} {node.name} ({size})"
        for path in sources(*OWN)
        for node in functions(path)
        if (size := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION
    ]
    assert long == []


def test_functions_take_at_most_6_parameters() -> None:
    wide = []
    for path in sources(*OWN):
        for node in functions(path):
            given = node.args
            names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
            if len([n for n in names if n not in {"self", "cls"}]) > MAX_PARAMETERS:
                wide.append(f"{name_of(path)}:{node.lineno} {node.name}")
    assert wide == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {name_of(path): path.stem for path in sources("consult", "tests")}
    packages = {name_of(path.parent): path.parent.name for path in sources("consult", "tests")}
    assert [path for path, name in (names | packages).items() if BANNED_NAMES.match(name)] == []


def test_imports_stand_at_the_top() -> None:
    nested = [
        f"{name_of(path)}:{inner.lineno}"
        for path in sources("consult", "tools")
        for node in functions(path)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert nested == []


def test_every_public_name_of_the_package_is_explained() -> None:
    silent = []
    for path in sources("consult"):
        tree = parsed(path)
        if not ast.get_docstring(tree) and path.stat().st_size:
            silent.append(name_of(path))
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_"
            if public and not ast.get_docstring(node):
                silent.append(f"{name_of(path)}:{node.lineno} {node.name}")
    assert silent == []


def test_nothing_is_left_for_later_or_skipped_in_silence() -> None:
    left = [
        f"{name_of(path)}:{number}"
        for path in (*sources(*OWN), *templates())
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if LEFTOVER.search(line)
    ]
    assert left == []


def test_every_exception_from_a_linter_names_its_rule() -> None:
    bare = [
        f"{name_of(path)}:{number}"
        for path in sources(*OWN)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(r"#\s*noqa(?!: [A-Z]+\d)|#\s*type:\s*ignore(?!\[)", line)
    ]
    assert bare == []


def test_templates_have_at_most_150_lines_and_files_of_macros_300() -> None:
    long = {
        name_of(path): lines(path)
        for path in templates()
        if lines(path) > (MAX_MACROS if is_macros(path) else MAX_TEMPLATE)
    }
    assert long == {}


def is_macros(path) -> bool:
    """Tell whether a template holds macros only: a library, not a page."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    rest = re.sub(r"\{%-?\s*macro\b.*?endmacro\s*-?%\}", "", text, flags=re.DOTALL)
    return not re.sub(r"\{%-?\s*(?:from|import|set)\b.*?%\}", "", rest, flags=re.DOTALL).strip()


def test_macros_have_at_most_70_lines() -> None:
    bodies = [
        (name_of(path), match[1], match[0].count("\n") + 1)
        for path in TEMPLATES.rglob("*.html")
        for match in re.finditer(r"macro (\w+).*?endmacro", path.read_text("utf-8"), re.DOTALL)
    ]
    assert len(bodies) > 10
    assert [body for body in bodies if body[2] > MAX_MACRO] == []
