"""The elements of a SurveyJS file: each becomes items, groups, or a finding at its place. Pure."""

from collections.abc import Callable, Sequence

from consult.surveys.importing.assembling import MAX_DEPTH
from consult.surveys.importing.drafting import (
    Draft,
    DraftGroup,
    DraftItem,
    DraftOption,
    Source,
    option_code,
)
from consult.surveys.importing.surveyjs.limits import Element, Limits, items_of
from consult.surveys.importing.surveyjs.properties import (
    ADDED,
    CHOICES,
    COMMON,
    LOOKS,
    NON_ANSWERS,
    SPECIAL,
    SPECIAL_WORDS,
)
from consult.surveys.importing.surveyjs.wording import Wording
from consult.surveys.importing.texts import each
from consult.surveys.importing.values import text_of

Node = DraftItem | DraftGroup


class Elements(Limits):
    """Read elements one by one into a draft."""

    def __init__(self, draft: Draft, wording: Wording) -> None:
        """Write into ``draft`` with the texts of ``wording``."""
        super().__init__(draft, wording)
        self.readers: dict[str, Callable[[Element, str], Sequence[Node]]] = {
            **dict.fromkeys(CHOICES, self.choice),
            "boolean": self.boolean,
            "rating": self.rating,
            "ranking": self.ranking,
            "text": self.text,
            "comment": self.comment,
            "matrix": self.matrix,
            "multipletext": self.multipletext,
            "html": self.html,
            "expression": self.expression,
        }

    def nodes(self, owner: Element, place: str, depth: int = 0) -> list[Node]:
        """Return what the elements of a page or panel become."""
        key = next((k for k in ("elements", "questions") if isinstance(owner.get(k), list)), None)
        found: list[Node] = []
        if depth > MAX_DEPTH:
            self.draft.fault(place, "too_nested", limit=MAX_DEPTH)
            return []
        for n, element in enumerate(owner[key] if key else ()):
            here = f"{place}.{key}[{n}]"
            if not isinstance(element, dict):
                self.draft.fault(here, "no_element")
            elif element.get("visible") is False:
                self.draft.note(here, "never_visible", name=str(element.get("name", "")))
            elif _word(element, "type") in {"panel", "flowpanel"}:
                found.append(self.panel(element, here, depth))
            else:
                found += self.element(element, here)
        return found

    def panel(self, element: Element, place: str, depth: int) -> DraftGroup:
        """Return a panel with what is inside."""
        group = DraftGroup(
            name=str(element.get("name", "panel")),
            title=self.words.read(element.get("title"), f"{place}.title"),
            place=place,
            hint=self.words.read(element.get("description"), f"{place}.description"),
            relevant=self.sources(element, place),
        )
        group.nodes = self.nodes(element, place, depth + 1)
        self.rest(element, place, {"elements", "questions"})
        return group

    def element(self, element: Element, place: str) -> Sequence[Node]:
        """Return what one question becomes, or a fault where it cannot be asked."""
        kind = _word(element, "type")
        if kind == "image":
            self.draft.note(place, "image_lost", name=str(element.get("name", "")))
            return ()
        reader = self.readers.get(kind)
        if reader is None:
            self.draft.refuse(place, str(element.get("type")), str(element.get("name", "")))
            return ()
        return [*reader(element, place), *self.comment_box(element, place)]

    def comment_box(self, element: Element, place: str) -> Sequence[Node]:
        """Return the box of comments of a question, an item of its own."""
        key = next((k for k in ("showCommentArea", "hasComment") if element.get(k)), None)
        if not key:
            return ()
        name = f"{element.get('name', '')}-Comment"
        title = self.words.read(element.get("commentText"), f"{place}.commentText")
        item = self.make({"name": name}, f"{place}.{key}", "long_text", title=title)
        item.relevant = self.sources(element, place)
        return (item,)

    def make(
        self, element: Element, place: str, kind: str, *, title: dict[str, str] | None = None
    ) -> DraftItem:
        """Return an item with what every question has."""
        name = str(element.get("name") or element.get("valueName") or "question")
        specifies = bool(element.get("showOtherItem") or element.get("hasOther"))
        if title is None:
            title = self.words.read(element.get("title"), f"{place}.title")
            if not title and "title" not in element:
                # SurveyJS shows the name where there is no title, in every language.
                title = self.words.read(name, f"{place}.name")
        hint = each(
            self.words.read(element.get("description"), f"{place}.description"),
            "\n",
            self.words.read(element.get("help"), f"{place}.help"),
        )
        item = DraftItem(
            name=name,
            code=self.draft.item_code(name, specifies=specifies),
            kind=kind,
            title=title,
            place=place,
            hint=hint,
            relevant=self.sources(element, place),
        )
        if element.get("isRequired") is True:
            item.more["required"] = True
        self.draft.register(item)
        return item

    def sources(self, element: Element, place: str) -> list[Source]:
        """Return the condition of an element."""
        text = element.get("visibleIf")
        return [Source(str(text), f"{place}.visibleIf")] if text and str(text).strip() else []

    def rest(self, element: Element, place: str, used: set[str]) -> None:
        """Tell every property that is not carried; what changes the questions is a fault."""
        for key, value in element.items():
            if key in COMMON | used | LOOKS or value in (None, False, "", [], {}):
                continue
            if key in {"choicesByUrl", "requiredIf", "setValueExpression", "resetValueIf"}:
                self.draft.fault(f"{place}.{key}", "property_unknown", property=key)
            else:
                self.draft.note(f"{place}.{key}", "property_not_carried", property=key)

    def options(self, raw: object, place: str, item: DraftItem) -> list[DraftOption]:
        """Return options, rows or columns: plain values, or values with texts and conditions."""
        found: list[DraftOption] = []
        used: set[str] = set()
        for n, choice in enumerate(raw if isinstance(raw, list) else ()):
            here = f"{place}[{n}]"
            given = choice if isinstance(choice, dict) else {"value": choice}
            value = given.get("value", given.get("name", ""))
            name = text_of(value)
            label = given.get("text", given.get("title", name))
            option = DraftOption(
                name, option_code(name, used), self.words.read(label, f"{here}.text"), here
            )
            for key in ("visibleIf", "enableIf"):
                if given.get(key):
                    option.relevant.append(Source(str(given[key]), f"{here}.{key}"))
            for key in sorted(given.keys() - {"value", "text", "visibleIf", "enableIf", "name"}):
                self.draft.note(f"{here}.{key}", "property_not_carried", property=key)
            found.append(option)
        if len({o.name for o in found}) < len(found):
            self.draft.fault(place, "value_used_twice", item=item.name)
        return found

    def choice(self, element: Element, place: str) -> Sequence[Node]:
        """Read a choice, with its "other", "none", "do not know" and "refuse"."""
        kind = CHOICES[element["type"]]
        if element["type"] == "imagepicker":
            self.draft.note(place, "image_lost", name=str(element.get("name", "")))
            kind = "several_choices" if element.get("multiSelect") else kind
        item = self.make(element, place, kind)
        item.options = self.options(element.get("choices"), f"{place}.choices", item)
        self.filtered(element, place, item)
        self.added(element, place, item)
        used = {"choices", "choicesVisibleIf", *ADDED, "multiSelect", "imageFit"}
        if kind == "several_choices":
            for key, ours in (
                ("maxSelectedChoices", "max_choices"),
                ("minSelectedChoices", "min_choices"),
            ):
                used.add(key)
                if isinstance(element.get(key), int) and element[key] > 0:
                    item.more[ours] = element[key]
        if _word(element, "choicesOrder") not in {"", "none"}:
            self.draft.note(f"{place}.choicesOrder", "order_not_carried")
        self.rest(element, place, used | {"choicesOrder"})
        return (item,)

    def filtered(self, element: Element, place: str, item: DraftItem) -> None:
        """Give each option the one condition of all, with the option in its place."""
        test = element.get("choicesVisibleIf")
        for option in item.options if test else ():
            literal = "'" + option.name.replace("\\", "\\\\").replace("'", "\\'") + "'"
            text = str(test).replace("{item}", literal).replace("{choice}", literal)
            option.relevant.append(Source(text, f"{place}.choicesVisibleIf"))

    def added(self, element: Element, place: str, item: DraftItem) -> None:
        """Add the options that SurveyJS has by a switch, not in the list."""
        used = {option.code for option in item.options}
        for name, (switches, key, more) in SPECIAL.items():
            if not any(element.get(switch) for switch in switches):
                continue
            here = f"{place}.{key}"
            label = self.words.read(element.get(key), here) or dict(SPECIAL_WORDS[name])
            if name in NON_ANSWERS:
                item.non_answers[NON_ANSWERS[name][0]] = NON_ANSWERS[name][1]
                if element.get(key):
                    self.draft.note(here, "non_answer_words", answer=NON_ANSWERS[name][1])
                continue
            if name == "none" and item.kind != "several_choices":
                more = {}  # noqa: PLW2901  one choice excludes by itself
            item.options.append(
                DraftOption(name, option_code(name, used), label, here, more=dict(more))
            )

    def boolean(self, element: Element, place: str) -> Sequence[Node]:
        """Read a yes or no, a choice of two."""
        item = self.make(element, place, "one_choice")
        item.more["_boolean"] = True
        for key, value, words in (
            ("True", True, {"fr": "Oui", "en": "Yes"}),
            ("False", False, {"fr": "Non", "en": "No"}),
        ):
            here = f"{place}.label{key}"
            name = text_of(element.get(f"value{key}", value))
            label = self.words.read(element.get(f"label{key}"), here) or words
            item.options.append(DraftOption(name, option_code(name, set()), label, here))
        self.rest(element, place, {"labelTrue", "labelFalse", "valueTrue", "valueFalse"})
        return (item,)

    def rating(self, element: Element, place: str) -> Sequence[Node]:
        """Read a rating, a scale whose ends may have words."""
        item = self.make(element, place, "scale")
        values = element.get("rateValues")
        if values:
            item.options = self.options(values, f"{place}.rateValues", item)
        else:
            least, most = _whole(element, "rateMin", 1), _whole(element, "rateMax", 5)
            step = max(_whole(element, "rateStep", 1), 1)
            most = least + element["rateCount"] - 1 if _is_count(element) else most
            steps = [*range(least, most + 1, step)][:201]
            item.options = self.options(steps, f"{place}.rateMax", item)
        for key, option in zip(
            ("minRateDescription", "maxRateDescription"),
            (item.options[0], item.options[-1]) if item.options else (),
            strict=False,
        ):
            option.label = each(
                option.label, " – ", self.words.read(element.get(key), f"{place}.{key}")
            )
        used = {"rateValues", "rateMin", "rateMax", "rateStep", "rateCount"}
        self.rest(element, place, used | {"minRateDescription", "maxRateDescription"})
        return (item,)

    def ranking(self, element: Element, place: str) -> Sequence[Node]:
        """Read a ranking."""
        item = self.make(element, place, "ranking")
        item.options = self.options(element.get("choices"), f"{place}.choices", item)
        most = element.get("maxSelectedChoices")
        if element.get("selectToRankEnabled") and isinstance(most, int) and most > 0:
            item.more["max_choices"] = most
        used = {"choices", "selectToRankEnabled", "maxSelectedChoices", "choicesOrder"}
        self.rest(element, place, used)
        return (item,)

    def comment(self, element: Element, place: str) -> Sequence[Node]:
        """Read a long text."""
        item = self.make(element, place, "long_text")
        self.length(element, place, item, 5000)
        self.rest(element, place, {"maxLength", "validators"})
        return (item,)

    def text(self, element: Element, place: str) -> Sequence[Node]:
        """Read a line of text, a number or a day, by its ``inputType``."""
        kind = str(element.get("inputType", "text"))
        ours = {"number": "number", "range": "number", "date": "date"}.get(kind, "short_text")
        if kind in {"datetime-local", "datetime", "time", "month", "week", "color"}:
            self.draft.refuse(f"{place}.inputType", kind, str(element.get("name", "")))
            return ()
        item = self.make(element, place, ours)
        if kind in {"email", "tel", "url", "password"}:
            self.draft.note(f"{place}.inputType", "check_not_carried", check=kind)
        if ours == "number":
            self.bounds(element, item)
        elif ours == "date":
            self.days(element, place, item)
        if ours == "short_text":
            self.length(element, place, item, 255)
        else:
            self.checks(element, place, item)
        used = {"inputType", "min", "max", "step", "maxLength", "validators"}
        self.rest(element, place, used | {"minErrorText", "maxErrorText"})
        return (item,)

    def matrix(self, element: Element, place: str) -> Sequence[Node]:
        """Read a matrix of one answer a row."""
        item = self.make(element, place, "matrix")
        item.options = self.options(element.get("columns"), f"{place}.columns", item)
        item.rows = self.options(element.get("rows"), f"{place}.rows", item)
        if element.get("isAllRowRequired"):
            item.more["required"] = True
        used = {"columns", "rows", "isAllRowRequired", "eachRowRequired"}
        self.rest(element, place, used | {"alternateRows", "showHeader"})
        return (item,)

    def multipletext(self, element: Element, place: str) -> Sequence[Node]:
        """Read several lines of text, each an item under the title of all."""
        title = self.words.read(element.get("title"), f"{place}.title")
        name = str(element.get("name", "texts"))
        group = DraftGroup(name, title, place, relevant=self.sources(element, place))
        for n, line in enumerate(items_of(element, "items")):
            if isinstance(line, dict):
                here = f"{place}.items[{n}]"
                own = {**line, "name": f"{name}.{line.get('name', n)}"}
                own.setdefault("title", line.get("name", ""))
                group.nodes += self.text(own, here)
        self.rest(element, place, {"items"})
        return (group,)

    def html(self, element: Element, place: str) -> Sequence[Node]:
        """Read words between questions: the first block is the title of the note."""
        head, body = self.words.blocks(element.get("html"), f"{place}.html")
        if not head:
            self.draft.note(place, "empty_page", name=str(element.get("name", "")))
            return ()
        item = self.make(element, place, "note", title=head)
        item.hint = body
        self.rest(element, place, {"html"})
        return (item,)

    def expression(self, element: Element, place: str) -> Sequence[Node]:
        """Read a computed value: kept with the answers, not shown."""
        item = self.make(element, place, "computed")
        item.more.pop("required", None)
        item.calculation = Source(str(element.get("expression", "")), f"{place}.expression")
        self.draft.note(place, "computed_unseen", name=item.name)
        self.rest(element, place, {"expression", "displayStyle", "currency", "format"})
        return (item,)


def _word(element: Element, key: str) -> str:
    value = element.get(key)
    return value if isinstance(value, str) else ""


def _whole(element: Element, key: str, absent: int) -> int:
    value = element.get(key, absent)
    return value if isinstance(value, int) and abs(value) < 10_000 else absent  # noqa: PLR2004


def _is_count(element: Element) -> bool:
    count = element.get("rateCount")
    return isinstance(count, int) and 0 < count < 10_000 and "rateMax" not in element  # noqa: PLR2004
