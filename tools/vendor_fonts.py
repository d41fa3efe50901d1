"""Rebuild the committed fonts from pinned npm packages; for maintainers only.

``python tools/vendor_fonts.py`` fetches each package with ``npm pack``, checks its SHA-256,
cuts the font down to the characters of French and English, and writes it with its licence
beside ``fonts.json``. ``--check`` rebuilds in a temporary folder and compares instead.
``--from FOLDER`` reads tarballs fetched earlier. Needs npm, fonttools and brotli.
"""

import argparse
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

TARGET = Path(__file__).resolve().parent.parent / "consult" / "static" / "fonts"

# Latin-1, the French letters outside it, typographic marks, arrows used by the pages.
CHARACTERS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *map(ord, "ŒœŸˆ˜–—‘’‚“”„†•…‹›€™−←↑→↓"),
]


@dataclass(frozen=True)
class Source:
    """One font: where it comes from and what is kept of it."""

    package: str
    version: str
    tarball_sha256: str
    member: str
    target: str
    axes: dict[str, float | tuple[float, float]]


SOURCES = (
    Source(
        package="@fontsource-variable/atkinson-hyperlegible-next",
        version="5.3.0",
        tarball_sha256="75d5156505841b7dd4251398f0a5ff9e44120c87c2e388e9a108879b4def23a6",
        member="atkinson-hyperlegible-next-latin-wght-normal.woff2",
        target="atkinson-hyperlegible-next",
        axes={"wght": (400, 700)},
    ),
    Source(
        package="@fontsource-variable/bricolage-grotesque",
        version="5.3.0",
        tarball_sha256="6e99e0d844f7bc152bb3b007f9b1493c53e60cc0744cc681bb744e0b5f14665e",
        member="bricolage-grotesque-latin-wght-normal.woff2",
        target="bricolage-grotesque-650",
        axes={"wght": 650},
    ),
)


def digest(data: bytes) -> str:
    """Return the SHA-256 of ``data`` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def fetch(source: Source, folder: Path) -> bytes:
    """Return the package's tarball, fetched into ``folder`` unless it is there already.

    Raises SystemExit when its digest is not the recorded one.
    """
    name = source.package.lstrip("@").replace("/", "-") + f"-{source.version}.tgz"
    tarball = folder / name
    if not tarball.exists():
        npm = shutil.which("npm")
        if npm is None:
            sys.exit("npm is needed to fetch the fonts")
        wanted = f"{source.package}@{source.version}"
        subprocess.run(
            [npm, "pack", "--silent", wanted], cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
    data = tarball.read_bytes()
    if digest(data) != source.tarball_sha256:
        sys.exit(f"{name}: not the recorded package")
    return data


def member(tarball: bytes, path: str) -> bytes:
    """Return one file of an npm tarball; raises SystemExit when it is absent."""
    with tarfile.open(fileobj=io.BytesIO(tarball), mode="r:gz") as archive:
        found = archive.extractfile(f"package/{path}")
        if found is None:
            sys.exit(f"{path}: absent from the package")
        return found.read()


def subset(data: bytes, axes: dict[str, float | tuple[float, float]]) -> bytes:
    """Return the font limited to ``axes`` and ``CHARACTERS``, as WOFF2."""
    limited = io.BytesIO()
    instantiateVariableFont(TTFont(io.BytesIO(data), recalcTimestamp=False), axes).save(limited)
    # Read again: the subsetter needs the tables as a file holds them, not as the limiter left them.
    font = TTFont(io.BytesIO(limited.getvalue()), recalcTimestamp=False)
    options = Options(flavor="woff2", hinting=False, desubroutinize=True, notdef_outline=True)
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl", "liga", "calt", "tnum"]
    cutter = Subsetter(options)
    cutter.populate(unicodes=CHARACTERS)
    cutter.subset(font)
    font.flavor = "woff2"
    out = io.BytesIO()
    font.save(out, reorderTables=True)
    return out.getvalue()


def build(target: Path, tarballs: Path) -> None:
    """Write every font, its licence and ``fonts.json`` into ``target``."""
    recorded = {}
    for source in SOURCES:
        tarball = fetch(source, tarballs)
        font = subset(member(tarball, f"files/{source.member}"), source.axes)
        licence = member(tarball, "LICENSE")
        (target / f"{source.target}.woff2").write_bytes(font)
        (target / f"{source.target}.OFL.txt").write_bytes(licence)
        recorded[f"{source.target}.woff2"] = {
            "package": source.package,
            "version": source.version,
            "tarball_sha256": source.tarball_sha256,
            "sha256": digest(font),
            "bytes": len(font),
        }
    (target / "fonts.json").write_text(json.dumps(recorded, indent=2) + "\n", encoding="utf-8")


def compare(rebuilt: Path) -> None:
    """Raise SystemExit naming each committed file that differs from ``rebuilt``."""
    different = [
        path.name
        for path in sorted(rebuilt.iterdir())
        if not (TARGET / path.name).exists()
        or (TARGET / path.name).read_bytes() != path.read_bytes()
    ]
    if different:
        sys.exit("differs from what is committed: " + ", ".join(different))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--from", dest="tarballs", type=Path, help="folder of fetched tarballs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        tarballs = options.tarballs or Path(scratch)
        if not options.check:
            build(TARGET, tarballs)
            return
        rebuilt = Path(scratch) / "rebuilt"
        rebuilt.mkdir()
        build(rebuilt, tarballs)
        compare(rebuilt)


if __name__ == "__main__":
    main()
