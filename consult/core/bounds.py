"""Bound what a request may carry: the size of a form, the numbers of an address (floor 0).

Flask's own limits leave a form that is sent as one text (``application/x-www-form-urlencoded``)
without any: neither its bytes nor its fields are counted. Here both are, and what was read of a
refused form stays in ``request.form``, so that the page of the error can show it again.
"""

from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.routing import IntegerConverter, Map

MAX_NUMBER = 2**31 - 1  # what an INTEGER column of PostgreSQL holds
_SHOWN_FIELDS = 200
_READ = 65_536

Parsed = tuple[IO[bytes], MultiDict[str, str], MultiDict[str, Any]]


class FormTooLargeError(RequestEntityTooLarge):
    """Say that a form is over its limits; ``read`` holds the fields that were read."""

    def __init__(self, read: MultiDict[str, str]) -> None:
        """Keep the fields for the page of the error."""
        super().__init__()
        self.read = read


class BoundedFormParser(FormDataParser):
    """Count the bytes and the fields of a form sent as one text, too."""

    def _parse_urlencoded(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: Mapping[str, str],
    ) -> Parsed:
        del mimetype, content_length, options
        most = self.max_form_memory_size or _READ
        fields = self.max_form_parts or _SHOWN_FIELDS
        content = _read(stream, most + 1)
        pieces = content[:most].split(b"&", fields)
        is_over = len(content) > most or len(pieces) > fields
        kept = b"&".join(pieces[:_SHOWN_FIELDS] if is_over else pieces)
        read = MultiDict(
            parse_qsl(kept.decode(errors="replace"), keep_blank_values=True, errors="replace")
        )
        if is_over:
            raise FormTooLargeError(read)
        return stream, read, MultiDict()


def _read(stream: IO[bytes], most: int) -> bytes:
    content = bytearray()
    while len(content) < most and (piece := stream.read(min(_READ, most - len(content)))):
        content += piece
    return bytes(content)


class BoundedRequest(Request):
    """A request whose form is bounded; a refused form keeps what was read of it."""

    form_data_parser_class = BoundedFormParser

    def _load_form_data(self) -> None:
        try:
            super()._load_form_data()
        except RequestEntityTooLarge as error:
            self.__dict__["form"] = getattr(error, "read", MultiDict())
            self.__dict__["files"] = MultiDict()
            raise


class NumberConverter(IntegerConverter):
    """Read a number that a column can hold; a larger one is an address that does not exist."""

    def __init__(self, url_map: Map, **options: Any) -> None:  # noqa: ANN401  werkzeug's own
        """Set the greatest number, unless the rule sets another."""
        super().__init__(url_map, **({"max": MAX_NUMBER} | options))
