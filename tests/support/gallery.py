"""Every page of the site in every state, kept as it was answered, to be opened in a browser.

The pages are found in the URL map: a route whose address cannot be built, or that nobody can
open, fails. States that only a POST shows (refused forms, conflicts, errors) are added by
name. Each is answered once by the real application; ``Replay`` then gives the browser the
same bytes under the same address, so that one page can be looked at in many ways.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.test import TestResponse

from tests.support import (
    correction_states,  # noqa: F401  adds its states
    desk_states,
    kind_states,
)
from tests.support.states import Cast

# What answers a GET without being a page that people read.
NOT_PAGES = {"static", "web.root", "consultations.short", "web.healthz", "web.metrics"}
NOT_PAGES |= {"surveys_desk.download", "surveys_desk.take_file"}  # files
QUERY = "shot="


class Shot(NamedTuple):
    """One answer of the site; ``route`` tells a page found in the URL map from a state."""

    name: str
    lang: str
    path: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    route: bool

    @property
    def html(self) -> str:
        return self.body.decode()


class Replay:
    """Give shots back to a browser; pass every other request to the site."""

    def __init__(self, site: Callable[..., Iterable[bytes]]) -> None:
        self.site, self.shots = site, list[Shot]()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        query = environ.get("QUERY_STRING", "")
        if not query.startswith(QUERY):
            return self.site(environ, start)
        shot = self.shots[int(query.removeprefix(QUERY))]
        start(f"{shot.status} -", shot.headers)
        return [shot.body]


class Gallery:
    """The shots of one site, in both languages."""

    def __init__(self, app: Flask, address: str, replay: Replay) -> None:
        self.app, self.address, self.replay = app, address, replay
        self.templates: set[str] = set()
        _note_templates(app, self.templates)
        for lang in ("fr", "en"):
            cast = Cast(app, address, lang)
            self._keep(_routes(cast), lang, route=True)
            self._keep(desk_states.collect(cast), lang, route=False)
        kind_states.ask_every_simple_kind(app)
        for lang in ("fr", "en"):
            self._keep(kind_states.collect(app, address, lang), lang, route=False)

    def _keep(self, answers: Iterator[tuple[str, TestResponse]], lang: str, *, route: bool) -> None:
        for name, response in answers:
            assert response.mimetype == "text/html", name
            expected = response.status_code == 503 or response.status_code // 100 in {2, 4}
            assert expected, (name, response.status)
            headers = [(k, v) for k, v in response.headers if k.lower() != "set-cookie"]
            path = response.request.path
            shot = Shot(name, lang, path, response.status_code, headers, response.data, route)
            self.replay.shots.append(shot)

    @property
    def shots(self) -> list[Shot]:
        return self.replay.shots

    def url(self, shot: Shot) -> str:
        """Return where a browser sees ``shot``."""
        return f"{self.address}{shot.path}?{QUERY}{self.shots.index(shot)}"

    def one(self, name: str, lang: str = "fr") -> Shot:
        """Return a shot by its name."""
        return next(shot for shot in self.shots if (shot.name, shot.lang) == (name, lang))

    def of(self, lang: str) -> list[Shot]:
        return [shot for shot in self.shots if shot.lang == lang]


def _routes(cast: Cast) -> Iterator[tuple[str, TestResponse]]:
    for rule in sorted(cast.app.url_map.iter_rules(), key=lambda rule: rule.rule):
        speaks = rule.rule.split("/")[1] == cast.lang
        if "GET" in rule.methods and rule.endpoint not in NOT_PAGES and speaks:
            yield rule.endpoint, cast.open(rule)


def _note_templates(app: Flask, seen: set[str]) -> None:
    """Note each template that is rendered from now on."""
    for environment in app.extensions["consult_environments"].values():
        find = environment.get_template

        def noting(name: str, *rest: Any, _find: Callable[..., Any] = find) -> Any:
            seen.add(name)
            return _find(name, *rest)

        environment.get_template = noting
