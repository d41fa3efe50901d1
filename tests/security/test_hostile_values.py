"""No value, in an address, a query or a form, makes a page fail."""

import base64
import io
import json
import re
from urllib.parse import quote

import pytest
from sqlalchemy import select

from consult.consultations.models import Consultation
from consult.core.db import write_session
from consult.core.paths import PACKAGE
from tests.support import crawl
from tests.support.filling import posted_forms

RAW = (
    b"'", b'"', b"';--", b"' OR 1=1 --", b"%", b"%25%00", b"\x00", b"a\x00b", b"\xed\xa0\x80",
    b"\xff\xfe", b"\xc0\xaf", b"\xf8\x88\x80\x80\x80", b"\xf4\x90\x80\x80", b"9" * 30, b"-1",
    b"1e999", b"0x1F", "٣".encode(), "\u202e\ufeff\ufdd0".encode(), "😀".encode() * 50, b"A" * 5000,
    b"../../etc", b"a/b", b"\r\nX: y", b"{{7*7}}", b"[]", b"null",
)  # fmt: skip
CURSORS = (
    b"[true,[1]]", b"[false,[9223372036854775808]]", b"[true,[-1]]", b'[true,["\\ud800"]]',
    b'[true,["\\u0000"]]', b"[true,[1e400]]", b"[true,[null]]", b"[true,[[]]]", b"[true,[{}]]",
    b"[" * 700, b"[true,[" + b"[" * 300 + b"]" * 300 + b"]]", b"\xff\xfe\x00", b"{}", b"[true,[1,2]]",
    b'[false,["zzzz"]]', b'[true,["\xed\xa0\x80"]]', b"[true,[99999999999999999999999999]]",
)  # fmt: skip
LEAVING = re.compile(r"sign-out|/link/|demo/role|/withdraw|/finish|/end$")
ONE_BY_ONE = (b"9" * 30, b"\xed\xa0\x80\xff", b"'\"%s%(x)s;--", b"A" * 5000, b"0001-01-01")


@pytest.fixture
def site(any_app):
    return crawl.plain(any_app)


def cursor(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def test_no_argument_of_an_address_breaks_a_page(site):
    people = crawl.staff(site)
    clients = [crawl.drafting(site), people["analyst"], people["administrator"]]
    objects, tried = crawl.Objects(site), 0
    for rule in crawl.rules(site, "GET") + crawl.rules(site, "POST"):
        arguments = rule.arguments - {"lang"}
        if not arguments or rule.rule.startswith("/fr/"):
            continue
        for value in RAW:
            path = re.sub(r"<[^>]+>", quote(value, safe=""), rule.rule)
            for number, client in enumerate(clients):
                if (tried + number) % 3 == 0:
                    assert client.get(path).status_code < 500, path
            tried += 1
        last = next(objects.addresses(rule)).rpartition("/")[0]
        for value in RAW[::3]:
            path = f"{last}/{quote(value, safe='')}"
            assert clients[1].get(path).status_code < 500, path
    assert tried > 500


def test_no_query_breaks_a_page(site):
    people = crawl.staff(site)
    clients = [crawl.drafting(site), people["analyst"], people["administrator"]]
    pages = [a for a in crawl.all_addresses(site) if a.startswith("/en/")]
    read = [p for p in pages if p.endswith(("/tables", "/consultations", "/results/why"))]
    assert len(read) >= 4
    queries = [quote(value) for value in RAW] + [cursor(content) for content in CURSORS]
    for page in read:
        for query in queries:
            response = people["analyst"].get(f"{page}?after={query}")
            assert response.status_code < 500, (page, query)
    for number, page in enumerate(pages):
        query = queries[number % len(queries)]
        names = ("from", "next", "lang", "item", "%00", "%ff", "a[]")
        everything = "&".join(f"{name}={query}" for name in names if name != "%00")
        for line in (everything, f"%00={query}"):
            assert clients[number % 3].get(f"{page}?{line}").status_code < 500, (page, line)


def found_forms(site):
    """Yield each posted form with somebody who may send it."""
    people = crawl.staff(site)
    clients = [crawl.drafting(site), crawl.answered(site)]
    clients += [people[who] for who in ("facilitator", "administrator", "co-lead", "analyst")]
    pages = [a for a in crawl.all_addresses(site) if a.startswith("/en/")]
    seen = set()
    for client in clients:
        for page in pages:
            response = client.get(page)
            if response.status_code == 200 and response.mimetype == "text/html":
                for form in posted_forms(response.text, page):
                    if form.action not in seen and not LEAVING.search(form.action):
                        seen.add(form.action)
                        yield client, form
    assert len(seen) > 15, seen


def body(values):
    pairs = [
        quote(name).encode() + b"=" + quote(value, safe="").encode()
        for name, value in values.items()
    ]
    return b"&".join(pairs)


def send(client, form, values):
    kind = "application/x-www-form-urlencoded"
    return client.post(form.action, data=body(values), content_type=kind)


def test_no_value_of_a_form_breaks_a_page(site):
    kept = {"csrf_token", "code"}
    for client, form in list(found_forms(site)):
        held = {name: value.encode() for name, value in form.values.items()}
        for value in RAW[::3]:
            values = {n: v if n in kept else value for n, v in held.items()}
            assert send(client, form, values).status_code < 500, (form.action, value)
        for number, name in enumerate(sorted(set(held) - kept)):
            value = ONE_BY_ONE[number % 5]
            response = send(client, form, held | {name: value})
            assert response.status_code < 500, (form.action, name, value)
        for values in ({}, {"csrf_token": held.get("csrf_token", b"")}, {b"\xff": b"\xff"}):
            assert send(client, form, values).status_code < 500, form.action
    people = crawl.everybody(site)  # and what was taken can be shown
    for number, address in enumerate(crawl.all_addresses(site)[::2]):
        for who in ("visitor", "facilitator")[number % 2 :]:
            assert people[who].get(address).status_code < 500, (who, address)


def upload(site, content, name="q.json"):
    client = crawl.staff(site)["facilitator"]
    draft = crawl.open_code(site, "draft")
    data = {"csrf_token": crawl.csrf(client), "file": (io.BytesIO(content), name)}
    return client.post(f"/en/desk/consultations/{draft}/questionnaire/file", data=data)


def definition(**changes):
    found = json.loads((PACKAGE / "demo/data/se-deplacer.json").read_text("utf-8"))
    return json.dumps(found | changes).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff\xfe",
        b'{"format":"\\ud800"}',
        b'{"format":1e999}',
        b"9" * 5000,
        definition(title={"fr": "a\x00b", "en": "c"}),
        definition(title={"fr": "a\ud800b", "en": "c"}),
        definition(title={"fr": "A" * 100_000, "en": "c"}),
        definition(code="a\x00b"),
        definition(pages=[]),
    ],
    ids=range(12),
)
def test_no_questionnaire_file_breaks_the_page(site, content):
    for name in ("q.json", "../../q\x01.json", "é" * 300, "q.json\r\nX: y"):
        assert upload(site, content, name).status_code in {303, 422, 404}, content[:30]
    draft = crawl.open_code(site, "draft")
    client = crawl.staff(site)["facilitator"]
    assert client.get(f"/en/desk/consultations/{draft}/questionnaire").status_code == 200


@pytest.mark.parametrize(
    ("first", "last", "status"),
    [
        ("0001-01-01", "2030-01-01", 422),
        ("2026-01-01", "9999-12-31", 422),
        ("0000-00-00", "2026-02-30", 422),
        ("2000-01-01", "2199-12-31", 303),
    ],
)
def test_days_at_the_ends_of_the_calendar_break_no_page(site, first, last, status):
    client, code = crawl.staff(site)["facilitator"], crawl.open_code(site, "draft")
    data = {"phase-0-kind": "answer", "phase-0-opens": first, "phase-0-closes": last}
    desk = f"/en/desk/consultations/{code}"
    sent = client.post(f"{desk}/calendar", data=data | {"csrf_token": crawl.csrf(client)})
    assert sent.status_code == status
    with write_session(site) as session:
        session.scalars(select(Consultation).where(Consultation.code == code)).one().state = "open"
    for address in (f"/en/c/{code}", f"/fr/c/{code}", "/en/consultations"):
        assert site.test_client().get(address).status_code == 200, address
    for address in ("", "/edit", "/calendar"):
        assert client.get(desk + address).status_code == 200, address
