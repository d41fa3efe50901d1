"""The application as a server loads it; settings come from the environment."""

from consult.app import create_app
from consult.core.settings import load_settings
from consult.serving import follow_parent

follow_parent()
app = create_app(load_settings())
