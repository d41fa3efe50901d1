"""Say in plain words what is wrong with a setting (floor 0)."""

import difflib
import re
from collections.abc import Iterable

KINDS = {"yes/no": "true or false"}


def unknown(names: Iterable[str], known: Iterable[str], place: str) -> str:
    """Return the message for settings that do not exist, with the nearest ones that do."""
    told = []
    for name in names:
        near = difflib.get_close_matches(name.lower().removeprefix("consult_"), known, 1)
        hint = f" (did you mean CONSULT_{near[0].upper()}?)" if near else ""
        told.append(f"CONSULT_{name.upper()}{hint}")
    return (
        f"Unknown setting in {place}: {', '.join(told)}. `consult settings` lists the known ones."
    )


def wrong(name: str, shown: str, place: str, kind: str, fault: str) -> str:
    """Return the message for a value of the wrong kind or outside its limits."""
    limits = "".join(re.findall(r"(?:>=|<=) \d+", fault))
    limits = limits.replace(">=", "at least").replace("<=", "at most")
    wanted = ", ".join(filter(None, (KINDS.get(kind, kind), limits)))
    return f"CONSULT_{name.upper()} is {shown} in {place}; it takes: {wanted}."


def database(address: str) -> str:
    """Return the message for an address of a database that we cannot use; empty when we can."""
    scheme = address.partition("://")[0][:40]
    if not address or scheme == "postgresql+psycopg":
        return ""
    return (
        f"CONSULT_DATABASE_URL starts with {scheme!r}; it takes postgresql+psycopg://…, "
        "or nothing for the embedded SQLite."
    )


def hide_password(address: str) -> str:
    """Return an address with the password in it, if any, masked."""
    return re.sub(r"(?<=://)([^/@:]*):[^/@]*@", r"\1:••••@", address)
