"""Make and read the citizen's code, and derive from it keys that cannot be joined (floor 0).

A code is 80 random bits and a 20-bit check by the server: 20 Crockford characters in five
groups of four. The check, an HMAC under the pepper, tells a typing error at once and makes
guessing visible: a wrong text passes with probability 2**-20 for each version of the pepper.
Keys are HMAC-SHA256 under the pepper in distinct domains, so the database cannot join a
response to a participant; the holder of the code sees both. No error carries the code: errors
end up in logs.
"""

import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_CHARACTERS, CHECK_CHARACTERS, GROUP = 16, 4, 4
LENGTH = RANDOM_CHARACTERS + CHECK_CHARACTERS
KEY_BYTES = 32
_LONGEST_INPUT = 80
_LOOKALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_NONCE, _TAG = 12, 16
_SEAL_FORMAT = b"\x01"
# Nobody else may read the file, nor the group write it; a mounted secret is often 0440.
_TOO_OPEN = stat.S_IRWXO | stat.S_IWGRP


class CodeShapeError(ValueError):
    """Say that a text has not the length or the characters of a code."""

    def __init__(self) -> None:
        """Say so without the text."""
        super().__init__(f"a code has {LENGTH} letters and digits, without U")


class CodeTypoError(ValueError):
    """Say that a code has the right shape but its check fails: a typing error."""

    def __init__(self) -> None:
        """Say so without the text."""
        super().__init__("the check of this code fails")


class SealError(ValueError):
    """Say that sealed bytes were changed or belong to another code."""


class PepperError(ValueError):
    """Say why a pepper file cannot be used."""


class _PepperFile(msgspec.Struct, forbid_unknown_fields=True):
    current: int
    keys: dict[int, str]


class Pepper(msgspec.Struct, frozen=True):
    """The versioned secret outside the database; losing it kills every receipt."""

    current: int
    keys: dict[int, bytes]

    @classmethod
    def create(cls, path: Path) -> Self:
        """Write a new pepper to ``path`` (mode 0600); raises FileExistsError when one is there.

        It appears whole or not at all: a crash or a full disk leaves no half of a file.
        """
        pepper = cls(current=1, keys={1: secrets.token_bytes(KEY_BYTES)})
        temporary = _beside(path)
        try:
            pepper._write(temporary)
            path.hardlink_to(temporary)  # unlike a rename, it never takes another one's place
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)
        return pepper

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the pepper; raises FileNotFoundError or PepperError (open to others, broken)."""
        if stat.S_IMODE(path.stat().st_mode) & _TOO_OPEN:
            message = f"{path} is open to others; set its mode to 0600"
            raise PepperError(message)
        try:
            data = msgspec.json.decode(path.read_bytes(), type=_PepperFile)
            keys = {version: bytes.fromhex(key) for version, key in data.keys.items()}
        except ValueError as error:
            message = f"{path} is not a pepper file"
            raise PepperError(message) from error
        if data.current not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
            message = f"{path} lacks its current key, or a key has not {KEY_BYTES} bytes"
            raise PepperError(message)
        return cls(current=data.current, keys=keys)

    @classmethod
    def rotate(cls, path: Path) -> Self:
        """Add a key to the file and make it current, at one stroke; older codes still resolve."""
        old = cls.load(path)
        version = max(old.keys) + 1
        pepper = cls(current=version, keys={**old.keys, version: secrets.token_bytes(KEY_BYTES)})
        temporary = _beside(path)
        pepper._write(temporary)
        temporary.replace(path)
        _sync_folder(path.parent)
        return pepper

    def versions(self) -> list[bytes]:
        """Return the keys, the current one first, then from the newest to the oldest."""
        rest = sorted(set(self.keys) - {self.current}, reverse=True)
        return [self.keys[version] for version in (self.current, *rest)]

    def checks(self) -> dict[int, str]:
        """Return a check value for each version: 16 hexadecimal digits, which tell no key."""
        return {
            version: hmac.digest(key, b"consult/pepper-check", hashlib.sha256)[:8].hex()
            for version, key in sorted(self.keys.items())
        }

    def __repr__(self) -> str:
        """Show the versions, never a key."""
        return f"Pepper(current={self.current}, versions={sorted(self.keys)})"

    def _write(self, path: Path) -> None:
        keys = {version: key.hex() for version, key in self.keys.items()}
        content = msgspec.json.encode(_PepperFile(self.current, keys))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content + b"\n")
            file.flush()
            os.fsync(file.fileno())


class CodeKeys(msgspec.Struct, frozen=True):
    """What one code gives in one consultation; each 32 bytes."""

    response: bytes
    participant: bytes
    draft: bytes
    cipher: bytes

    def __repr__(self) -> str:
        """Show no key."""
        return "CodeKeys(…)"


def new_code(pepper: Pepper) -> str:
    """Return a fresh code as shown to people: ``ABCD-EFGH-JKMN-PQRS-TVWX``."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return _grouped(body + _check(pepper.keys[pepper.current], body))


def parse_code(pepper: Pepper, text: str) -> str:
    """Return the code in its shown form; forgives case, spaces, hyphens, O, I and L.

    Raises CodeShapeError (length, characters) or CodeTypoError (the check fails).
    """
    plain = _plain(text)
    if next(_makers(pepper, plain), None) is None:
        raise CodeTypoError
    return _grouped(plain)


def derive_keys(pepper: Pepper, consultation: str, code: str) -> CodeKeys:
    """Return the keys of ``code`` in ``consultation``, under the pepper that made the code.

    Raises CodeShapeError, or CodeTypoError when no version of the pepper made it.
    """
    return candidate_keys(pepper, consultation, code)[0]


def candidate_keys(pepper: Pepper, consultation: str, code: str) -> list[CodeKeys]:
    """Return the keys under each version that may have made ``code``, the current one first.

    Nearly always one: a check holds by chance under another version once in 2**20 codes. A
    look-up tries them in turn. Raises as ``derive_keys`` does.
    """
    plain = _plain(code)
    found = [_keys(secret, consultation, plain) for secret in _makers(pepper, plain)]
    if not found:
        raise CodeTypoError
    return found


def seal(cipher: bytes, content: bytes) -> bytes:
    """Encrypt with AES-256-GCM: one byte of format, the nonce, the text with its tag."""
    nonce = secrets.token_bytes(_NONCE)
    return _SEAL_FORMAT + nonce + AESGCM(cipher).encrypt(nonce, content, _SEAL_FORMAT)


def unseal(cipher: bytes, sealed: bytes) -> bytes:
    """Undo ``seal``; raises SealError."""
    start = len(_SEAL_FORMAT)
    head, nonce, text = sealed[:start], sealed[start : start + _NONCE], sealed[start + _NONCE :]
    try:
        if head != _SEAL_FORMAT or len(text) < _TAG:
            raise InvalidTag  # noqa: TRY301  one way out for both faults
        return AESGCM(cipher).decrypt(nonce, text, head)
    except InvalidTag as error:
        message = "these bytes were sealed under another code, or changed"
        raise SealError(message) from error


def _plain(text: str) -> str:
    if len(text) > _LONGEST_INPUT:
        raise CodeShapeError
    plain = "".join(c for c in text.upper() if c.isalnum()).translate(_LOOKALIKE)
    if len(plain) != LENGTH or not set(plain) <= set(ALPHABET):
        raise CodeShapeError
    return plain


def _makers(pepper: Pepper, plain: str) -> Iterator[bytes]:
    body, check = plain[:RANDOM_CHARACTERS], plain[RANDOM_CHARACTERS:]
    for secret in pepper.versions():
        if hmac.compare_digest(_check(secret, body), check):
            yield secret


def _keys(secret: bytes, consultation: str, plain: str) -> CodeKeys:
    # Unambiguous: the domain has no slash and the code, at the end, has a fixed length.
    def domain(name: str) -> bytes:
        message = f"consult/{name}/{consultation}/{plain}".encode()
        return hmac.digest(secret, message, hashlib.sha256)

    return CodeKeys(domain("response"), domain("participant"), domain("draft"), domain("cipher"))


def _check(secret: bytes, body: str) -> str:
    digest = hmac.digest(secret, f"consult/check/{body}".encode(), hashlib.sha256)
    bits = int.from_bytes(digest[:3], "big") >> 4
    return "".join(ALPHABET[(bits >> shift) & 31] for shift in (15, 10, 5, 0))


def _grouped(plain: str) -> str:
    return "-".join(plain[i : i + GROUP] for i in range(0, LENGTH, GROUP))


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
