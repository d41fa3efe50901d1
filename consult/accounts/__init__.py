"""Know the people who sign in: accounts, sessions, one-time links (floor 2)."""

from flask import Flask

from consult.accounts.policies import POLICIES
from consult.accounts.views import pages
from consult.core.authz import register_policies


def register(app: Flask) -> None:
    """Add the pages and the policies of accounts."""
    register_policies(POLICIES)
    app.register_blueprint(pages)
    app.config["SIGN_IN_ENDPOINT"] = "accounts.sign_in"
