"""Tell the conditions of a questionnaire in sentences, for people who read it all (floor 6).

A condition is first put in a simpler form that means the same: what is computed is replaced by
its calculation, ``not`` goes inwards, a comparison with ``if(…)`` becomes two cases, and what is
always true or false disappears. Then each part has its words.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from consult.core.formats import date_long
from consult.core.i18n import current_language
from consult.core.i18n import gettext as _
from consult.core.typography import typo
from consult.surveys.expressions import Call, Number, Op, Ref, Text, Tree, evaluate, parts_of
from consult.surveys.expressions.functions import number_of
from consult.surveys.expressions.trees import number_text
from consult.surveys.rules import Item, ItemPlan, Plan, Words
from consult.surveys.simplifying import simple
from consult.surveys.wording import non_answer_text

COMPARING = ("=", "!=", "<", "<=", ">", ">=")


class Teller:
    """Tells the conditions of one questionnaire, in the language of the page."""

    def __init__(self, plan: Plan) -> None:
        """Give each question its number, from 1, in the order of the questionnaire."""
        self.entries: dict[str, ItemPlan] = {
            entry.item.code: entry for page in plan.pages for entry in page.items
        }
        questions = [code for code, entry in self.entries.items() if entry.item.is_question]
        self.numbers: Mapping[str, int] = {code: n for n, code in enumerate(questions, 1)}

    def condition(self, tree: Tree) -> str:
        """Return when the condition is true, to stand after “if”; empty when it always is."""
        found = simple(tree, self.entries)
        return "" if found == Call("true", ()) else self._told(found)

    def _told(self, tree: Tree) -> str:
        if isinstance(tree, Op) and tree.sign in {"and", "or"}:
            return self._joined(tree)
        if isinstance(tree, Op) and tree.sign in COMPARING:
            return self._compared(tree)
        if isinstance(tree, Call):
            return self._called(tree)
        return _("%(value)s is true", value=self._value(tree))

    # -- parts -----------------------------------------------------------------

    def _joined(self, tree: Op) -> str:
        told = []
        for group in _groups(tree):
            choice = self._choice_of(group[0])
            if tree.sign == "or" and choice and len(group) > 1:
                labels = [self._choice_of(part) for part in group]
                told.append(self._chose(choice[0], [found[1] for found in labels if found]))
                continue
            for part in group:
                nested = isinstance(part, Op) and part.sign in {"and", "or"}
                told.append(f"({self._told(part)})" if nested else self._told(part))
        return _all_of(told) if tree.sign == "and" else _one_of(told)

    def _choice_of(self, tree: Tree) -> tuple[Ref, str] | None:
        """Return (item, label) when the tree says that one option was chosen."""
        is_call = isinstance(tree, Call) and tree.name == "selected"
        if not is_call and not (isinstance(tree, Op) and tree.sign == "="):
            return None
        item, code = parts_of(tree)
        if isinstance(item, Ref) and isinstance(code, Text) and code.value:
            return (item, self._label(item, code.value)) if self._is_choice(item) else None
        return None

    def _chose(self, item: Ref, labels: Sequence[str], *, yes: bool = True) -> str:
        given = {"answer": _one_of(labels), "place": self._place(item)}
        if yes:
            return _("you chose %(answer)s at %(place)s", **given)
        return _("you did not choose %(answer)s at %(place)s", **given)

    def _compared(self, tree: Op) -> str:
        left, right = tree.parts
        steps = self._steps(tree)
        if steps:
            return self._chose(*steps)
        if isinstance(right, Text) and not right.value and isinstance(left, Ref):
            return self._answered(left, yes=tree.sign == "!=")
        if isinstance(left, Ref) and isinstance(right, Text) and self._is_choice(left):
            return self._chose(left, [self._label(left, right.value)], yes=tree.sign == "=")
        is_day = any(isinstance(p, Call) and p.name in {"date", "today"} for p in tree.parts)
        say = (_DAYS if is_day else {}).get(tree.sign, _SIGNS[tree.sign])
        return say(self._value(left), self._value(right))

    def _steps(self, tree: Op) -> tuple[Ref, list[str]] | None:
        """Return the steps of a scale that satisfy a comparison of its number."""
        call, bound = tree.parts
        if not (isinstance(call, Call) and call.name == "number" and isinstance(bound, Number)):
            return None
        item = call.parts[0]
        if not isinstance(item, Ref) or not self._is_choice(item) or "." in item.code:
            return None
        test = Op(tree.sign, (Ref(item.code), bound))
        options = self.entries[item.code].item.options
        values = [(o, number_of(o.code)) for o in options]
        right = [o for o, n in values if n is not None and evaluate(test, {item.code: n}) is True]
        return (item, [_quoted(_picked(o.label)) for o in right]) if right else None

    def _answered(self, item: Ref, *, yes: bool) -> str:
        if yes:
            return _("you answered %(place)s", place=self._place(item))
        return _("you left %(place)s without an answer", place=self._place(item))

    def _called(self, tree: Call) -> str:
        first = tree.parts[0] if tree.parts else tree
        choice = self._choice_of(tree if tree.name == "selected" else first)
        if tree.name in {"selected", "not"} and choice:
            return self._chose(choice[0], [choice[1]], yes=tree.name == "selected")
        if tree.name == "answered" and isinstance(first, Ref):
            return self._answered(first, yes=True)
        if tree.name == "not":
            return _("the contrary is true of this: %(condition)s", condition=self._told(first))
        if tree.name == "false":
            return _("in no case")
        return self._of_text(tree)

    def _of_text(self, tree: Call) -> str:
        if tree.name not in {"contains", "starts-with"}:
            return _("%(value)s is true", value=self._value(tree))
        text, part = map(self._value, tree.parts)
        if tree.name == "contains":
            return _("%(whole)s contains %(part)s", whole=text, part=part)
        return _("%(whole)s begins with %(part)s", whole=text, part=part)

    # -- values ----------------------------------------------------------------

    def _value(self, tree: Tree) -> str:
        if isinstance(tree, Text):
            return _quoted(tree.value)
        if isinstance(tree, Number):
            plain = number_text(tree.value)
            return plain.replace(".", ",") if current_language() == "fr" else plain
        if isinstance(tree, Ref):
            return self._answer(tree)
        if isinstance(tree, Op):
            return self._sum(tree)
        return self._function(tree)

    def _answer(self, item: Ref) -> str:
        entry = self.entries.get(item.code)
        if entry is not None and entry.item.kind == "computed":
            return _quoted(_picked(entry.item.title))
        return _("your answer to %(place)s", place=self._place(item))

    def _sum(self, tree: Op) -> str:
        if tree.sign in {"and", "or", *COMPARING}:
            return f"({self._told(tree)})"
        signs = {"-": "−", "*": "×", "div": "÷", "neg": "−"}
        told = [self._value(part) for part in tree.parts]
        if tree.sign == "mod":
            return _("the remainder of %(left)s ÷ %(right)s", left=told[0], right=told[1])
        sign = signs.get(tree.sign, tree.sign)
        return f"−{told[0]}" if len(told) == 1 else f"({f' {sign} '.join(told)})"

    def _function(self, tree: Call) -> str:
        if tree.name == "today":
            return _("today’s date")
        if tree.name == "if":
            condition, first, second = tree.parts
            return _(
                "%(first)s if %(condition)s, otherwise %(second)s",
                first=self._value(first),
                condition=self._told(condition),
                second=self._value(second),
            )
        parts = [self._value(part) for part in tree.parts]
        text = tree.parts[0] if tree.parts else None
        if tree.name == "date" and isinstance(text, Text):
            return _day(text.value)
        names: dict[str, Callable[[str], str]] = {
            "count-selected": lambda v: _("the number of choices in %(value)s", value=v),
            "string-length": lambda v: _("the number of characters of %(value)s", value=v),
            "min": lambda v: _("the smallest of %(value)s", value=v),
            "max": lambda v: _("the largest of %(value)s", value=v),
            "round": lambda v: _("%(value)s, rounded", value=v),
            "int": lambda v: _("%(value)s, without decimals", value=v),
            "coalesce": lambda v: _("the first one known among %(value)s", value=v),
        }
        if tree.name == "round":
            parts = parts[:1]
        if tree.name in names:
            return names[tree.name](", ".join(parts))
        if tree.name in {"true", "false"}:
            return _("true") if tree.name == "true" else _("false")
        is_truth = tree.name in {"selected", "answered", "not", "contains", "starts-with"}
        return f"({self._told(tree)})" if is_truth else ", ".join(parts)

    def _is_choice(self, item: Ref) -> bool:
        entry = self.entries.get(item.code.partition(".")[0])
        return entry is not None and bool(entry.item.options)

    def _label(self, item: Ref, code: str) -> str:
        return _quoted(label_of(self.entries[item.code.partition(".")[0]].item, code))

    def _place(self, item: Ref) -> str:
        code, _dot, part = item.code.partition(".")
        owner = code if code in self.entries else code.removesuffix("_other")
        entry = self.entries.get(owner)
        if entry is None:
            return _quoted(code)
        if owner not in self.numbers:
            return _quoted(_picked(entry.item.title))
        place = _("question %(number)s", number=self.numbers[owner])
        if not part:
            return place
        return _("%(place)s (%(part)s)", place=place, part=_quoted(label_of(entry.item, part)))


def label_of(item: Item, code: str) -> str:
    """Return the label of an option, a row or a typed non-answer; else the code itself."""
    for part in (*item.options, *getattr(item, "rows", ())):
        if part.code == code:
            return _picked(part.label)
    return non_answer_text(code) if code in item.non_answers else code


def _groups(tree: Op) -> list[list[Tree]]:
    """Return the parts in order, those that choose an option of one same item side by side."""
    groups: dict[object, list[Tree]] = {}
    for index, part in enumerate(tree.parts):
        key: object = index
        if isinstance(part, Call) and part.name == "selected":
            key = part.parts[0]
        elif isinstance(part, Op) and part.sign == "=" and isinstance(part.parts[1], Text):
            key = part.parts[0] if part.parts[1].value else index
        groups.setdefault(key, []).append(part)
    return list(groups.values())


def _one_of(texts: Sequence[str]) -> str:
    told = texts[-1]
    for index, text in enumerate(reversed(texts[:-1])):
        if index:
            told = _("%(first)s, %(rest)s", first=text, rest=told)
        else:
            told = _("%(first)s or %(last)s", first=text, last=told)
    return told


def _all_of(texts: Sequence[str]) -> str:
    told = texts[-1]
    for index, text in enumerate(reversed(texts[:-1])):
        if index:
            told = _("%(first)s, %(rest)s", first=text, rest=told)
        else:
            told = _("%(first)s and %(last)s", first=text, last=told)
    return told


def _picked(words: Words) -> str:
    text, lang = words.pick(current_language())
    return typo(text) if lang == "fr" else text


def _quoted(text: str) -> str:
    return _("“%(words)s”", words=text)


def _day(text: str) -> str:
    return date_long(date.fromisoformat(text), current_language())


_SIGNS: dict[str, Callable[[str, str], str]] = {
    "=": lambda a, b: _("%(left)s is %(right)s", left=a, right=b),
    "!=": lambda a, b: _("%(left)s is not %(right)s", left=a, right=b),
    "<": lambda a, b: _("%(left)s is less than %(right)s", left=a, right=b),
    "<=": lambda a, b: _("%(left)s is %(right)s or less", left=a, right=b),
    ">": lambda a, b: _("%(left)s is more than %(right)s", left=a, right=b),
    ">=": lambda a, b: _("%(left)s is %(right)s or more", left=a, right=b),
}
_DAYS: dict[str, Callable[[str, str], str]] = {
    "<": lambda a, b: _("%(left)s is before %(right)s", left=a, right=b),
    "<=": lambda a, b: _("%(left)s is %(right)s or before", left=a, right=b),
    ">": lambda a, b: _("%(left)s is after %(right)s", left=a, right=b),
    ">=": lambda a, b: _("%(left)s is %(right)s or after", left=a, right=b),
}
