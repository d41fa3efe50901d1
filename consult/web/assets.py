"""Serve style, script and fonts under names that change with their content (floor 9)."""

import hashlib
import mimetypes
from collections.abc import Iterable
from pathlib import Path
from wsgiref.headers import Headers
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from whitenoise import WhiteNoise

from consult.core.paths import STATIC
from consult.core.settings import Settings
from consult.web.headers import security_headers

PREFIX = "static"


def register(app: Flask, settings: Settings) -> None:
    """Mount the folder of assets in front of the application, and know their hashed names."""
    mimetypes.add_type("font/woff2", ".woff2")
    mimetypes.add_type("text/javascript", ".js")
    names = {
        path.relative_to(STATIC).as_posix(): _digest(path)
        for path in sorted(STATIC.rglob("*"))
        if path.is_file()
    }

    # Files are answered in front of the application, where no after-request function comes.
    def dress(headers: Headers, *_: object) -> None:
        for header, value in security_headers(settings).items():
            headers[header] = value

    served = _Files(
        app.wsgi_app,
        max_age=31_536_000,
        immutable_file_test=lambda *_: True,
        autorefresh=False,
        allow_all_origins=False,
        add_headers_function=dress,
    )
    for name, digest in names.items():
        served.add_file_to_dictionary(f"/{PREFIX}/{digest}/{name}", str(STATIC / name))
    # Style sheets name their fonts by relative paths, so those live beside them under any hash.
    for sheet, digest in names.items():
        if sheet.endswith(".css"):
            for font in names:
                if font.startswith(("fonts/", "img/")):
                    served.add_file_to_dictionary(f"/{PREFIX}/{digest}/{font}", str(STATIC / font))
    app.wsgi_app = served  # type: ignore[method-assign]
    app.extensions["consult_assets"] = names


class _Files(WhiteNoise):
    """Serve files to those who read; the application refuses the rest, with its own page."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        reads = environ["REQUEST_METHOD"] in {"GET", "HEAD"}
        answer: WSGIApplication = super().__call__ if reads else self.application
        return answer(environ, start_response)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset_url(names: dict[str, str], name: str) -> str:
    """Return the address of an asset; raises KeyError for one that does not exist."""
    return f"/{PREFIX}/{names[name]}/{name}"
