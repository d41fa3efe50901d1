"""The application as a server loads it; settings come from the environment."""

from consult.app import create_app
from consult.core.settings import load_settings

app = create_app(load_settings())
