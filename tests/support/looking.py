"""Look at an opened page as a reader would: names, sizes, focus, language, what is cut off."""

import re
from typing import Any

from playwright.sync_api import Page

# Everything here runs in the page; each answers a list of complaints, empty when all is well.
_CHECKS = {
    "ungrouped": """() => [...document.querySelectorAll('input[type=radio], input[type=checkbox]')]
        .filter(box => box.name !== box.id || box.type === 'radio')
        .filter(box => {
            const group = box.closest('fieldset, [role=group], [role=radiogroup]');
            return !group || !(group.querySelector('legend')?.textContent.trim()
                || group.getAttribute('aria-label'));
        }).map(box => box.outerHTML.slice(0, 90))""",
    # Radios of one name stand together in one group, and none stands there alone.
    "split_radios": """() => [...document.querySelectorAll('fieldset')].filter(group => {
            const own = [...group.querySelectorAll('input[type=radio]')]
                .filter(radio => radio.closest('fieldset') === group);
            return own.some(radio => {
                const same = [...document.querySelectorAll('input[type=radio]')]
                    .filter(r => r.name === radio.name && r.form === radio.form);
                return (same.length < 2 && own.length > 1) || same.some(r => r.closest('fieldset') !== group);
            });
        })
        .map(group => group.textContent.trim().slice(0, 60))""",
    "untied_errors": """() => [...document.querySelectorAll('.field p.error')].filter(told =>
            !told.id || !document.querySelector(`[aria-describedby~="${told.id}"]`))
        .map(told => told.textContent.trim())""",
    "dead_error_links": """() => [...document.querySelectorAll('.error-summary a')].filter(link => {
            const target = document.getElementById(link.hash.slice(1));
            return !target || !(target.matches('input, select, textarea')
                || target.hasAttribute('tabindex'));
        }).map(link => link.outerHTML)""",
    "bad_ids": r"""() => [...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) =>
            !id || /\s/.test(id) || all.indexOf(id) !== i)""",
    "small_targets": """() => [...document.querySelectorAll(
            'a[href], button, input:not([type=hidden]), select, textarea, summary')]
        .filter(e => e.checkVisibility() && !e.closest('.visually-hidden'))
        .map(e => [e, (e.closest('label.choice') ?? e).getBoundingClientRect()])
        .filter(([e, box]) => box.bottom > 0 && (box.width < 24 || box.height < 24))
        .filter(([e]) => !(e.matches('a') && /\\w/.test([...e.parentElement.childNodes].filter(
            n => n.nodeType === 3).map(n => n.data).join(''))))
        .map(([e, box]) => `${e.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)""",
    "unnamed_as_seen": r"""() => [...document.querySelectorAll('a[href], button, summary')]
        .filter(e => e.checkVisibility() && e.getAttribute('aria-label'))
        .filter(e => {
            const plain = t => t.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
            return !plain(e.getAttribute('aria-label')).includes(plain(e.innerText));
        }).map(e => e.outerHTML.slice(0, 90))""",
    "titles_alone": """() => [...document.querySelectorAll('[title]')]
        .map(e => e.outerHTML.slice(0, 80))""",
    "clipped": """() => [...document.querySelectorAll('body *')].filter(e => {
            const style = getComputedStyle(e);
            if (!e.checkVisibility() || e.closest('.visually-hidden, svg, textarea, select')) return false;
            if (e.matches('input')) return false;
            const cut = /hidden|clip/.test(style.overflowX + style.overflowY);
            return cut && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
        }).map(e => e.outerHTML.slice(0, 90))""",
    "outside": """() => [...document.querySelectorAll('main *, header *, footer *')].filter(e => {
            if (!e.checkVisibility() || e.closest('.visually-hidden, .scroller, svg')) return false;
            const box = e.getBoundingClientRect();
            return box.width && (box.right > innerWidth + 1 || box.left < -1);
        }).map(e => e.outerHTML.slice(0, 90))""",
    "overlapping": """() => {
            const boxes = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea')]
                .filter(e => e.checkVisibility() && !e.closest('.visually-hidden, .skip, .card'))
                .map(e => [e, e.getBoundingClientRect()]);
            const found = [];
            for (const [a, x] of boxes) for (const [b, y] of boxes) {
                if (a === b || a.contains(b) || b.contains(a)) continue;
                const w = Math.min(x.right, y.right) - Math.max(x.left, y.left);
                const h = Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top);
                if (w > 2 && h > 6) found.push(`${a.outerHTML.slice(0, 60)} over ${b.outerHTML.slice(0, 60)}`);
            }
            return found;
        }""",
}

_TEXTS = """() => {
    const found = [], walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const node = walk.currentNode, inside = node.parentElement;
        if (inside.closest('title, script, style, noscript, [translate=no]') || !node.data.trim()) continue;
        found.push([inside.closest('[lang]')?.lang ?? '', node.data.trim().replace(/\\s+/g, ' ')]);
    }
    for (const name of ['alt', 'aria-label', 'placeholder', 'title', 'data-light', 'data-dark',
                        'data-left', 'data-over', 'data-done'])
        for (const e of document.querySelectorAll(`[${name}]`))
            found.push([e.closest('[lang]')?.lang ?? '', e.getAttribute(name).trim()]);
    return found;
}"""


def complaints(page: Page, *names: str) -> list[str]:
    """Return what the named checks find on the page, each line led by the check's name."""
    return [f"{name}: {line}" for name in names for line in page.evaluate(_CHECKS[name])]


def texts(page: Page) -> list[tuple[str, str]]:
    """Return each text of the page, seen or spoken, with the language it is marked as."""
    return [(str(lang)[:2], text) for lang, text in page.evaluate(_TEXTS)]


FUNCTION_WORDS = {
    "fr": "le la les des un une du de et est sont que qui dans pour sur avec ce cette vos votre vous "
    "nous ne pas au aux par il elle être en à se sa son ou où leur plus ont peut",
    "en": "the a an of and is are that which in for on with this your you we not by it be to its or "
    "from their more have can was were will at as they what",
}
_SETS = {lang: set(words.split()) for lang, words in FUNCTION_WORDS.items()}


def guessed_language(text: str) -> str:
    """Guess ``fr`` or ``en`` from the small words of a text; empty when it gives no clear sign."""
    words = re.findall(r"[a-zà-ÿœ]+", text.lower().replace("’", " "))
    score = {lang: sum(word in known for word in words) for lang, known in _SETS.items()}
    best, other = sorted(score, key=score.get, reverse=True)
    clear = score[best] >= 2 and score[best] > 2 * score[other]
    return best if clear else ""


def misread(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the texts whose words are of another language than they are marked as."""
    return [(lang, text) for lang, text in pairs if (guessed_language(text) or lang) != lang]


def settle(page: Page) -> None:
    """Wait until fonts are there, so that nothing moves while it is measured."""
    page.evaluate("document.fonts.ready.then(() => true)")


def computed(page: Page, selector: str, *properties: str) -> list[Any]:
    """Return computed styles of the first element of ``selector``."""
    return page.eval_on_selector(
        selector, "(e, names) => names.map(n => getComputedStyle(e)[n])", list(properties)
    )


def all_well(wrong: dict[Any, list[Any]]) -> None:
    """Fail with one readable line for each fault of each page."""
    lines = [f"{page}: {fault}" for page, faults in wrong.items() for fault in faults]
    assert not lines, "\n" + "\n".join(lines)
