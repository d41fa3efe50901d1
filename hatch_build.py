"""Compile the catalogues into the wheel: a wheel carries ``.mo`` files, a checkout ``.po``."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The same sources give the same bytes, whenever they are built.
UNDATED = datetime(1980, 1, 1, tzinfo=UTC)


class CatalogueHook(BuildHookInterface[Any]):
    """Add ``consult/translations/…/messages.mo`` for every ``.po`` of ``translations/``."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile in a temporary folder; an editable install compiles on start instead."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory(prefix="consult-catalogues-")
        root = Path(self.root) / "translations"
        for source in sorted(root.glob("*/LC_MESSAGES/*.po")):
            inside = source.relative_to(root).with_suffix(".mo")
            target = Path(self._folder.name) / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            with source.open("rb") as text, target.open("wb") as binary:
                catalogue = read_po(text)
                # Where the file holds no date, Babel takes the hour of the build.
                catalogue.creation_date = catalogue.revision_date = UNDATED
                write_mo(binary, catalogue)
            build_data["force_include"][str(target)] = f"consult/translations/{inside}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder."""
        del version, build_data, artifact_path
        folder = getattr(self, "_folder", None)
        if folder is not None:
            folder.cleanup()
