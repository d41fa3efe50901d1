"""Read the forms of a page, with the values a person would send unchanged."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import html5lib


class PageForm(NamedTuple):
    """A form: where it goes, and what its controls hold."""

    action: str
    values: dict[str, str]
    files: tuple[str, ...]


def posted_forms(page: str, address: str) -> Iterator[PageForm]:
    """Yield each form of ``page`` that is posted; one without an action comes back to ``address``."""
    if 'method="post"' not in page:
        return
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    for form in tree.iter("form"):
        if form.get("method") == "post":
            found = [e for tag in ("input", "textarea", "select") for e in form.iter(tag)]
            named = [e for e in found if e.get("name")]
            values: dict[str, str] = {}
            for control in named:
                if control.get("type") != "file":
                    values.setdefault(control.get("name"), _value(control))
            files = tuple(e.get("name") for e in named if e.get("type") == "file")
            yield PageForm(form.get("action") or address, values, files)


def _value(control: Any) -> str:
    if control.tag == "textarea":
        return "".join(control.itertext())
    if control.tag == "select":
        options = list(control.iter("option"))
        chosen = [o for o in options if o.get("selected") is not None] or options[:1]
        return chosen[0].get("value", "") if chosen else ""
    return control.get("value") or ""
