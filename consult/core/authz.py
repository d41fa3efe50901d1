"""Decide who may do what: permissions, the acting person, and the one way to load (floor 0).

Nothing is allowed unless a policy says so. Every view carries ``@allow(permission)`` or
``@public``; ``verify_routes`` refuses an application in which one does not. An object that
is absent and one that is forbidden give the same 404.
"""

from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any, TypeVar, cast

import msgspec
from flask import Flask, abort, current_app, g, redirect, request, url_for
from sqlalchemy import Select, bindparam, select
from werkzeug.wrappers import Response

from consult.core.db import Base, db

View = TypeVar("View", bound=Callable[..., Any])
Entity = TypeVar("Entity", bound=Base)

PUBLIC = "public"


class Role(msgspec.Struct, frozen=True):
    """One role held for a table (``table_id``) or for an organisation subtree (``path``)."""

    name: str
    table_id: int | None = None
    path: str | None = None


class Actor(msgspec.Struct, frozen=True):
    """Who acts: an account, its language, and the roles its live mandates and grants give."""

    account_id: int
    name: str
    locale: str = "fr"
    roles: tuple[Role, ...] = ()
    session_id: int = 0

    def holds(self, names: frozenset[str], *, table_id: int | None, path: str | None) -> bool:
        """Tell whether one of ``names`` is held for that table or at or above that place."""
        return any(
            role.name in names
            and (
                (role.table_id is not None and role.table_id == table_id)
                or (role.path is not None and path is not None and path.startswith(role.path))
            )
            for role in self.roles
        )

    def holds_any(self, names: frozenset[str]) -> bool:
        """Tell whether one of ``names`` is held anywhere."""
        return any(role.name in names for role in self.roles)


Policy = Callable[[Actor | None, Any], bool]
ActorLoader = Callable[[], Actor | None]

_policies: dict[str, Policy] = {PUBLIC: lambda _actor, _subject: True}


def register_policies(policies: Mapping[Any, Policy]) -> None:
    """Add a feature's permission map; raises ValueError when a permission has two."""
    for permission, policy in policies.items():
        if _policies.get(str(permission), policy) is not policy:
            message = f"two policies for {permission}"
            raise ValueError(message)
        _policies[str(permission)] = policy


def known_policies() -> Mapping[str, Policy]:
    """Return every registered permission with its policy."""
    return _policies


def may(actor: Actor | None, permission: str, subject: object = None) -> bool:
    """Tell whether ``actor`` may do ``permission`` to ``subject``; an unknown one is refused."""
    policy = _policies.get(str(permission))
    return policy is not None and policy(actor, subject)


def set_actor_loader(app: Flask, loader: ActorLoader) -> None:
    """Give the application the function that reads the acting person from the request."""
    app.extensions["consult_actor_loader"] = loader


def current_actor() -> Actor | None:
    """Return who acts in this request; None for visitors and on routes that ignore sessions."""
    if "actor" not in g:
        loader = current_app.extensions.get("consult_actor_loader")
        g.actor = None if loader is None or g.get("sessionless", False) else loader()
    return cast("Actor | None", g.actor)


def signed_in() -> Actor:
    """Return the acting person; answers 404 when nobody is signed in."""
    actor = current_actor()
    if actor is None:
        abort(404)
    return actor


def allow(permission: str, *, session: bool = True, staff: bool = True) -> Callable[[View], View]:
    """Declare which permission a view needs; ``load`` asks its policy with the object.

    ``staff`` views send a visitor to sign in. ``session=False`` marks a route that ignores
    any session (answer routes, law 6).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  passes a view through
            g.sessionless = not session
            if staff and current_actor() is None:
                return _send_again() if _holds_text() else _to_sign_in()
            return view(*args, **kwargs)

        guarded.permission = str(permission)  # type: ignore[attr-defined]
        guarded.uses_session = session  # type: ignore[attr-defined]
        return cast("View", guarded)

    return decorate


def public(view: View) -> View:
    """Declare that anybody may see a page; it may show who is signed in."""
    return allow(PUBLIC, staff=False)(view)


def sessionless(view: View) -> View:
    """Declare that anybody may use a route and that it ignores any session (law 6)."""
    return allow(PUBLIC, session=False, staff=False)(view)


def _holds_text() -> bool:
    """Tell whether the refused request carries something typed, which must not be lost."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return False
    return any(value.strip() for name, value in request.form.items() if name != "csrf_token")


def _send_again() -> Response:
    """Show what was typed to somebody whose session has ended; the gate makes the page."""
    return cast("Response", current_app.extensions["consult_send_again"]())


def _to_sign_in() -> Response:
    target = current_app.config["SIGN_IN_ENDPOINT"]
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for(target, next=back), code=303)


def load(model: type[Entity], permission: str, **criteria: object) -> Entity:
    """Return the one ``model`` row that matches; 404 when absent or when it is forbidden."""
    statement = _by(model, tuple(criteria))
    entity: Entity | None = db.session.execute(statement, criteria).unique().scalar_one_or_none()
    if entity is None:
        abort(404)
    return allowed(entity, permission)


@cache
def _by(model: type[Entity], names: tuple[str, ...]) -> Select[Any]:
    return select(model).where(*(getattr(model, name) == bindparam(name) for name in names))


def allowed(entity: Entity, permission: str) -> Entity:
    """Return ``entity`` when the acting person has ``permission`` on it; else 404."""
    if not may(current_actor(), permission, entity):
        abort(404)
    return entity


def check(permission: str, subject: object = None) -> None:
    """Answer 404 unless the acting person has ``permission`` on ``subject``."""
    if not may(current_actor(), permission, subject):
        abort(404)


def verify_routes(app: Flask) -> None:
    """Raise RuntimeError naming each route whose view declares no known permission."""
    missing = sorted(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        and getattr(app.view_functions[rule.endpoint], "permission", None) not in _policies
    )
    if missing:
        message = f"routes without a policy: {', '.join(dict.fromkeys(missing))}"
        raise RuntimeError(message)
