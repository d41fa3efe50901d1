"""Find the files that travel with the package, in a wheel and in a checkout (floor 0)."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
CHECKOUT = PACKAGE.parent


def shipped(name: str) -> Path:
    """Return the folder ``name`` from inside the package, else from beside it.

    A wheel carries ``templates/`` and ``translations/`` inside the package; a
    checkout keeps them at its top. Raises FileNotFoundError when neither exists.
    """
    for parent in (PACKAGE, CHECKOUT):
        folder = parent / name
        if folder.is_dir():
            return folder
    message = f"Consult is incomplete: its folder {name!r} is missing"
    raise FileNotFoundError(message)


STATIC = PACKAGE / "static"
MIGRATIONS = PACKAGE / "migrations"
