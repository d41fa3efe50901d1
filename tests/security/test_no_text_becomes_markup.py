"""Whatever a text holds, wherever it lies, no page, mail or file runs it or computes it."""

import email
import email.policy
import io
import json
import re
from urllib.parse import urlencode

import html5lib
import openpyxl
import pytest
from sqlalchemy import select

from consult.core import jobs
from consult.core.db import read_session
from consult.core.i18n import environments
from consult.core.tabular import restore
from consult.tables.models import AdvisoryTable, Seat
from tests.support import crawl
from tests.support.tracer import LEARNED, Marks, alive, poison

QUERY = ("after", "from", "next", "lang", "q", "page", "sort", "state", "mark")
LEAVING = re.compile(
    r"deconnexion|sign-out|retirer|withdraw|terminer|finish|/end$|/lien/|/link/|demo/role"
)
SHOWN = {
    "consultation.title",
    "consultation.summary",
    "advisory_table.name",
    "advisory_table.mandate",
    "organisation.name",
    "account.name",
    "questionnaire_version.definition",
    "response_text.body",
    "notice_version.content",
}


@pytest.fixture
def world(on_sqlite):
    """Return the application with every text poisoned, everybody's client, and the marks."""
    app = on_sqlite
    crawl.plain(app)
    people, addresses, marks = crawl.everybody(app), crawl.all_addresses(app), Marks()
    done = poison(app, marks)
    assert len(done) > 30, done
    return app, people, addresses, marks


def hostile(marks):
    headers = ("User-Agent", "Referer", "Accept-Language", "X-Forwarded-For", "X-Requested-With")
    return {name: marks.make(f"header {name}") for name in headers} | {"Save-Data": "on"}


def is_file(response) -> bool:
    """Tell whether a browser keeps the answer as a file and never draws it as a page."""
    return (
        response.mimetype == "application/json"
        and response.headers["X-Content-Type-Options"] == "nosniff"
        and response.headers["Content-Disposition"].startswith("attachment")
    )


def test_every_page_of_everybody_shows_texts_as_texts(world):
    _app, people, addresses, marks = world
    query = "?" + urlencode({name: marks.make(f"query {name}") for name in QUERY})
    headers = hostile(marks)
    shown, statuses, judged = set(), set(), set()
    people["visitor"].set_cookie("consult_lang", marks.make("cookie"), domain="consult.test")
    for who, client in people.items():
        lang = "/" if who in {"visitor", "facilitator"} else "/fr/"
        for address in filter(lambda a: a.startswith(lang), addresses):
            response = client.get(address + query, headers=headers)
            statuses.add(response.status_code)
            assert response.status_code != 500, (who, address)
            page = response.text
            shown |= marks.seen(page)
            if not is_file(response) and "xq" in page and page not in judged:
                judged.add(page)
                assert alive(page) == [], (who, address)
    assert shown >= SHOWN, SHOWN - shown
    assert {200, 303, 404} <= statuses
    assert len(judged) > 100


def test_arguments_in_the_path_and_error_pages_show_texts_as_texts(world):
    app, people, _addresses, marks = world
    adapter = app.url_map.bind("consult.test")
    tried = 0
    for rule in crawl.rules(app, "GET"):
        texts = {n for n, c in rule._converters.items() if type(c).__name__ == "UnicodeConverter"}
        if not texts:
            continue
        arguments = dict(rule.defaults or {}) | dict.fromkeys(rule.arguments - {"lang"}, 1)
        arguments |= dict.fromkeys(texts, marks.make(f"path of {rule.endpoint}").replace("/", "\t"))
        address = adapter.build(rule.endpoint, arguments)
        for who in ("visitor", "analyst"):
            for method in ("GET", "POST", "DELETE"):
                page = people[who].open(address, method=method).text
                assert alive(page) == [], (address, method)
                tried += 1
    assert tried > 100


def forms(page):
    """Yield the address and the fields of each form of a page that is posted."""
    if 'method="post"' not in page:
        return
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    for form in tree.iter("form"):
        if form.get("method") == "post":
            controls = [e for tag in ("input", "textarea", "select") for e in form.iter(tag)]
            yield form.get("action"), {e.get("name"): e for e in controls if e.get("name")}


def filled(controls, marks, place):
    data = {}
    for name, control in controls.items():
        kept = name in {"csrf_token", "code", "version"} or control.tag == "select"
        value = control.get("value") or ""
        if control.tag == "select":
            value = next((o.get("value") for o in control.iter("option")), "")
        if control.get("type") == "file":
            mark = marks.make(f"file name at {place}").replace("/", " ")
            data[name] = (io.BytesIO(faulty(marks)), mark)
        elif control.get("type") in {"checkbox", "radio"}:
            data[name] = marks.make(f"{name} at {place}")
        else:
            data[name] = value if kept else marks.make(f"{name} at {place}")
    return data


def faulty(marks):
    text = {"fr": marks.make("file"), "en": marks.make("file")}
    item = {"code": marks.make("file"), "kind": marks.make("file"), "title": text}
    pages = [{"title": text, "items": [item]}]
    return json.dumps({"format": marks.make("file"), "code": "x", "pages": pages}).encode()


def posted(client, target, controls, marks):
    """Send a form as its page does, from a foreign page, and without its token."""
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}):
        yield client.post(target, data=filled(controls, marks, target), headers=headers)
    data = filled(controls, marks, target)
    data.pop("csrf_token", None)
    yield client.post(target, data=data)


def test_what_is_sent_comes_back_as_text_whether_taken_or_refused(world):
    _app, people, addresses, marks = world
    statuses, sent = set(), set()
    english = [address for address in addresses if address.startswith("/en/")]
    for who, client in people.items():
        for address in english:
            response = client.get(address)
            if response.mimetype != "text/html" or response.status_code != 200:
                continue
            for action, controls in forms(response.text):
                target = action or address
                if LEAVING.search(target) or target in sent:
                    continue
                sent.add(target)
                for answer in posted(client, target, controls, marks):
                    statuses.add(answer.status_code)
                    assert answer.status_code != 500, (who, target)
                    assert alive(answer.text) == [], (who, target, answer.status_code)
    assert {403, 422, 303} <= statuses
    assert len(sent) >= 20, sent
    for who in ("visitor", "facilitator"):  # and what was kept is shown as text
        for address in english:
            kept = people[who].get(address)
            assert is_file(kept) or alive(kept.text) == [], (who, address)


def test_mails_show_texts_as_texts_in_both_parts(world):
    app, people, _addresses, marks = world
    settings = app.extensions["consult_settings"]
    address = "someone@example.org"
    admin = people["administrator"]
    with read_session(app) as session:
        table = session.scalars(select(AdvisoryTable).where(AdvisoryTable.state == "forming")).one()
        seat = session.scalars(select(Seat.id).where(Seat.table_id == table.id).limit(1)).one()
    data = {"csrf_token": crawl.csrf(admin), "name": marks.make("name"), "locale": "en"}
    invited = admin.post(f"/en/desk/seats/{seat}/invite", data=data | {"email": address})
    assert invited.status_code == 303
    jobs.run_once(app)
    files = list((settings.home_path / "mail").glob("*.eml"))
    assert files
    for file in files:
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        assert set(mail.keys()) >= {"To", "Subject"}
        assert "xq" not in "".join(mail.keys())
        html = mail.get_body(("html",)).get_content()
        assert "onload=xq" in html
        assert alive(html) == []
        words = mail.get_body(("plain",)).get_content()
        assert '"><svg/onload=xq' in words, "the plain part shows signs as they are"
        assert not LEARNED.search(words)


@pytest.mark.parametrize("kind", ["csv", "csv-excel", "xlsx", "jsonl"])
def test_files_carry_texts_as_texts(world, kind):
    app, people, _addresses, marks = world
    code = crawl.open_code(app)
    analyst = people["analyst"]
    response = crawl.exported(app, analyst, code, kind, "fr")
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "html" not in response.mimetype
    if kind == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(response.data))
        cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value]
        assert {c.data_type for c in cells} <= {"s", "n"}
        assert any("onload=xq" in str(c.value) for c in cells)
        return
    content = restore(response.data.decode("utf-8-sig"))
    assert "response_text.body" in marks.seen(content)
    assert not LEARNED.search(content)


def test_the_search_for_live_marks_finds_one(on_sqlite):
    """Control: without escaping, the same crawl finds the mark in a page."""
    mark = Marks().make("control")
    for page in (f"<p>{mark}</p>", f'<a title="{mark}">a</a>', "xq1>49", "<a href=JavaScript:a>"):
        assert alive(page), page
    assert alive("<p>&quot;&gt;&lt;svg/onload=xq1&gt;{{7*7}}</p>") == []
    app = on_sqlite
    crawl.plain(app)
    people, marks = crawl.everybody(app), Marks()
    code = crawl.open_code(app)
    poison(app, marks)
    for environment in environments(app):
        environment.autoescape = False
        environment.cache.clear()
    assert alive(people["visitor"].get(f"/fr/c/{code}").text)
