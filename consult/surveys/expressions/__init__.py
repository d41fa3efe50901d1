"""A small total typed language in XLSForm syntax: when an item is asked, what an answer must hold.

Total: no loop, no assignment, no exception for a checked tree. A missing answer equals only
``''``; an order or a sum with it is false or missing. The same tree runs in the browser
(``static/js/answering.js``); both run the vectors of ``tests/surveys/data/expressions.json``.
"""

from consult.surveys.expressions.checking import Checked, Known, check
from consult.surveys.expressions.evaluating import TODAY, Run, Values, compile_tree, evaluate
from consult.surveys.expressions.functions import FUNCTIONS, Value
from consult.surveys.expressions.parsing import MAX_DEPTH, MAX_LENGTH, parse
from consult.surveys.expressions.trees import (
    THIS,
    Call,
    ExpressionError,
    ExpressionFault,
    Number,
    Op,
    Ref,
    Text,
    Tree,
    calls,
    parts_of,
    print_tree,
    refs,
    to_json,
)

__all__ = [
    "FUNCTIONS",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "THIS",
    "TODAY",
    "Call",
    "Checked",
    "ExpressionError",
    "ExpressionFault",
    "Known",
    "Number",
    "Op",
    "Ref",
    "Run",
    "Text",
    "Tree",
    "Value",
    "Values",
    "calls",
    "check",
    "compile_tree",
    "evaluate",
    "parse",
    "parts_of",
    "print_tree",
    "refs",
    "to_json",
]
