"""What operators copy from the documentation works: commands, nginx, services, pins."""

import configparser
import datetime as dt
import re
import shlex
import shutil
import socket
import subprocess
from importlib.metadata import distributions
from pathlib import Path

import click
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from consult.cli import main
from consult.core.settings import load_settings
from tests.support.databases import need
from tests.support.tree import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
INSTALL = (ROOT / "docs" / "operators" / "install.md").read_text("utf-8")


def blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def shell_lines() -> list[tuple[str, str]]:
    """Return (page, line) for every line of shell that a reader may paste."""
    return [
        (page.name, line)
        for page in PAGES
        for block in blocks(page.read_text("utf-8"), "sh")
        for line in block.splitlines()
        if line and not line.startswith("#")
    ]


def test_every_pasted_consult_command_exists_with_its_options() -> None:
    seen = 0
    for page, line in shell_lines():
        words = shlex.split(line)
        if not words or Path(words[0]).name != "consult":
            continue
        seen += 1
        command: click.Command = main
        rest = words[1:]
        while isinstance(command, click.Group):
            assert rest, (page, line)
            assert rest[0] in command.commands, (page, line)
            command, rest = command.commands[rest[0]], rest[1:]
        # Parsed as click would, without running: an unknown option or a missing argument raises.
        try:
            command.make_context("consult", rest)
        except click.BadParameter as error:  # a file of the reader's
            assert "does not exist" in error.message, (page, line)
    assert seen > 10


def test_every_pasted_setting_loads_with_its_value() -> None:
    seen = 0
    for page, line in shell_lines():
        for name, value in re.findall(r"(CONSULT_\w+)=(\S+)", line):
            seen += 1
            try:
                load_settings({name: value.strip('"')})
            except ValueError as error:
                pytest.fail(f"{page}: {error}")
    assert seen > 5


def test_every_pasted_make_target_exists() -> None:
    targets = set(
        re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    named = set(re.findall(r"`make ([a-z][\w-]*)", text))
    assert {"demo", "test"} <= named
    assert named - targets == set()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def certificate(folder: Path) -> None:
    """Write a certificate of this machine's own, as ``cert.pem`` and ``key.pem``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "consult.example.org")])
    start = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=start,
        not_valid_after=start + dt.timedelta(days=1),
    ).sign(key, hashes.SHA256())
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def test_nginx_accepts_the_documented_configuration(tmp_path: Path) -> None:
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/bin")
    need("nginx", program is not None)
    certificate(tmp_path)
    (block,) = blocks(INSTALL, "nginx")
    for written, here in {
        "/etc/ssl/consult/fullchain.pem": f"{tmp_path}/cert.pem",
        "/etc/ssl/private/consult.pem": f"{tmp_path}/key.pem",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "listen 443 ssl;": f"listen 127.0.0.1:{free_port()} ssl;",
    }.items():
        assert written in block
        block = block.replace(written, here)
    places = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = tmp_path / "nginx.conf"
    file.write_text(
        f"pid {tmp_path}/pid;\nerror_log {tmp_path}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log {tmp_path}/access.log;\n{places}{block}}}\n"
    )
    checked = subprocess.run(
        [program, "-t", "-c", str(file), "-p", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr


def test_the_documented_proxy_passes_what_the_gate_needs() -> None:
    (block,) = blocks(INSTALL, "nginx")
    for header in ("Host $http_host", "X-Forwarded-For $proxy_add", "X-Forwarded-Proto $scheme"):
        assert f"proxy_set_header {header}" in block
    assert not re.search(r"proxy_set_header (Origin|Sec-Fetch-Site|Referer)", block)


def test_the_documented_services_start_commands_that_exist() -> None:
    units = blocks(INSTALL, "ini")
    assert len(units) == 2
    for unit in units:
        parsed = configparser.ConfigParser(strict=False, interpolation=None)
        parsed.optionxform = str
        parsed.read_string(unit)
        program, command = parsed["Service"]["ExecStart"].split()
        assert program == "/opt/consult/bin/consult"
        assert command in main.commands
        assert parsed["Service"]["User"] == "consult"


PYTHONS = ("3.11.0", "3.11.2", "3.11.9", "3.12.3", "3.13.1", "3.14.0")


@pytest.mark.parametrize("version", PYTHONS)
def test_the_pins_hold_on_every_python_we_promise(version: str) -> None:
    """A library may need another one on some releases of Python only; it must be pinned too."""
    text = "".join(path.read_text("utf-8") for path in (ROOT / "requirements").glob("*.txt"))
    pinned = {canonicalize_name(name) for name in re.findall(r"(?m)^([\w.-]+)==", text)}
    place = {
        "python_version": version.rpartition(".")[0],
        "python_full_version": version,
        "sys_platform": "linux",
        "platform_system": "Linux",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    installed = [found for found in distributions() if canonicalize_name(found.name) in pinned]
    assert len(installed) > 40
    missing = {
        f"{found.name} needs {wanted}"
        for found in installed
        for line in found.requires or ()
        if (wanted := Requirement(line)).marker is None or wanted.marker.evaluate(place)
        if canonicalize_name(wanted.name) not in pinned
    }
    assert missing == set()
