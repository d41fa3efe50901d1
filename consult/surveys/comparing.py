"""Say in words what a corrected questionnaire changes, and what that does to counting (floor 6)."""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from consult.core.i18n import current_language
from consult.core.i18n import gettext as _
from consult.surveys.labels import field_label
from consult.surveys.rules import Definition, Difference, Item, Page, Words
from consult.surveys.services import Review


class Line(msgspec.Struct, frozen=True):
    """One thing that differs: what, what it means for counting, the words before and after."""

    text: str
    effect: str
    before: str = ""
    after: str = ""
    lang: str = ""


class Group(msgspec.Struct, frozen=True):
    """All that differs in one question, one page, or the questionnaire itself."""

    code: str
    title: str
    kind: str
    lines: tuple[Line, ...]


class _Places(msgspec.Struct, frozen=True):
    """The two definitions side by side, the new one first."""

    review: Review

    def item(self, code: str) -> Item | None:
        found = [_items(definition).get(code) for definition in self._both()]
        return found[0] or found[1]

    def page(self, code: str) -> Page | None:
        for definition in self._both():
            for page in definition.pages:
                if page.code == code:
                    return page
        return None

    def part(self, code: str, part: str) -> str:
        for definition in self._both():
            item = _items(definition).get(code)
            for name in ("options", "rows") if item else ():
                for option in getattr(item, name, ()):
                    if option.code == part:
                        return _in_reader_language(option.label)
        return part

    def _both(self) -> tuple[Definition, Definition]:
        return self.review.definition, self.review.live.definition


def told(review: Review) -> list[Group]:
    """Return what differs, grouped, in the language of the page."""
    places = _Places(review)
    found: dict[tuple[str, str], list[Difference]] = {}
    for difference in review.differences:
        subject = "item" if difference.subject == "part" else difference.subject
        found.setdefault((subject, difference.code), []).append(difference)
    return [
        Group(code, _title(places, subject, code), subject, tuple(_lines(places, ones)))
        for (subject, code), ones in found.items()
    ]


def _title(places: _Places, subject: str, code: str) -> str:
    if subject == "questionnaire":
        return _("The questionnaire itself")
    found = places.item(code) if subject == "item" else places.page(code)
    title = _in_reader_language(found.title) if found else code
    return _("Page “%(title)s”", title=title) if subject == "page" else title


def _lines(places: _Places, found: Iterable[Difference]) -> Iterable[Line]:
    for one in found:
        item = places.item(one.code) if one.subject in {"item", "part"} else None
        is_counted = item is not None and item.kind != "note"
        effect = _effect(places.review, one, item) if is_counted or one.subject == "page" else ""
        shown = one.verb in {"reworded", "condition", "calculation"}
        yield Line(
            text=_text(places, one),
            effect=effect,
            before=one.before if shown else "",
            after=one.after if shown else "",
            lang=one.lang,
        )


def _text(places: _Places, one: Difference) -> str:
    if one.subject == "part":
        return _part_text(one, places.part(one.code, one.part))
    if one.verb == "reworded":
        return _words_text(one)
    if one.verb == "moved" and one.before != one.after:
        page = places.page(one.after)
        return _(
            "Moved to the page “%(title)s”.",
            title=_in_reader_language(page.title) if page else one.after,
        )
    if one.verb == "setting":
        return _(
            "%(name)s: “%(before)s” becomes “%(after)s”.",
            name=field_label(one.part),
            before=_value(one.before),
            after=_value(one.after),
        )
    return {
        "added": _("Added."),
        "returned": _("Asked again, after a version without it."),
        "removed": _("No longer asked."),
        "moved": _("Moved."),
        "order": _("The answers offered come in another order."),
        "condition": _("Asked under another condition."),
        "constraints": _("Other checks of what is answered."),
        "calculation": _("Computed otherwise."),
    }[one.verb]


def _words_text(one: Difference) -> str:
    name = field_label(one.part)
    field = name[:1].upper() + name[1:]
    if one.lang == "fr":
        return _("%(field)s: other words in French.", field=field)
    return _("%(field)s: other words in English.", field=field)


def _part_text(one: Difference, label: str) -> str:
    if one.verb == "reworded":
        if one.lang == "fr":
            return _("Answer “%(label)s”: other words in French.", label=label)
        return _("Answer “%(label)s”: other words in English.", label=label)
    return {
        "added": _("Answer “%(label)s”: new.", label=label),
        "removed": _("Answer “%(label)s”: no longer offered.", label=label),
        "condition": _("Answer “%(label)s”: offered under another condition.", label=label),
        "setting": _("Answer “%(label)s”: chosen in another way.", label=label),
    }[one.verb]


def _effect(review: Review, one: Difference, item: Item | None) -> str:
    """Return what a difference means for counting."""
    number = review.number
    if one.code in review.asked and _is_decided(one):
        return _decided(review.decisions.get(one.code, ""))
    if one.subject == "part":
        return _part_effect(one, number, item)
    if one.subject == "page" and one.verb != "condition":
        return _("Nothing changes in counting.")
    texts: Mapping[str, Callable[[], str]] = {
        "added": lambda: _(
            "Counted over the responses to version %(number)s and later.", number=number
        ),
        "returned": lambda: _(
            "Counted with its earlier answers, over the responses to versions that asked it."
        ),
        "removed": lambda: _(
            "Answers already given stay counted, over the responses that were asked; last in "
            "exports."
        ),
        "condition": lambda: _(
            "From version %(number)s on other people are asked: what is counted is counted over "
            "them.",
            number=number,
        ),
        "constraints": lambda: _("Counted together, though other answers are accepted."),
        "setting": lambda: _("Counted together, though it is answered in another way."),
        "order": lambda: _order_effect(item),
    }
    return texts.get(one.verb, lambda: _("Counted together."))()


def _is_decided(one: Difference) -> bool:
    return one.verb == "calculation" or (
        one.verb == "reworded" and one.lang == "fr" and one.part != "hint"
    )


def _decided(choice: str) -> str:
    if choice == "same":
        return _("Counted together: the table says that it still asks the same.")
    return _("Counted together if it still asks the same; else counted alone, under another code.")


def _order_effect(item: Item | None) -> str:
    if item is not None and item.kind == "scale":
        return _("Counted together, but without a mean: the steps have no common numbers.")
    return _("Counted together.")


def _part_effect(one: Difference, number: int, item: Item | None) -> str:
    if one.verb in {"added", "removed"}:
        told = _("Its share is over those who were offered it.")
        if item is not None and item.kind == "scale":
            without = _("The scale has no mean any more.")
            return f"{told} {without}"
        return told
    if one.verb == "condition":
        return _("From version %(number)s on other people are offered it.", number=number)
    return _("Counted together.")


def _value(text: str) -> str:
    return {"true": _("Yes"), "false": _("No"), "null": _("none"), "[]": _("none")}.get(text, text)


def _in_reader_language(words: Words) -> str:
    return words.pick(current_language())[0]


def _items(definition: Definition) -> dict[str, Item]:
    return {item.code: item for page in definition.pages for item in page.items}
