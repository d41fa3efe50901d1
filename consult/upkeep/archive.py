"""Pack a backup into one file; unpack it, every byte checked by its manifest (floor 10)."""

import hashlib
import io
import os
import tarfile
from pathlib import Path

import msgspec

FORMAT = 1
MANIFEST = "manifest.json"
SQLITE_FILE, POSTGRESQL_FILE = "database.sqlite", "database.dump"
PEPPER_FILE, SECRET_FILE, SETTINGS_FILE = "pepper.json", "secret.key", "consult.toml"
MEMBERS = frozenset({SQLITE_FILE, POSTGRESQL_FILE, PEPPER_FILE, SECRET_FILE, SETTINGS_FILE})
_CHUNK = 1 << 20


class BackupError(RuntimeError):
    """Say why a backup cannot be made, read or restored."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds, by which a restored instance is checked.

    ``digests`` is empty when the code that made it was not of the schema's version.
    """

    format: int = FORMAT
    version: str
    made_at: str
    database: str
    schema: str
    counts: dict[str, int]
    digests: dict[str, str]
    audit_sealed: int
    audit_unsealed: int
    audit_head: str
    pepper: dict[int, str]
    files: dict[str, str] = {}


def sha256(path: Path) -> str:
    """Return the digest of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack(folder: Path, manifest: Manifest, target: Path) -> Manifest:
    """Write the members in ``folder`` and their manifest to ``target`` (mode 0600), then sync.

    The manifest comes first, so that it can be read without the rest.
    """
    names = sorted(path.name for path in folder.iterdir())
    files = {name: sha256(folder / name) for name in names}
    complete = msgspec.structs.replace(manifest, files=files)
    content = msgspec.json.format(msgspec.json.encode(complete), indent=1)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            head = tarfile.TarInfo(MANIFEST)
            head.size, head.mode = len(content), 0o600
            tar.addfile(head, io.BytesIO(content))
            for name in names:
                tar.add(folder / name, arcname=name, filter=_anonymous)
        file.flush()
        os.fsync(file.fileno())
    return complete


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def unpack(source: Path, folder: Path) -> Manifest:
    """Write the members of ``source`` to ``folder``; raises BackupError when one is not whole."""
    try:
        with tarfile.open(source, mode="r:") as tar:
            manifest = _manifest(tar)
            for name in manifest.files:
                _extract(tar, name, folder / name)
    except (tarfile.TarError, KeyError, OSError, msgspec.DecodeError) as error:
        message = f"{source} is not a whole backup of Consult: {error}"
        raise BackupError(message) from error
    broken = [name for name, digest in manifest.files.items() if sha256(folder / name) != digest]
    if broken:
        message = f"{source} is damaged: {', '.join(broken)} is not what was backed up"
        raise BackupError(message)
    return manifest


def _manifest(tar: tarfile.TarFile) -> Manifest:
    file = tar.extractfile(MANIFEST)
    manifest = msgspec.json.decode(file.read() if file else b"", type=Manifest)
    if manifest.format != FORMAT:
        message = f"this backup has format {manifest.format}; this version reads {FORMAT}"
        raise BackupError(message)
    if not set(manifest.files) <= MEMBERS:
        message = f"unknown members: {', '.join(sorted(set(manifest.files) - MEMBERS))}"
        raise BackupError(message)
    return manifest


def _extract(tar: tarfile.TarFile, name: str, target: Path) -> None:
    file = tar.extractfile(name)
    if file is None:
        raise KeyError(name)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as copy:
        while piece := file.read(_CHUNK):
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
