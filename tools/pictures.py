"""Take pictures of the main pages of a fresh demo: both languages, two widths, light and dark.

Without a word it refreshes the chosen ones of docs/pictures, as small PNG files of 256 colours.
``--all FOLDER`` takes every page in every view there, as the browser gives it, to be looked at.
"""

import base64
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
VIEWS = [
    f"{lang}-{width}-{scheme}"
    for lang in ("fr", "en")
    for width in (390, 1280)
    for scheme in ("light", "dark")
]
PC, PHONE, NIGHT = "fr-1280-light", "fr-390-light", "en-390-dark"
CHOSEN = {
    "home": (PC, PHONE, NIGHT),
    "consultation": (PC, PHONE, NIGHT),
    "questionnaire": (PC, PHONE, NIGHT),
    "review": (PHONE,),
    "receipt": (PC, NIGHT),
    "desk": (PC,),
    "desk-table": ("en-1280-dark",),
    "desk-consultation": (PC, NIGHT),
    "desk-gate": (PC,),
    "desk-calendar": (PC,),
    "desk-results": (PC, NIGHT),
    "desk-exports": (PC,),
    "desk-people": ("en-1280-dark",),
}
TALLEST = 2400  # pixels of a chosen picture: a list without end says nothing more
MOST_COLOURS, FLAT_COLOURS = 256, 96
PATIENCE = 60  # seconds until the site answers
PIXELS = """async text => {
  const file = await (await fetch('data:image/png;base64,' + text)).blob();
  const image = await createImageBitmap(file);
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  const bytes = pen.getImageData(0, 0, image.width, image.height).data;
  let raw = '';
  for (let i = 0; i < bytes.length; i += 32768)
    raw += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return [image.width, image.height, btoa(raw)];
}"""
Colours = npt.NDArray[Any]
Save = Callable[[Page, str], None]


def visit(page: Page, base: str, lang: str, save: Save) -> None:
    """Open every main page, as a citizen and then as the staff of a table."""
    page.goto(f"{base}/{lang}/")
    save(page, "home")
    _read(page, save)
    page.goto(f"{base}/{lang}/")
    page.locator("main .card h3 a").first.click()
    save(page, "consultation")
    _answer(page, save)
    page.goto(f"{base}/{lang}/")
    page.locator('.roles form:has([value="facilitator"]) button').click()
    save(page, "desk")
    _prepare(page, save)
    page.goto(f"{base}/{lang}/")
    page.locator('.roles form:has([value="admin"]) button').click()
    for name, place in (("desk-people", 2), ("desk-roles", 3)):
        page.locator(".desk-nav li a").nth(place).click()
        save(page, name)


def _read(page: Page, save: Save) -> None:
    """Open the lists and the pages of the footer."""
    for name, place in (("consultations", 0), ("tables", 1)):
        page.locator(".site-nav a").nth(place).click()
        save(page, name)
    page.locator("main .card h2 a").first.click()
    save(page, "table")
    for name, place in (("help", 0), ("privacy", 1), ("accessibility", 2), ("sign-in", 3)):
        page.locator("footer nav a").nth(place).click()
        save(page, name)


def _answer(page: Page, save: Save) -> None:
    """Answer the open questionnaire, from its first page to the receipt."""
    page.locator("main .panel a.primary").click()
    save(page, "start")
    page.locator("main form .primary").first.click()
    forward = page.locator("#answers .primary")
    forward.click()
    page.locator("main [type=checkbox]").first.check()
    page.locator("main [type=checkbox]").nth(2).check()
    save(page, "questionnaire")
    for _ in range(3):
        forward.click()
    save(page, "review")
    page.locator("main form .primary").last.click()
    save(page, "receipt")


def _prepare(page: Page, save: Save) -> None:
    """Open what a facilitator works on: an analysed consultation, then the draft and its gaps."""
    desk = page.url
    found = page.locator("main section").first.locator("h3 a")
    addresses = [found.nth(i).get_attribute("href") or "" for i in range(found.count())]
    draft, analysed = addresses[0], addresses[-1]
    page.locator("main section").last.locator("h3 a").last.click()
    save(page, "desk-table")
    page.goto(desk)
    page.goto(page.evaluate("path => new URL(path, location).href", analysed))
    save(page, "desk-consultation")
    shown = page.url
    words = ("results", "export") if "/en/" in shown else ("resultats", "exporter")
    for name, word in zip(("desk-results", "desk-exports"), words, strict=True):
        page.goto(f"{shown}/{word}")
        save(page, name)
    page.goto(page.evaluate("path => new URL(path, location).href", draft))
    save(page, "desk-gate")
    shown = page.url
    words = ("calendar", "edit") if "/en/" in shown else ("calendrier", "modifier")
    for name, word in zip(("desk-calendar", "desk-texts"), (*words,), strict=True):
        page.goto(f"{shown}/{word}")
        save(page, name)


def indexed(width: int, height: int, pixels: bytes) -> bytes:
    """Return RGBA pixels as a PNG of at most 256 colours."""
    colours = np.frombuffer(pixels, np.uint8).reshape(-1, 4)[:, :3].astype(np.uint32)
    packed = colours[:, 0] << 16 | colours[:, 1] << 8 | colours[:, 2]
    known, place, count = np.unique(packed, return_inverse=True, return_counts=True)
    kept = _palette(known[np.argsort(-count, kind="stable")])
    near = np.abs(_split(known)[:, None, :] - _split(kept)[None, :, :]).sum(axis=2).argmin(axis=1)
    lines = near.astype(np.uint8)[place].reshape(height, width)
    rows = np.hstack([np.zeros((height, 1), np.uint8), lines]).tobytes()
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0),
        b"PLTE": _split(kept).astype(np.uint8).tobytes(),
        b"IDAT": zlib.compress(rows, 9),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks.items()
    )


def _palette(commonest: Colours) -> Colours:
    """Keep the flat colours as they are; of the others, the commonest of each neighbourhood."""
    flat, rest = commonest[:FLAT_COLOURS], commonest[FLAT_COLOURS:]
    _hoods, first = np.unique(_split(rest) // 16 @ (256, 16, 1), return_index=True)
    return np.concatenate([flat, rest[np.sort(first)]])[:MOST_COLOURS]


def _split(packed: Colours) -> Colours:
    """Return red, green and blue in columns."""
    return np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=1).astype(np.int64)


@contextmanager
def demo() -> Iterator[str]:
    """Serve a new demo in a temporary folder; yield its address once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as home:
        env = dict(os.environ, CONSULT_HOME=home, CONSULT_PORT=str(port), CONSULT_PUBLIC_URL=base)
        consult = [sys.executable, "-m", "consult"]
        subprocess.run([*consult, "demo", "--home", home], check=True, env=env, cwd=ROOT)
        server = subprocess.Popen([*consult, "serve"], env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            _await(f"{base}/healthz")
            yield base
        finally:
            server.terminate()
            server.wait(20)


def _await(address: str) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except urllib.error.URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def take(browser: Browser, base: str, view: str, folder: Path, wanted: set[str] | None) -> None:
    """Visit in one view; write what is ``wanted`` small, or everything as it is when it is None."""
    lang, width, scheme = view.split("-")
    size = {"width": int(width), "height": 900}
    look = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    painter = browser.new_page()

    def save(page: Page, name: str) -> None:
        if wanted is not None and name not in wanted:
            return
        page.evaluate("document.fonts.ready")
        picture = page.screenshot(full_page=True, animations="disabled")
        if wanted is not None:
            wide, tall, raw = painter.evaluate(PIXELS, base64.b64encode(picture).decode())
            tall = min(tall, TALLEST)
            picture = indexed(wide, tall, base64.b64decode(raw)[: wide * tall * 4])
        (folder / f"{name}-{view}.png").write_bytes(picture)

    visit(look.new_page(), base, lang, save)
    painter.close()
    look.close()


def main() -> None:
    """Take the chosen pictures, or with ``--all FOLDER`` every page in every view."""
    everything = sys.argv[1:2] == ["--all"]
    folder = Path(sys.argv[2]) if everything else OUT
    folder.mkdir(parents=True, exist_ok=True)
    if not everything:
        for old in folder.glob("*.png"):
            old.unlink()
    with demo() as base, sync_playwright() as driver:
        path = os.environ.get("CONSULT_TEST_CHROMIUM") or "/usr/bin/chromium"
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        for view in VIEWS:
            wanted = {name for name, views in CHOSEN.items() if view in views}
            if everything or wanted:
                take(browser, base, view, folder, None if everything else wanted)
        browser.close()


if __name__ == "__main__":
    main()
