"""Every template compiles in both languages, is reached, and holds no text of its own."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask

from consult.core.i18n import LANGUAGES, environment_of
from consult.surveys.rules import KINDS
from tests.support.tree import TEMPLATES, parsed, sources, templates

NAMES = [str(path.relative_to(TEMPLATES)) for path in templates()]
PAGES = [
    name for name in NAMES if not re.match(r"(?:parts|layouts|mail|surveys/kinds)/|\w+/_", name)
]
# Words that are the same in both languages, or that are no language at all.
VOID = {"input", "br", "hr", "img", "link", "meta", "col", "path", "rect", "use"}
SHARED = re.compile(r"(?:Consult|Français|English|[\W\d_]|&\w+;)*")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("template", NAMES)
def test_a_template_compiles_in_each_language(bare_app: Flask, template: str, lang: str) -> None:
    with bare_app.app_context():
        assert environment_of(lang).get_template(template).name == template


def test_every_template_is_reached_by_a_view_or_another_template() -> None:
    assert len(NAMES) > 40
    reached = _named_in_python() | _named_in_templates()
    reached |= {f"surveys/kinds/{kind}.html" for kind in KINDS}  # named by the kind of an item
    lost = [name for name in NAMES if name not in reached and not _is_mail_of(name, reached)]
    assert not lost


def test_every_template_named_by_a_view_exists() -> None:
    named = {name for name in _named_in_python() if re.fullmatch(r"[\w/]+\.html", name)}
    assert named
    assert not {name for name in named if name not in NAMES}


@pytest.mark.parametrize("template", NAMES)
def test_no_text_is_written_outside_the_catalogue(template: str) -> None:
    assert literal_texts((TEMPLATES / template).read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>{{ _('Send') }}</p>", []),
        ("<p>Send</p>", ["Send"]),
        ('<input placeholder="Your name">', ["Your name"]),
        ('<p class="{{ kind }} wide"{% if x %} hidden{% endif %}>{{ x }} · 3 %</p>', []),
        ('<p><a lang="fr-CA" href="/fr/">Continuer</a></p>', []),
        ("{# a note #}{% if a > b %}{{ a }}{% endif %}", []),
    ],
)
def test_the_search_for_literal_texts_finds_what_it_should(source: str, found: list[str]) -> None:
    assert literal_texts(source) == found


@pytest.mark.parametrize("template", PAGES)
def test_a_page_has_a_title_and_stands_on_a_layout(template: str) -> None:
    source = (TEMPLATES / template).read_text("utf-8")
    assert re.search(r"{%-? extends ['\"]layouts/", source)
    assert "block title" in source


@pytest.mark.parametrize("template", [name for name in NAMES if name.endswith(".html")])
def test_a_template_has_nothing_inline_and_no_foreign_host(template: str) -> None:
    source = (TEMPLATES / template).read_text("utf-8")
    if template == "layouts/mail.html":  # a mail cannot fetch a stylesheet
        source = re.sub(r"<style>.*?</style>", "", source, count=1, flags=re.DOTALL)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)", source)
    if not template.startswith("mail/"):
        assert not re.search(r"(?:src|href)=\"https?://", source)


def test_every_form_says_how_it_is_sent() -> None:
    forms = re.findall(r"<form\b[^>]*>", joined(templates()))
    assert forms
    # Without an action a form goes back to its own address, which is what is meant.
    assert not [form for form in forms if not re.search(r'method="(?:post|get)"', form)]


def test_no_figure_or_date_is_formatted_by_hand() -> None:
    source = joined(templates())
    assert not re.findall(r"strftime|\|\s*format\(|>[^<]*}}\s*%(?!})", source)


def test_every_mail_has_a_subject_a_text_and_a_page() -> None:
    mails = {re.sub(r"(\.subject)?\.(txt|html)$", "", n) for n in NAMES if n.startswith("mail/")}
    assert mails
    for mail in mails:
        assert {f"{mail}.subject.txt", f"{mail}.txt", f"{mail}.html"} <= set(NAMES)


def _named_in_python() -> set[str]:
    return {
        node.value
        for path in sources("consult")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "/" in node.value
    } | _mail_names()


def _mail_names() -> set[str]:
    sent = re.findall(r"send\w*\([^)]*?['\"](\w+)['\"]", joined(sources("consult")), re.DOTALL)
    return {f"mail/{name}" for name in sent}


def _named_in_templates() -> set[str]:
    call = re.compile(r"{%-?\s*(?:extends|include|import|from)\s+[\"']([^\"']+)[\"']")
    return set(call.findall(joined(templates())))


def _is_mail_of(name: str, reached: set[str]) -> bool:
    base = re.sub(r"(\.subject)?\.(txt|html)$", "", name)
    return name.startswith("mail/") and (base in reached or Path(base).name in _words_of_python())


def _words_of_python() -> set[str]:
    return set(re.findall(r"['\"](\w+)['\"]", joined(sources("consult"))))


def joined(paths: tuple[Path, ...]) -> str:
    """Return the text of several files."""
    return "\n".join(path.read_text("utf-8") for path in paths)


def literal_texts(source: str) -> list[str]:
    """Return the words of a template that a reader would see and no catalogue holds."""
    source = re.sub(r"\{% block width %\}\w+", "", source)  # the name of a class
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.DOTALL)
    reader = _Reader()
    reader.feed(bare)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    """Keep what is shown, but not inside an element that names its own language."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append((tag, bool(given.get("lang")) and tag != "html"))
        for name in ("title", "alt", "aria-label", "placeholder"):
            self._keep(given.get(name) or "")

    def handle_endtag(self, tag: str) -> None:
        for index in range(len(self.open) - 1, -1, -1):
            if self.open[index][0] == tag:
                del self.open[index:]
                return

    def handle_data(self, data: str) -> None:
        self._keep(data)

    def _keep(self, text: str) -> None:
        text = re.sub(r'\b[a-z-]+="[^"]*"', "", text)  # attributes that a macro makes
        text = " ".join(text.split())
        if not SHARED.fullmatch(text) and not any(marked for _, marked in self.open):
            self.found.append(text)
