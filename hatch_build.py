"""Compile the catalogues into the wheel, which carries no sources of translations."""

import io
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface):  # type: ignore[type-arg]
    """Add ``consult/translations/<locale>/LC_MESSAGES/messages.mo`` for each ``.po``."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile each catalogue to a temporary folder and include it; not when editable."""
        if version == "editable":
            return
        folder = Path(mkdtemp())
        for source in (Path(self.root) / "translations").glob("*/LC_MESSAGES/messages.po"):
            locale = source.parent.parent.name
            target = folder / f"{locale}.mo"
            with source.open("rb") as file, target.open("wb") as out:
                buffer = io.BytesIO()
                write_mo(buffer, read_po(file))
                out.write(buffer.getvalue())
            inside = f"consult/translations/{locale}/LC_MESSAGES/messages.mo"
            build_data["force_include"][str(target)] = inside
