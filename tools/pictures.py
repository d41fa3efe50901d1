"""Fill docs/pictures with the main pages: both languages, two widths, light and dark."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "pictures"
PORT = "8177"
BASE = f"http://127.0.0.1:{PORT}"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
VIEWS = [
    (lang, width, scheme)
    for lang in ("fr", "en")
    for width in (390, 1280)
    for scheme in ("light", "dark")
]


def save(page: Page, name: str, view: tuple[str, int, str]) -> None:
    """Write one picture of the whole page."""
    lang, width, scheme = view
    page.screenshot(path=str(OUT / f"{name}-{lang}-{width}-{scheme}.png"), full_page=True)


def visit(page: Page, view: tuple[str, int, str]) -> None:
    """Go through the citizen's path and the desk, taking pictures."""
    lang = view[0]
    page.goto(f"{BASE}/{lang}/")
    save(page, "home", view)
    page.locator("main .card h3 a").first.click()
    save(page, "consultation", view)
    page.locator("main a.button.primary").first.click()
    page.locator("main form button[type=submit]").first.click()
    page.locator("main form .actions button[type=submit]").first.click()
    save(page, "questionnaire", view)
    for _ in range(3):
        page.locator("main form .actions button[type=submit]").first.click()
    save(page, "review", view)
    page.locator("main form button[type=submit]").last.click()
    save(page, "receipt", view)
    page.goto(f"{BASE}/{lang}/")
    page.get_by_role("button", name="Camille Roy").click()
    page.locator("main .card a").first.click()
    save(page, "desk-table", view)
    page.locator("main section .card a").last.click()
    save(page, "desk-consultation", view)
    page.goto(page.url + ("/resultats" if lang == "fr" else "/results"))
    save(page, "desk-results", view)


def main() -> None:
    """Serve a demo in a temporary folder and take every picture."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        env = dict(os.environ, CONSULT_HOME=home, CONSULT_PORT=PORT, CONSULT_PUBLIC_URL=BASE)
        command = [sys.executable, "-m", "consult", "demo", "--home", home]
        subprocess.run(command, check=True, env=env, cwd=ROOT)
        server = subprocess.Popen(
            [sys.executable, "-m", "consult", "serve"], env=env, cwd=ROOT, stdout=subprocess.DEVNULL
        )
        try:
            time.sleep(5)
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
                for view in VIEWS:
                    context = browser.new_context(
                        viewport={"width": view[1], "height": 900}, color_scheme=view[2]
                    )
                    visit(context.new_page(), view)
                    context.close()
                browser.close()
        finally:
            server.terminate()
            server.wait(20)


if __name__ == "__main__":
    main()
