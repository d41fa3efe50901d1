"""A wheel holds the tree and, installed elsewhere, serves French and English."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.tree import ROOT

# Run by an interpreter that sees the libraries and the wheel, but not the checkout.
VISIT = """
import sys
from pathlib import Path
from consult import app, cli, migrations
from consult.core import paths, settings

home = Path(sys.argv[1])
assert (paths.PACKAGE / "translations").is_dir(), paths.PACKAGE
chosen = settings.load_settings({}, home=str(home), public_url="http://consult.test")
cli.prepare_home(chosen)
site = app.create_app(chosen)
migrations.upgrade(site)
for lang in ("fr", "en"):
    page = site.test_client().get(f"/{lang}/", base_url="http://consult.test")
    assert page.status_code == 200, page.status
    assert f'lang="{lang}-CA"' in page.text
    print(page.text.partition("<h1")[2].partition(">")[2].partition("</h1>")[0].strip())
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that git keeps, and a stray that it does not."""
    source = tmp_path_factory.mktemp("tree") / "source"
    for path in kept():
        target = source / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / path).read_bytes())
    (source / "templates" / "web" / "home.html~").write_text("a stray of an editor")
    return source


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel built from the tree, with no step outside this machine."""
    return built(source, "wheel", tmp_path_factory.mktemp("wheel"))


def built(source: Path, kind: str, folder: Path) -> Path:
    run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder), cwd=source)
    return next(folder.iterdir())


def kept() -> list[Path]:
    listed = run(
        "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT
    ).split("\0")
    return [Path(name) for name in listed if name and (ROOT / name).is_file()]


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_the_tree_and_nothing_else(wheel: Path) -> None:
    wanted = set()
    for path in kept():
        name = path.as_posix()
        if name.startswith("consult/"):
            wanted.add(name)
        elif name.startswith("templates/"):
            wanted.add(f"consult/{name}")
        elif name.startswith("translations/") and name.endswith(".po"):
            wanted.add(f"consult/{name.removesuffix('.po')}.mo")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert len(wanted) > 150
    assert held == wanted


def test_the_wheel_carries_its_licence_and_its_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        commands = next(name for name in names if name.endswith("entry_points.txt"))
        assert "consult = consult.cli:main" in archive.read(commands).decode()
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_an_installed_wheel_serves_french_and_english(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    script = tmp_path / "visit.py"
    # What is first on the path wins: the wheel, then the libraries of this environment.
    script.write_text(f"import sys\nsys.path.insert(0, {str(place)!r})\n{VISIT}", "utf-8")
    titles = run(sys.executable, "-P", str(script), str(tmp_path / "home"), cwd=tmp_path)
    french, english = titles.splitlines()
    assert french != english


def test_the_source_archive_builds_the_same_wheel(
    source: Path, wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = built(source, "sdist", tmp_path / "sdist")
    (tmp_path / "unpacked").mkdir()
    run("tar", "-xzf", str(archive), "-C", str(tmp_path / "unpacked"), cwd=tmp_path)
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    for name in ("README.md", "LICENSE", "CHANGELOG.md", "requirements/runtime.txt"):
        assert (unpacked / name).is_file(), name
    assert (unpacked / "docs/operators/install.md").is_file()
    # Built at another hour than the first, as anybody would who checks our files.
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    again = built(unpacked, "wheel", tmp_path / "again")
    assert contents(again) == contents(wheel)


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {n: archive.read(n) for n in archive.namelist() if not n.endswith("RECORD")}


def test_every_declared_extra_and_dependency_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith("METADATA"))
        text = archive.read(name).decode()
    assert {"postgres", "redis"} <= set(re.findall(r"(?m)^Provides-Extra: (\w+)", text))
    assert len(re.findall(r"(?m)^Requires-Dist: ", text)) > 20
