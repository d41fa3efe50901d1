"""No text makes the server work much longer than an ordinary text of the same length does."""

import base64
import io
import json
import time
from collections.abc import Callable

import pytest
from wtforms import Field

from consult.consultations.forms import CreateForm, EditForm
from consult.core import html, typography
from consult.core.codes import CodeShapeError, CodeTypoError, Pepper, parse_code
from consult.core.forms import TextMapField
from consult.core.html import MAX_INPUT
from consult.core.pages import _decode
from consult.core.tabular import Column, csv_chunks, defuse, restore
from consult.surveys.models import Response
from consult.surveys.rules import MAX_TEXT, DefinitionError, parse_definition
from consult.tables.forms import EditTableForm, InviteForm
from tests.support import crawl

CAP = 4000
RATIO = 40
GROWTH = 9  # of four times the text: 4 when the work is linear, 16 when it is quadratic
FLOOR = 0.004  # seconds of processor below which a ratio says nothing
SHAPES = {
    "spaces": " ",
    "tabs and ends": "\t\r\n",
    "hyphens": "-",
    "brackets": "[](",
    "quotes": "\"'«»",
    "tags": "<b>",
    "nested lists": "> - ",
    "stars": "*_**",
    "ampersands": "&#x",
    "wide letters": "😀é\u0301",
    "formulas": ";=+@",
    "addresses": "a@a.",
    "backquotes": "`~",
    "directions": "\u202e\u2066",
}


def cpu(work: Callable[[], object]) -> float:
    """Return the least time of the processor of three tries."""
    found = []
    for _ in range(3):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def shaped(shape: str, length: int) -> str:
    return (SHAPES[shape] * length)[:length]


def is_dear(work: Callable[[str], object], shape: str, length: int = CAP) -> bool:
    """Tell whether a shape costs far more than as many letters, and more than its length says.

    Letters alone are one token: signs may cost a hundred times more each, as long as four
    times the text costs about four times the work.
    """
    text = shaped(shape, length)
    cost = cpu(lambda: work(text))
    if cost < FLOOR or cost < RATIO * cpu(lambda: work("a" * length)):
        return False
    return cost > GROWTH * cpu(lambda: work(text[: length // 4]))


def read_cursor(text: str) -> object:
    cursor = base64.urlsafe_b64encode(json.dumps([True, [text]]).encode()).decode()
    return _decode(cursor[:1000], [(Response.key, "asc")], None)


def read_code(text: str) -> None:
    with pytest.raises((CodeShapeError, CodeTypoError)):
        parse_code(Pepper(1, {1: b"k" * 32}), text)


def read_definition(text: str) -> None:
    with pytest.raises(DefinitionError):
        parse_definition(json.dumps({"format": text, "title": {"fr": text}}).encode())


def write_csv(text: str) -> object:
    return list(csv_chunks([Column("a", "A")], [[text]]))


WORK = {
    "typography": typography.typo,
    "clean html": html.clean_html,
    "markdown": html.render_markdown,
    "plain text": html.plain_text,
    "defuse": defuse,
    "restore": restore,
    "csv": write_csv,
    "cursor": read_cursor,
    "code": read_code,
    "questionnaire": read_definition,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", WORK)
def test_what_reads_a_text_is_bounded(name, shape):
    assert not is_dear(WORK[name], shape)


def test_the_measure_sees_quadratic_work():
    """Control: a step that looks at the rest of the text for each letter is told."""

    def quadratic(text: str) -> int:
        return sum(text[i:].count("<c>") for i in range(len(text)) if text[i] == "<")

    assert is_dear(quadratic, "tags", 20_000)


def test_every_text_of_a_form_has_a_cap(app):
    with app.test_request_context("/", method="POST"):
        forms = [CreateForm(), EditForm(), EditTableForm(), InviteForm()]
        fields: list[Field] = [field for form in forms for field in form]
    caps = [field.limit for field in fields if isinstance(field, TextMapField)]
    assert len(caps) > 10
    assert max(caps) <= CAP <= MAX_INPUT
    assert MAX_TEXT <= MAX_INPUT


@pytest.mark.parametrize("shape", SHAPES)
def test_a_page_that_shows_texts_at_their_caps_is_bounded(app, shape):
    """Both ways: typed, refused and shown again; and kept, then shown."""
    client, consultation = crawl.plain(app).test_client(), crawl.open_code(app)
    code = crawl.start(client, consultation)
    step = f"/fr/c/{consultation}/questionnaire/etape/2"

    def send(text: str) -> None:
        data = {"code": code, "q-why": text, "q-measure": "nonsense"}
        assert client.post(step, data=data).status_code == 422
        data["q-measure"] = "kitchen"
        assert client.post(step, data=data).status_code == 303
        assert client.get(step).status_code == 200

    assert not is_dear(send, shape, 1500)


def test_a_form_of_many_fields_is_refused_before_it_is_read(app):
    """Flask alone reads 60,000 fields; the limits of its settings hold for files only."""
    client, consultation = crawl.plain(app).test_client(), crawl.open_code(app)
    step = f"/en/c/{consultation}/questionnaire"
    kind = "application/x-www-form-urlencoded"
    for body, status in (
        (b"&".join(b"a=1" for _ in range(60_000)), 413),
        (b"&" * 200_000, 413),
        (b"a=" + b"x" * 262_150, 413),
        (b"%" * 262_150, 413),
        (b"a=" + b"x" * 3_000_000, 413),
        (b"&".join(b"a=1" for _ in range(1_900)), 303),
        (b"a=" + b"x" * 262_000, 303),
    ):
        response = client.post(step, data=body, content_type=kind)
        assert response.status_code == status, len(body)
        if status == 413:
            assert "too large" in response.text
    french = client.post(step.replace("/en/", "/fr/"), data=b"&" * 200_000, content_type=kind)
    assert "trop" in french.text


def test_a_form_sent_in_parts_is_bounded_too(app):
    client, consultation = crawl.plain(app).test_client(), crawl.open_code(app)
    step = f"/en/c/{consultation}/questionnaire"
    for data in (
        {f"f{n}": "x" for n in range(3_000)},
        {"file": (io.BytesIO(b"x" * 300_000), "f")},
        {"a": "x" * 300_000, "b": (io.BytesIO(b"x"), "f")},
        {f"f{n}": "x" * 100_000 for n in range(4)} | {"b": (io.BytesIO(b"x"), "f")},
    ):
        response = client.post(step, data=data, content_type="multipart/form-data")
        assert response.status_code == 413
        assert "too large" in response.text
