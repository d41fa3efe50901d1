"""Go through a page with the Tab key, and judge each stop: its order, its ring, its place."""

from typing import Any

from playwright.sync_api import Page

# What holds the focus: where it stands in the document, whether it is ringed and in view.
_STOP = """() => {
    const e = document.activeElement;
    if (!e || e === document.body || e === document.documentElement) return null;
    const shown = e.closest('label.choice') ?? e, box = shown.getBoundingClientRect();
    const ringed = [e, shown].some(x => {
        const style = getComputedStyle(x);
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    });
    const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
    const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
    const above = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return {
        at: [...document.querySelectorAll('*')].indexOf(e),
        html: e.outerHTML.slice(0, 90),
        date: e.type === 'date',
        first: e.matches('a.skip'),
        ringed,
        seen: right - left >= 1 && bottom - top >= 1
            && !!above && (shown.contains(above) || above.contains(shown)),
    };
}"""
_TABBABLE = """() => {
    const groups = new Set();
    return [...document.querySelectorAll(
            'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
        .filter(e => e.checkVisibility({visibilityProperty: true}) && e.tabIndex >= 0 && !e.disabled)
        .filter(e => {
            if (e.type !== 'radio') return true;
            const group = `${e.form?.action} ${e.name}`;
            return !groups.has(group) && groups.add(group);
        }).length;
}"""


def stop(page: Page) -> dict[str, Any] | None:
    """Return what holds the focus; None when it has left the page."""
    return page.evaluate(_STOP)


def press_tab(page: Page) -> dict[str, Any] | None:
    """Press Tab once; None at the end of the page; fail when the next stop goes back, has no ring, or lies out of view."""
    before = stop(page)
    page.keyboard.press("Tab")
    after = stop(page)
    if after is None or (before is not None and after["first"] and after["at"] < before["at"]):
        return None  # past the last control: back to the browser's own, or to the top
    stays = before is not None and before["at"] == after["at"]
    assert not stays or after["date"], f"trapped: {after['html']}"
    assert before is None or after["at"] >= before["at"], f"goes back: {after['html']}"
    assert after["ringed"], f"no ring: {after['html']}"
    assert after["seen"], f"out of view: {after['html']}"
    return after


def walk(page: Page) -> None:
    """Press Tab from the top to the end of the page: every control is met once."""
    met = set()
    for _ in range(800):
        reached = press_tab(page)
        if reached is None:
            break
        met.add(reached["at"])
    assert len(met) == page.evaluate(_TABBABLE), page.url


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what holds the focus matches ``selector``."""
    for _ in range(120):
        assert press_tab(page) is not None, f"the page ended before {selector}"
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(selector)


def press(page: Page, selector: str) -> None:
    """Go to a link or a button with Tab, and press Enter."""
    tab_to(page, selector)
    page.keyboard.press("Enter")
