"""Make random trees, answers and questionnaires from one chance: the same seed, the same case."""

import random
from datetime import date
from typing import Any

import msgspec

from consult.surveys.expressions import Call, Number, Op, Ref, Text, Tree, print_tree
from consult.surveys.rules import Definition, DefinitionError, Item, Plan, parse_definition
from consult.surveys.rules.compiling import compile_definition

TODAY = date(2026, 11, 24)
# The items that random trees refer to: code, type, and the values that may stand there.
ITEMS: dict[str, tuple[str, list[Any]]] = {
    "one": ("choice", [None, "a", "b", "3", "dont_know"]),
    "many": ("choices", [None, ("a",), ("a", "b"), ("b", "3"), "prefer_not"]),
    "free": ("words", [None, "oui", "Été 😀", "a'b\"c", " "]),
    "sum": ("number", [None, 0.0, -0.0, 2.5, -7.0, 1e300, 123456789.0]),
    "flag": ("bool", [None, True, False]),
    "when": ("date", [None, "2026-11-24", "1999-12-31"]),
    "label": ("text", [None, "low", "3"]),
}
TEXTS = ["a", "b", "3", "low", "it's", 'say "x"', "d’ici", "é😀", "-2.5", "2026-11-24", " "]
NUMBERS = [0.0, 1.0, 2.0, 0.5, 3.25, 100.0, 1e14, 0.1]


def values(chance: random.Random) -> dict[str, Any]:
    """Return a value for each item, often none."""
    return {code: chance.choice(found) for code, (_type, found) in ITEMS.items()}


def tree(chance: random.Random, kind: str, depth: int = 4) -> Tree:
    """Return a random tree of one type."""
    if depth == 0 or chance.random() < 0.15:
        return _leaf(chance, kind)
    below = depth - 1
    common = [
        lambda: Call(
            "if",
            (tree(chance, "bool", below), _same(chance, kind, below), _same(chance, kind, below)),
        ),
        lambda: Call(
            "coalesce", tuple(_same(chance, kind, below) for _ in range(chance.randint(2, 3)))
        ),
    ]
    makers = {"number": _numbers, "bool": _bools, "date": _dates}.get(kind, _plain)
    return chance.choice([*common, *makers(chance, kind, below)])()


def _same(chance: random.Random, kind: str, depth: int) -> Tree:
    return Text("") if chance.random() < 0.1 else tree(chance, kind, depth)


def _leaf(chance: random.Random, kind: str) -> Tree:
    refs = [Ref(code) for code, (found, _values) in ITEMS.items() if found == kind]
    if kind == "number":
        return chance.choice([*refs, Number(chance.choice(NUMBERS))])
    if kind == "text":
        return chance.choice([*refs, Text(chance.choice(TEXTS))])
    if kind == "bool":
        return chance.choice([*refs, Call("true", ()), Call("false", ())])
    if kind == "date":
        return chance.choice([*refs, Call("today", ()), Call("date", (Text("2024-02-29"),))])
    return chance.choice(refs)


def _plain(chance: random.Random, kind: str, _depth: int) -> list:
    return [lambda: _leaf(chance, kind)]


def _dates(chance: random.Random, _kind: str, depth: int) -> list:
    return [lambda: Call("date", (tree(chance, chance.choice(["choice", "number"]), depth),))]


def _numbers(chance: random.Random, _kind: str, depth: int) -> list:
    def number() -> Tree:
        return tree(chance, "number", depth)

    return [
        lambda: Op(chance.choice(["+", "-", "*", "div", "mod"]), (number(), number())),
        lambda: Op("neg", (number(),)),
        lambda: Call(
            chance.choice(["min", "max"]), tuple(number() for _ in range(chance.randint(1, 3)))
        ),
        lambda: Call("round", (number(), Number(float(chance.randint(0, 6))))),
        lambda: Call("int", (number(),)),
        lambda: Call("number", (tree(chance, chance.choice(["text", "choice", "number"]), depth),)),
        lambda: Call("count-selected", (Ref("many"),)),
        lambda: Call("string-length", (tree(chance, chance.choice(["text", "words"]), depth),)),
    ]


def _bools(chance: random.Random, _kind: str, depth: int) -> list:
    def pair(kind: str) -> tuple[Tree, ...]:
        return (tree(chance, kind, depth), _same(chance, kind, depth))

    def truths() -> tuple[Tree, ...]:
        return tuple(tree(chance, "bool", depth) for _ in range(chance.randint(2, 4)))

    alike = ["number", "text", "choice", "date", "bool", "words"]
    return [
        lambda: Op(chance.choice(["and", "or"]), truths()),
        lambda: Op(chance.choice(["=", "!="]), pair(chance.choice(alike))),
        lambda: Op(chance.choice(["<", "<=", ">", ">="]), pair(chance.choice(["number", "date"]))),
        lambda: Op("=", (Ref("many"), Text(""))),
        lambda: Op("!=", (Ref("one"), Text("a"))),
        lambda: Call("not", (tree(chance, "bool", depth),)),
        lambda: Call("selected", (Ref(chance.choice(["one", "many"])), Text(chance.choice("ab3")))),
        lambda: Call("answered", (Ref(chance.choice(list(ITEMS))),)),
        lambda: Call(
            chance.choice(["contains", "starts-with"]), (Ref("free"), tree(chance, "text", depth))
        ),
    ]


def words(text: str) -> dict[str, str]:
    return {"fr": f"{text} é", "en": text}


def questionnaire(chance: random.Random, *, closed: bool = False) -> Definition:
    """Return a random questionnaire that is accepted; ``closed``: choices alone, few of them."""
    raw: dict[str, Any] = {
        "format": "consult-questionnaire/1",
        "code": "chance",
        "title": words("Chance"),
        "pages": [],
    }
    earlier: list[dict[str, Any]] = []
    for p in range(chance.randint(2, 3 if closed else 5)):
        page = {"code": f"p{p}", "title": words(f"P{p}"), "items": []}
        raw["pages"].append(page)
        _maybe(chance, page, earlier)
        for i in range(chance.randint(1, 2 if closed else 4)):
            item = _item(chance, f"i{p}_{i}", earlier, closed=closed)
            page["items"].append(item)
            if item["kind"] != "note":
                earlier.append(item)
    return accepted(raw)


def accepted(raw: dict[str, Any]) -> Definition:
    """Take away what is proven to be out of reach, until the rest is accepted."""
    while True:
        try:
            return parse_definition(raw)
        except DefinitionError as error:
            for fault in error.faults:
                assert fault.code.startswith("never_"), fault
                _take_away(raw, fault.place)


def _take_away(raw: dict[str, Any], place: str) -> None:
    owner: Any = raw
    *steps, last = place.removeprefix("$.").split(".")
    for step in steps:
        name, _bracket, number = step.rstrip("]").partition("[")
        owner = owner[name][int(number)]
    owner[last] = "true()" if last == "test" else ""


def _item(
    chance: random.Random, code: str, earlier: list[dict[str, Any]], *, closed: bool
) -> dict[str, Any]:
    kinds = ["one_choice", "several_choices", "scale", "computed"]
    kind = chance.choice(kinds if closed else [*kinds, "long_text", "note"])
    item: dict[str, Any] = {"code": code, "kind": kind, "title": words(code)}
    if kind in {"one_choice", "several_choices", "scale"}:
        item["options"] = [
            {"code": c, "label": words(f"{code} {c}")} for c in "123"[: chance.randint(2, 3)]
        ]
        item["non_answers"] = ["prefer_not"] if chance.random() < 0.3 else []
        for option in item["options"]:
            if chance.random() < 0.15:
                _maybe(chance, option, earlier)
    if kind == "computed":
        item["calculation"] = _calculation(chance, earlier)
    else:
        item["required"] = kind != "note" and chance.random() < 0.2
        if kind != "note" and chance.random() < 0.2:
            test = {
                "one_choice": ". != '1'",
                "scale": "number(.) < 3",
                "long_text": "string-length(.) > 2",
            }
            item["constraints"] = [
                {
                    "test": test.get(kind, "not(selected(., '1'))"),
                    "message": words("Look again"),
                    "soft": chance.random() < 0.5,
                }
            ]
    _maybe(chance, item, earlier)
    return item


def _maybe(chance: random.Random, owner: dict[str, Any], earlier: list[dict[str, Any]]) -> None:
    if earlier and chance.random() < 0.5:
        owner["relevant"] = print_tree(_condition(chance, earlier, 2))


def _condition(chance: random.Random, earlier: list[dict[str, Any]], depth: int) -> Tree:
    if depth and chance.random() < 0.5:
        parts = tuple(_condition(chance, earlier, depth - 1) for _ in range(chance.randint(2, 3)))
        return Op(chance.choice(["and", "or"]), parts)
    if chance.random() < 0.2:
        return Call("not", (_condition(chance, earlier, 0),))
    item = chance.choice(earlier)
    code, kind = item["code"], item["kind"]
    if kind == "several_choices":
        return Call("selected", (Ref(code), Text(chance.choice(item["options"])["code"])))
    if kind in {"one_choice", "scale"}:
        sign = chance.choice(["=", "=", "!="])
        return Op(sign, (Ref(code), Text(chance.choice(item["options"])["code"])))
    if kind == "computed":
        return Op(chance.choice([">", "<="]), (Ref(code), Number(float(chance.randint(0, 3)))))
    return Op(">", (Call("string-length", (Ref(code),)), Number(3.0)))


def _calculation(chance: random.Random, earlier: list[dict[str, Any]]) -> str:
    if not earlier:
        return "1"
    return print_tree(Call("if", (_condition(chance, earlier, 1), Number(2.0), Number(0.0))))


def answers(chance: random.Random, definition: Definition) -> dict[str, Any]:
    """Return random raw answers to every question, on the path or not."""
    found: dict[str, Any] = {}
    for item in definition.items:
        if chance.random() < 0.15:
            continue
        codes = [option.code for option in item.options]
        if item.kind == "long_text":
            found[item.code] = chance.choice(["x", "un texte", "é😀é😀"])
        elif item.non_answers and chance.random() < 0.2:
            alone = item.non_answers[0]
            found[item.code] = [alone] if item.kind == "several_choices" else alone
        elif item.kind == "several_choices":
            found[item.code] = sorted(chance.sample(codes, chance.randint(1, len(codes))))
        else:
            found[item.code] = chance.choice(codes)
    return found


def raw(definition: Definition) -> dict[str, Any]:
    """Return a definition as its file holds it."""
    found: dict[str, Any] = msgspec.to_builtins(definition)
    return found


def condition_over(chance: random.Random, definition: Definition, target: Item) -> str:
    """Return a random condition over the items before ``target``; true where there are none."""
    earlier = []
    for item in raw(definition)["pages"]:
        for found in item["items"]:
            if found["code"] == target.code:
                return print_tree(_condition(chance, earlier, 2)) if earlier else "true()"
            if found["kind"] != "note":
                earlier.append(found)
    raise LookupError(target.code)


def unchecked_plan(raw_definition: dict[str, Any]) -> Plan:
    """Return the plan of a definition whose reach was not judged."""
    plan, faults = compile_definition(msgspec.convert(raw_definition, Definition))
    assert faults == []
    return plan
