"""Read the settings of an instance: one frozen, typed object (floor 0).

Order of precedence: the environment (``CONSULT_*``), the file ``consult.toml`` of the
instance folder, the defaults written here. An unknown key is refused by its name.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Meta

from consult.core import settingfaults

PREFIX = "CONSULT_"
FILE_NAME = "consult.toml"
_HOST = re.compile(r"[0-9A-Za-z._-]+")  # an IPv6 address as a Host is not served
SECRETS = frozenset({"secret_key", "secret_key_fallbacks", "smtp_password", "metrics_token"})


class SettingsError(ValueError):
    """Say which setting is wrong, where it was read, and what would be right."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Hold every setting of one instance; ``consult settings`` prints them with their help."""

    home: Annotated[
        str, Meta(description="Folder of the instance: database, keys, mail folder.")
    ] = "instance"
    public_url: Annotated[
        str,
        Meta(
            description="Address people type, without a path; every link in a mail starts with it."
        ),
    ] = "http://127.0.0.1:8000"
    extra_hosts: Annotated[
        tuple[str, ...],
        Meta(description="Other host names (with port) that may serve the same pages."),
    ] = ()
    demo: Annotated[
        bool,
        Meta(description="Demo instance: banner, one-click roles, fictional territory."),
    ] = False
    site_name_fr: Annotated[str, Meta(description="Name of the site in French.")] = "Consult"
    site_name_en: Annotated[str, Meta(description="Name of the site in English.")] = "Consult"
    operator_fr: Annotated[
        str,
        Meta(description="Body that runs the site, in French (confidentiality page)."),
    ] = ""
    operator_en: Annotated[
        str,
        Meta(description="Body that runs the site, in English (confidentiality page)."),
    ] = ""
    contact_email: Annotated[str, Meta(description="Address shown on the help page.")] = ""
    contact_phone: Annotated[str, Meta(description="Telephone number shown on the help page.")] = ""
    privacy_officer: Annotated[
        str, Meta(description="Title or name of the person in charge of privacy.")
    ] = ""
    privacy_email: Annotated[
        str, Meta(description="Address of the person in charge of privacy.")
    ] = ""
    english_access: Annotated[
        Literal["open", "notice", "attest"],
        Meta(description="How English pages open: freely, under a notice, or after a statement."),
    ] = "notice"
    database_url: Annotated[
        str,
        Meta(description="PostgreSQL address (postgresql+psycopg://…); empty: embedded SQLite."),
    ] = ""
    redis_url: Annotated[
        str,
        Meta(
            description="Redis for limits and job queue; empty: each process counts limits itself, "
            "and the queue is kept in the database."
        ),
    ] = ""
    secret_key: Annotated[
        str,
        Meta(
            description="Key that signs sessions; empty: read from secret.key in the home folder."
        ),
    ] = ""
    secret_key_fallbacks: Annotated[
        tuple[str, ...],
        Meta(description="Earlier signing keys, still accepted while they are rotated out."),
    ] = ()
    pepper_file: Annotated[
        str,
        Meta(description="File of the pepper; empty: pepper.json in the home folder."),
    ] = ""
    proxy_hops: Annotated[
        int,
        Meta(ge=0, le=4, description="Number of trusted proxies in front of the server."),
    ] = 0
    host: Annotated[str, Meta(description="Address the server listens on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, description="Port the server listens on.")] = 8000
    workers: Annotated[int, Meta(ge=1, description="Web processes started by consult serve.")] = 1
    threads: Annotated[int, Meta(ge=1, description="Threads of each web process.")] = 4
    embedded_worker: Annotated[
        bool,
        Meta(
            description="Run the background jobs inside consult serve (else start consult worker)."
        ),
    ] = True
    pool_size: Annotated[
        int, Meta(ge=1, description="PostgreSQL connections kept by each process.")
    ] = 8
    pool_timeout: Annotated[
        int, Meta(ge=1, description="Seconds to wait for a free database connection.")
    ] = 3
    statement_timeout: Annotated[
        int, Meta(ge=1, description="Milliseconds a PostgreSQL statement may take.")
    ] = 5000
    lock_timeout: Annotated[
        int, Meta(ge=1, description="Milliseconds to wait for a PostgreSQL lock.")
    ] = 3000
    writer_timeout: Annotated[
        int,
        Meta(ge=1, description="Seconds to wait for one's turn to write in SQLite."),
    ] = 10
    mail_transport: Annotated[
        Literal["folder", "smtp"],
        Meta(description="Where mail goes: a folder of files, or an SMTP server."),
    ] = "folder"
    mail_from: Annotated[str, Meta(description="Sender of every mail.")] = (
        "Consult <consult@localhost>"
    )
    smtp_host: Annotated[str, Meta(description="Host of the SMTP server.")] = "127.0.0.1"
    smtp_port: Annotated[int, Meta(ge=1, le=65535, description="Port of the SMTP server.")] = 25
    smtp_user: Annotated[str, Meta(description="Account at the SMTP server; empty: none.")] = ""
    smtp_password: Annotated[str, Meta(description="Password at the SMTP server.")] = ""
    smtp_starttls: Annotated[bool, Meta(description="Speak TLS to the SMTP server.")] = False
    mail_timeout: Annotated[
        int, Meta(ge=1, description="Seconds before a silent mail server is given up.")
    ] = 5
    export_folder: Annotated[
        str,
        Meta(
            description="Folder of prepared exports, shared by web and worker; "
            "empty: exports in the home folder."
        ),
    ] = ""
    export_direct_rows: Annotated[
        int,
        Meta(ge=0, description="Rows up to which an export is given at once, without a job."),
    ] = 5000
    export_hours: Annotated[
        int, Meta(ge=1, description="Hours a prepared export is kept before it is erased.")
    ] = 24
    session_hours: Annotated[
        int, Meta(ge=1, description="Hours after which a staff session ends.")
    ] = 12
    draft_days: Annotated[int, Meta(ge=1, description="Days an unfinished response is kept.")] = 30
    max_body: Annotated[
        int, Meta(ge=1, description="Bytes accepted in one request of an answer route.")
    ] = 262_144
    max_upload: Annotated[
        int, Meta(ge=1, description="Bytes accepted in one uploaded questionnaire.")
    ] = 2_097_152
    signin_rate: Annotated[
        str, Meta(description="Sign-in attempts allowed, per address and per account.")
    ] = "10 per 5 minutes"
    code_rate: Annotated[
        str, Meta(description="Receipt codes that may be tried from one address.")
    ] = "30 per 5 minutes"
    metrics_token: Annotated[
        str,
        Meta(
            description="Bearer token that opens /metrics; empty: only requests from this machine."
        ),
    ] = ""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="Least severe line that is logged."),
    ] = "info"

    @property
    def home_path(self) -> Path:
        """Return the instance folder as an absolute path."""
        return Path(self.home).resolve()

    @property
    def sqlite_path(self) -> Path:
        """Return where the embedded database lies (used when ``database_url`` is empty)."""
        return self.home_path / "consult.db"

    @property
    def sqlalchemy_url(self) -> str:
        """Return the address of the database in SQLAlchemy's form."""
        return normal_url(self.database_url) or f"sqlite:///{self.sqlite_path}"

    @property
    def is_sqlite(self) -> bool:
        """Tell whether the instance runs on the embedded database."""
        return self.sqlalchemy_url.startswith("sqlite")

    @property
    def pepper_path(self) -> Path:
        """Return the file that holds the pepper."""
        return (
            Path(self.pepper_file).resolve()
            if self.pepper_file
            else (self.home_path / "pepper.json")
        )

    @property
    def export_path(self) -> Path:
        """Return the folder of prepared exports."""
        return (
            Path(self.export_folder).resolve() if self.export_folder else self.home_path / "exports"
        )

    @property
    def secret_path(self) -> Path:
        """Return the file that holds the signing key made by ``consult init``."""
        return self.home_path / "secret.key"

    @property
    def hosts(self) -> frozenset[str]:
        """Return the host[:port] names under which unsafe requests are accepted."""
        return frozenset({urlsplit(self.public_url).netloc, *self.extra_hosts})

    @property
    def is_https(self) -> bool:
        """Tell whether people reach the instance over TLS."""
        return self.public_url.startswith("https://")


def host_without_port(netloc: str) -> str:
    """Return the host of ``host:port``."""
    host, _, port = netloc.rpartition(":")
    return host if host and port.isdigit() else netloc


def public_url_fault(settings: Settings) -> str:
    """Return why ``public_url`` cannot be used, or an empty text when it can.

    It must be an address of this shape: http or https, a host, a port if need be, nothing
    else. Outside a demo it must not name this very machine once anything shows that others
    take part: mail leaves by SMTP, a proxy stands in front, or the server listens to more
    than this machine. The links of mails would lead their readers to their own computers.
    """
    fault = _shape_fault(settings.public_url)
    if fault:
        return f"CONSULT_PUBLIC_URL {settings.public_url!r}: {fault}"
    parts = urlsplit(settings.public_url)
    serves_others = (
        settings.mail_transport == "smtp"
        or settings.proxy_hops > 0
        or not _is_this_machine(settings.host)
    )
    if settings.demo or not serves_others or not _is_this_machine(parts.hostname or ""):
        return ""
    return (
        f"CONSULT_PUBLIC_URL {settings.public_url!r} names this machine only, and every link in "
        "a mail starts with it: give the address that people type"
    )


def _shape_fault(url: str) -> str:
    try:
        parts: SplitResult = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        return str(error)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "write http:// or https:// and a host"
    if "@" in parts.netloc or _HOST.fullmatch(parts.hostname) is None:
        return "name the host by letters, digits, dots and hyphens only"
    return "" if url == f"{parts.scheme}://{parts.netloc}" else "nothing may follow the host"


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def normal_url(address: str) -> str:
    """Return an address of PostgreSQL with the driver that we use; others write none."""
    scheme, separator, rest = address.partition("://")
    if scheme in {"postgres", "postgresql"}:
        return f"postgresql+psycopg{separator}{rest}"
    return address


def describe() -> list[tuple[str, str, object, str]]:
    """Return (name, type, default, help) for every setting, in declaration order."""
    rows = []
    info = msgspec.inspect.type_info(Settings)
    if not isinstance(info, msgspec.inspect.StructType):
        message = "Settings is not a struct"
        raise TypeError(message)
    for field in info.fields:
        help_text = ""
        kind = field.type
        if isinstance(kind, msgspec.inspect.Metadata):
            help_text = (kind.extra_json_schema or {}).get("description", "")
        rows.append((field.name, _type_name(field.type), field.default, help_text))
    return rows


def _type_name(kind: object) -> str:
    if isinstance(kind, msgspec.inspect.Metadata):
        return _type_name(kind.type)
    if isinstance(kind, msgspec.inspect.LiteralType):
        return " | ".join(str(value) for value in kind.values)
    names: dict[type, str] = {
        msgspec.inspect.IntType: "number",
        msgspec.inspect.BoolType: "yes/no",
        msgspec.inspect.VarTupleType: "list",
    }
    return names.get(type(kind), "text")


def load_settings(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Build the settings from the environment, the instance's file and ``overrides``.

    Raises SettingsError naming the key, its source and the fault.
    """
    environ = os.environ if environ is None else environ
    from_env = {
        key.removeprefix(PREFIX).lower(): value
        for key, value in environ.items()
        if key.startswith(PREFIX) and not key.startswith("CONSULT_TEST_")
    }
    home = str(overrides.get("home") or from_env.get("home") or "instance")
    file = Path(home) / FILE_NAME
    in_file = _file_values(file)
    _refuse_unknown(in_file, str(file))
    _refuse_unknown(from_env, "the environment")
    values = {"home": home} | in_file
    values |= {key: _split(key, value) for key, value in from_env.items()}
    values |= overrides
    _refuse_unknown(values, "this command")
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_plain(error, values, from_env, file)) from error
    if fault := settingfaults.database(normal_url(settings.database_url)):
        raise SettingsError(fault)
    return settings


def _file_values(path: Path) -> dict[str, object]:
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        return tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"{path} cannot be read as a settings file: {error}"
        raise SettingsError(message) from error


def _plain(
    error: msgspec.ValidationError,
    values: Mapping[str, object],
    from_env: Mapping[str, str],
    file: Path,
) -> str:
    """Say which setting is wrong, what it holds, where that was read and what would be right."""
    found = re.search(r"`\$\.(\w+)", str(error))
    if found is None:
        return str(error)
    name = found[1]
    place = "the environment" if name in from_env else str(file)
    kind = next(kind for known, kind, *_rest in describe() if known == name)
    shown = "••••" if name in SECRETS else repr(values.get(name))
    return settingfaults.wrong(name, shown, place, kind, str(error))


def _split(key: str, value: str) -> object:
    if key in {"extra_hosts", "secret_key_fallbacks"}:
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _refuse_unknown(values: Mapping[str, object], place: str) -> None:
    known = set(Settings.__struct_fields__)
    if strange := sorted(set(values) - known):
        raise SettingsError(settingfaults.unknown(strange, known, place))
