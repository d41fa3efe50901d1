"""Make the document of a draft: conditions translated, groups made sections, places kept. Pure."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from consult.surveys.expressions import (
    Call,
    ExpressionError,
    Op,
    Text,
    Tree,
    parse,
    parts_of,
    print_tree,
)
from consult.surveys.importing.drafting import (
    Draft,
    DraftGroup,
    DraftItem,
    DraftOption,
    Source,
    code_of,
)
from consult.surveys.rules import DefinitionError, Fault, parse_definition
from consult.surveys.rules.definition import FORMAT, MAX_ITEMS, MAX_PAGES

Translate = Callable[[Source, DraftItem | None], Tree | None]
MAX_DEPTH = 20
TRUE, FALSE = Call("true", ()), Call("false", ())


class Imported(msgspec.Struct, frozen=True):
    """What a file gave: a document that is accepted or None, why not, what was not carried."""

    definition: dict[str, Any] | None
    faults: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()
    counts: dict[str, int] = {}


def finish(draft: Draft, translate: Translate) -> Imported:
    """Return the draft as a document, judged by the rules of our own files."""
    maker = _Assembler(draft, translate)
    document = maker.document()
    counts = {
        "items": sum(len(page["items"]) for page in document["pages"]),
        "pages": len(document["pages"]),
        "conditions": len(maker.conditions),
    }
    faults = [*draft.faults]
    if not document["pages"] and not faults:
        faults.append(Fault(place="$", code="no_questions"))
    elif not faults:
        try:
            parse_definition(document)
        except DefinitionError as error:
            faults = [maker.placed(fault) for fault in error.faults]
    return Imported(None if faults else document, tuple(faults), draft.notes, counts)


class _Assembler:
    def __init__(self, draft: Draft, translate: Translate) -> None:
        self.draft = draft
        self.translate = translate
        self.origins: dict[str, str] = {}
        self.conditions: set[str] = set()

    def document(self) -> dict[str, Any]:
        """Return the whole document."""
        draft = self.draft
        is_code = re.fullmatch(r"[a-z][a-z0-9-]{0,59}", draft.name)
        code = draft.name if is_code else code_of(draft.name, "form").replace("_", "-")
        found: dict[str, Any] = {
            "format": FORMAT,
            "code": code,
            "title": draft.title,
            "languages": [lang for lang in ("fr", "en") if lang in draft.languages] or ["en"],
            "pages": [],
        }
        if draft.introduction:
            found["introduction"] = draft.introduction
        for page in draft.pages:
            made = self.page(page, f"$.pages[{len(found['pages'])}]")
            if made["items"]:
                found["pages"].append(made)
            else:
                draft.note(page.place, "empty_page", name=page.name)
        self._limits(found)
        return found

    def _limits(self, found: dict[str, Any]) -> None:
        items = sum(len(page["items"]) for page in found["pages"])
        if len(found["pages"]) > MAX_PAGES:
            self.draft.fault("$", "too_many_pages", found=len(found["pages"]), limit=MAX_PAGES)
        if items > MAX_ITEMS:
            self.draft.fault("$", "too_many_items", found=items, limit=MAX_ITEMS)

    def page(self, page: DraftGroup, base: str) -> dict[str, Any]:
        """Return one page; what is in it is flat, groups with a title are sections."""
        self.origins[base] = page.place
        made: dict[str, Any] = {"code": page.code, "title": page.title, "items": []}
        self.condition(made, page.relevant, None, base)
        walk = _Walk(self, base, made["items"])
        walk.nodes(page.nodes, [], ends=True)
        return made

    def condition(
        self, owner: dict[str, Any], sources: Sequence[Source], item: DraftItem | None, base: str
    ) -> None:
        """Write the conditions of ``owner`` as one."""
        trees: list[Tree] = []
        for source in sources:
            tree = self.tree(source, item)
            if tree is not None and tree not in trees:
                trees.append(tree)
        if trees:
            owner["relevant"] = written(trees, sources)
            self.origins[f"{base}.relevant"] = sources[-1].place

    def tree(self, source: Source, item: DraftItem | None) -> Tree | None:
        """Translate one expression; its faults are kept by the translator."""
        tree = self.translate(source, item)
        if tree is not None and not _quotable(tree):
            self.draft.fault(source.place, "text_with_quotes")
            return None
        self.conditions.add(source.place)
        return tree

    def item(self, item: DraftItem, sources: Sequence[Source], base: str) -> dict[str, Any]:
        """Return one item."""
        self.origins[base] = item.place
        made: dict[str, Any] = {"code": item.code, "kind": item.kind, "title": item.title}
        if item.hint:
            made["hint"] = item.hint
        self.condition(made, [*sources, *item.relevant], item, base)
        for key, options in (("options", item.options), ("rows", item.rows)):
            if options:
                made[key] = self.options(options, item, f"{base}.{key}")
        if item.non_answers:
            made["non_answers"] = list(dict.fromkeys(item.non_answers.values()))
        self.rules(item, made, base)
        if item.calculation and (tree := self.tree(item.calculation, item)) is not None:
            made["calculation"] = written([tree], [item.calculation])
            self.origins[f"{base}.calculation"] = item.calculation.place
        return made | {key: value for key, value in item.more.items() if key[0] != "_"}

    def rules(self, item: DraftItem, made: dict[str, Any], base: str) -> None:
        """Write what answers must hold."""
        for rule in item.rules:
            tree = self.tree(rule.test, item)
            if tree is None:
                continue
            rules = made.setdefault("constraints", [])
            self.origins[f"{base}.constraints[{len(rules)}]"] = rule.test.place
            told = {"test": written([tree], [rule.test]), "message": rule.message}
            rules.append(told | {"soft": True} if rule.soft else told)

    def options(
        self, options: Sequence[DraftOption], item: DraftItem, base: str
    ) -> list[dict[str, Any]]:
        """Return options, rows or columns; one that no answer can bring up is left out."""
        found: list[dict[str, Any]] = []
        for option in options:
            here = f"{base}[{len(found)}]"
            trees = [t for s in option.relevant if (t := self.tree(s, item)) is not None]
            either = [t for s in option.either if (t := self.tree(s, item)) is not None]
            if either and TRUE not in either:
                live = [tree for tree in either if tree != FALSE]
                trees.append(joined(live, "or") if live else FALSE)
            if FALSE in trees:
                self.draft.note(option.place, "option_never", name=option.name, item=item.name)
                continue
            self.origins[here] = option.place
            made: dict[str, Any] = {"code": option.code, "label": option.label}
            if trees := [tree for tree in trees if tree != TRUE]:
                made["relevant"] = print_tree(joined(trees))
                self.origins[f"{here}.relevant"] = (option.relevant + option.either)[0].place
            found.append(made | option.more)
        return found

    def placed(self, fault: Fault) -> Fault:
        """Return a fault of the document at its place in the file."""
        place = fault.place
        while place not in self.origins and place not in {"$", ""}:
            place = place[: max(place.rfind("."), place.rfind("["), 0)]
        # The column is that of our expression, not of the one in the file.
        return msgspec.structs.replace(fault, place=self.origins.get(place, "$"), column=0)


class _Walk:
    """Lay the nodes of a page flat, one after the other."""

    def __init__(self, maker: _Assembler, base: str, items: list[dict[str, Any]]) -> None:
        self.maker, self.base, self.items = maker, base, items

    def add(self, item: DraftItem, sources: Sequence[Source]) -> None:
        place = f"{self.base}.items[{len(self.items)}]"
        self.items.append(self.maker.item(item, sources, place))

    def nodes(
        self, nodes: Sequence[DraftItem | DraftGroup], sources: list[Source], *, ends: bool
    ) -> None:
        """Write nodes; ``sources``: conditions above that no open section carries.

        ``ends``: nothing but a section follows these nodes on the page.
        """
        for n, node in enumerate(nodes):
            if isinstance(node, DraftItem):
                self.add(node, sources)
                continue
            following = nodes[n + 1 :]
            closes = ends if not following else is_section(following[0], following[1:], ends=ends)
            self.group(node, sources, ends=closes)

    def group(self, group: DraftGroup, sources: list[Source], *, ends: bool) -> None:
        """Write a group: a section where it can end as one, a note with its title elsewhere."""
        inside = [*sources, *group.relevant]
        if group.title and group.nodes:
            kind = "section" if ends else "note"
            code = self.maker.draft.item_code(group.name)
            heading = DraftItem(group.name, code, kind, group.title, group.place, hint=group.hint)
            self.add(heading, inside)
            if ends:
                inside = []
            else:
                self.maker.draft.note(group.place, "group_as_note", name=group.name)
        self.nodes(group.nodes, inside, ends=ends)


def is_section(
    node: DraftItem | DraftGroup, following: Sequence[DraftItem | DraftGroup], *, ends: bool
) -> bool:
    """Tell whether a node will open with a section."""
    if isinstance(node, DraftItem) or not node.nodes:
        return False
    closes = ends if not following else is_section(following[0], following[1:], ends=ends)
    if node.title:
        return closes
    return is_section(node.nodes[0], node.nodes[1:], ends=closes)


def written(trees: Sequence[Tree], sources: Sequence[Source]) -> str:
    """Return conditions as one text: that of the file where it says the same already."""
    tree = joined(trees)
    if len(sources) == 1:
        try:
            if parse(sources[0].text) == tree:
                return sources[0].text
        except ExpressionError:
            return print_tree(tree)
    return print_tree(tree)


def joined(trees: Sequence[Tree], sign: str = "and") -> Tree:
    """Return conditions joined by a sign, flat; one alone as it is."""
    if len(trees) == 1:
        return trees[0]
    parts: list[Tree] = []
    for tree in trees:
        same = isinstance(tree, Op) and tree.sign == sign
        parts += parts_of(tree) if same else [tree]
    return Op(sign, tuple(parts))


def _quotable(tree: Tree) -> bool:
    """Tell whether every text of a tree can stand between quotes."""
    if isinstance(tree, Text):
        return any(quote not in tree.value for quote in "'\"’”")
    return all(_quotable(part) for part in parts_of(tree))
