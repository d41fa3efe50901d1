"""The gallery holds every page and every template: what it lacks would be tested by nobody."""

import re

import pytest

from tests.support.gallery import NOT_PAGES, Gallery
from tests.support.tree import TEMPLATES, templates

pytestmark = pytest.mark.browser


def test_every_route_that_people_read_is_in_the_gallery(gallery: Gallery) -> None:
    readable = {
        (rule.endpoint, rule.defaults["lang"])
        for rule in gallery.app.url_map.iter_rules()
        if "GET" in rule.methods and rule.endpoint not in NOT_PAGES and rule.defaults
    }
    shown = {(shot.name, shot.lang) for shot in gallery.shots if shot.route}
    assert len(readable) > 40
    assert readable - shown == set()


def test_every_page_template_is_shown_by_some_state(gallery: Gallery) -> None:
    names = {str(path.relative_to(TEMPLATES)) for path in templates()}
    pages = {name for name in names if not re.match(r"(?:parts|layouts|mail)/|\w+/_", name)}
    assert pages - gallery.templates == set()


def test_the_names_of_the_shots_are_unique(gallery: Gallery) -> None:
    names = [(shot.name, shot.lang) for shot in gallery.shots]
    assert sorted(names) == sorted(set(names))
