"""Check every page that a test fetches: valid HTML5, one h1, title, language, labels."""

import re

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

BASE = "http://consult.test"


class CheckedClient(FlaskClient):
    """A visitor whose pages are checked; it sends the Origin that browsers send."""

    def open(self, *args, **kwargs) -> TestResponse:
        kwargs.setdefault("base_url", BASE)
        headers = dict(kwargs.pop("headers", None) or {})
        if kwargs.get("method", "GET") != "GET":
            headers.setdefault("Origin", BASE)
        response = super().open(*args, headers=headers, **kwargs)
        if response.mimetype == "text/html" and response.data and response.status_code // 100 != 3:
            check(response.get_data(as_text=True), response.request.path)
        return response


def check(page: str, where: str) -> None:
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    tree = parser.parse(page)
    assert not parser.errors, (where, parser.errors[:3])
    html = tree if tree.tag == "html" else tree.find("html")
    assert html.get("lang") in {"fr-CA", "en-CA"}, where
    assert len(list(tree.iter("h1"))) == 1, where
    title = next(tree.iter("title"))
    assert title.text, where
    ids = [e.get("id") for e in tree.iter() if isinstance(e.tag, str) and e.get("id")]
    assert len(ids) == len(set(ids)), (where, sorted(i for i in ids if ids.count(i) > 1))
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        inline = [name for name in element.attrib if name == "style" or name.startswith("on")]
        assert not inline, (where, element.tag, inline)
        assert element.tag != "style", where
        assert element.tag != "script" or element.get("src"), where
        for name in ("aria-describedby", "aria-labelledby"):
            for target in (element.get(name) or "").split():
                assert target in ids, (where, name, target)
    _check_labels(tree, where)
    _check_forms(tree, where)
    assert "{{" not in page, where
    assert not re.search(r"\bNone\b", re.sub(r"<[^>]+>", "", page)), where


def _check_labels(tree, where: str) -> None:
    labelled = {e.get("for") for e in tree.iter("label")}
    inside = {id(c) for label in tree.iter("label") for c in label.iter()}
    for tag in ("input", "select", "textarea"):
        for control in tree.iter(tag):
            if control.get("type") == "hidden":
                continue
            named = control.get("id") in labelled or id(control) in inside
            assert named or control.get("aria-label"), (where, control.attrib)


def _check_forms(tree, where: str) -> None:
    """Check that each form says how it is sent, to this site, and has a button to send it."""
    for form in tree.iter("form"):
        assert form.get("method") in {"get", "post"}, (where, form.attrib)
        assert not re.match(r"(?:https?:)?//", form.get("action") or ""), (where, form.attrib)
        buttons = [b for b in form.iter("button") if b.get("type", "submit") == "submit"]
        outside = {b.get("form") for b in tree.iter("button")} - {None}
        assert buttons or form.get("id") in outside, (where, form.attrib)
