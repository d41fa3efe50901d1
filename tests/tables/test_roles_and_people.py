"""Roles are given, ended and audited; accounts are found, suspended and brought back."""

import pytest
from sqlalchemy import select

from consult.accounts.models import Account, OneTimeLink
from consult.audit.models import AuditEntry
from consult.core.db import read_session, write_session
from consult.core.mail import MailMessage
from consult.tables import services
from consult.tables.models import AdvisoryTable, Grant, Organisation
from tests.support.staff import Staff, account_of, link_sent_to

ADMIN, ZOE = "admin@demo.invalid", "zoe@example.org"
REGIONAL = "regional@example.org"


def place(app, code):
    with read_session(app) as session:
        return session.scalars(select(Organisation.id).where(Organisation.code == code)).one()


def person(app, role="analyst", code="9912", **changes):
    data = {"name": "Zoé Roy", "email": "Zoe@example.org", "locale": "en", "role": role}
    return data | {"organisation": place(app, code)} | changes


def grants_of(app, email):
    with read_session(app) as session:
        statement = select(Grant.role).join(Account, Account.id == Grant.account_id)
        return set(session.scalars(statement.where(Account.email == email)))


def grant_id(app, email, role):
    with read_session(app) as session:
        statement = select(Grant.id).join(Account, Account.id == Grant.account_id)
        return session.scalars(statement.where(Account.email == email, Grant.role == role)).one()


def verbs(app):
    with read_session(app) as session:
        return list(session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)))


def mails_to(app, email):
    with read_session(app) as session:
        return len(session.scalars(select(MailMessage).where(MailMessage.recipient == email)).all())


@pytest.fixture
def regional(any_app):
    """Sign in an administrator of one local network only."""
    with write_session(any_app) as session:
        account = Account(email=REGIONAL, name="Rita Roy", state="active")
        session.add(account)
        session.flush()
        organisation = session.scalars(select(Organisation).where(Organisation.code == "9912"))
        services.grant(session, account, organisation.one(), "organisation_admin")
    return Staff(any_app, REGIONAL)


def test_a_role_given_to_a_new_person_invites_her_and_opens_what_it_says(any_app):
    admin = Staff(any_app, "admin")
    assert admin.post("/en/desk/roles/new", person(any_app)).status_code == 303
    assert grants_of(any_app, ZOE) == {"analyst"}
    link = link_sent_to(any_app, ZOE)
    assert link.startswith("/en/")
    visitor = any_app.test_client()
    assert visitor.post(link, data={"password": "quatre mots bien longs"}).status_code == 303
    with read_session(any_app) as session:
        code = session.scalars(
            select(AdvisoryTable.code).join(Organisation).where(Organisation.code == "9912")
        ).one()
    assert visitor.get(f"/en/desk/tables/{code}").status_code == 200
    number = grant_id(any_app, ZOE, "analyst")
    assert admin.get(f"/en/desk/roles/{number}/end").status_code == 200
    assert grants_of(any_app, ZOE) == {"analyst"}
    assert admin.post(f"/en/desk/roles/{number}/end").status_code == 303
    assert visitor.get(f"/en/desk/tables/{code}").status_code == 404
    assert admin.post(f"/en/desk/roles/{number}/end").status_code == 404
    assert {"grant.given", "grant.ended", "account.invited"} <= set(verbs(any_app))
    assert verbs(any_app).count("grant.ended") == 1


def test_ending_the_only_role_of_somebody_who_never_came_kills_the_invitation(any_app):
    admin = Staff(any_app, "admin")
    admin.post("/en/desk/roles/new", person(any_app))
    admin.post("/en/desk/roles/new", person(any_app, role="translator"))
    link = link_sent_to(any_app, ZOE)
    for role, works in (("analyst", 200), ("translator", 404)):
        admin.post(f"/en/desk/roles/{grant_id(any_app, ZOE, role)}/end")
        assert any_app.test_client().get(link).status_code == works
    assert "account.invitation_cancelled" in verbs(any_app)


def test_an_invitation_sent_again_replaces_the_earlier_link(any_app):
    admin = Staff(any_app, "admin")
    admin.post("/en/desk/roles/new", person(any_app))
    first = link_sent_to(any_app, ZOE)
    number = grant_id(any_app, ZOE, "analyst")
    assert "Invite again" in admin.get("/en/desk/roles").text
    assert admin.post(f"/en/desk/roles/{number}/invite-again").status_code == 303
    second = link_sent_to(any_app, ZOE)
    assert first != second
    visitor = any_app.test_client()
    assert visitor.get(first).status_code == 404
    assert visitor.post(second, data={"password": "quatre mots bien longs"}).status_code == 303
    assert admin.post(f"/en/desk/roles/{number}/invite-again").status_code == 409
    assert mails_to(any_app, ZOE) == 2


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"email": "not an address"}, 422, "name@example.org"),
        ({"email": ADMIN}, 422, "Nobody gives a role to oneself."),
        ({"organisation": ""}, 422, "Choose an organisation."),
        ({"organisation": "99999999999999999999"}, 422, "organisation"),
        ({"role": "king"}, 422, "role"),
        ({"role": "platform_admin"}, 422, "organisation at the top only"),
        ({"email": "nadia@demo.invalid", "code": "991"}, 422, "has this role there already"),
    ],
)
def test_a_role_that_cannot_be_given_is_refused_with_what_was_typed(any_app, changes, status, told):
    data = person(any_app, code=changes.get("code", "9912")) | changes
    answer = Staff(any_app, "admin").post("/en/desk/roles/new", data)
    assert answer.status_code == status
    assert told in answer.text
    assert "Zoé Roy" in answer.text
    assert mails_to(any_app, ZOE) == 0


def test_an_organisation_administrator_gives_roles_below_only(any_app, regional):
    assert regional.post("/en/desk/roles/new", person(any_app)).status_code == 303
    for elsewhere in ("9911", "991"):
        data = person(any_app, code=elsewhere, email="x@example.org")
        assert regional.post("/en/desk/roles/new", data).status_code == 404
    above = person(any_app, role="platform_admin", email="x@example.org")
    assert regional.post("/en/desk/roles/new", above).status_code == 404
    listed = regional.get("/en/desk/roles").text
    assert "Zoé Roy" in listed
    assert "Nadia Haddad" not in listed  # her role stands on the institution above
    number = grant_id(any_app, "nadia@demo.invalid", "analyst")
    assert regional.post(f"/en/desk/roles/{number}/end").status_code == 404
    assert grants_of(any_app, "nadia@demo.invalid") == {"analyst"}
    form = regional.get("/en/desk/roles/new").text
    assert "platform_admin" not in form
    assert "9911 " not in form


def test_the_last_administrator_of_the_platform_stays(any_app):
    admin = Staff(any_app, "admin")
    number = grant_id(any_app, ADMIN, "platform_admin")
    answer = admin.post(f"/en/desk/roles/{number}/end")
    assert answer.status_code == 409
    assert "last administrator" in answer.text
    root = person(any_app, role="platform_admin", code="MSSS", email="sylvie@demo.invalid")
    assert admin.post("/en/desk/roles/new", root).status_code == 303
    assert admin.post(f"/en/desk/roles/{number}/end").status_code == 303
    assert grants_of(any_app, ADMIN) == {"organisation_admin"}


def test_people_are_found_by_part_of_a_name_or_address(any_app, regional):
    admin = Staff(any_app, "admin")
    everyone = admin.get("/en/desk/people").text
    assert "nadia@demo.invalid" in everyone
    for sought in ("haddad", "NADIA@demo", "nadia haddad"):
        page = admin.get(f"/en/desk/people?q={sought}").text
        assert "nadia@demo.invalid" in page
        assert "camille@demo.invalid" not in page
    assert "Nobody is found under this name" in admin.get("/en/desk/people?q=%25").text
    here = regional.get("/en/desk/people").text
    assert "camille@demo.invalid" in here
    assert ".9911@demo.invalid" not in here
    assert "nadia@demo.invalid" not in here
    nadia = account_of(any_app, "nadia@demo.invalid").id
    assert regional.get(f"/en/desk/people/{nadia}").status_code == 404


def test_the_list_of_people_goes_on_over_pages(any_app):
    with write_session(any_app) as session:
        for number in range(120):
            session.add(Account(email=f"p{number:03}@many.invalid", name=f"P {number}"))
    admin, seen, path = Staff(any_app, "admin"), [], "/en/desk/people?q=many.invalid"
    while path:
        page = admin.get(path).text
        seen += [line for line in page.split("</td>") if "@many.invalid" in line]
        more = page.split('rel="next" href="')
        path = more[1].split('"')[0].replace("&amp;", "&") if len(more) > 1 else ""
    assert len(seen) == 120


def change(staff, account, verb, version=None):
    data = {"version": account.version if version is None else version}
    return staff.post(f"/en/desk/people/{account.id}/{verb}", data)


def test_a_suspended_person_is_out_at_once_and_comes_back_with_the_same_roles(any_app):
    with write_session(any_app) as session:
        session.scalars(
            select(Account).where(Account.name == "Camille Roy")
        ).one().password_hash = "x"
    admin, camille = Staff(any_app, "admin"), Staff(any_app, "facilitator")
    any_app.test_client().post("/en/password", data={"email": "camille@demo.invalid"})
    link = link_sent_to(any_app, "camille@demo.invalid")
    account = account_of(any_app, "camille@demo.invalid")
    assert change(admin, account, "suspend").status_code == 303
    assert camille.get("/en/desk").status_code == 303
    assert any_app.test_client().get(link).status_code == 404
    with read_session(any_app) as session:
        statement = select(OneTimeLink).where(OneTimeLink.account_id == account.id)
        assert session.scalars(statement).first() is None
    refused = admin.post("/en/desk/roles/new", person(any_app, email=account.email))
    assert refused.status_code == 422
    assert "suspended" in refused.text
    again = account_of(any_app, account.email)
    assert change(admin, again, "reactivate").status_code == 303
    back = Staff(any_app, "facilitator")
    assert "/en/desk/tables/" in back.get("/en/desk/tables").text
    assert camille.get("/en/desk").status_code == 303, "the old session stays ended"
    assert {"account.suspended", "account.reactivated"} <= set(verbs(any_app))


def test_whoever_read_an_older_state_is_told_and_nothing_is_done(any_app):
    admin = Staff(any_app, "admin")
    account = account_of(any_app, "camille@demo.invalid")
    answer = change(admin, account, "suspend", account.version - 1)
    assert answer.status_code == 409
    assert "Nothing was done" in answer.text
    assert account_of(any_app, account.email).state == "active"


def test_nobody_suspends_oneself_and_a_local_administrator_nobody_who_works_elsewhere(
    any_app, regional
):
    admin = Staff(any_app, "admin")
    own = account_of(any_app, ADMIN)
    assert change(admin, own, "suspend").status_code == 404
    camille = account_of(any_app, "camille@demo.invalid")  # facilitates two tables
    assert change(regional, camille, "suspend").status_code == 404
    regional.post("/en/desk/roles/new", person(any_app))
    assert change(regional, account_of(any_app, ZOE), "suspend").status_code == 303
    assert account_of(any_app, ZOE).state == "suspended"
    assert change(regional, account_of(any_app, ZOE), "reactivate").status_code == 303
    assert account_of(any_app, ZOE).state == "invited"
