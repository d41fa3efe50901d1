"""Compile the catalogues while a wheel is built, so that no ``.mo`` is kept in git."""

import tempfile
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Add ``consult/translations/<locale>/LC_MESSAGES/messages.mo`` to the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile each ``.po`` into a temporary folder; an editable install needs none."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        translations = Path(self.root) / "translations"
        for source in sorted(translations.glob("*/LC_MESSAGES/*.po")):
            inside = source.relative_to(translations).with_suffix(".mo")
            target = Path(self._folder.name) / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            with source.open("rb") as read, target.open("wb") as write:
                write_mo(write, read_po(read, locale=source.parts[-3]))
            build_data["force_include"][str(target)] = f"consult/translations/{inside}"

    def finalize(self, version: str, _build_data: dict[str, Any], _artifact_path: str) -> None:
        """Remove the temporary folder."""
        if version != "editable":
            self._folder.cleanup()
