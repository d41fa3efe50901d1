"""Staff texts are small Markdown: made into markup when written, clean, typeset, kept."""

import json
from pathlib import Path

import html5lib
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from consult.consultations import rules, services
from consult.consultations.models import Consultation, NoticeVersion
from consult.core import html, richtext
from consult.core.db import read_session, write_session
from consult.core.forms import tidy
from consult.core.richtext import RichText
from consult.core.textmap import TextMap
from consult.tables.models import AdvisoryTable
from tests.consultations.test_staff_path import Staff, prepare, texts, the
from tests.support.pages import BASE

CORPUS = json.loads((Path(__file__).parents[1] / "core/data/xss.json").read_text("utf-8"))
VECTORS = [tidy(vector) for group in CORPUS for vector in group["vectors"]]
RICH = [name for name in rules.REQUIRED_TEXTS if name != "title"]
LIVE = {"script", "svg", "math", "img", "iframe", "object", "embed", "style", "form", "base"}


def inside(page):
    """Return the elements of the main part of a page, and those within its rich texts."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    main = next(tree.iter("main"))
    drawn_by_us(main)
    rich = [e for box in main.iter("div") if "rich" in (box.get("class") or "") for e in box.iter()]
    return list(main.iter()), rich


def drawn_by_us(main):
    """Take the QR code of the address out of ``main``: a drawing of lines, nothing else."""
    for parent in list(main.iter()):
        for child in list(parent):
            if child.get("class") == "qr":
                assert tags(child.iter()) == {"svg", "rect", "path"}
                assert not child.text, child.text
                parent.remove(child)


def tags(elements):
    """Return the names of elements, foreign ones (svg, math) without their namespace."""
    return {str(e.tag).rpartition("}")[2] for e in elements}


def write(app, code, **values):
    with write_session(app) as session:
        made = session.scalars(select(Consultation).where(Consultation.code == code)).one()
        services.edit(session, None, made, **values)


def both(text):
    return TextMap({"fr": text, "en": text})


def test_no_attack_through_any_text_reaches_the_public_page(app):
    code = the(app, Consultation, state="open").code
    visitor, tried = FlaskClient(app, app.response_class), 0  # words may look like faults here
    markdown = [f"[x]({v})" for v in VECTORS] + [f"**{v}**\n- {v}" for v in VECTORS]
    attacks = [v[:1000] for v in VECTORS + markdown]
    for start in range(0, len(attacks), len(RICH)):
        some = attacks[start : start + len(RICH)]
        write(
            app, code, title=both(some[0][:160]), **dict(zip(RICH, map(both, some), strict=False))
        )
        for address in (f"/fr/c/{code}", "/en/consultations"):
            shown, rich = inside(visitor.get(address, base_url=BASE).text)
            assert not LIVE & tags(shown), some
            assert not [e for e in shown if any(name.startswith("on") for name in e.attrib)]
            tried += len(rich)
        for element in rich:
            assert element.tag in html.TAGS | {"div"}
            assert set(element.attrib) <= {"href", "rel", "class"}
            assert element.get("href", "https:").startswith(("http:", "https:", "mailto:"))
    assert len(attacks) > 450
    assert tried > 1000


def test_the_search_for_attacks_sees_one(app, monkeypatch):
    monkeypatch.setattr(richtext, "render_small_markdown", lambda text, _polish: html.markup(text))
    code = the(app, Consultation, state="open").code
    write(app, code, summary=both("<svg onload=alert(1)>"))
    visitor = FlaskClient(app, app.response_class)
    shown, _rich = inside(visitor.get(f"/fr/c/{code}", base_url=BASE).text)
    assert LIVE & tags(shown)


def test_attacks_through_the_texts_of_a_table_stay_words(app):
    with write_session(app) as session:
        table = session.scalars(select(AdvisoryTable)).first()
        code, table.purpose, table.mandate = table.code, both(VECTORS[0]), both(VECTORS[20])
    for address in (f"/en/tables/{code}", "/en/tables"):
        shown, _rich = inside(app.test_client().get(address).text)
        assert not LIVE & tags(shown)


SOURCE = "Voici : **deux** points\n- l'accueil\n- [le site](https://e.example)\n\nEt *plus*..."


def test_markdown_is_shown_typeset_and_the_editor_shows_the_source(app):
    camille, code, desk = prepare(app)
    version = the(app, Consultation, code=code).version
    data = texts() | {"promise-fr": SOURCE, "iap2_level": "consult", "version": version}
    data |= {"response_due": "2031-01-01", "retention_months": "24"}
    assert camille.post(f"{desk}/edit", data).status_code == 303
    page = camille.client.get(f"/fr/c/{code}").text
    assert "Voici&nbsp;: <strong>deux</strong> points" in page
    assert "<li>l’accueil</li>" in page
    assert '<a href="https://e.example" rel="noopener nofollow">le site</a>' in page
    assert "<em>plus</em>…" in page
    assert "Voici : **deux** points\n- l&#39;accueil" in camille.client.get(f"{desk}/edit").text


def test_a_text_over_its_cap_is_told_and_kept_and_control_characters_go(app):
    camille, code, desk = prepare(app)
    version = the(app, Consultation, code=code).version
    data = texts() | {"iap2_level": "consult", "version": version, "response_due": "2031-01-01"}
    data |= {"retention_months": "24", "promise-fr": "long " * 201}
    refused = camille.post(f"{desk}/edit", data)
    assert refused.status_code == 422
    assert "the limit is 1000" in refused.text
    assert "long long" in refused.text
    assert camille.post(f"{desk}/edit", data | {"promise-fr": "a\x01b\x0bc\x85"}).status_code == 303
    assert the(app, Consultation, code=code).promise["fr"] == "abc"


def test_pages_do_not_pay_for_markdown_when_they_are_read(app, monkeypatch):
    def too_late(*_args):
        pytest.fail("made at read time")

    code = the(app, Consultation, state="open").code
    monkeypatch.setattr(richtext, "render_small_markdown", too_late)
    monkeypatch.setattr(richtext, "plain_text", too_late)
    visitor = app.test_client()
    table = the(app, AdvisoryTable, state="active").code
    addresses = ("/fr/", "/en/consultations", f"/en/c/{code}", f"/fr/tables/{table}", "/fr/tables")
    for address in (*addresses, f"/fr/c/{code}/questionnaire"):
        assert visitor.get(address).status_code == 200


def test_markup_of_an_older_make_is_made_anew_from_its_source(monkeypatch):
    stored = RichText({"fr": "**a**"}).to_storage()
    stored["made"]["by"]["fr"][0] = "<script>old</script>"
    assert "script" in RichText.of(stored).html("fr")
    monkeypatch.setattr(richtext, "MADE", richtext.MADE + 1)
    assert RichText.of(stored).html("fr") == "<p><strong>a</strong></p>\n"


def test_lists_show_the_words_without_their_marks(app):
    code = the(app, Consultation, state="open").code
    write(app, code, summary=both("Un **mot**\n- [lien](https://e.example)"))
    for address in ("/en/", "/en/consultations"):
        page = app.test_client().get(address).text
        assert "Un mot lien" in page
        assert "**" not in page


def test_a_rich_text_equals_its_source_so_that_nothing_is_saved_in_vain(app):
    made = the(app, Consultation, state="open")
    version = made.version
    write(app, made.code, promise=TextMap(made.promise.to_json()))
    assert the(app, Consultation, code=made.code).version == version


def test_a_text_in_one_language_only_says_so(app):
    code = the(app, Consultation, state="open").code
    write(app, code, promise=TextMap({"fr": "Une promesse."}))
    page = app.test_client().get(f"/en/c/{code}").text
    assert '<div lang="fr-CA"><p>Une promesse.</p>' in page
    assert "This part is available in French only." in page


def test_the_notice_keeps_what_people_saw_and_the_receipt_shows_it_again(app):
    made = the(app, Consultation, state="open")
    with read_session(app) as session:
        kept = session.get(NoticeVersion, (made.id, made.published_notice)).content
    assert kept["notice_why"]["made"]["by"]["en"][0].startswith("<p>")
    assert kept["notice_why"]["en"] == made.notice_why["en"]
    from tests.surveys.test_answering import Citizen

    citizen = Citizen(app, "en", made.code).start()
    citizen.fill()
    citizen.client.post(citizen.review, data={"code": citizen.code})
    write(app, made.code, notice_why=both("Une **tout autre** raison."))
    citizen.client.post(f"/en/c/{made.code}/my-code", data={"typed": citizen.code})
    page = citizen.client.get(f"/en/c/{made.code}/my-response").text
    assert kept["notice_why"]["made"]["by"]["en"][0].strip() in page
    assert "tout autre" not in page


def test_staff_see_results_of_attacks_as_words_on_the_desk(app):
    made = the(app, Consultation, state="open")
    write(app, made.code, title=both(VECTORS[0]), summary=both(VECTORS[0]))
    desk = Staff(app, "facilitator").client.get(f"/en/desk/consultations/{made.code}/edit")
    assert VECTORS[0] not in desk.text
